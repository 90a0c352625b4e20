"""config.db: created, migrated after a backup, refused when damaged, watched while in use, never overwritten."""

import logging
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from fakes_storage import START, HandClock, finish_run, open_config, queue_run, record_run

from cmdarr.errors import StoreDamaged, StoreUnavailable
from cmdarr.models.execution import Status
from cmdarr.storage.archive import read_manifest
from cmdarr.storage.config_file import ConfigFile
from cmdarr.storage.kept_backup import copy_database, keep_backup, newest_backup
from cmdarr.storage.migrations import MIGRATIONS, SCHEMA_NUMBER, Migration, migrate, schema_number


def test_a_missing_file_is_created_with_the_promised_pragmas(tmp_path: Path) -> None:
    with open_config(tmp_path / "new" / "data") as store, store._file.reading() as connection:

        def pragma(name: str) -> object:
            return connection.execute(f"PRAGMA {name}").fetchone()[0]

        assert (pragma("journal_mode"), pragma("synchronous"), pragma("foreign_keys")) == ("wal", 2, 1)
        assert pragma("busy_timeout") == 5000
        assert schema_number(connection) == SCHEMA_NUMBER
        assert store.problem() is None
    assert not (tmp_path / "new" / "data" / "backups").exists()
    assert sorted(path.name for path in (tmp_path / "new" / "data").iterdir()) == ["config.db"]


def test_an_empty_file_is_no_damage(tmp_path: Path) -> None:
    (tmp_path / "config.db").touch()
    with open_config(tmp_path) as store:
        record_run(store)


def test_what_was_written_is_there_after_reopening(tmp_path: Path) -> None:
    with open_config(tmp_path) as store:
        number = record_run(store)
    with open_config(tmp_path) as store:
        assert store.history.get(number).status is Status.SUCCEEDED


def spoil(path: Path, begin: int, count: int) -> None:
    with path.open("r+b") as file:
        file.seek(begin)
        file.write(b"\xa5" * count)


@pytest.mark.parametrize(("begin", "count"), [(0, 100), (4096, 20_000)], ids=["header", "middle"])
def test_a_damaged_file_is_refused_named_and_left_alone(tmp_path: Path, begin: int, count: int) -> None:
    with open_config(tmp_path) as store:
        for number in range(30):
            record_run(store, f"command-{number}")
        backup = store.keep_backup("schema-1")
    path = tmp_path / "config.db"
    spoil(path, begin, count)
    before = path.read_bytes()
    with pytest.raises(StoreDamaged) as raised:
        open_config(tmp_path)
    assert "config.db" in str(raised.value)
    assert f"`cmdarr restore {backup}`" in str(raised.value)
    assert raised.value.exit_code == 78
    assert path.read_bytes() == before


def test_a_damaged_file_without_a_backup_says_so(tmp_path: Path) -> None:
    (tmp_path / "config.db").write_text("this is no database, however long it is. " * 200)
    with pytest.raises(StoreDamaged, match="there is no backup in data/backups"):
        open_config(tmp_path)


def test_the_database_of_another_program_is_refused(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "config.db")
    connection.execute("CREATE TABLE config_settings (x)")
    connection.close()
    with pytest.raises(StoreDamaged, match="the database of another program"):
        open_config(tmp_path)


def test_a_newer_schema_is_refused_with_its_number(tmp_path: Path) -> None:
    with open_config(tmp_path) as store, store._file.writing() as connection:
        connection.execute("INSERT INTO migration VALUES (999, 'from the future', 0)")
    with pytest.raises(StoreDamaged, match="schema number 999 is newer than"):
        open_config(tmp_path)


def test_the_numbers_of_the_steps_have_no_gap() -> None:
    assert [step.number for step in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))


