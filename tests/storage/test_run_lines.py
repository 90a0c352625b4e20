"""The history in short: pages by id in both directions, figures, and what the disk has not taken yet."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cmdarr.models.clock import SystemClock
from cmdarr.models.execution import Status, Trigger
from cmdarr.storage.config_store import ConfigStore

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ConfigStore]:
    with ConfigStore.open(tmp_path / "config.db", backups=tmp_path, clock=SystemClock()) as store:
        yield store


def queue(store: ConfigStore, command: str = "a", *, dry_run: bool = False) -> int:
    return store.history.queue(
        command=command,
        kind="k",
        trigger=Trigger.API,
        dry_run=dry_run,
        generation="g",
        document="{}",
        queued_at=NOON,
    )


def record(
    store: ConfigStore,
    command: str = "a",
    status: Status = Status.SUCCEEDED,
    *,
    dry_run: bool = False,
    targets: list[object] | None = None,
) -> int:
    number = queue(store, command, dry_run=dry_run)
    store.history.start(number, NOON)
    store.history.finish(
        number, status, NOON + timedelta(seconds=number), summary="s", changes=1, error=None, error_class=None,
        result={"targets": targets} if targets is not None else {},
    )  # fmt: skip
    return number


def ids(store: ConfigStore, *args: object, **more: object) -> list[int]:
    return [line.id for line in store.run_lines.page(*args, **more).lines]  # type: ignore[arg-type]


def test_a_page_knows_whether_there_is_more_on_either_side(store: ConfigStore) -> None:
    for _ in range(5):
        record(store)
    first = store.run_lines.page(limit=2)
    assert ([line.id for line in first.lines], first.has_newer, first.has_older) == ([5, 4], False, True)
    middle = store.run_lines.page(limit=2, before=4)
    assert ([line.id for line in middle.lines], middle.has_newer, middle.has_older) == ([3, 2], True, True)
    last = store.run_lines.page(limit=2, before=2)
    assert ([line.id for line in last.lines], last.has_newer, last.has_older) == ([1], True, False)
    back = store.run_lines.page(limit=2, after=2)
    assert ([line.id for line in back.lines], back.has_newer, back.has_older) == ([4, 3], True, True)
    assert not store.run_lines.page(limit=2, after=3).has_newer


def test_a_choice_of_command_and_status(store: ConfigStore) -> None:
    record(store)
    record(store, "b")
    record(store, status=Status.FAILED)
    assert ids(store, "a") == [3, 1]
    assert ids(store, None, Status.FAILED) == [3]
    assert ids(store, "b", Status.FAILED) == []


def test_a_former_name_stands_for_the_command_of_today(store: ConfigStore) -> None:
    record(store, "b")
    store.former_names.save({"old": "b"})
    assert ids(store, "old") == [1]


def test_a_line_is_what_the_history_holds(store: ConfigStore) -> None:
    number = record(store)
    (line,) = store.run_lines.page().lines
    execution = store.history.get(number)
    for name in (
        "id",
        "command",
        "kind",
        "status",
        "trigger",
        "dry_run",
        "summary",
        "error",
        "changes",
        "duration_s",
    ):
        assert getattr(line, name) == getattr(execution, name)


def test_what_waits_in_memory_is_shown_as_it_stands(store: ConfigStore) -> None:
    number = queue(store)
    store.history.start(number, NOON)
    with store._file.reading() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        store.history.finish(
            number,
            Status.FAILED,
            NOON,
            summary="x" * 100_000,
            result={},
            changes=0,
            error=None,
            error_class=None,
        )
        assert store.history.unwritten().keys() == {number}
        assert store.run_lines.page().lines[0].status is Status.FAILED
        connection.execute("PRAGMA max_page_count = 1000000")
    store.history.flush()
    assert store.history.unwritten() == {}
    assert store.run_lines.page().lines[0].status is Status.FAILED


def test_figures_count_what_matched_over_all_targets(store: ConfigStore) -> None:
    record(store, targets=[{"matched": 8, "unmatched": [{}, {}]}, {"matched": 10, "unmatched": []}])
    record(store, targets=[])
    record(store, dry_run=True, targets=[{"matched": 1, "unmatched": []}])
    record(store, status=Status.SKIPPED)
    found = store.run_lines.figures("a", limit=10)
    assert [(one.id, one.matched, one.tracks, one.duration_s) for one in found] == [
        (2, None, None, 2.0),
        (1, 18, 20, 1.0),
    ]


def test_figures_of_odd_results_are_left_out(store: ConfigStore) -> None:
    record(store, targets=[1, "x", None, {"matched": None, "unmatched": "?"}])
    assert [one.tracks for one in store.run_lines.figures(limit=10)] == [None]


def test_the_last_run_with_a_result(store: ConfigStore) -> None:
    record(store, targets=[])
    record(store)
    record(store, dry_run=True, targets=[])
    queue(store)
    assert store.run_lines.last_id("a", dry_run=False) == 1
    assert store.run_lines.last_id("a", dry_run=True) == 3
    assert store.run_lines.last_id("b", dry_run=True) is None
