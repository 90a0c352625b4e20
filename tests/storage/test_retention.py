"""Retention: what is old or too much goes, in batches; the newest of each command and what runs stay."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fakes_storage import START, multiply, open_config, queue_run, record_run

from cmdarr.storage import retention
from cmdarr.storage.config_store import ConfigStore

DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ConfigStore]:
    with open_config(tmp_path) as opened:
        yield opened


def prune(store: ConfigStore, days: int, count: int) -> int:
    return store.history.prune(days, count, START, pause=lambda: None)


def left(store: ConfigStore) -> list[int]:
    return sorted(run.id for run in store.history.recent(limit=10_000))


def test_old_executions_go_and_young_ones_stay(store: ConfigStore) -> None:
    record_run(store, at=START - 31 * DAY)
    young = record_run(store, at=START - 29 * DAY)
    newest = record_run(store, at=START)
    assert prune(store, 30, 500) == 1
    assert left(store) == [young, newest]


def test_each_command_keeps_its_newest_ones(store: ConfigStore) -> None:
    numbers = {name: [record_run(store, name) for _ in range(5)] for name in ("a", "b")}
    assert prune(store, 30, 2) == 6
    assert left(store) == sorted(numbers["a"][-2:] + numbers["b"][-2:])


def test_the_last_run_of_each_command_stays_however_old(store: ConfigStore) -> None:
    kept = [record_run(store, name, at=START - 400 * DAY) for name in ("a", "b")]
    assert prune(store, 30, 1) == 0
    assert left(store) == kept


def test_runs_in_progress_stay_however_old(store: ConfigStore) -> None:
    running = queue_run(store, at=START - 400 * DAY)
    store.history.start(running, START)
    waiting = queue_run(store, at=START - 400 * DAY)
    newest = record_run(store)
    assert prune(store, 30, 1) == 0
    assert left(store) == [running, waiting, newest]


def test_a_pause_separates_the_batches(store: ConfigStore) -> None:
    multiply(store, record_run(store, at=START - 400 * DAY), 2 * retention.BATCH)
    pauses: list[int] = []
    assert store.history.prune(30, 500, START, pause=lambda: pauses.append(1)) == 2 * retention.BATCH
    assert len(pauses) == 1
    assert len(left(store)) == 1


def test_documents_that_nothing_refers_to_go_with_them(store: ConfigStore) -> None:
    for year in range(3):
        store.history.get(queue_run(store, at=START, document=f'{{"v":{year}}}'))
    for number in left(store):
        store.history.start(number, START)
    with store._file.writing() as connection:
        connection.execute("UPDATE execution SET status = 'succeeded'")
    assert prune(store, 30, 1) == 2
    with store._file.reading() as connection:
        assert connection.execute("SELECT text FROM document").fetchall() == [('{"v":2}',)]
    record_run(store)
