"""Legacy settings as settings.yaml and secrets.yaml."""

from pathlib import Path

import pytest
from fakes_importing import LaterApp, Place, all_text, texts_of
from fakes_legacy import NEW, OLD, Legacy, Row, secret, setting, sync
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.legacy.report import Fate
from cmdarr.legacy.settings_table import RULES

LIDARR = [setting("LIDARR_URL", "http://l:1", "http://localhost:8686"), secret("LIDARR_API_KEY", "k-lidarr")]


def bring(place: Place, old: Path, *rows: Row, commands: list[Row] | None = None) -> str:
    Legacy(settings=rows, commands=commands or []).write(old, NEW)
    result = place.bring(old)
    place.load()
    return all_text(result)


@pytest.mark.parametrize(
    ("row", "place_of_it", "value"),
    [
        (setting("LOG_LEVEL", "WARNING", "INFO"), "log.level", "warning"),
        (setting("LOG_LEVEL", "CRITICAL", "INFO"), "log.level", "error"),
        (setting("SCHEDULER_TIMEZONE", "Europe/Berlin"), "timezone", "Europe/Berlin"),
        (setting("DEFAULT_SCHEDULE_CRON", "0 4 * * * 7", "0 3 * * *"), "schedule", "0 4 * * *"),
        (setting("MAX_PARALLEL_COMMANDS", "5", "1", "int"), "executor.max_parallel", 5),
        (setting("MAX_PARALLEL_COMMANDS", "5.0", "1", "int"), "executor.max_parallel", 5),
        (setting("SHUTDOWN_GRACEFUL_TIMEOUT_SECONDS", "90", "300", "int"), "executor.shutdown_grace", "1m30s"),
        (setting("RESTART_RETRY_ENABLED", "off", "true", "bool"), "executor.retry_interrupted", False),
        (setting("COMMAND_CLEANUP_RETENTION", "80", "50", "int"), "history.keep_per_command", 80),
        (setting("CMDARR_AUTH_USERNAME", "alice", is_sensitive=1), "web.username", "alice"),
        (setting("CACHE_LASTFM_TTL_DAYS", "9", "7", "int"), "cache.ttl.lastfm", "9d"),
        (setting("CACHE_FAILED_LOOKUP_TTL_DAYS", "3", "1", "int"), "cache.ttl.failed", "3d"),
    ],
)  # fmt: skip
def test_a_chosen_setting_gets_its_place(
    place: Place, old: Path, row: Row, place_of_it: str, value: object
) -> None:
    bring(place, old, row)
    found = place.settings()
    for step in place_of_it.split("."):
        found = found[step]
    assert found == value


def test_services_get_url_secret_and_what_differs(place: Place, old: Path) -> None:
    text = bring(
        place, old, *LIDARR, setting("LIDARR_TIMEOUT", "45", "30", "int"),
        setting("LIDARR_IGNORE_TLS", "true", "false", "bool"),
    )  # fmt: skip
    assert place.settings()["services"]["lidarr"] == {
        "url": "http://l:1", "timeout": "45s", "verify": False, "api_key": "${secret:lidarr_api_key}",
    }  # fmt: skip
    assert place.secrets() == {"lidarr_api_key": "k-lidarr"}
    assert place.mode("secrets.yaml") == 0o600
    assert place.text(".gitignore") == "secrets.yaml\n"
    assert "k-lidarr" not in text


def test_the_keys_of_a_service_stand_in_the_order_of_its_model(place: Place, old: Path) -> None:
    bring(place, old, secret("PLEX_TOKEN", "tok-plex"), setting("PLEX_TIMEOUT", "9", "30"), *LIDARR)
    lines = [line.strip().partition(":")[0] for line in place.text("settings.yaml").splitlines()]
    assert lines[2:] == ["services", "lidarr", "url", "api_key", "plex", "url", "timeout", "token"]
    assert lines[0].startswith("# yaml-language-server")
    assert place.text("settings.yaml").startswith(
        "# yaml-language-server: $schema=schema/settings.json\n# Imported"
    )
    assert (place.config / "schema/settings.json").exists()


