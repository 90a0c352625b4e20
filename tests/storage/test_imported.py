"""Executions of another program: in order, below those that are there, never twice."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fakes_storage import START, make_revision, open_config, record_run

from cmdarr.models.execution import Execution, Status, Trigger
from cmdarr.models.playlist import HeldChange
from cmdarr.storage.config_store import ConfigStore
from cmdarr.storage.imported import BATCH


def imported(number: int, command: str = "old") -> Execution:
    at = START - timedelta(days=100) + timedelta(minutes=number)
    return Execution(
        id=0, command=command, kind="demo", status=Status.SUCCEEDED, trigger=Trigger.SCHEDULE, dry_run=False,
        queued_at=at, started_at=at, finished_at=at, generation="legacy", document=f'{{"n":{number % 3}}}',
    )  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ConfigStore]:
    with open_config(tmp_path) as opened:
        yield opened


def bring(store: ConfigStore, executions: list[Execution], advanced: list[int] | None = None) -> int:
    heard: list[int] = [] if advanced is None else advanced
    return store.import_executions(
        executions, generation="legacy", room=len(executions), advance=heard.append
    )


def test_they_come_in_the_order_given(store: ConfigStore) -> None:
    assert bring(store, [imported(number) for number in range(5)]) == 5
    recent = store.history.recent()
    assert [found.id for found in recent] == [5, 4, 3, 2, 1]
    assert replace(recent[-1], id=0) == imported(0)


def test_none_comes_twice_and_of_equal_ones_as_many_as_there_are(store: ConfigStore) -> None:
    rows = [imported(1), imported(1), imported(2)]
    assert bring(store, rows) == 3
    assert bring(store, rows) == 0
    assert bring(store, [*rows, imported(1), replace(imported(1), trigger=Trigger.API), imported(3)]) == 3


def test_what_was_there_moves_above_them_with_all_that_points_to_it(store: ConfigStore) -> None:
    first, second = record_run(store, "mine"), record_run(store, "mine")
    store.revisions.add(replace(make_revision(), execution_id=second))
    held = HeldChange(
        command="mine", server="s", user="", title="t", reason="r", wanted=(), removed=(), held_at=START,
        execution_id=first,
    )  # fmt: skip
    store.held.save(held)
    with store._file.writing() as connection:
        connection.execute("UPDATE execution SET retry_of = ? WHERE id = ?", (first, second))
    bring(store, [imported(number) for number in range(10)])
    assert [found.id for found in store.history.recent("mine")] == [12, 11]
    assert store.history.get(12).retry_of == 11
    assert [revision.execution_id for revision in store.revisions.list()] == [12]
    assert store.held.list()[0].execution_id == 11
    assert record_run(store, "mine") == 13
    assert bring(store, [imported(77)]) == 1
    assert store.history.recent()[0].id == 14


def test_many_come_in_batches_that_are_told(store: ConfigStore) -> None:
    advanced: list[int] = []
    rows = [imported(number, f"c{number % 7}") for number in range(BATCH + 10)]
    assert bring(store, rows, advanced) == BATCH + 10
    assert advanced == [BATCH, 10]
    assert bring(store, rows, advanced) == 0
