"""Keys of earlier versions: understood, with a warning that names the new one."""

from dataclasses import replace

import pytest
from fakes_loading import CATALOG, ConfigFolder, FixedClock, SyncOptions

from cmdarr.config.catalog import OldKey
from cmdarr.config.load import Loader

URL = "https://example.org/upgrade"
OLD_KEYS = (
    OldKey(old="web.bind", new="web.host", version="0.5", url=URL),
    OldKey(old="log_level", new="log.level", version="0.5", url=URL),
    OldKey(old="telemetry", version="0.6", url=URL),
    OldKey(kind="sync", old="count", new="limit", version="0.5", url=URL),
)


@pytest.fixture
def renamed(folder: ConfigFolder) -> ConfigFolder:
    catalog = replace(CATALOG, old_keys=OLD_KEYS)
    folder.loader = Loader(catalog, environ=folder.environ, clock=FixedClock())
    return folder


def test_a17_a_renamed_key_is_honoured_and_named_with_its_line(renamed: ConfigFolder) -> None:
    renamed.write("settings.yaml", "web:\n  port: 9000\n  bind: 127.0.0.2\n")
    snapshot = renamed.load()
    (finding,) = snapshot.findings
    assert (finding.line, finding.column, finding.key) == (3, 3, "web.bind")
    assert (finding.severity, finding.code) == ("warning", "old_key")
    assert finding.message == f"`web.bind` was renamed to `web.host` in 0.5; see {URL}."
    assert (snapshot.settings.web.host, snapshot.settings.web.port) == ("127.0.0.2", 9000)


def test_a17_a_key_may_move_into_a_mapping_that_is_not_there_yet(renamed: ConfigFolder) -> None:
    renamed.write("settings.yaml", "log_level: debug\n")
    assert renamed.load().settings.log.level == "debug"


def test_the_new_key_wins_where_both_are_written(renamed: ConfigFolder) -> None:
    renamed.write("settings.yaml", "log_level: debug\nlog: {level: error}\n")
    snapshot = renamed.load()
    assert snapshot.settings.log.level == "error"
    assert [finding.code for finding in snapshot.findings] == ["old_key"]


def test_a17_a_removed_key_has_no_effect_and_says_so(renamed: ConfigFolder) -> None:
    renamed.write("settings.yaml", "telemetry: {a: 1}\n")
    snapshot = renamed.load()
    assert not snapshot.errors
    assert snapshot.findings[0].message == f"`telemetry` was removed in 0.6 and has no effect; see {URL}."


def test_p5_an_old_key_of_a_command_is_reported_without_being_read(renamed: ConfigFolder) -> None:
    renamed.write_sync("a", "count: 3")
    snapshot = renamed.load()
    assert [finding.key for finding in snapshot.findings] == ["count"]
    options = snapshot.commands["a"].options
    assert isinstance(options, SyncOptions)
    assert options.limit == 3


def test_a_key_of_one_kind_is_unknown_in_another(renamed: ConfigFolder) -> None:
    renamed.write("commands/a.yaml", "kind: refresh\ncount: 3\n")
    assert renamed.only_finding().code == "unknown_key"
