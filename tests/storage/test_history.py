"""The history: what goes in comes out, in order, by page, also when the disk refuses for a while."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes_storage import START, finish_run, multiply, open_config, queue_run, record_run
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.errors import NothingFound
from cmdarr.models.execution import Status, Trigger
from cmdarr.storage.config_store import ConfigStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ConfigStore]:
    with open_config(tmp_path) as opened:
        yield opened


def test_an_execution_comes_back_as_it_was_told(store: ConfigStore) -> None:
    due = datetime(2026, 3, 1, 11, 59, tzinfo=UTC)
    number = store.history.queue(
        command="hits",
        kind="playlist_sync",
        trigger=Trigger.SCHEDULE,
        dry_run=True,
        generation="g7",
        document='{"kind":"playlist_sync","x":"ü"}',
        queued_at=START,
        due_at=due,
        retry_of=41,
    )
    queued = store.history.get(number)
    assert (queued.status, queued.due_at, queued.retry_of, queued.dry_run) == (Status.QUEUED, due, 41, True)
    store.history.start(number, START + timedelta(seconds=1))
    assert store.history.get(number).status is Status.RUNNING
    store.history.finish(
        number,
        Status.FAILED,
        START + timedelta(seconds=3.5),
        summary="s",
        result={"targets": [{"held": True, "n": 1.5}]},
        changes=3,
        error="no answer",
        error_class="ServiceUnavailable",
    )
    done = store.history.get(number)
    assert done.queued_at == START
    assert done.duration_s == 2.5
    assert done.result == {"targets": [{"held": True, "n": 1.5}]}
    assert (done.status, done.changes, done.error) == (Status.FAILED, 3, "no answer")
    assert (done.error_class, done.generation) == ("ServiceUnavailable", "g7")
    assert done.document == '{"kind":"playlist_sync","x":"ü"}'
    assert done.trigger is Trigger.SCHEDULE


def test_a_missing_execution_is_named(store: ConfigStore) -> None:
    with pytest.raises(NothingFound, match="there is no execution 99"):
        store.history.get(99)
    with pytest.raises(NothingFound):
        store.history.start(99, START)


def test_equal_documents_are_stored_once(tmp_path: Path, store: ConfigStore) -> None:
    for _ in range(5):
        record_run(store)
    queue_run(store, document='{"kind":"other"}')
    with store._file.reading() as connection:
        assert connection.execute("SELECT count(*) FROM document").fetchone() == (2,)


def test_recent_filters_by_command_and_status(store: ConfigStore) -> None:
    first = record_run(store, "a")
    second = record_run(store, "b", status=Status.FAILED)
    third = record_run(store, "a", status=Status.FAILED)
    assert [run.id for run in store.history.recent()] == [third, second, first]
    assert [run.id for run in store.history.recent(command="a")] == [third, first]
    assert [run.id for run in store.history.recent(status=Status.FAILED)] == [third, second]
    assert [run.id for run in store.history.recent("a", Status.SUCCEEDED)] == [first]
    assert store.history.recent(command="none") == []


@settings(max_examples=25, deadline=None)
@given(
    commands=st.lists(st.sampled_from(["a", "b", "c"]), max_size=30),
    wanted=st.sampled_from(["a", "b", None]),
    size=st.integers(1, 7),
)
def test_pages_by_key_show_every_execution_once(
    tmp_path_factory: pytest.TempPathFactory, commands: list[str], wanted: str | None, size: int
) -> None:
    with open_config(tmp_path_factory.mktemp("history")) as store:
        numbers = [queue_run(store, command) for command in commands]
        expected = [
            number
            for number, name in reversed(list(zip(numbers, commands, strict=True)))
            if wanted in (None, name)
        ]
        seen: list[int] = []
        before = None
        while page := store.history.recent(command=wanted, limit=size, before_id=before):
            seen += [run.id for run in page]
            before = page[-1].id
        assert seen == expected


def test_the_last_of_each_command(store: ConfigStore) -> None:
    assert store.history.last_of_each() == {}
    record_run(store, "a")
    newest_b = record_run(store, "b")
    newest_a = record_run(store, "a", status=Status.FAILED)
    last = store.history.last_of_each()
    assert {name: run.id for name, run in last.items()} == {"a": newest_a, "b": newest_b}
    assert last["a"].status is Status.FAILED


def test_the_newest_page_does_not_slow_down_with_the_history(store: ConfigStore) -> None:
    multiply(store, record_run(store), 60_000)
    began = time.perf_counter()
    for _ in range(20):
        store.history.recent(limit=20)
        store.history.last_of_each()
    assert (time.perf_counter() - began) / 20 < 0.02


def test_threads_write_beside_each_other(store: ConfigStore) -> None:
    def work(name: str) -> None:
        for _ in range(25):
            record_run(store, name)
        store.release()

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.history.recent(limit=1000)) == 100
    assert all(run.status is Status.SUCCEEDED for run in store.history.recent(limit=1000))


def test_connections_of_ended_threads_are_closed_at_the_next_opening(store: ConfigStore) -> None:
    for _ in range(5):
        thread = threading.Thread(target=store.history.recent)
        thread.start()
        thread.join()
    assert len(store._file._desks) <= 2


def test_a_finished_run_keeps_nothing_in_memory(store: ConfigStore) -> None:
    for _ in range(3):
        record_run(store)
    assert store.history._own == {}
    assert store.history.flush() == 0


def test_a_result_that_json_does_not_know_becomes_text(store: ConfigStore) -> None:
    number = queue_run(store)
    store.history.finish(
        number,
        Status.SUCCEEDED,
        START,
        summary="",
        result={"path": Path("x")},
        changes=0,
        error=None,
        error_class=None,
    )
    assert store.history.get(number).result == {"path": "x"}


def test_statuses_survive_that_a_second_store_reads_them(tmp_path: Path, store: ConfigStore) -> None:
    number = queue_run(store)
    with open_config(tmp_path) as other:
        assert other.history.get(number).status is Status.QUEUED
        finish_run(other, number, Status.CANCELLED)
    assert store.history.recent()[0].status is Status.CANCELLED
