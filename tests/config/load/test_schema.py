"""The JSON Schemas: draft 7, and of one mind with the loader."""

import json
from typing import Any

import pytest
from fakes_loading import CATALOG, ConfigFolder
from jsonschema import Draft7Validator

from cmdarr.config.document import parse_document
from cmdarr.config.schema import COMMAND_SCHEMA, SETTINGS_SCHEMA, schema_text, schemas, write_schemas

SCHEMAS = schemas(CATALOG)
FROM_2020 = {"$defs", "prefixItems", "dependentRequired", "unevaluatedProperties", "$dynamicRef"}


def is_valid(name: str, text: str) -> bool:
    validator: Any = Draft7Validator(SCHEMAS[name])
    value = parse_document("x.yaml", text.encode()).value
    return bool(validator.is_valid(json.loads(json.dumps(value))))


def keywords(schema: object) -> set[str]:
    if isinstance(schema, dict):
        return {str(key) for key in schema} | {word for each in schema.values() for word in keywords(each)}
    return {word for each in schema for word in keywords(each)} if isinstance(schema, list) else set()


@pytest.mark.parametrize("name", [SETTINGS_SCHEMA, COMMAND_SCHEMA])
def test_e1_the_schemas_are_draft_7(name: str) -> None:
    Draft7Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert not keywords(SCHEMAS[name]) & FROM_2020


@pytest.mark.parametrize("name", [SETTINGS_SCHEMA, COMMAND_SCHEMA])
def test_every_reference_within_a_schema_leads_somewhere(name: str) -> None:
    text = json.dumps(SCHEMAS[name])
    targets = {part.split('"')[0] for part in text.split('"#/definitions/')[1:]}
    assert targets <= SCHEMAS[name]["definitions"].keys()


SETTINGS = [
    "{}",
    "services:",
    "timezone: Europe/Berlin\nweb: {port: 8080, password: '${secret:x}'}",
    "web: {port: '${env:PORT}', public_metrics: '${env:FLAG:-true}'}",
    "executor: {shutdown_grace: 300s}\ncache: {max_size: 512MB, ttl: {library: 30d, lidarr: '${env:TTL}'}}",
    "services: {lidarr: {url: 'http://x', retries: 3}, folder: {path: a, enabled: false}}",
    "services: {lidarr: , attic: {type: folder, path: config}}",
    "services: {lidarr: {type: folder, path: a}}",
    "x-anchors: {a: 1}\nschedule: '@daily'",
    "notifications: {urls: ['${secret:ntfy}'], on: [failed, held]}",
]
BAD_SETTINGS = [
    "webb: {}",
    "web: {port: '80'}",
    "web: {port: 70000}",
    "web: {public_metrics: 'on'}",
    "executor: {shutdown_grace: 300}",
    "cache: {max_size: lots}",
    "log: {level: loud}",
    "services: {attic: {path: a}}",
    "services: {attic: {type: nothing}}",
    "services: {lidarr: {urll: 'http://x'}}",
    "services: {lidarr: {type: folder, url: 'http://x'}}",
    "services: {attic: {type: folder, url: 'http://x'}}",
    "notifications: {on: [sometimes]}",
]
SYNC = "kind: sync\nsource: {service: file, playlist: a}\n"
COMMANDS = [
    SYNC,
    SYNC + "limit: 5\nmode: append\nexpires: '2027-01-31'\ntime_limit: 30m",
    SYNC + "limit: '${env:LIMIT}'\nenabled: '${env:ON:-true}'\nmode: '${env:MODE}'",
    SYNC + "targets: [{server: a, title: b}]\nx-note: free",
    SYNC + "schedule: 0 */6 * * *\nnotify: [failed]",
    "kind: refresh",
    "kind: radio_station\nwhatever: 1",
]
BAD_COMMANDS = [
    "{}",
    "kind: nothing",
    "kind: sync",
    SYNC + "limit: five",
    SYNC + "mode: sideways",
    SYNC + "tagets: []",
    SYNC + "targets: [{servr: a}]",
    SYNC + "time_limit: 30",
    SYNC + "enabled: maybe",
    "kind: refresh\nsource: {}",
]


