"""An import as a whole: nothing twice, nothing lost, nothing overwritten, nothing told that is secret."""

import sqlite3
import stat
import tarfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes_importing import LaterApp, Place, all_text, texts_of, write_lists
from fakes_legacy import (
    NEW,
    Legacy,
    a_whole_life,
    command,
    execution,
    files_below,
    many_executions,
    secret,
    setting,
    sync,
)
from fakes_storage import record_run
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.app.import_files import FilesExist
from cmdarr.errors import ConfigError, FolderInUse, StoreUnavailable
from cmdarr.legacy.report import Fate
from cmdarr.models.execution import Status, Trigger
from cmdarr.models.redaction import Redactor
from cmdarr.storage.lock import FolderLock

NAME = "deezer-friday-hits-plex"


def test_a_second_import_changes_nothing_at_all(place: Place, old: Path) -> None:
    a_whole_life().write(old)
    first = place.bring(old)
    files, backups = place.files(), sorted(place.data.rglob("*"))
    database = (place.data / "config.db").read_bytes()
    second = place.bring(old)
    assert (first.is_change, second.is_change) == (True, False)
    assert (second.executions, second.report, second.backup) == (0, None, None)
    assert set(second.files.values()) == {"unchanged"}
    assert (place.files(), sorted(place.data.rglob("*"))) == (files, backups)
    assert (place.data / "config.db").read_bytes() == database


def test_two_imports_into_two_places_give_the_same_bytes(place: Place, old: Path, tmp_path: Path) -> None:
    a_whole_life().write(old)
    other = Place(tmp_path / "elsewhere")
    other.clock.move(timedelta(days=3))
    place.bring(old)
    other.bring(old)
    assert place.files() == other.files()


def test_history_keeps_status_times_durations_summaries_errors_and_counts(place: Place, old: Path) -> None:
    a_whole_life().write(old)
    place.bring(old)
    with place.store() as store:
        gone, running, failed, done = store.history.recent(limit=9)
    assert (done.command, done.kind, done.status, done.trigger) == (
        NAME, "playlist_sync", Status.SUCCEEDED, Trigger.SCHEDULE,
    )  # fmt: skip
    assert done.started_at == datetime(2026, 6, 1, 4, 7, 0, 123456, tzinfo=UTC)
    assert done.duration_s == 12.000005
    assert done.summary == "Run 1: 87/100 tracks • done"
    assert done.result["legacy"] == {"id": 1, "command": "playlist_sync_00001", "triggered_by": "scheduler"}
    assert (failed.status, failed.error) == (Status.FAILED, "boom •••")
    assert (running.status, running.finished_at) == (Status.INTERRUPTED, None)
    assert (gone.command, gone.trigger, gone.result["synced"]) == ("gone_00001", Trigger.API, 3)
    assert gone.result["legacy"] == {"id": 4, "command": "gone_00001", "triggered_by": "a script"}


def test_history_is_found_under_both_names(place: Place, old: Path) -> None:
    a_whole_life().write(old)
    place.bring(old)
    with place.store() as store:
        assert [found.id for found in store.history.recent("playlist_sync_00001")] == [3, 2, 1]
        assert [found.id for found in store.history.recent(NAME)] == [3, 2, 1]
        assert store.history.last_of_each()[NAME].id == 3


@pytest.mark.parametrize(
    ("row", "status", "seconds"),
    [
        ({"completed_at": None, "duration": 5.5}, Status.SUCCEEDED, 5.5),
        ({"completed_at": None, "duration": None, "status": "cancelled"}, Status.CANCELLED, None),
        ({"started_at": "2026-06-01 10:00:00", "completed_at": "2026-06-01T10:00:02+00:00"}, Status.SUCCEEDED, 2.0),
        ({"started_at": "never", "completed_at": "2026-06-01 10:00:00", "duration": None}, Status.SUCCEEDED, 0.0),
        ({"status": "odd", "success": 0}, Status.FAILED, 12.000005),
        ({"result_data": '{"a": "\\ud800"}', "output_summary": None}, Status.SUCCEEDED, 12.000005),
        ({"result_data": "{broken", "triggered_by": ""}, Status.SUCCEEDED, 12.000005),
        ({"result_data": str(10**40), "error_message": "\ufffd"}, Status.SUCCEEDED, 12.000005),
        ({"output_summary": b"\xff\xfe", "command_name": b"\xffx"}, Status.SUCCEEDED, 12.000005),
        ({"duration": 1e300, "completed_at": None}, Status.SUCCEEDED, None),
    ],
)  # fmt: skip
def test_odd_rows_of_history_come_over(
    place: Place, old: Path, row: dict[str, Any], status: Status, seconds: float | None
) -> None:
    Legacy(executions=[execution(1, **row)]).write(old)
    assert place.bring(old).executions == 1
    with place.store() as store:
        (found,) = store.history.recent()
    assert (found.status, found.duration_s) == (status, seconds)


