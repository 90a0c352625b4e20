"""Every shape that a legacy install ever had, and everything that can be wrong with its files."""

import os
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import pytest
from fakes_importing import LaterApp, Place, all_text, texts_of, write_lists
from fakes_legacy import (
    NEW,
    OLD,
    SHAPES,
    SPLIT_HOURS,
    Legacy,
    Shape,
    a_whole_life,
    command,
    execution,
    fingerprint,
    setting,
    sync,
)

from cmdarr.errors import NothingFound
from cmdarr.legacy.database import holders_of, open_legacy
from cmdarr.legacy.failure import LegacyBusy, LegacyUnreadable
from cmdarr.legacy.report import Fate
from cmdarr.models.execution import Status

SAMPLE = Path(__file__).parents[2] / "../shared/data/legacy/sample-0.2.2-cmdarr.db"
MBID = "a74b1b7f-71a5-4011-9441-d0b5e4122711"


@contextmanager
def endless(act: Callable[[int], None]) -> Iterator[int]:
    """Do something again and again in another process, from the first time on; give its number."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        for number in count(1):
            act(number)
            if number == 1:
                os.write(writing, b"x")
    try:
        assert os.read(reading, 1) == b"x"
        yield child
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reading)
        os.close(writing)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.version)
def test_every_shape_comes_over_with_settings_commands_and_history(
    place: Place, old: Path, shape: Shape
) -> None:
    a_whole_life().write(old, shape)
    before = fingerprint(old)
    result = place.bring(old)
    assert fingerprint(old) == before
    place.load()
    assert place.settings()["services"]["plex"]["url"] == "https://plex:32400"
    assert place.settings()["history"] == {"keep_days": 3650, "keep_per_command": 77}
    assert set(place.commands()) == {"deezer-friday-hits-plex", "discovery-lastfm"}
    assert (result.executions, result.executions_found) == (4, 4)
    with place.store() as store:
        assert len(store.history.recent(limit=10)) == 4
    schedule = place.commands()["deezer-friday-hits-plex"].get("schedule")
    assert schedule == (None if shape.has_cron else "manual")


@pytest.mark.parametrize("name", ["", "cmdarr.db"])
def test_a_folder_and_its_file_give_the_same(place: Place, old: Path, tmp_path: Path, name: str) -> None:
    a_whole_life().write(old, OLD)
    place.bring(old / name)
    other = Place(tmp_path / "other")
    other.bring(old)
    assert place.files() == other.files()


def test_the_program_folder_stands_for_its_data_folder(place: Place, old: Path) -> None:
    a_whole_life().write(old / "data", NEW)
    assert place.bring(old).executions == 4


def test_an_orphan_with_all_the_life_wins_over_newer_files_that_hold_defaults(
    place: Place, old: Path
) -> None:
    a_whole_life().write(old, OLD)
    seed = command("discovery_lastfm", {"limit": 5, "similar_count": 1, "min_match_score": 0.5}, enabled=0)
    Legacy(settings=[setting("PLEX_URL", None, "http://x")], commands=[seed]).write(old, NEW)
    result = place.bring(old)
    assert "cmdarr_config.db: it holds defaults only: nobody ever used it" in texts_of(result, Fate.LEFT_OUT)
    assert place.settings()["services"]["plex"]["url"] == "https://plex:32400"
    assert result.executions == 4


def test_an_empty_orphan_beside_newer_files_says_nothing_of_them(place: Place, old: Path) -> None:
    a_whole_life().write(old, NEW)
    (old / "cmdarr.db").touch()
    result = place.bring(old)
    assert [path.name for path in result.sources] == ["cmdarr_config.db"]
    assert result.executions == 4


def test_two_lives_are_merged_the_newer_one_counts_and_every_difference_is_named(
    place: Place, old: Path
) -> None:
    plex = setting("PLEX_URL", "http://old:1", "http://localhost:32400")
    older = Legacy(
        settings=[plex, setting("LIDARR_URL", "http://only-old:1", "x")],
        commands=[sync(title="Only old"), sync("playlist_sync_00009", "Both")],
        executions=[execution(1), execution(2)],
    )
    newer = Legacy(
        settings=[setting("PLEX_URL", "http://new:1", "http://localhost:32400")],
        commands=[sync("playlist_sync_00009", "Both")],
        executions=[execution(2), execution(3)],
    )
    older.write(old, OLD)
    newer.write(old, NEW)
    result = place.bring(old)
    assert [path.name for path in result.sources] == ["cmdarr_config.db", "cmdarr.db"]
    assert (result.executions, result.executions_found) == (3, 4)
    needs = "\n".join(texts_of(result, Fate.NEEDS_YOU))
    for name in (
        "setting PLEX_URL of cmdarr.db",
        "setting LIDARR_URL of cmdarr.db",
        "playlist_sync_00001 of cmdarr.db",
    ):
        assert name in needs
    assert list(place.commands()) == ["deezer-both-plex"]


def test_naming_one_file_of_two_lives_imports_that_one(place: Place, old: Path) -> None:
    Legacy(commands=[sync(title="Old")], executions=[execution(1)]).write(old, OLD)
    Legacy(commands=[sync(title="New")], executions=[execution(9)]).write(old, NEW)
    place.bring(old / "cmdarr.db")
    assert list(place.commands()) == ["deezer-old-plex"]


def test_lists_without_a_database_come_over_alone(place: Place, old: Path) -> None:
    write_lists(old / "import_lists", {"discovery_lastfm.json": [{"MusicBrainzId": MBID, "ArtistName": "A"}]})
    result = place.bring(old)
    assert (result.import_list_entries, result.executions, result.sources) == (1, 0, ())
    place.load()


@pytest.mark.parametrize("name", ["", "cmdarr_cache.db"])
def test_caches_alone_are_nothing_to_import(place: Place, old: Path, name: str) -> None:
    Legacy().write(old, NEW, file="cmdarr_cache.db")
    with pytest.raises(NothingFound, match="caches only"):
        place.bring(old / name)
    assert not place.root.exists()


@pytest.mark.parametrize("what", ["missing", "empty folder", "foreign", "no database", "empty file"])
def test_what_holds_nothing_is_refused_in_a_sentence_and_nothing_is_written(
    place: Place, old: Path, what: str
) -> None:
    path = old
    if what != "missing":
        old.mkdir()
    if what == "foreign":
        with closing(sqlite3.connect(old / "cmdarr.db")) as connection:
            connection.execute("CREATE TABLE songs (x)")
    if what == "no database":
        path = old / "notes.txt"
        path.write_text("not a database, but long enough to be taken for one")
    if what == "empty file":
        (old / "cmdarr.db").touch()
    with pytest.raises((NothingFound, LegacyUnreadable)) as refused:
        place.bring(path)
    assert str(refused.value).count("\n") == 0
    assert str(path) in str(refused.value) or "cmdarr.db" in str(refused.value)
    assert not place.root.exists()


@pytest.mark.parametrize("how", ["cut", "page"])
def test_a_damaged_file_is_refused_in_a_sentence_and_nothing_is_written(
    place: Place, old: Path, how: str
) -> None:
    legacy = a_whole_life()
    legacy.executions = [execution(number, output_summary="x" * 500) for number in range(1, 200)]
    path = legacy.write(old)
    data = bytearray(path.read_bytes())
    if how == "cut":
        path.write_bytes(data[: len(data) // 2])
    else:
        data[8192:] = b"\xa5" * (len(data) - 8192)
        path.write_bytes(data)
    with pytest.raises(LegacyUnreadable, match="is damaged, and nothing was written"):
        place.bring(old)
    assert not place.root.exists()


def test_a_write_ahead_log_is_read_and_not_touched(place: Place, old: Path, tmp_path: Path) -> None:
    live = tmp_path / "live"
    path = a_whole_life().write(live)
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("UPDATE config_settings SET value = 'http://in-the-log:1' WHERE key = 'LIDARR_URL'")
        writer.commit()
        shutil.copytree(live, old)  # as a crash leaves it
    (old / "cmdarr_config.db-shm").unlink()
    before = fingerprint(old)
    assert {"cmdarr_config.db", "cmdarr_config.db-wal"} == set(before)
    place.bring(old)
    assert fingerprint(old) == before
    assert place.settings()["services"]["lidarr"]["url"] == "http://in-the-log:1"


def test_a_database_that_only_could_have_a_log_gets_none(place: Place, old: Path) -> None:
    path = a_whole_life().write(old)
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
    before = fingerprint(old)
    assert list(before) == ["cmdarr_config.db"]
    place.bring(old)
    assert fingerprint(old) == before


def test_a_journal_that_a_crash_left_is_rolled_back_in_a_copy_only(
    place: Place, old: Path, tmp_path: Path
) -> None:
    live = tmp_path / "live"
    path = a_whole_life().write(live)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("PRAGMA cache_size = 1")
        writer.execute("BEGIN")
        writer.execute(
            "UPDATE config_settings SET value = 'http://never-committed:1' WHERE key = 'LIDARR_URL'"
        )
        writer.execute(
            "CREATE TABLE filler AS SELECT randomblob(100000) AS x"
        )  # spills, so the file itself changes
        shutil.copytree(live, old)
        writer.execute("ROLLBACK")
    before = fingerprint(old)
    assert before["cmdarr_config.db-journal"][1] > 0
    place.bring(old)
    assert fingerprint(old) == before
    assert place.settings()["services"]["lidarr"]["url"] == "http://lidarr:8686"


def test_a_folder_that_cannot_be_written_is_read_all_the_same(place: Place, old: Path) -> None:
    path = a_whole_life().write(old)
    path.chmod(0o444)
    old.chmod(0o555)
    try:
        assert place.bring(old).executions == 4
    finally:
        old.chmod(0o755)


def test_a_write_during_the_import_is_noticed_before_anything_is_in_place(place: Place, old: Path) -> None:
    path = a_whole_life().write(old)

    class Meddling:
        def step(self, text: str, total: int | None = None) -> None:
            if "history" in text:
                with closing(sqlite3.connect(path)) as connection, connection:
                    connection.execute("UPDATE config_settings SET value = 'x' WHERE key = 'LIDARR_URL'")

        def advance(self, count: int = 1) -> None:
            pass

    place.progress = Meddling()  # type: ignore[assignment]
    with pytest.raises(LegacyBusy, match="is being written to: stop the legacy Cmdarr"):
        place.bring(old)
    assert place.files() == {}
    assert not (place.data / "config.db").exists()


@pytest.mark.parametrize(("writes", "ends_in"), [(100, "busy"), (3, "read"), (0, "read")])
def test_a_log_that_never_rests_is_refused_and_one_that_does_is_read(
    old: Path, writes: int, ends_in: str
) -> None:
    """Somebody writes to the log at each copy: an audit hook does so, in a process of its own as it stays for good."""
    path = a_whole_life().write(old)
    wal = Path(f"{path}-wal")
    wal.write_bytes(b"x")
    child = os.fork()
    if not child:
        left = iter(range(1, writes + 1))

        def meddle(event: str, arguments: tuple[object, ...]) -> None:
            if event == "shutil.copyfile" and (number := next(left, 0)):
                os.utime(wal, ns=(number, number))

        sys.addaudithook(meddle)
        try:
            with open_legacy(path) as database:
                os._exit(database.count("command_executions"))
        except LegacyBusy:
            os._exit(75)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == {"busy": 75, "read": 4}[ends_in]


def test_whoever_has_the_database_open_is_named(place: Place, old: Path) -> None:
    path = a_whole_life().write(old)
    assert holders_of(path) == []
    opened: list[object] = []

    def hold(number: int) -> None:
        if not opened:
            opened.append(path.open("rb"))
        time.sleep(0.01)

    with endless(hold) as child:
        assert holders_of(path) == [child]
        needs = texts_of(place.bring(old), Fate.NEEDS_YOU)
    assert any(f"process {child} has it open: stop the legacy Cmdarr" in text for text in needs)


@pytest.mark.parametrize("version", [None, LaterApp])
def test_the_sample_of_a_real_program_comes_over(place: Place, version: type[LaterApp] | None) -> None:
    if not SAMPLE.exists():
        pytest.skip("the sample database is not beside this repository")
    if version:
        place.version = version
    before = SAMPLE.read_bytes()
    result = place.bring(SAMPLE)
    assert SAMPLE.read_bytes() == before
    snapshot = place.load()
    assert (result.executions, result.executions_found) == (200, 200)
    assert "spotify-todays-top-hits-plex" in snapshot.commands
    command_file = place.commands()["spotify-todays-top-hits-plex"]
    assert command_file["description"] == 'Sync: "Today\'s Top Hits"\nmulti-line # not a comment'
    assert command_file["targets"] == ({"server": "plex", "title": "[Spotify] Today's Top Hits"},)
    assert command_file["schedule"] == "23 11,23 * * *"
    assert place.secrets()["plex_token"] == "plextok#with: yaml chars \"quote\" and 'single'"
    assert place.settings()["services"]["listenbrainz"]["username"] == "no"
    assert place.mode("secrets.yaml") == 0o600
    with place.store() as store:
        assert len(store.history.recent("playlist_sync_00001", limit=500)) == 36
        assert len(store.history.recent("deleted_command", limit=500)) == 42
        assert len(store.history.recent(status=Status.INTERRUPTED, limit=500)) == len(
            [1 for row in place.rows("SELECT status FROM execution WHERE finished_at IS NULL")]
        )
    assert "canary" not in all_text(result)


def test_hours_count_where_cron_came_but_was_never_filled(place: Place, old: Path) -> None:
    half = SHAPES[-1]
    rows = [sync(schedule_hours=6), sync("playlist_sync_00002", "Other")]
    Legacy(commands=rows).write(old, half)
    place.bring(old)
    assert place.commands()["deezer-hits-plex"]["schedule"] == "0 */6 * * *"
    assert "schedule" not in place.commands()["deezer-other-plex"]


def test_shapes_are_told_by_columns_and_not_by_versions(place: Place, old: Path) -> None:
    """A database that says it is new, but lacks what its version should have."""
    path = Legacy(commands=[sync()]).write(old, SPLIT_HOURS)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE app_version (version TEXT)")
        connection.execute("INSERT INTO app_version VALUES ('0.3.17')")
    place.bring(old)
    assert place.commands()["deezer-hits-plex"]["schedule"] == "manual"
