"""Notices: only what is other than before is told, whatever happened in between and across restarts."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cmdarr.app.notices import find_notice
from cmdarr.app.outbox import Notice
from cmdarr.app.run_verdict import runs_before
from cmdarr.config.command import NotifyEvent
from cmdarr.models.clock import SystemClock
from cmdarr.models.execution import Execution, Status, Trigger
from cmdarr.storage.config_store import ConfigStore

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ALL: tuple[NotifyEvent, ...] = ("failed", "recovered", "held", "unmatched")
OK, FAILED, HELD = Status.SUCCEEDED, Status.FAILED, Status.HELD


def track(title: str, artist: str = "Can") -> dict[str, object]:
    return {"artist": artist, "title": title, "album": "", "reason": "not_found", "candidates": []}


def target(*unmatched: str, server: str = "plex", matched: int = 5, held: str = "") -> dict[str, object]:
    found: dict[str, object] = {
        "server": server, "user": None, "title": "Friday", "matched": matched,
        "unmatched": [track(title) for title in unmatched], "held": bool(held),
    }  # fmt: skip
    return {**found, "held_reason": held} if held else found


@dataclass
class Past:
    """The history of one command as a list; `tell` adds a run and returns what is told of it."""

    runs: list[Execution] = field(default_factory=list)
    read: int = 0

    def recent(
        self,
        command: str | None = None,
        status: Status | None = None,
        limit: int = 50,
        before_id: int | None = None,
    ) -> list[Execution]:
        found = [run for run in reversed(self.runs) if before_id is None or run.id < before_id][:limit]
        self.read += len(found)
        return found

    def add(
        self,
        status: Status,
        *targets: dict[str, object],
        trigger: Trigger = Trigger.SCHEDULE,
        dry_run: bool = False,
        error_class: str | None = None,
    ) -> Execution:
        text = "plex did not answer." if status is FAILED else "it went well."
        run = Execution(
            id=len(self.runs) + 1, command="friday", kind="playlist_sync", status=status, trigger=trigger,
            dry_run=dry_run, queued_at=NOON, summary=text, error=text if status is FAILED else None,
            error_class=error_class, result={"targets": list(targets)} if targets else {},
        )  # fmt: skip
        self.runs.append(run)
        return run

    def tell(
        self,
        status: Status,
        *targets: dict[str, object],
        on: Sequence[NotifyEvent] = ALL,
        trigger: Trigger = Trigger.SCHEDULE,
        dry_run: bool = False,
        error_class: str | None = None,
    ) -> Notice | None:
        run = self.add(status, *targets, trigger=trigger, dry_run=dry_run, error_class=error_class)
        return find_notice(run, runs_before(self, "friday", run.id), on)

    def titles(self, *statuses: Status) -> list[str | None]:
        told = [self.tell(status) for status in statuses]
        return [notice.title.removeprefix("Cmdarr: friday ") if notice else None for notice in told]


def test_a_failure_is_told_once_and_so_is_its_end() -> None:
    told = Past().titles(OK, FAILED, FAILED, FAILED, OK, OK, FAILED)
    assert told == [None, "failed", None, None, "works again", None, "failed"]


def test_a_first_run_that_fails_is_told_and_one_that_works_is_not() -> None:
    assert Past().titles(FAILED) == ["failed"]
    assert Past().titles(OK) == [None]


def test_a_failure_says_why_in_the_words_of_the_run() -> None:
    notice = Past().tell(FAILED)
    assert notice == Notice(title="Cmdarr: friday failed", body="plex did not answer.", is_bad=True)


@pytest.mark.parametrize("between", [Status.SKIPPED, Status.CANCELLED, Status.INTERRUPTED])
def test_a_run_that_says_nothing_changes_nothing(between: Status) -> None:
    assert Past().titles(FAILED, between, FAILED) == ["failed", None, None]
    assert Past().titles(OK, between, OK) == [None, None, None]


def test_a_run_over_its_time_limit_is_a_failure() -> None:
    past = Past()
    assert past.tell(OK) is None
    late = past.tell(Status.CANCELLED, error_class="TimeLimitReached")
    assert late is not None and late.title == "Cmdarr: friday failed"
    assert past.tell(Status.CANCELLED, error_class="TimeLimitReached") is None


def test_dry_runs_and_runs_on_the_command_line_are_not_told_and_not_compared_with() -> None:
    past = Past()
    assert past.tell(FAILED, dry_run=True) is None
    assert past.tell(FAILED, trigger=Trigger.MANUAL) is None
    assert past.tell(FAILED) is not None
    past.add(OK, trigger=Trigger.MANUAL)
    recovered = past.tell(OK)
    assert recovered is not None and recovered.title.endswith("works again")


def test_only_the_events_that_are_wanted_are_told() -> None:
    past = Past()
    assert past.tell(FAILED, on=("recovered",)) is None
    assert past.tell(OK, on=("failed", "held")) is None
    assert Past().tell(OK, target("Vitamin C"), on=("failed",)) is None


def test_what_was_not_wanted_yesterday_counts_as_known_today() -> None:
    past = Past()
    past.tell(FAILED, on=())
    assert past.tell(FAILED) is None


def test_a_held_change_is_told_once_however_often_it_is_computed_again() -> None:
    past = Past()
    past.tell(OK, target())
    first = past.tell(HELD, target(held="it would remove 30 of 40 tracks"))
    assert first is not None
    assert first.title == "Cmdarr: friday holds a change back"
    assert "plex “Friday”: held, because it would remove 30 of 40 tracks" in first.body
    assert "cmdarr run friday --accept-removals" in first.body
    assert past.tell(HELD, target(held="it would remove 31 of 40 tracks")) is None
    assert past.tell(FAILED) is not None
    back = past.tell(HELD, target(held="it would remove 31 of 40 tracks"))
    assert (
        back is not None and back.title == "Cmdarr: friday works again"
    )  # the failure said nothing of the target
    assert past.tell(OK, target()) is None
    assert past.tell(HELD, target(held="it would remove 9 of 10 tracks")) is not None


def test_a_run_that_is_held_as_a_whole_is_told() -> None:
    past = Past()
    assert past.tell(HELD) is not None
    assert past.tell(HELD) is None


def test_only_tracks_that_are_newly_unmatched_are_told() -> None:
    past = Past()
    first = past.tell(OK, target("Vitamin C"), target("Vitamin C", server="attic"))
    assert first is not None and first.title == "Cmdarr: friday has 2 new unmatched tracks"
    assert first.body.splitlines() == [
        "not on plex “Friday”: Can – Vitamin C", "not on attic “Friday”: Can – Vitamin C",
    ]  # fmt: skip
    assert past.tell(OK, target("Vitamin C"), target("Vitamin C", server="attic")) is None
    assert past.tell(
        FAILED, {"server": "plex", "user": None, "title": "Friday", "matched": 0, "unmatched": []}
    )
    more = past.tell(OK, target("Vitamin C", "Spoon"), target("VITAMIN C", server="attic"), on=("unmatched",))
    assert more is not None and more.title == "Cmdarr: friday has 1 new unmatched track"
    assert more.body == "not on plex “Friday”: Can – Spoon"
    assert past.tell(OK, target(), target(server="attic")) is None
    assert past.tell(OK, target("Spoon"), target(server="attic")) is not None


def test_many_tracks_are_told_in_ten_lines() -> None:
    notice = Past().tell(OK, target(*(f"Song {number}" for number in range(25))))
    assert notice is not None and notice.title.endswith("has 25 new unmatched tracks")
    assert len(notice.body.splitlines()) == 11 and notice.body.endswith("… and 15 more")


def test_several_events_of_a_run_are_one_notice() -> None:
    notice = Past().tell(FAILED, target("Spoon"), target(server="attic", held="it is too much"))
    assert notice is not None
    assert notice.title == "Cmdarr: friday failed, holds a change back, has 1 new unmatched track"


def test_a_long_row_of_failures_is_read_as_far_as_it_must_be() -> None:
    past = Past()
    past.add(OK, target("Spoon"))
    for _ in range(60):
        past.add(FAILED)
    past.read = 0
    assert past.tell(FAILED) is None
    assert past.read <= 10
    recovered = past.tell(OK, target("Spoon"))
    assert recovered is not None and recovered.title.endswith("works again")


def test_what_was_before_comes_from_the_history_so_a_restart_repeats_nothing(tmp_path: Path) -> None:
    def record(status: Status) -> Notice | None:
        store = ConfigStore.open(tmp_path / "config.db", backups=tmp_path, clock=SystemClock())
        try:
            number = store.history.queue(
                command="friday", kind="playlist_sync", trigger=Trigger.SCHEDULE, dry_run=False, generation="",
                document="{}", queued_at=NOON,
            )  # fmt: skip
            store.history.finish(
                number, status, NOON + timedelta(seconds=1), summary="x", result={}, changes=0, error="x",
                error_class=None,
            )  # fmt: skip
            run = replace(store.history.get(number), status=status)
            return find_notice(run, runs_before(store.history, "friday", number), ALL)
        finally:
            store.close()

    told = [record(status) for status in (OK, FAILED, FAILED, OK)]
    assert [notice is not None for notice in told] == [False, True, False, True]
