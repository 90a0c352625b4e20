"""What is generated is committed as it is generated, and leaves nothing out."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from fakes_docs import DOCS, REPOSITORY, load_script, text_of
from jsonschema import Draft7Validator

from cmdarr.app import App
from cmdarr.cli.main import VERBS, cmdarr
from cmdarr.config.document import codes
from cmdarr.config.schema import FOLDER, schema_text, schemas
from cmdarr.config.settings import Settings
from cmdarr.errors import CmdarrError

GENERATE = load_script("generate")
WRITE_AGAIN = "run `make schema`"
APP = App(config_dir=REPOSITORY / "config", data_dir=REPOSITORY / "data", environ={})
SCHEMAS = schemas(APP.catalog)


@pytest.mark.parametrize("name", GENERATE.pages())
def test_a_generated_page_is_what_is_committed(name: str) -> None:
    assert text_of(DOCS / name) == GENERATE.pages()[name], WRITE_AGAIN


def test_a10_the_committed_schemas_are_those_of_the_models() -> None:
    folder = REPOSITORY / "config" / FOLDER
    committed = {path.name: text_of(path) for path in folder.iterdir()}
    assert committed == {name: schema_text(schema) for name, schema in SCHEMAS.items()}, WRITE_AGAIN


def mappings(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield every schema within a schema that has keys."""
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for inner in schema.values():
            yield from mappings(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from mappings(inner)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_default_that_an_editor_offers_is_a_valid_value(name: str) -> None:
    document = SCHEMAS[name]
    defaults = [
        (key, inner)
        for mapping in mappings(document)
        for key, inner in mapping["properties"].items()
        if isinstance(inner, dict) and inner.get("default") is not None
    ]
    assert len(defaults) > 5
    for key, inner in defaults:
        schema = inner | {"definitions": document["definitions"]}
        problems = list(Draft7Validator(schema).iter_errors(inner["default"]))
        assert not problems, (key, inner["default"])


def verbs(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    yield " ".join(("cmdarr", *path)), command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from verbs(below, (*path, name))


ALL_VERBS = dict(verbs(cmdarr))


@pytest.mark.parametrize("title", ALL_VERBS)
def test_every_verb_and_option_is_in_the_reference_and_explained(title: str) -> None:
    page = text_of(DOCS / "reference/cli.md")
    section = re.split(r"\n#+ ", page.partition(f"# {title}\n")[2])[0]
    assert ALL_VERBS[title].help
    for parameter in ALL_VERBS[title].params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name
            for spelling in parameter.opts:
                assert f"{spelling}" in section, spelling


def test_the_help_of_every_verb_fits_into_one_line() -> None:
    context = click.Context(cmdarr)
    for name in VERBS:
        command = cmdarr.get_command(context, name)
        assert command is not None
        assert not command.get_short_help_str(59).endswith("..."), name


def test_every_exit_code_of_an_error_is_explained() -> None:
    classes = [CmdarrError]
    for each in classes:
        classes += each.__subclasses__()
    assert {each.exit_code for each in classes} <= GENERATE.EXIT_CODES.keys()


def test_every_key_of_the_settings_is_in_the_reference() -> None:
    page = text_of(DOCS / "reference/settings.md")
    assert "\n## services\n" in page
    for name, field in Settings.model_fields.items():
        if name == "services":
            continue
        below = getattr(field.annotation, "model_fields", {})
        for key in [f"{name}.{inner}" for inner in below] or [name]:
            assert f"`{key}`" in page, key
    for name in APP.service_kinds:
        assert f"\n### {name}\n" in page


REPORTERS = frozenset(
    {"report", "_report", "finding", "Finding", "BadReference", "_at_top", "_problem", "_wrong", "Problem"}
    | {"CrossProblem", "_stop"}
)


def codes_in(path: Path) -> Iterator[str]:
    """Yield the codes that a module writes into findings: literals handed to what makes them."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            handed = [*node.args, *(each.value for each in node.keywords if each.arg == "code")]
            for value in handed if name in REPORTERS else ():
                if isinstance(value, ast.Constant) and re.fullmatch(r"[a-z]+(_[a-z]+)*", str(value.value)):
                    yield str(value.value)


def test_every_code_of_a_finding_is_explained() -> None:
    shared = {value for name, value in vars(codes).items() if name.isupper()}
    written = {code for path in (REPOSITORY / "cmdarr/config").rglob("*.py") for code in codes_in(path)}
    assert GENERATE.FINDINGS.keys() == shared | (written - {"warning", "error"})