@pytest.mark.parametrize(
    "row",
    [
        setting("LOG_LEVEL", "INFO", "INFO"), setting("LOG_LEVEL", None, "INFO"), setting("LOG_LEVEL", "", "INFO"),
        setting("LOG_LEVEL", "None", "INFO"), setting("MAX_PARALLEL_COMMANDS", "2", "3", "int"),
        setting("CACHE_MUSICBRAINZ_TTL_DAYS", "30", "7", "int"), setting("PLEX_TOKEN", "", ""),
        setting("SPOTIFY_API_CACHE", "null", "{}", "json"), setting("CMDARR_AUTH_USERNAME", "admin", ""),
    ],
)  # fmt: skip
def test_what_was_not_chosen_or_is_the_default_today_is_not_written(
    place: Place, old: Path, row: Row
) -> None:
    text = bring(place, old, row)
    assert place.settings() is None
    assert f"setting {row['key']}" in text


@pytest.mark.parametrize(
    "row",
    [
        setting("MAX_PARALLEL_COMMANDS", "many", "1", "int"), setting("MAX_PARALLEL_COMMANDS", "900", "1", "int"),
        setting("LOG_LEVEL", "LOUD", "INFO"), setting("RESTART_RETRY_ENABLED", "perhaps", "true", "bool"),
        setting("DEFAULT_SCHEDULE_CRON", "at night", "0 3 * * *"), setting("CACHE_LASTFM_TTL_DAYS", "-1", "7"),
        setting("SCHEDULER_TIMEZONE", "Middle/Earth"), setting("CACHE_LASTFM_TTL_DAYS", "nan", "7"),
        setting("CACHE_LASTFM_TTL_DAYS", "1e400", "7"), setting("MAX_PARALLEL_COMMANDS", "9" * 5000, "1"),
    ],
)  # fmt: skip
def test_rubbish_is_left_out_and_named(place: Place, old: Path, row: Row) -> None:
    Legacy(settings=[row, *LIDARR]).write(old, NEW)
    result = place.bring(old)
    place.load()
    assert any(str(row["key"]) in text or "timezone" in text for text in texts_of(result, Fate.NEEDS_YOU))
    assert place.settings()["services"]["lidarr"]["url"] == "http://l:1"


def test_a_service_that_lacks_what_it_needs_becomes_a_comment_and_its_commands_are_disabled(
    place: Place, old: Path
) -> None:
    text = bring(place, old, setting("PLEX_URL", "http://p:1", "x"), commands=[sync()])
    assert "key services.plex → settings.yaml: it stands as a comment" in text
    assert "# services:\n#   plex:\n#     url: http://p:1\n" in place.text("settings.yaml")
    assert place.commands()["deezer-hits-plex"]["enabled"] is False


def test_a_service_of_a_later_version_becomes_a_comment_and_keeps_its_secret(place: Place, old: Path) -> None:
    bring(place, old, secret("SPOTIFY_CLIENT_ID", "id-1"), secret("SPOTIFY_CLIENT_SECRET", "canary-spotify"))
    assert '#   spotify:\n#     client_id: "${secret:spotify_client_id}"' in place.text("settings.yaml")
    assert place.secrets() == {"spotify_client_id": "id-1", "spotify_client_secret": "canary-spotify"}


def test_a_service_of_which_nothing_is_left_is_not_written(place: Place, old: Path) -> None:
    place.version = LaterApp
    bring(place, old, setting("ARTIST_EVENTS_DEEZER_ENABLED", "true", "false", "bool"), *LIDARR)
    assert list(place.settings()["services"]) == ["lidarr"]
    assert "#   deezer:\n#     events: true" in place.text("settings.yaml")


def test_a_secret_that_stands_in_an_address_goes_to_the_secrets(place: Place, old: Path) -> None:
    row = setting("LIDARR_URL", "http://me:canary-pass@l:1", "x")
    text = bring(place, old, row, secret("LIDARR_API_KEY", "canary-k"))
    assert place.settings()["services"]["lidarr"]["url"] == "${secret:lidarr_url}"
    assert "canary" not in text + place.text("settings.yaml")


def test_of_two_lives_of_a_library_the_shorter_counts_and_both_are_named(place: Place, old: Path) -> None:
    rows = [
        setting(f"LIBRARY_CACHE_{name}_TTL_DAYS", days, "30")
        for name, days in (("PLEX", "9"), ("JELLYFIN", "4"))
    ]
    text = bring(place, old, *rows)
    assert place.settings() == {"cache": {"ttl": {"library": "4d"}}}
    assert text.count("cache.ttl.library") == 2


