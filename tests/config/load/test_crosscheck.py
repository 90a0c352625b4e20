"""What no file can know alone."""

import pytest
from fakes_loading import ConfigFolder

from cmdarr.config.snapshot import CommandState


@pytest.fixture
def servers(folder: ConfigFolder) -> ConfigFolder:
    folder.write(
        "settings.yaml",
        """\
        services:
          attic: {type: folder, path: config}
          cellar: {type: folder, path: config, enabled: false}
          lidarr: {}
        """,
    )
    return folder


def test_the_references_of_a_command_are_checked_whatever_else_is_wrong_with_it(
    servers: ConfigFolder,
) -> None:
    servers.write(
        "commands/x.yaml",
        """\
        kind: sync
        source: {service: nowhere, playlist: p}
        targets:
          - {server: atic, titel: T}
          - 5
        mode: miror
        """,
    )
    found = [(finding.line, finding.code) for finding in servers.load().errors]
    assert found == [
        (2, "unknown_service"),
        (4, "unknown_service"),
        (4, "unknown_key"),
        (5, "wrong_type"),
        (6, "wrong_value"),
    ]


def test_b17_an_unknown_service_is_found_offline(servers: ConfigFolder) -> None:
    servers.write_sync("a", "targets:\n  - {server: atic}\n")
    finding = servers.only_finding()
    assert (finding.file, finding.line, finding.column, finding.key) == (
        "commands/a.yaml",
        4,
        14,
        "targets.0.server",
    )
    assert finding.message == "settings.yaml has no service 'atic'."
    assert finding.hint == "did you mean 'attic'?"
    assert servers.load().commands["a"].state is CommandState.BROKEN


def test_only_services_that_fit_are_suggested(servers: ConfigFolder) -> None:
    servers.write("commands/a.yaml", "kind: sync\nsource: {service: fil, playlist: x}\n")
    assert servers.only_finding().hint == "did you mean 'file'?"


def test_a_service_that_is_nothing_like_any_is_to_be_added(servers: ConfigFolder) -> None:
    servers.write_sync("a", "targets: [{server: qqqqqq}]")
    assert servers.only_finding().hint == "add `qqqqqq` under `services` in settings.yaml"


def test_b17_a_disabled_service_is_named_with_both_places(servers: ConfigFolder) -> None:
    servers.write_sync("a", "targets: [{server: cellar}]")
    finding = servers.only_finding()
    assert (finding.file, finding.line) == ("commands/a.yaml", 3)
    assert finding.message == "the service 'cellar' is disabled at settings.yaml:3."


def test_a_service_that_cannot_do_it_is_named_with_both_places(servers: ConfigFolder) -> None:
    servers.write_sync("a", "targets: [{server: lidarr}]")
    finding = servers.only_finding()
    assert finding.message == "the service 'lidarr' (type lidarr at settings.yaml:4) cannot hold playlists."
    assert finding.hint == "able are attic, cellar"


def test_an_unconfigured_service_has_no_place(servers: ConfigFolder) -> None:
    servers.write_sync("a", "targets: [{server: file}]")
    assert servers.only_finding().message == "the service 'file' (type file) cannot hold playlists."


def test_b17_a_playlist_written_twice_is_named_in_both(servers: ConfigFolder) -> None:
    servers.write_sync("a", "targets: [{server: attic, title: Hits}]")
    servers.write_sync("b", "targets:\n  - {server: attic, title: Hits}\n")
    findings = servers.findings()
    assert [(finding.file, finding.line, finding.severity) for finding in findings] == [
        ("commands/a.yaml", 3, "warning"),
        ("commands/b.yaml", 4, "warning"),
    ]
    assert "commands/b.yaml:4" in findings[0].message
    assert "commands/a.yaml:3" in findings[1].message
    assert servers.load().commands["a"].state is CommandState.OK


def test_the_same_title_of_another_user_or_server_is_fine(servers: ConfigFolder) -> None:
    servers.write_sync("a", "targets: [{server: attic, title: Hits}]")
    servers.write_sync("b", "targets: [{server: attic, title: Hits, user: bob}]")
    assert not servers.findings()


def test_b17_a_schedule_that_never_fires_is_an_error(servers: ConfigFolder) -> None:
    servers.write_sync("a", "schedule: 0 0 30 2 *")
    finding = servers.only_finding()
    assert (finding.key, finding.line) == ("schedule", 3)
    assert "never" in finding.message


def test_a_service_says_what_is_wrong_with_its_settings(folder: ConfigFolder) -> None:
    folder.write("settings.yaml", "services:\n  folder:\n    path: nowhere\n")
    finding = folder.only_finding()
    assert (finding.line, finding.key, finding.severity) == (3, "services.folder.path", "warning")
    assert finding.message == "nowhere does not exist."


def test_a_disabled_service_is_not_looked_at(folder: ConfigFolder) -> None:
    folder.write("settings.yaml", "services: {folder: {path: nowhere, enabled: false}}\n")
    assert not folder.findings()


def test_a_ttl_of_nobody_has_no_effect_and_says_so(servers: ConfigFolder) -> None:
    servers.write("settings.yaml", "cache: {ttl: {lidar: 1d, lidarr: 1d, library: 2d}}\n")
    finding = servers.only_finding()
    assert (finding.key, finding.severity) == ("cache.ttl.lidar", "warning")
    assert finding.hint == "did you mean 'lidarr'?"


def test_a_pin_for_an_unknown_server_has_no_effect_and_says_so(servers: ConfigFolder) -> None:
    servers.write("pins.yaml", "- {artist: A, title: B, match: {server: atic, artist: C, title: D}}\n")
    finding = servers.only_finding()
    assert (finding.file, finding.severity, finding.hint) == ("pins.yaml", "warning", "did you mean 'attic'?")


def test_a_change_of_the_settings_breaks_and_heals_commands(servers: ConfigFolder) -> None:
    servers.write_sync("a", "targets: [{server: attic}]")
    assert servers.load().commands["a"].state is CommandState.OK
    before = (servers.path / "settings.yaml").read_text()
    servers.write("settings.yaml", "")
    assert servers.load().commands["a"].state is CommandState.BROKEN
    servers.write("settings.yaml", before)
    assert servers.load().commands["a"].state is CommandState.OK


@pytest.mark.parametrize("server", ["atic", "cellar", "lidarr"])
def test_a_disabled_command_may_name_a_service_that_cannot_serve_it_yet(
    servers: ConfigFolder, server: str
) -> None:
    servers.write_sync("a", f"enabled: false\ntargets: [{{server: {server}}}]")
    (finding,) = [found for found in servers.load().findings if found.key == "targets.0.server"]
    assert finding.severity == "warning"
    assert servers.load().commands["a"].state is CommandState.OK
    servers.write_sync("a", f"enabled: true\ntargets: [{{server: {server}}}]")
    assert [found.severity for found in servers.load().findings if found.key == "targets.0.server"] == [
        "error"
    ]
