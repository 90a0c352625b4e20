"""The first start beside a legacy install."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cmdarr.app.first_start import refuse_second_life
from cmdarr.errors import NothingFound


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    data.mkdir()
    return data


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config"


def write_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE config_settings (key)")


@pytest.mark.parametrize("name", ["cmdarr.db", "cmdarr_config.db"])
def test_a_start_with_nothing_but_a_legacy_database_is_refused_with_the_one_command(
    config: Path, data: Path, name: str
) -> None:
    write_database(data / name)
    with pytest.raises(NothingFound) as refused:
        refuse_second_life(config, data)
    assert f"`cmdarr --config-dir {config} --data-dir {data} import {data}`" in str(refused.value)
    (config / "commands").mkdir(parents=True)
    (config / "schema").mkdir()
    with pytest.raises(NothingFound):
        refuse_second_life(config, data)


@pytest.mark.parametrize("name", ["settings.yaml", "commands/x.yaml", "secrets.yaml"])
def test_a_configuration_of_ones_own_starts_beside_a_legacy_database(
    config: Path, data: Path, name: str
) -> None:
    write_database(data / "cmdarr.db")
    (config / name).parent.mkdir(parents=True)
    (config / name).touch()
    refuse_second_life(config, data)


def test_an_import_that_was_cut_off_is_completed_instead(config: Path, data: Path) -> None:
    write_database(data / "cmdarr.db")
    (data / "restore").mkdir()
    refuse_second_life(config, data)


def test_what_is_no_legacy_database_hinders_nothing(config: Path, data: Path) -> None:
    refuse_second_life(config, data)
    (data / "cmdarr.db").touch()
    refuse_second_life(config, data)
    (data / "cmdarr.db").write_text("a note")
    refuse_second_life(config, data)
    refuse_second_life(config, data / "missing")