def test_rows_that_were_added_out_of_order_come_over_in_order(place: Place, old: Path) -> None:
    rows = [execution(1, id=2), execution(5, id=1), execution(3, id=3)]
    Legacy(executions=rows).write(old)
    place.bring(old)
    with place.store() as store:
        hours = [found.started_at.hour for found in store.history.recent() if found.started_at]
    assert hours == [8, 6, 4]


@settings(deadline=None, max_examples=15)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=3, max_size=3))
def test_any_text_in_the_history_survives(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    folder = tmp_path_factory.mktemp("any")
    place = Place(folder / "new")
    summary, error, trigger = texts
    row = execution(
        1, "gone", output_summary=summary, error_message=error, triggered_by=trigger, status="failed"
    )
    Legacy(executions=[row]).write(folder / "old")
    place.bring(folder / "old")
    with place.store() as store:
        (found,) = store.history.recent()
    shown = Redactor()
    assert (found.summary, found.error) == (shown(summary), shown(error) or None)
    assert found.result["legacy"] == {"id": 1, "command": "gone", "triggered_by": shown(trigger)}


def test_half_characters_in_names_and_lists_are_replaced(place: Place, old: Path) -> None:
    half = '{"artists": ["A"], "last_playlist_id": "7", "last_playlist_title": "x\\ud800"}'
    Legacy(commands=[command("top_tracks_00001", None, config_json=half)]).write(old)
    entry = '[{"MusicBrainzId": "a74b1b7f-71a5-4011-9441-d0b5e4122711", "ArtistName": "y\\udfff"}]'
    write_lists(old / "import_lists", {"discovery_lastfm.json": entry})
    place.bring(old)
    with place.store() as store:
        assert store.bindings.list()[0].title == "x?"
        assert store.import_lists.entries("discovery_lastfm")[0].name == "y?"


def test_a_restore_that_was_cut_off_is_completed_first(place: Place, old: Path) -> None:
    a_whole_life().write(old)
    (place.data / "restore/config/commands").mkdir(parents=True)
    (place.data / "restore/config/commands/own.yaml").write_text("kind: library_refresh\n")
    place.bring(old)
    assert "own" in place.commands()
    assert not (place.data / "restore").exists()


def test_a_zone_that_may_have_changed_is_named(place: Place, old: Path) -> None:
    place.environ = {"TZ": "Asia/Tokyo"}
    a_whole_life().write(old)
    assert "schedules now follow Asia/Tokyo" in all_text(place.bring(old))


def test_a_duration_that_says_something_else_is_kept_beside(place: Place, old: Path) -> None:
    Legacy(executions=[execution(1, duration=99.5)]).write(old)
    place.bring(old)
    with place.store() as store:
        assert store.history.recent()[0].result["legacy_duration_s"] == 99.5


def test_what_the_legacy_program_did_since_is_added_by_the_next_import(place: Place, old: Path) -> None:
    path = a_whole_life().write(old)
    place.bring(old)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO command_executions (command_name, started_at, status, triggered_by) "
            "VALUES ('playlist_sync_00001', '2026-07-01 00:00:00', 'completed', 'manual')"
        )
    result = place.bring(old)
    assert (result.executions, result.executions_found) == (1, 5)
    with place.store() as store:
        assert store.history.recent()[0].started_at == datetime(2026, 7, 1, tzinfo=UTC)


