"""Figures of runs and reloads: counted as they happen, kept for as long as their command is there."""

from datetime import UTC, datetime, timedelta

import pytest

from cmdarr.app.run_figures import DELAY_BOUNDS_S, Distribution, RunFigures
from cmdarr.config.reload import ReloadOutcome, ReloadResult
from cmdarr.models.execution import Execution, Status, Trigger
from cmdarr.transport.throttle import Throttles

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def run(command: str = "friday", status: Status = Status.SUCCEEDED, *, took_s: float = 2, late_s: float | None = None,
        dry_run: bool = False, targets: object = None) -> Execution:  # fmt: skip
    return Execution(
        id=1, command=command, kind="playlist_sync", status=status, trigger=Trigger.SCHEDULE, dry_run=dry_run,
        queued_at=NOON, started_at=NOON, finished_at=NOON + timedelta(seconds=took_s),
        due_at=None if late_s is None else NOON - timedelta(seconds=late_s),
        result={} if targets is None else {"targets": targets},
    )  # fmt: skip


def test_values_fall_below_their_bounds() -> None:
    known = Distribution((1.0, 5.0))
    for value in (0.5, 1.0, 1.1, 5.0, 99.0):
        known.add(value)
    assert known.counts == [2, 2, 1]
    assert known.total == pytest.approx(106.6)


def test_runs_are_counted_by_how_they_ended_and_dry_runs_are_not() -> None:
    figures = RunFigures()
    for status in (Status.SUCCEEDED, Status.SUCCEEDED, Status.FAILED, Status.SKIPPED):
        figures.run_finished(run(status=status))
    figures.run_finished(run(dry_run=True))
    found = figures.read(["friday"])
    kind = "playlist_sync"
    assert found.runs == {
        ("friday", kind, "succeeded"): 2, ("friday", kind, "failed"): 1, ("friday", kind, "skipped"): 1,
    }  # fmt: skip
    assert sum(found.durations[kind].counts) == 4
    assert found.commands["friday"].verdict == "failing"  # the skipped run says nothing


def test_a_command_that_is_gone_takes_its_figures_with_it() -> None:
    figures = RunFigures()
    figures.run_finished(run("a"))
    figures.run_finished(run("b"))
    found = figures.read(["b"])
    assert {key[0] for key in found.runs} == {"b"} and found.commands.keys() == {"b"}


def test_only_what_was_due_counts_as_late() -> None:
    figures = RunFigures()
    figures.run_queued(run())
    figures.run_queued(run(late_s=-3))
    figures.run_queued(run(late_s=7200))
    delays = figures.read(()).delays
    assert (delays.counts[0], delays.counts[-1], sum(delays.counts)) == (1, 1, 2)
    assert len(delays.counts) == len(DELAY_BOUNDS_S) + 1


NOTHING: tuple[dict[str, object], ...] = (
    {},
    {"matched": "3", "unmatched": []},
    {"matched": 0, "unmatched": []},
)


@pytest.mark.parametrize("targets", [None, *([one] for one in NOTHING)])
def test_a_result_without_a_match_has_no_playlist(targets: object) -> None:
    figures = RunFigures()
    figures.run_finished(run(targets=targets))
    assert figures.read(["friday"]).commands["friday"].playlists == ()


def test_what_ran_since_the_start_counts_more_than_what_was_before() -> None:
    figures = RunFigures()
    assert figures.unknown(["a", "b"]) == ["a", "b"]
    figures.run_finished(run("a"))
    figures.remember(["a", "b"], [run("a", Status.FAILED)])
    assert figures.read(["a", "b"]).commands["a"].verdict == "working"
    assert figures.unknown(["a", "b", "c"]) == ["c"]


def test_reloads_are_counted_by_their_outcome() -> None:
    figures = RunFigures()
    for outcome in (ReloadOutcome.APPLIED, ReloadOutcome.REJECTED, ReloadOutcome.APPLIED):
        figures.reload_followed(ReloadResult(outcome=outcome, reason="x", generation="g", duration_ms=250))
    found = figures.read(())
    assert found.reloads == {"applied": 2, "rejected": 1}
    assert found.reload_s.total == pytest.approx(0.75)


def test_the_tightest_budget_of_a_service_is_told_and_looking_takes_nothing() -> None:
    now = [100.0]
    throttles = Throttles(lambda: now[0])
    wide = throttles.of("http://a", 1.0, burst=4, service="listenbrainz")
    throttles.of("http://b", 1.0, burst=2, service="listenbrainz")
    throttles.of("http://a", 1.0, burst=9, service="other")
    throttles.of("nobody", 1.0)
    for _ in range(3):
        wide.take()
    found = {budget.service: budget for budget in throttles.budgets()}
    assert (found["listenbrainz"].left, found["listenbrainz"].burst, found["listenbrainz"].held_s) == (
        1.0,
        4,
        0.0,
    )
    assert found["other"].left == 1.0
    now[0] += 2
    assert throttles.budgets() == throttles.budgets()
    assert throttles.budgets()[1].left == 3.0
    wide.hold(60)
    assert throttles.budgets()[0].held_s == 60.0
