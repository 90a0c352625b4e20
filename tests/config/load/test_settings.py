"""The settings: defaults, services by type, the time zone, and which keys need a restart."""

from datetime import timedelta
from pathlib import Path

import pytest
from fakes_loading import ConfigFolder, FolderSettings, LidarrSettings

from cmdarr.config.settings import RESTART_ONLY, Settings, restart_only_changes, service_type, value_at
from cmdarr.config.zone import local_zone_name
from cmdarr.errors import NothingFound


def test_y19_an_empty_file_is_a_working_configuration(folder: ConfigFolder) -> None:
    for text in ("", "# nothing yet\n", "---\n", "{}\n", "services:\n"):
        folder.write("settings.yaml", text)
        snapshot = folder.load()
        assert not snapshot.findings, text
        assert snapshot.settings == folder.load().settings
        assert snapshot.settings.schedule == "0 3 * * *"
        assert snapshot.settings.executor.misfire_grace == timedelta(hours=12)


def test_no_file_is_a_working_configuration_too(folder: ConfigFolder) -> None:
    snapshot = folder.load()
    assert not snapshot.findings
    assert snapshot.settings.web.port == 8080


@pytest.mark.parametrize("text", ["- a\n- b\n", "just text\n", "5\n"])
def test_y19_a_list_or_a_scalar_is_refused(folder: ConfigFolder, text: str) -> None:
    folder.write("settings.yaml", text)
    finding = folder.only_finding()
    assert (finding.file, finding.line) == ("settings.yaml", 1)
    assert "mapping" in finding.message


def test_the_settings_of_the_documentation_load(folder: ConfigFolder) -> None:
    folder.write(
        "settings.yaml",
        """\
        # yaml-language-server: $schema=schema/settings.json
        timezone: Asia/Kolkata
        schedule: "0 3 * * *"
        executor: {max_parallel: 2, shutdown_grace: 300s, retry_interrupted: true}
        history: {keep_days: 365, keep_per_command: 500}
        web:
          host: 127.0.0.1
          port: 8080
          username: admin
          password: ${secret:web_password}
          api_key: ${secret:api_key}
        log: {level: info, format: text}
        services:
          folder: {path: config}
          attic: {type: lidarr, url: http://attic:32400, api_key: "${env:LIDARR_API_KEY}"}
        cache: {max_size: 512MB, ttl: {lastfm: 7d, musicbrainz: 30d, library: 30d, failed: 1d}}
        notifications: {urls: ["${secret:ntfy_url}"], on: [failed, recovered, held, unmatched]}
        """,
    )
    folder.write("secrets.yaml", "web_password: one1\napi_key: two2\nntfy_url: https://three\n")
    folder.environ["LIDARR_API_KEY"] = "four"
    snapshot = folder.load()
    assert not snapshot.findings
    settings = snapshot.settings
    assert settings.zone.key == "Asia/Kolkata"
    assert settings.cache.ttl_of("lastfm") == timedelta(days=7)
    assert settings.notifications.urls[0].get_secret_value() == "https://three"
    attic = settings.services["attic"]
    assert isinstance(attic.settings, LidarrSettings)
    assert (attic.name, attic.type, attic.enabled) == ("attic", "lidarr", True)
    assert attic.settings.api_key is not None
    assert attic.settings.api_key.get_secret_value() == "four"


def test_the_type_is_the_name_when_it_is_not_stated(folder: ConfigFolder) -> None:
    folder.write("settings.yaml", "services: {folder: {path: config}, other: {type: folder, path: config}}\n")
    settings = folder.load().settings
    assert (service_type(settings, "folder"), service_type(settings, "other")) == ("folder", "folder")
    assert isinstance(settings.services["other"].settings, FolderSettings)


def test_an_entry_without_keys_has_the_defaults_of_its_type(folder: ConfigFolder) -> None:
    folder.write("settings.yaml", "services:\n  lidarr:\n")
    entry = folder.load().settings.services["lidarr"]
    assert isinstance(entry.settings, LidarrSettings)
    assert entry.settings.url == "http://lidarr:8686"


def test_a_service_that_works_unconfigured_is_there(folder: ConfigFolder) -> None:
    entry = folder.load().settings.services["file"]
    assert (entry.type, entry.is_configured) == ("file", False)
    assert service_type(folder.load().settings, "file") == "file"


