"""The program over two folders: what it builds, when, and what it says of a service."""

from pathlib import Path

import pytest

from cmdarr.app import App
from cmdarr.errors import ConfigError, NothingFound

SETTINGS = """\
cache: {max_size: 7MB}
services:
  files: {path: music}
  off: {type: files, path: music, enabled: false}
  lidarr: {url: "http://lidarr:8686", api_key: x}
"""


@pytest.fixture
def app(tmp_path: Path) -> App:
    (tmp_path / "config").mkdir()
    (tmp_path / "config/settings.yaml").write_text(SETTINGS)
    return App(config_dir=tmp_path / "config", data_dir=tmp_path / "data", environ={})


@pytest.mark.parametrize(
    ("name", "error", "text"),
    [
        ("nobody", NothingFound, "add it under `services:`"),
        ("off", NothingFound, "`services.off.enabled`"),
        ("lidarr", NothingFound, "'lidarr' is no music server"),
        ("file", NothingFound, "name one of files."),
    ],
)
def test_a_server_that_cannot_be_used_says_why(
    app: App, name: str, error: type[Exception], text: str
) -> None:
    services = app.services(app.valid_settings())
    with pytest.raises(error, match=text):
        services.server(name)
    assert services.server_names() == ("files",)
    assert services.server("files") is services.server("files")


def test_a_source_that_is_none_says_so(app: App) -> None:
    with pytest.raises(NothingFound, match="'files' is no playlist source"):
        app.services(app.valid_settings()).source("files")


def test_the_cache_gets_the_size_of_the_settings(app: App) -> None:
    app.valid_settings()
    with app.cache as cache:
        assert cache.answers._max_bytes == 7_000_000
    app.close()


def test_broken_settings_are_refused_with_their_findings(app: App) -> None:
    (app.config_dir / "settings.yaml").write_text("webb: {}\n")
    with pytest.raises(ConfigError) as caught:
        app.valid_settings()
    assert [finding.key for finding in caught.value.findings] == ["webb"]


def test_it_closes_what_it_opened_and_opens_it_again(app: App) -> None:
    assert app.store_if_present() is None
    app.store.history.recent()
    app.close()
    app.close()
    assert app.store_if_present() is not None
    app.close()