def test_equal_rows_are_all_kept_and_not_doubled(place: Place, old: Path) -> None:
    row = execution(1)
    Legacy(executions=[row, {**row, "id": 2}, {**row, "id": 3}]).write(old)
    assert place.bring(old).executions == 3
    assert place.bring(old).executions == 0


def test_what_ran_here_before_stays_newer_than_what_is_imported(place: Place, old: Path) -> None:
    a_whole_life().write(old)
    place.data.mkdir(parents=True)
    with place.store() as store:
        own = [record_run(store, "mine", store._clock.now()) for _ in range(3)]
    place.bring(old)
    with place.store() as store:
        recent = store.history.recent(limit=20)
        assert [found.command for found in recent[:3]] == ["mine"] * 3
        assert [found.id for found in recent] == [7, 6, 5, 4, 3, 2, 1]
        assert own == [1, 2, 3]
        assert record_run(store, "mine") == 8
    assert len(list((place.data / "backups").glob("*-import.tar.gz"))) == 1


def test_files_that_differ_are_not_overwritten(place: Place, old: Path) -> None:
    a_whole_life().write(old)
    place.bring(old)
    path = place.config / f"commands/{NAME}.yaml"
    path.write_text("kind: library_refresh\n")
    before = place.files()
    with pytest.raises(FilesExist, match=rf"commands/{NAME}\.yaml exists .* add --force"):
        place.bring(old)
    assert place.files() == before


def test_force_replaces_them_and_keeps_what_was_there(place: Place, old: Path) -> None:
    a_whole_life().write(old)
    place.bring(old)
    wanted = place.files()
    (place.config / "settings.yaml").write_text("log: {level: error}\n")
    (place.config / "commands/own.yaml").write_text("kind: library_refresh\n")
    result = place.bring(old, force=True)
    assert result.files["settings.yaml"] == "replaced"
    assert {**place.files(), **wanted} == place.files()
    assert (place.config / "commands/own.yaml").exists()
    assert result.backup is not None
    assert stat.S_IMODE(result.backup.stat().st_mode) == 0o600
    with tarfile.open(result.backup) as archive:
        kept = archive.extractfile("config/settings.yaml")
        assert kept is not None
        assert kept.read() == b"log: {level: error}\n"
        assert "config.db" in archive.getnames()


def test_secrets_that_are_there_stay_beside_those_that_come(place: Place, old: Path) -> None:
    a_whole_life().write(old)
    place.config.mkdir(parents=True)
    (place.config / "secrets.yaml").write_text("own: mine\nplex_token: other\n")
    (place.config / "secrets.yaml").chmod(0o600)
    with pytest.raises(FilesExist):
        place.bring(old)
    place.bring(old, force=True)
    assert place.secrets()["own"] == "mine"
    assert place.secrets()["plex_token"] == 'canary-plex #: "quoted" ${x}'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("*.bak", "*.bak\nsecrets.yaml\n"),
        ("secrets.yaml\n", "secrets.yaml\n"),
        ("# x\n", "# x\nsecrets.yaml\n"),
    ],
)
def test_git_is_told_of_the_secrets_without_losing_what_it_knows(
    place: Place, old: Path, before: str, after: str
) -> None:
    a_whole_life().write(old)
    place.config.mkdir(parents=True)
    (place.config / ".gitignore").write_text(before)
    place.bring(old)
    assert place.text(".gitignore") == after


def test_a_broken_file_that_was_there_stands_in_the_way(place: Place, old: Path) -> None:
    a_whole_life().write(old)
    (place.config / "commands").mkdir(parents=True)
    (place.config / "commands/own.yaml").write_text("kind: nonsense\n")
    before = place.files()
    with pytest.raises(ConfigError, match="would not pass") as refused:
        place.bring(old)
    assert [finding.file for finding in refused.value.findings] == ["commands/own.yaml"]
    assert place.files() == before
    assert not place.data.exists()