def test_any_service_may_be_disabled(folder: ConfigFolder) -> None:
    folder.write("settings.yaml", "services: {lidarr: {enabled: false}}\n")
    assert not folder.load().settings.services["lidarr"].enabled


@pytest.mark.parametrize(
    ("entry", "place", "hint"),
    [
        ("lidar: {}", (2, 3), "did you mean 'lidarr'?"),
        ("attic: {}", (2, 3), "add `type: …`"),
        ("attic: {type: lidar}", (2, 17), "did you mean 'lidarr'?"),
        ("attic: {type: 5}", (2, 17), ""),
    ],
)
def test_an_unknown_type_is_reported_with_the_types(
    folder: ConfigFolder, entry: str, place: tuple[int, int], hint: str
) -> None:
    folder.write("settings.yaml", f"services:\n  {entry}\n")
    finding = folder.only_finding()
    assert finding.code == "unknown_service_type"
    assert (finding.line, finding.column) == place
    assert "file, folder, lidarr" in finding.message
    assert finding.hint == hint


@pytest.mark.parametrize("name", ["a.b", "'a b'", "-x"])
def test_the_name_of_a_service_cannot_break_a_dotted_key(folder: ConfigFolder, name: str) -> None:
    folder.write("settings.yaml", f"services:\n  {name}: {{type: lidarr}}\n")
    assert folder.only_finding().code == "bad_service_name"


def test_a5_an_unknown_key_of_a_service_has_place_and_suggestion(folder: ConfigFolder) -> None:
    folder.write("settings.yaml", "services:\n  lidarr:\n    urll: http://lidarr\n")
    finding = folder.only_finding()
    assert (finding.file, finding.line, finding.column) == ("settings.yaml", 3, 5)
    assert finding.key == "services.lidarr.urll"
    assert "url" in finding.hint


def test_a4_independent_mistakes_are_reported_together_in_file_order(folder: ConfigFolder) -> None:
    folder.write(
        "settings.yaml",
        """\
        timezone: Europe/Berln
        web: {port: 99999}
        services:
          nothing: {}
          lidarr: {retries: "3"}
        logg: {}
        """,
    )
    findings = folder.findings()
    assert [finding.line for finding in findings] == [1, 2, 4, 5, 6]
    assert findings[0].message.count("Europe/Berlin") == 1


def test_the_zone_comes_from_tz_then_from_the_system(tmp_path: Path) -> None:
    localtime = tmp_path / "localtime"
    localtime.symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
    assert local_zone_name({"TZ": "Europe/Paris"}, localtime) == "Europe/Paris"
    assert local_zone_name({"TZ": ":Europe/Paris"}, localtime) == "Europe/Paris"
    assert local_zone_name({"TZ": "nonsense"}, localtime) == "Asia/Tokyo"
    assert local_zone_name({}, localtime) == "Asia/Tokyo"
    assert local_zone_name({}, tmp_path / "none") == "UTC"


def test_without_a_key_the_zone_is_that_of_the_machine(folder: ConfigFolder) -> None:
    assert folder.load().settings.zone.key == "Europe/Berlin"
    assert Settings().zone.key == "UTC"


def test_d6_restart_only_keys_are_listed_by_name() -> None:
    before = Settings()
    after = Settings.model_validate({"web": {"port": 9000}, "log": {"level": "debug"}})
    assert restart_only_changes(before, after) == ("web.port",)
    assert restart_only_changes(before, before) == ()


def test_every_restart_only_key_exists() -> None:
    for key in RESTART_ONLY:
        value_at(Settings(), key)


def test_a_service_that_does_not_exist_is_named() -> None:
    with pytest.raises(NothingFound, match="'plex'"):
        service_type(Settings(), "plex")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "cmdarr.lan"])
def test_an_open_host_needs_a_password(folder: ConfigFolder, host: str) -> None:
    folder.write("settings.yaml", f"web:\n  host: '{host}'\n")
    finding = folder.only_finding()
    assert (finding.line, finding.code, finding.severity) == (2, "password_missing", "error")
    assert "web.password" in finding.message
    folder.write("settings.yaml", f"web:\n  host: '{host}'\n  password: abcdef\n")
    assert not folder.findings()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_a_loopback_host_needs_none(folder: ConfigFolder, host: str) -> None:
    folder.write("settings.yaml", f"web: {{host: '{host}'}}\n")
    assert not folder.findings()
