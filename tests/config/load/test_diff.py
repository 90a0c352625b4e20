"""What a reload would change."""

from datetime import UTC, datetime

import pytest
from fakes_loading import ConfigFolder

from cmdarr.config.diff import ConfigDiff, diff_as_json, diff_as_text, diff_configuration
from cmdarr.config.snapshot import Snapshot
from cmdarr.models.generation import GoodDocument

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def stored(snapshot: Snapshot) -> dict[str, GoodDocument]:
    """Return what config.db keeps of a snapshot."""
    texts = {entry.file: entry.document for entry in snapshot.commands.values()}
    texts["settings.yaml"] = snapshot.settings_document
    return {
        file: GoodDocument(file=file, document=text, digest="", good_since=NOW)
        for file, text in texts.items()
    }


@pytest.fixture(params=["running", "stored"])
def sides(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def compare(before: Snapshot, after: Snapshot, sides: str) -> ConfigDiff:
    return diff_configuration(before if sides == "running" else stored(before), after, now=NOW)


def test_b3_no_change_is_empty(folder: ConfigFolder, sides: str) -> None:
    folder.write("settings.yaml", "web: {port: 9000, password: abcdef}\n")
    folder.write_sync("a", "artist: 2:54")
    before = folder.load()
    folder.write_sync("a", "# the same in other words\nartist: '2:54'")
    difference = compare(before, folder.load(), sides)
    assert difference.is_empty
    assert diff_as_text(difference) == "no changes."
    assert diff_as_json(difference) == {
        "commands": {"added": [], "changed": [], "removed": []},
        "settings": [],
        "restart_only": [],
        "next_runs": [],
    }


def test_b3_commands_settings_restart_keys_and_next_runs(folder: ConfigFolder, sides: str) -> None:
    folder.write("settings.yaml", "log: {level: info}\ntimezone: UTC\n")
    folder.write_sync("stays")
    folder.write_sync("goes", "schedule: '@daily'")
    folder.write_sync("moves", "schedule: 0 1 * * *")
    before = folder.load()
    (folder.path / "commands" / "goes.yaml").unlink()
    folder.write_sync("comes", "schedule: 0 2 * * *")
    folder.write_sync("moves", "schedule: 0 5 * * *")
    folder.write("settings.yaml", "log: {level: debug}\ntimezone: UTC\nweb: {port: 9000}\n")
    difference = compare(before, folder.load(), sides)
    assert not difference.is_empty
    assert diff_as_json(difference) == {
        "commands": {"added": ["comes"], "changed": ["moves"], "removed": ["goes"]},
        "settings": [
            {"key": "log.level", "before": "info", "after": "debug"},
            {"key": "web.port", "before": None, "after": 9000},
        ],
        "restart_only": ["web.port"],
        "next_runs": [
            {"command": "comes", "before": None, "after": "2026-11-23T02:00:00.000Z"},
            {"command": "goes", "before": "2026-11-23T00:00:00.000Z", "after": None},
            {"command": "moves", "before": "2026-11-23T01:00:00.000Z", "after": "2026-11-23T05:00:00.000Z"},
        ],
    }
    assert diff_as_text(difference).splitlines() == [
        "+ command comes",
        "~ command moves",
        "- command goes",
        '~ log.level: "info" → "debug"',
        "~ web.port: (not set) → 9000  (waits for a restart)",
        "  next run of comes: - → 2026-11-23T02:00:00.000Z",
        "  next run of goes: 2026-11-23T00:00:00.000Z → -",
        "  next run of moves: 2026-11-23T01:00:00.000Z → 2026-11-23T05:00:00.000Z",
    ]


def test_the_schedule_and_the_zone_of_the_settings_move_runs(folder: ConfigFolder, sides: str) -> None:
    folder.write("settings.yaml", "schedule: 0 3 * * *\ntimezone: UTC\n")
    folder.write_sync("a")
    before = folder.load()
    folder.write("settings.yaml", "schedule: 0 3 * * *\ntimezone: Asia/Tokyo\n")
    (run,) = compare(before, folder.load(), sides).next_runs
    assert (run.before, run.after) == (
        datetime(2026, 11, 23, 3, tzinfo=UTC),
        datetime(2026, 11, 22, 18, tzinfo=UTC),
    )


@pytest.mark.parametrize("extra", ["enabled: false", "schedule: manual", "expires: 2026-11-23"])
def test_a_command_that_stops_running_has_no_next_run(folder: ConfigFolder, sides: str, extra: str) -> None:
    folder.write_sync("a")
    running = folder.load()
    folder.write_sync("a", extra)
    stopped = folder.load()
    (run,) = compare(running, stopped, sides).next_runs
    assert run.after is None
    (run,) = compare(stopped, running, sides).next_runs
    assert run.before is None


def test_secrets_are_masked_on_both_sides(folder: ConfigFolder, sides: str) -> None:
    folder.environ |= {"ONE": "canary-one", "TWO": "canary-two"}
    folder.write(
        "settings.yaml", "web: {password: '${env:ONE}'}\nservices: {lidarr: {api_key: canary-three}}\n"
    )
    before = folder.load()
    folder.write("settings.yaml", "web: {password: '${env:TWO}'}\n")
    changes = diff_as_json(compare(before, folder.load(), sides))["settings"]
    assert {"key": "web.password", "before": "•••", "after": "•••"} in changes
    assert {"key": "services.lidarr.api_key", "before": "•••", "after": None} in changes
    assert "canary" not in str(changes)


def test_a_plain_secret_that_changed_is_seen_while_running(folder: ConfigFolder) -> None:
    folder.write("settings.yaml", "web: {password: canary-one}\n")
    before = folder.load()
    folder.write("settings.yaml", "web: {password: canary-two}\n")
    (change,) = compare(before, folder.load(), "running").settings
    assert (change.key, change.before, change.after) == ("web.password", "•••", "•••")


def test_a_reference_whose_value_changed_is_seen_while_running(folder: ConfigFolder) -> None:
    folder.environ["LEVEL"] = "info"
    folder.write("settings.yaml", "log: {level: '${env:LEVEL}'}\n")
    folder.write_sync("a", "artist: ${env:LEVEL}")
    before = folder.load()
    folder.environ["LEVEL"] = "debug"
    difference = compare(before, folder.load(), "running")
    assert [change.key for change in difference.settings] == ["log.level"]
    assert difference.changed == ("a",)


def test_an_entry_without_keys_is_a_change(folder: ConfigFolder, sides: str) -> None:
    before = folder.load()
    folder.write("settings.yaml", "services: {folder: {}}\n")
    (change,) = compare(before, folder.load(), sides).settings
    assert (change.key, change.before, change.after) == ("services.folder", None, {})


def test_a_schedule_that_is_a_reference_is_not_guessed_from_the_store(folder: ConfigFolder) -> None:
    folder.environ["WHEN"] = "0 1 * * *"
    folder.write_sync("a", "schedule: ${env:WHEN}")
    snapshot = folder.load()
    assert compare(snapshot, snapshot, "running").is_empty
    assert not compare(snapshot, snapshot, "stored").next_runs