@pytest.mark.parametrize("text", SETTINGS)
def test_a10_what_loads_is_valid_in_the_editor(folder: ConfigFolder, text: str) -> None:
    folder.environ |= {"PORT": "1", "FLAG": "false", "TTL": "1d"}
    folder.write("secrets.yaml", "x: abc\nntfy: abc\n")
    folder.write("settings.yaml", text)
    assert not folder.load().errors
    assert is_valid(SETTINGS_SCHEMA, text)


@pytest.mark.parametrize("text", BAD_SETTINGS)
def test_what_does_not_load_is_invalid_in_the_editor(folder: ConfigFolder, text: str) -> None:
    folder.write("settings.yaml", text)
    assert folder.load().errors
    assert not is_valid(SETTINGS_SCHEMA, text)


@pytest.mark.parametrize("text", COMMANDS)
def test_a10_a_command_that_loads_is_valid_in_the_editor(folder: ConfigFolder, text: str) -> None:
    folder.environ |= {"LIMIT": "1", "ON": "true", "MODE": "append"}
    folder.write("settings.yaml", "services: {a: {type: folder, path: config}}\n")
    folder.write("commands/x.yaml", text)
    assert not folder.load().errors
    assert is_valid(COMMAND_SCHEMA, text)


@pytest.mark.parametrize("text", BAD_COMMANDS)
def test_a_command_that_does_not_load_is_invalid_in_the_editor(folder: ConfigFolder, text: str) -> None:
    folder.write("commands/x.yaml", text)
    assert folder.load().errors
    assert not is_valid(COMMAND_SCHEMA, text)


def test_p6_secrets_are_passwords_in_the_schema() -> None:
    password = SCHEMAS[SETTINGS_SCHEMA]["definitions"]["WebSettings"]["properties"]["password"]
    assert "password" in json.dumps(password)
    api_key = SCHEMAS[SETTINGS_SCHEMA]["definitions"]["service_lidarr"]["properties"]["api_key"]
    assert '"format": "password"' in json.dumps(api_key)


def test_the_meaning_of_each_key_is_in_the_schema() -> None:
    properties = SCHEMAS[SETTINGS_SCHEMA]["definitions"]["WebSettings"]["properties"]
    assert all(each.get("description") for each in properties.values())
    for each in SCHEMAS[SETTINGS_SCHEMA]["properties"].values():
        below = SCHEMAS[SETTINGS_SCHEMA]["definitions"].get(each.get("$ref", "").rpartition("/")[2], {})
        assert each.get("description") or below.get("description")
    kind = SCHEMAS[COMMAND_SCHEMA]["definitions"]["kind_sync"]
    assert kind["properties"]["limit"]["description"] == "How many tracks at most."
    assert kind["properties"]["limit"]["default"] == 10


def test_writing_touches_only_what_changed(folder: ConfigFolder) -> None:
    written = write_schemas(SCHEMAS, folder.path)
    assert [path.name for path in written] == [SETTINGS_SCHEMA, COMMAND_SCHEMA]
    assert not write_schemas(SCHEMAS, folder.path)
    (folder.path / "schema" / COMMAND_SCHEMA).write_text("{}")
    assert [path.name for path in write_schemas(SCHEMAS, folder.path)] == [COMMAND_SCHEMA]
    assert (folder.path / "schema" / COMMAND_SCHEMA).read_text() == schema_text(SCHEMAS[COMMAND_SCHEMA])


def test_the_same_models_give_the_same_text() -> None:
    assert schemas(CATALOG) == SCHEMAS
    assert list(map(schema_text, schemas(CATALOG).values())) == list(map(schema_text, SCHEMAS.values()))