def test_a_dry_run_tells_all_and_writes_nothing_anywhere(place: Place, old: Path) -> None:
    a_whole_life().write(old)
    result = place.bring(old, dry_run=True)
    assert (result.executions, result.files[f"commands/{NAME}.yaml"]) == (4, "created")
    assert not place.root.exists()
    place.bring(old)
    (place.config / "settings.yaml").write_text("")
    before = {path: path.stat().st_mtime_ns for path in files_below(place.root)}
    assert place.bring(old, dry_run=True).files["settings.yaml"] == "replaced"
    assert {path: path.stat().st_mtime_ns for path in files_below(place.root)} == before


def test_the_report_is_kept_and_lists_what_came_of_everything(place: Place, old: Path) -> None:
    a_whole_life().write(old)
    result = place.bring(old)
    assert result.report is not None
    text = result.report.read_text()
    assert result.report.parent == place.data / "backups"
    assert text.startswith("# Import of a legacy Cmdarr\n")
    for part in ("## Needs you", "## Carried over", "## Not carried over", "PLEX\\_TOKEN", NAME, "4 of 4"):
        assert part in text


def test_the_report_has_what_config_check_warns_of(place: Place, old: Path) -> None:
    a_whole_life().write(old)
    needs = texts_of(place.bring(old), Fate.NEEDS_YOU)
    assert any("settings.yaml has no service 'deezer'." in text and "config check" in text for text in needs)


def test_no_secret_is_anywhere_but_in_its_file(
    place: Place, old: Path, caplog: pytest.LogCaptureFixture
) -> None:
    legacy = a_whole_life()
    canary = "canary-lidarr-0123456789"
    legacy.commands = [
        *legacy.commands,
        sync("playlist_sync_00007", f"of {canary}", description=f"{canary} here"),
    ]
    legacy.executions = [
        *legacy.executions,
        execution(8, output_summary=f"GET http://x/?token={canary}", result_data=f'{{"a": "{canary}"}}'),
        execution(9, f"named-{canary}", triggered_by=canary),
        execution(10, error_message="http://user:canary-in-url@host/ failed"),
    ]
    legacy.write(old)
    caplog.set_level("DEBUG")
    result = place.bring(old)
    assert "canary" not in all_text(result).replace("canary-custom", "")
    assert "canary" not in caplog.text
    for path in files_below(place.root):
        if path.name != "secrets.yaml":
            assert b"canary" not in path.read_bytes(), path


def test_a_daemon_that_runs_stands_in_the_way(place: Place, old: Path) -> None:
    a_whole_life().write(old)
    place.data.mkdir(parents=True)
    with FolderLock(place.data), pytest.raises(FolderInUse, match="stop that one"):
        place.bring(old)
    assert not place.config.exists()


def test_a_config_folder_that_is_a_file_is_refused_and_nothing_is_written(place: Place, old: Path) -> None:
    a_whole_life().write(old)
    place.root.mkdir()
    place.config.mkdir()
    (place.config / "commands").write_text("a file")
    with pytest.raises((StoreUnavailable, ConfigError)):
        place.bring(old)
    assert not (place.data / "config.db").exists()
    assert place.files() == {"config/commands": b"a file"}


def test_progress_counts_the_executions(place: Place, old: Path) -> None:
    path = a_whole_life().write(old)
    many_executions(path, 9_000)
    place.bring(old)
    assert ("Importing the history", 9_004) in place.progress.steps
    assert sum(place.progress.advanced) == 9_004
    assert len(place.progress.advanced) > 1
    assert place.bring(old).executions == 0


@pytest.mark.slow
def test_a_million_executions_come_over_in_bounded_memory(tmp_path: Path) -> None:
    from benchmarks.importing import measure

    seconds, megabytes = measure(1_000_000, tmp_path)
    assert megabytes < 150
    assert seconds < 300


def test_a_version_that_can_run_everything_has_nothing_to_ask(place: Place, old: Path) -> None:
    place.version = LaterApp
    rows = [setting("PLEX_URL", "http://p:1", "x"), secret("PLEX_TOKEN", "tok-plex")]
    Legacy(settings=rows, commands=[sync(), command("library_cache_builder", {"plex_enabled": True})]).write(
        old, NEW
    )
    result = place.bring(old)
    assert result.findings == ()
    assert "needs_you" not in {line.fate.value for line in result.lines}
