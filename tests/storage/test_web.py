"""What the web pages keep in and read from config.db: sessions, and executions in short."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from fakes_storage import open_config

from cmdarr.models.execution import Status, Trigger
from cmdarr.storage.config_store import ConfigStore
from cmdarr.storage.web_session import MOST_SESSIONS

NOW = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_session_is_valid_until_it_ends(tmp_path: Path) -> None:
    with open_config(tmp_path) as store:
        store.web_sessions.add(b"one", NOW, NOW + DAY)
        assert store.web_sessions.is_valid(b"one", NOW)
        assert not store.web_sessions.is_valid(b"two", NOW)
        assert not store.web_sessions.is_valid(b"one", NOW + DAY)
        store.web_sessions.remove(b"one")
        store.web_sessions.remove(b"one")
        assert not store.web_sessions.is_valid(b"one", NOW)


def count(store: ConfigStore) -> int:
    with store._file.reading() as connection:
        return int(connection.execute("SELECT count(*) FROM web_session").fetchone()[0])


def test_sessions_that_are_over_and_the_oldest_go(tmp_path: Path) -> None:
    with open_config(tmp_path) as store:
        store.web_sessions.add(b"over", NOW - DAY, NOW)
        for number in range(MOST_SESSIONS + 5):
            store.web_sessions.add(b"%d" % number, NOW + timedelta(seconds=number), NOW + 2 * DAY)
        assert count(store) == MOST_SESSIONS
        assert not store.web_sessions.is_valid(b"0", NOW)
        assert store.web_sessions.is_valid(b"%d" % (MOST_SESSIONS + 4), NOW)


def record(store: ConfigStore, command: str, at: datetime) -> int:
    number = store.history.queue(
        command=command,
        kind="probe",
        trigger=Trigger.API,
        dry_run=False,
        generation="g",
        document="{}",
        queued_at=at,
    )
    store.history.start(number, at)
    store.history.finish(
        number,
        Status.FAILED,
        at + timedelta(seconds=3),
        summary="",
        result={},
        changes=0,
        error="no",
        error_class="X",
    )
    return number


def test_outlines_are_the_newest_of_each_command(tmp_path: Path) -> None:
    with open_config(tmp_path) as store:
        numbers = [record(store, "a", NOW + timedelta(minutes=minute)) for minute in range(5)]
        other = record(store, "b", NOW - 2 * DAY)
        found = store.outlines.of_commands(["a", "b", "c"], 3)
        assert [one.id for one in found["a"]] == numbers[:1:-1]
        assert [(one.id, one.duration_s, one.status) for one in found["b"]] == [(other, 3.0, Status.FAILED)]
        assert found["c"] == []
        assert [one.id for one in store.outlines.since(NOW, 10)] == numbers[::-1]
        assert [one.id for one in store.outlines.since(NOW, 2)] == numbers[:2:-1]