def test_former_names_count_where_the_later_one_says_nothing(place: Place, old: Path) -> None:
    rows = [
        secret("PLEX_TOKEN", "t-plex"),
        setting("LIBRARY_CACHE_PLEX_LIBRARY_NAME", "Music"),
        setting("PLEX_LIBRARY_NAME", None),
        setting("LIBRARY_CACHE_JELLYFIN_LIBRARY_NAME", "Old"),
        setting("JELLYFIN_LIBRARY_NAME", "New"),
        secret("JELLYFIN_TOKEN", "t-jelly"),
    ]
    text = bring(place, old, *rows)
    assert "setting LIBRARY_CACHE_JELLYFIN_LIBRARY_NAME: JELLYFIN_LIBRARY_NAME counts" in text
    assert "setting PLEX_LIBRARY_NAME: LIBRARY_CACHE_PLEX_LIBRARY_NAME counts" in text
    services = place.settings()["services"]
    assert services["plex"]["library"] == "Music"
    assert services["jellyfin"]["library"] == "New"


def test_a_hash_cannot_come_over_and_the_user_is_told(place: Place, old: Path) -> None:
    text = bring(place, old, secret("CMDARR_AUTH_PASSWORD_HASH", "$2b$12$canary"), *LIDARR)
    assert "set a new `web.password`" in text
    assert b"canary" not in b"".join(place.files().values())


def test_a_custom_secret_is_neither_carried_over_nor_shown(place: Place, old: Path) -> None:
    names = ["SPOTIFY_USER_REFRESH_TOKEN", "MY_ARL", "SOME_COOKIE", "X_HASH"]
    rows = [setting(name, f"canary-{name}", f"canary-{name}", category="custom") for name in names]
    text = bring(place, old, *rows)
    assert all(f"setting {name}" in text for name in names)
    assert "canary" not in text
    assert b"canary" not in b"".join(place.files().values())


def test_a_name_or_number_that_is_no_secret_does_not_mask_ordinary_texts(place: Place, old: Path) -> None:
    rows = [
        setting("CMDARR_AUTH_USERNAME", "alice", is_sensitive=1),
        setting("PLEX_LIBRARY_KEY", "12345", is_hidden=1),
    ]
    bring(place, old, *rows, commands=[sync(description="alice likes 12345")])
    assert place.commands()["deezer-hits-plex"]["description"] == "alice likes 12345"


def test_dead_settings_that_work_now_say_so(place: Place, old: Path) -> None:
    text = bring(
        place, old, secret("JELLYFIN_TOKEN", "t-jelly"), setting("JELLYFIN_TIMEOUT", "5", "30"),
        setting("WEB_PORT", "9999", "8080"),
    )  # fmt: skip
    assert "services.jellyfin.timeout: it had no effect before, and takes effect now" in text
    assert "setting WEB_PORT: in the database it had no effect" in text
    assert "web" not in place.settings()


def test_musicbrainz_that_was_switched_off_stays_off(place: Place, old: Path) -> None:
    rows = [setting("MUSICBRAINZ_CONTACT", "me@x.org", "-"), setting("MUSICBRAINZ_ENABLED", "false", "true")]
    bring(place, old, *rows)
    assert place.settings()["services"]["musicbrainz"] == {"contact": "me@x.org", "enabled": False}


def test_every_setting_is_told_of(place: Place, old: Path) -> None:
    rows = [setting(key, "1", "0") for key in RULES] + [setting("UNHEARD_OF", "1", "0")]
    text = bring(place, old, *rows)
    for key in [*RULES, "UNHEARD_OF"]:
        assert f"setting {key}" in text, key


def test_a_list_that_python_wrote_is_read(place: Place, old: Path) -> None:
    bring(place, old, setting("CMDARR_AUTH_USERNAME", "['a', 'b']"))
    assert place.settings() == {"web": {"username": "a, b"}}


ANY = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@settings(deadline=None, max_examples=12)
@given(st.fixed_dictionaries(dict.fromkeys(RULES, ANY)))
def test_any_text_in_every_setting_gives_a_configuration_that_loads(
    tmp_path_factory: pytest.TempPathFactory, texts: dict[str, str]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    place = Place(folder / "new")
    Legacy(settings=[setting(key, text, "-") for key, text in texts.items()]).write(folder / "old", OLD)
    result = place.bring(folder / "old")
    place.load()
    assert all(f"setting {key}" in all_text(result) for key in RULES)
    kept = place.secrets() if (place.config / "secrets.yaml").exists() else {}
    assert all(kept[name] == texts[name.upper()].strip() for name in kept)
