"""Which table belongs to which database, and what both promise about secrets and the library that they run on."""

import importlib
import json
import pkgutil
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes_storage import open_cache, open_config
from peewee import Model

import cmdarr.storage
from cmdarr.storage.cache_schema import TABLES
from cmdarr.storage.config_store import ConfigStore
from cmdarr.storage.engine_version import sqlite_version
from cmdarr.storage.migrations import EMPTIED

OWN = {"migration", "origin"}  # config.db knows itself by them; no model is needed
SECRET = re.compile(r"secret|password|passwd|token|api_?key|credential|cookie", re.IGNORECASE)


def models() -> dict[str, type[Model]]:
    found = {}
    for module in pkgutil.iter_modules(cmdarr.storage.__path__):
        for value in vars(importlib.import_module(f"cmdarr.storage.{module.name}")).values():
            if isinstance(value, type) and issubclass(value, Model) and value is not Model:
                found[value._meta.table_name] = value
    return found


def tables(path: Path) -> dict[str, list[str]]:
    connection = sqlite3.connect(path)
    try:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
            for name in names
            if not name.startswith("sqlite_")
        }
    finally:
        connection.close()


@pytest.fixture
def config(tmp_path: Path) -> dict[str, list[str]]:
    open_config(tmp_path).close()
    return tables(tmp_path / "config.db")


@pytest.fixture
def cache(tmp_path: Path) -> dict[str, list[str]]:
    open_cache(tmp_path).close()
    return tables(tmp_path / "cache.db")


def test_no_table_is_in_both_databases(config: dict[str, list[str]], cache: dict[str, list[str]]) -> None:
    assert config
    assert cache
    assert not set(config) & set(cache)


def test_every_model_is_a_table_of_one_database_with_its_columns(
    config: dict[str, list[str]], cache: dict[str, list[str]]
) -> None:
    assert {table._meta.table_name for table in TABLES} == set(cache)
    assert set(models()) == (set(config) - OWN) | set(cache)
    for name, model in models().items():
        assert sorted(model._meta.columns) == sorted((config | cache)[name]), name


def test_no_column_is_meant_for_a_secret(config: dict[str, list[str]], cache: dict[str, list[str]]) -> None:
    columns = {column for names in (*config.values(), *cache.values()) for column in names}
    assert [column for column in columns if SECRET.search(column)] == []


def test_emptying_knows_every_table(config: dict[str, list[str]]) -> None:
    assert set(EMPTIED) == set(config) - OWN


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ConfigStore]:
    with open_config(tmp_path) as opened:
        yield opened


def test_connections_come_from_the_standard_library_alone(store: ConfigStore) -> None:
    with store._file.reading() as connection:
        assert type(connection) is sqlite3.Connection
        assert connection is store._file.database.open()
        assert connection.execute("SELECT sqlite_version()").fetchone() == (sqlite_version(),)


def test_the_queries_of_the_history_use_their_indexes(store: ConfigStore) -> None:
    plans = {
        "SELECT id FROM execution WHERE command = 'a' ORDER BY id DESC LIMIT 5": "execution_command",
        "SELECT id FROM execution WHERE status = 'failed' ORDER BY id DESC LIMIT 5": "execution_status",
        "SELECT 1 FROM execution WHERE document_id = 1": "execution_document",
    }
    with store._file.reading() as connection:
        for sql, index in plans.items():
            plan = json.dumps(connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall())
            assert index in plan
            assert "TEMP B-TREE" not in plan