def test_a_step_that_fails_leaves_nothing_of_itself(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    bad = Migration(len(MIGRATIONS) + 1, "bad", ("CREATE TABLE half (x)", "INSERT INTO nowhere VALUES (1)"))
    try:
        with pytest.raises(sqlite3.OperationalError):
            migrate(connection, 0, (*MIGRATIONS, bad))
        assert schema_number(connection) == SCHEMA_NUMBER
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone() == (0,)
        migrate(connection, 0)
    finally:
        connection.close()


def config_file(folder: Path, *migrations: Migration) -> ConfigFile:
    backups = folder / "backups"
    return ConfigFile(
        folder / "config.db",
        clock=HandClock(),
        rescue=lambda connection, why: keep_backup(connection, backups, why=why, now=START),
        newest_backup=lambda: newest_backup(backups),
        migrations=migrations,
    )


LATER = (
    Migration(SCHEMA_NUMBER + 1, "later", ("CREATE TABLE later (x)",)),
    Migration(SCHEMA_NUMBER + 2, "last", ("CREATE TABLE last (x)",)),
)


def test_a_backup_is_made_before_the_first_pending_step(tmp_path: Path) -> None:
    with open_config(tmp_path) as store:
        record_run(store)
    file = config_file(tmp_path, *MIGRATIONS, *LATER)
    with file.reading() as connection:
        assert schema_number(connection) == SCHEMA_NUMBER + 2
        assert connection.execute("SELECT count(*) FROM execution").fetchone() == (1,)
    file.close()
    (backup,) = (tmp_path / "backups").iterdir()
    assert backup.name == f"20260301T120000Z-schema-{SCHEMA_NUMBER}.tar.gz"
    assert read_manifest(backup).schema == SCHEMA_NUMBER
    file = config_file(tmp_path, *MIGRATIONS, *LATER)
    with file.reading():
        pass
    file.close()
    assert len(list((tmp_path / "backups").iterdir())) == 1


def test_a_migration_that_fails_names_nothing_done_and_keeps_the_steps_before(tmp_path: Path) -> None:
    with open_config(tmp_path) as store:
        record_run(store)
    broken = Migration(SCHEMA_NUMBER + 2, "broken", ("CREATE TABLE last (x)", "SELECT * FROM nowhere"))
    file = config_file(tmp_path, *MIGRATIONS, LATER[0], broken)
    with pytest.raises(sqlite3.OperationalError), file.reading():
        pass
    file.close()
    file = config_file(tmp_path, *MIGRATIONS, LATER[0])
    with file.reading() as connection:
        assert schema_number(connection) == SCHEMA_NUMBER + 1
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'last'").fetchone() == (0,)
    file.close()


def test_two_processes_may_create_the_file_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from fakes_storage import open_config, record_run\n"
        "with open_config(Path(sys.argv[1])) as store: record_run(store)"
    )
    environment = {"PYTHONPATH": f"{Path(__file__).parents[1]}:{Path(__file__).parents[2]}"}
    processes = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], env=environment) for _ in range(4)
    ]
    assert [process.wait() for process in processes] == [0] * 4
    with open_config(tmp_path) as store:
        assert len(store.history.recent()) == 4


def test_deleted_while_running_it_says_so_once_and_goes_on_in_a_fresh_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with open_config(tmp_path) as store:
        record_run(store)
        number = queue_run(store, "running")
        store.history.start(number, START)
        for suffix in ("", "-wal", "-shm"):
            (tmp_path / f"config.db{suffix}").unlink()
        problem = store.problem()
        assert problem is not None
        assert "config.db was deleted or replaced" in problem
        assert str(tmp_path) not in problem
        later = record_run(store)
        finish_run(store, number)
        assert [run.id for run in store.history.recent()] == [later, number]
        assert later > number
        assert store.problem() == problem
    assert [record.levelno for record in caplog.records if record.name.startswith("cmdarr")] == [
        logging.WARNING
    ]
    with open_config(tmp_path) as store:
        assert store.problem() is None
        assert store.history.get(number).summary == "2 added"


@pytest.mark.parametrize("suffixes", [("-wal",), ("-shm",), ("-wal", "-shm")], ids=" ".join)
def test_nothing_is_lost_when_only_a_part_is_deleted(tmp_path: Path, suffixes: tuple[str, ...]) -> None:
    with open_config(tmp_path) as store, open_config(tmp_path) as other:
        number = record_run(store)
        other.history.get(number)
        for suffix in suffixes:
            (tmp_path / f"config.db{suffix}").unlink()
        second = record_run(store)
        third = record_run(other)
        assert [run.id for run in store.history.recent()] == [third, second, number]
        assert store.problem() is None
    with open_config(tmp_path) as store:
        assert [run.id for run in store.history.recent()] == [third, second, number]


