"""What only the environment of a legacy install held."""

from pathlib import Path

import pytest
from fakes_importing import Place, all_text
from fakes_legacy import NEW, SPLIT_HOURS, Legacy, execution, secret, setting, sync

from cmdarr.app import App
from cmdarr.errors import NothingFound, UsageError
from cmdarr.legacy.environment import read_environment

ENV = """\
# a comment
export LIDARR_URL = http://lidarr:1  # where it is
LIDARR_API_KEY="canary env # key"
PLEX_TOKEN='canary-plex'
PLEX_URL=http://same:1
TZ=Europe/Berlin
PUID=1000
LIDARR_TIMEOUT=45
LOG_LEVEL=DEBUG
EMPTY=
not a variable
"""
COMPOSE = """\
services:
  db: {image: postgres, environment: {POSTGRES_PASSWORD: x}}
  cmdarr:
    image: deviantengineer/cmdarr:latest
    env_file: .env
    environment:
      - LIDARR_URL=http://${HOST:-lidarr}:1
      - LIDARR_API_KEY=${KEY}
      - PLEX_TOKEN=a$$b
"""


def test_an_env_file_is_read_as_docker_reads_it(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(ENV)
    found = read_environment(path)
    assert found["LIDARR_URL"] == "http://lidarr:1"
    assert found["LIDARR_API_KEY"] == "canary env # key"
    assert (found["PLEX_TOKEN"], found["EMPTY"]) == ("canary-plex", "")
    assert "not a variable" not in found


def test_a_compose_file_gives_the_variables_of_its_cmdarr(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    (tmp_path / ".env").write_text("KEY=from-beside\nLASTFM_API_KEY=k\n")
    assert read_environment(tmp_path / "compose.yaml") == {
        "KEY": "from-beside",
        "LASTFM_API_KEY": "k",
        "LIDARR_URL": "http://lidarr:1",
        "LIDARR_API_KEY": "from-beside",
        "PLEX_TOKEN": "a$b",
    }


def test_a_mapping_in_a_compose_file_is_understood_and_other_services_are_not_read(tmp_path: Path) -> None:
    text = "services: {a: {environment: {LIDARR_URL: 'http://x', ON: true, N: 5, NONE: }}, b: {environment: [X=1]}}"
    (tmp_path / "c.yml").write_text(text)
    assert read_environment(tmp_path / "c.yml") == {"LIDARR_URL": "http://x", "ON": "true", "N": "5"}


def test_what_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NothingFound, match="does not exist"):
        read_environment(tmp_path / "none")
    with pytest.raises(UsageError, match="cannot be read"):
        read_environment(tmp_path)
    (tmp_path / "c.yaml").write_text("just: this")
    with pytest.raises(UsageError, match="no compose file"):
        read_environment(tmp_path / "c.yaml")


def test_what_only_the_environment_had_becomes_a_reference(place: Place, old: Path, tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text(ENV)
    rows = [
        setting("LIDARR_URL", "http://overruled:1", "http://localhost:8686"),
        setting("LIDARR_API_KEY", None, is_sensitive=1),
        setting("PLEX_URL", "http://same:1", "http://localhost:32400"),
        secret("LASTFM_API_KEY", "db-key"),
    ]
    Legacy(settings=rows).write(old, NEW)
    result = place.bring(old, env_file=env)
    settings = place.settings()
    assert settings["timezone"] == "${env:TZ}"
    assert settings["log"] == {"level": "debug"}
    assert settings["services"]["lidarr"] == {
        "url": "${env:LIDARR_URL}", "timeout": "${env:LIDARR_TIMEOUT}s", "api_key": "${env:LIDARR_API_KEY}",
    }  # fmt: skip
    assert settings["services"]["plex"] == {"url": "http://same:1", "token": "${env:PLEX_TOKEN}"}
    assert place.secrets() == {"lastfm_api_key": "db-key"}
    text = all_text(result)
    assert "setting LIDARR_URL: the environment held another value" in text
    assert (
        "variables LIDARR_API_KEY, LIDARR_TIMEOUT, LIDARR_URL, PLEX_TOKEN, TZ: settings.yaml refers to them"
        in text
    )
    assert "canary" not in text
    assert b"canary" not in b"".join(place.files().values())
    app = App(config_dir=place.config, data_dir=place.data, environ=read_environment(env))
    assert app.read_configuration().settings.services["lidarr"].settings.timeout.total_seconds() == 45  # type: ignore[attr-defined]
    assert place.files() == {
        name: data for name, data in place.files().items() if place.bring(old, env_file=env)
    }


def test_the_zone_of_the_environment_beats_the_setting_as_it_did(
    place: Place, old: Path, tmp_path: Path
) -> None:
    env = tmp_path / ".env"
    env.write_text("TZ=Asia/Tokyo\nDEEZER_APP_SECRET=canary\nLASTFM_SIMILAR_COUNT=5\nPUID=1\nUNRELATED=x\n")
    legacy = Legacy(
        settings=[setting("SCHEDULER_TIMEZONE", "Europe/Berlin")],
        commands=[sync(schedule_hours=24)],
        executions=[execution(1)],
    )
    legacy.write(old, SPLIT_HOURS)
    text = all_text(place.bring(old, env_file=env))
    assert place.settings()["timezone"] == "${env:TZ}"
    assert place.commands()["deezer-hits-plex"]["schedule"] == "7 13 * * *"
    assert "setting SCHEDULER_TIMEZONE: `timezone` has a value already" in text
    for name in ("DEEZER_APP_SECRET", "LASTFM_SIMILAR_COUNT", "PUID"):
        assert f"variable {name}:" in text
    assert "UNRELATED" not in text
    assert "canary" not in text


def test_a_password_of_the_environment_stays_there(place: Place, old: Path, tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text(
        "CMDARR_AUTH_PASSWORD=canary-pass\nCMDARR_API_KEY=canary-key\nWEB_HOST=0.0.0.0\nWEB_PORT=8081\n"
    )
    Legacy(settings=[setting("WEB_PORT", "9999", "8080")]).write(old, NEW)
    text = all_text(place.bring(old, env_file=env))
    assert place.settings()["web"] == {
        "host": "${env:WEB_HOST}", "port": "${env:WEB_PORT}", "password": "${env:CMDARR_AUTH_PASSWORD}",
        "api_key": "${env:CMDARR_API_KEY}",
    }  # fmt: skip
    assert "canary" not in text


def test_of_two_lives_of_a_library_one_may_stand_in_the_environment(
    place: Place, old: Path, tmp_path: Path
) -> None:
    env = tmp_path / ".env"
    env.write_text("LIBRARY_CACHE_PLEX_TTL_DAYS=9\n")
    rows = [
        setting("LIBRARY_CACHE_PLEX_TTL_DAYS", "30", "30"),
        setting("LIBRARY_CACHE_JELLYFIN_TTL_DAYS", "4", "30"),
    ]
    Legacy(settings=rows).write(old, NEW)
    text = all_text(place.bring(old, env_file=env))
    assert place.settings() == {"cache": {"ttl": {"library": "${env:LIBRARY_CACHE_PLEX_TTL_DAYS}d"}}}
    assert "setting LIBRARY_CACHE_JELLYFIN_TTL_DAYS: `cache.ttl.library` has a value already" in text


def test_an_address_for_all_without_a_password_becomes_a_comment(
    place: Place, old: Path, tmp_path: Path
) -> None:
    env = tmp_path / ".env"
    env.write_text("WEB_HOST=0.0.0.0\n")
    Legacy().write(old, NEW)
    text = all_text(place.bring(old, env_file=env))
    place.load()
    assert "key web.host → settings.yaml: it stands as a comment" in text