def test_a_file_put_in_its_place_is_used(tmp_path: Path) -> None:
    with open_config(tmp_path / "other") as other:
        number = record_run(other, "from elsewhere")
    with open_config(tmp_path) as store:
        record_run(store)
        for suffix in ("-wal", "-shm"):
            (tmp_path / f"config.db{suffix}").unlink()
        (tmp_path / "other" / "config.db").replace(tmp_path / "config.db")
        assert store.history.get(number).command == "from elsewhere"
        assert "was deleted or replaced" in str(store.problem())


def test_a_copy_put_in_its_place_is_used_without_a_word(tmp_path: Path) -> None:
    with open_config(tmp_path) as store:
        number = record_run(store)
        copy = tmp_path / "copy.db"
        with store._file.reading() as connection:
            copy_database(connection, copy)
        for suffix in ("-wal", "-shm"):
            (tmp_path / f"config.db{suffix}").unlink()
        copy.replace(tmp_path / "config.db")
        assert store.history.get(number).id == number
        assert store.problem() is None


def test_an_outcome_that_a_full_disk_refuses_is_kept_shown_and_written_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with open_config(tmp_path) as store:
        number = queue_run(store)
        store.history.start(number, START)
        with store._file.reading() as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages}")
            store.history.finish(
                number, Status.SUCCEEDED, START, summary="done", result={"text": "x" * 20_000},
                changes=1, error=None, error_class=None,
            )  # fmt: skip
            assert store.history.get(number).summary == "done"
            assert store.history.recent()[0].status is Status.SUCCEEDED
            assert store.history.recent(status=Status.RUNNING) == []
            assert store.history.flush() == 1
            assert (
                store.problem()
                == "config.db cannot be used at the moment, as the disk is full: free some space."
            )
            with pytest.raises(StoreUnavailable, match="the disk is full"):
                queue_run(store, document="y" * 20_000)
            connection.execute("PRAGMA max_page_count = 1000000")
        assert store.history.flush() == 0
        assert store.problem() is None
    with open_config(tmp_path) as store:
        assert store.history.get(number).summary == "done"
    levels = [record.levelname for record in caplog.records if record.name.startswith("cmdarr")]
    assert levels == ["ERROR"]


def test_a_connection_that_was_opened_read_only_is_opened_again(tmp_path: Path) -> None:
    with open_config(tmp_path) as store:
        record_run(store)
        with store._file.reading() as connection:
            connection.execute("PRAGMA query_only = 1")
        with pytest.raises(StoreUnavailable, match="read-only"):
            queue_run(store)
        assert "as it is read-only: make the data folder writable" in str(store.problem())
        queue_run(store)
        assert store.problem() is None


def test_a_lock_held_by_another_process_is_named_and_a_probe_finds_that_it_is_gone(tmp_path: Path) -> None:
    with open_config(tmp_path) as store:
        record_run(store)
        with store._file.reading() as connection:
            connection.execute("PRAGMA busy_timeout = 10")
        blocker = sqlite3.connect(tmp_path / "config.db", isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        try:
            with pytest.raises(StoreUnavailable, match="another process holds its lock"):
                queue_run(store)
            store.history.flush()
            assert store.problem() is not None
        finally:
            blocker.execute("ROLLBACK")
            blocker.close()
        store.history.flush()
        assert store.problem() is None
        queue_run(store)


def test_emptying_removes_everything_but_uses_no_id_again(tmp_path: Path) -> None:
    with open_config(tmp_path) as store:
        record_run(store)
        number = record_run(store)
        store.marks.set_mark("a", "@daily", START)
        store.empty()
        assert store.history.recent() == []
        assert store.marks.load_marks() == {}
        assert record_run(store) > number


def test_a_kept_backup_says_what_it_holds(tmp_path: Path) -> None:
    with open_config(tmp_path, HandClock()) as store:
        record_run(store)
        backup = store.keep_backup("reset")
        again = store.keep_backup("reset")
    assert backup.name == "20260301T120000Z-reset.tar.gz"
    assert again.name == "20260301T120000Z-reset-2.tar.gz"
    assert oct(backup.stat().st_mode & 0o777) == "0o600"
    assert list(read_manifest(backup).members) == ["config.db"]
    assert newest_backup(tmp_path / "backups") == again
