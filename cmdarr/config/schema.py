"""JSON Schemas of settings.yaml and of command files, generated from the models, in the draft 7 that editors know."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from cmdarr.config.catalog import Catalog
from cmdarr.config.meanings import meanings_of
from cmdarr.config.services import entry_model
from cmdarr.config.settings import Settings
from cmdarr.config.whole_file import write_whole

Schema: TypeAlias = dict[str, Any]

DRAFT = "http://json-schema.org/draft-07/schema#"
SETTINGS_SCHEMA = "settings.json"
COMMAND_SCHEMA = "command.json"
FOLDER = "schema"
"""The folder below the config folder that the schemas are written to."""

REFERENCE: Schema = {"type": "string", "pattern": r"\$\{(env|file|secret):[^{}]+\}"}
"""The alternative that lets a reference stand where no text is expected."""
_WITHOUT_REFERENCES = frozenset({"kind", "type"})
"""Keys that decide which model applies, so that editors must see their values."""
_FREE_KEYS: Schema = {"^x-": {"description": "Free: for anchors and notes."}}


def schemas(catalog: Catalog) -> dict[str, Schema]:
    """Return the schemas by file name."""
    return {SETTINGS_SCHEMA: settings_schema(catalog), COMMAND_SCHEMA: command_schema(catalog)}


def write_schemas(documents: Mapping[str, Schema], config_dir: Path) -> list[Path]:
    """Write the schemas below a config folder and return the paths of those that changed."""
    written = []
    for name, document in documents.items():
        path = config_dir / FOLDER / name
        text = schema_text(document)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_whole(path, text)
            written.append(path)
    return written


def schema_text(document: Schema) -> str:
    """Return a schema as the text of its file."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def settings_schema(catalog: Catalog) -> Schema:
    """Return the schema of settings.yaml; `definitions` has each type of service as `service_<type>`."""
    definitions: Schema = {}
    schema = _model_schema(Settings, definitions)
    entries = {name: _entry_schema(catalog, name, definitions) for name in sorted(catalog.services)}
    schema["properties"]["services"] = _services_schema(
        schema["properties"]["services"], entries, definitions
    )
    return _document("settings.yaml of Cmdarr", schema, definitions)


def _entry_schema(catalog: Catalog, name: str, definitions: Schema) -> Schema:
    schema = _model_schema(entry_model(catalog, name), definitions)
    schema["properties"]["type"]["const"] = name
    definition = f"service_{name}"
    definitions[definition] = schema
    return {"$ref": f"#/definitions/{definition}"}


def _services_schema(described: Schema, entries: Mapping[str, Schema], definitions: Schema) -> Schema:
    """Return the mapping of services: by name where the name is a type and none is stated, else by `type`."""
    definitions["service"] = {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": sorted(entries), "description": "The type of service."}},
        "allOf": [{"if": _has_constant("type", name), "then": entry} for name, entry in entries.items()],
    }
    by_type = {"$ref": "#/definitions/service"}
    states_type = {"type": "object", "required": ["type"]}
    return {
        "type": ["object", "null"],
        "description": described.get("description", ""),
        "properties": {
            name: {"if": states_type, "then": by_type, "else": {"anyOf": [entry, {"type": "null"}]}}
            for name, entry in entries.items()
        },
        "additionalProperties": by_type,
    }


def command_schema(catalog: Catalog) -> Schema:
    """Return the schema of a command file; `definitions` has each kind as `kind_<kind>`."""
    definitions: Schema = {}
    choices = []
    for kind, model in sorted(catalog.kinds.items()):
        definition = f"kind_{kind}"
        schema = _model_schema(model, definitions)
        schema["properties"]["kind"] = {"const": kind, "description": _sentence(model)}
        definitions[definition] = schema
        choices.append({"if": _has_constant("kind", kind), "then": {"$ref": f"#/definitions/{definition}"}})
    kinds = [
        *({"const": kind, "description": _sentence(model)} for kind, model in sorted(catalog.kinds.items())),
        *({"const": kind, "description": "Part of a later version."} for kind in sorted(catalog.later_kinds)),
    ]
    schema = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"description": "What the command does.", "oneOf": kinds}},
        "allOf": choices,
    }
    return _document("A command file of Cmdarr", schema, definitions)


def _document(title: str, schema: Schema, definitions: Schema) -> Schema:
    return {"$schema": DRAFT, "title": title} | schema | {"definitions": dict(sorted(definitions.items()))}


def _has_constant(key: str, value: str) -> Schema:
    return {"type": "object", "required": [key], "properties": {key: {"const": value}}}


def _sentence(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").strip().partition("\n")[0]


class _Generator(GenerateJsonSchema):
    """Adds what each key means; leaves out what only a program would want (titles, defaults that are no JSON)."""

    def model_schema(self, schema: core_schema.ModelSchema) -> Schema:
        """Describe each key by the docstring below its field."""
        result = super().model_schema(schema)
        model = schema["cls"]
        meanings = meanings_of(model)
        for name, field in model.model_fields.items():
            meaning, said_below = meanings.get(name), getattr(field.annotation, "__doc__", None)
            if meaning and meaning != said_below:
                result["properties"][field.alias or name].setdefault("description", meaning)
        return result

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Set no titles: they repeat the keys."""
        del schema
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Schema:
        """Give a default the form that it has in YAML: `30s`, not the form that pydantic writes."""
        result = super().default_schema(schema)
        write = schema["schema"].get("serialization", {}).get("function")
        if "default" in schema and callable(write):
            result["default"] = write(schema["default"])
        return result


def _model_schema(model: type[BaseModel], definitions: Schema) -> Schema:
    """Return the schema of one model; the models below it go into `definitions`."""
    schema = _generated(model)
    for name, below in schema.get("$defs", {}).items():
        definitions.setdefault(name, _converted(below))
    converted: Schema = _converted({key: value for key, value in schema.items() if key != "$defs"})
    converted.pop("title", None)
    converted["patternProperties"] = _FREE_KEYS
    return converted


@cache
def _generated(model: type[BaseModel]) -> Schema:
    """Return what pydantic makes of a model, made once as it takes a while; it is only read."""
    return model.model_json_schema(
        ref_template="#/definitions/{model}", schema_generator=_Generator, mode="validation"
    )


def _converted(schema: Any, *, may_refer: bool = False) -> Any:
    """Rewrite a schema of draft 2020-12 as draft 7, where values may be references."""
    if isinstance(schema, list):
        return [_converted(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    result: Schema = {}
    for key, value in schema.items():
        if key == "properties":
            result[key] = {
                name: _converted(each, may_refer=name not in _WITHOUT_REFERENCES)
                for name, each in value.items()
            }
        elif key in {"default", "const", "enum", "examples"}:
            result[key] = value
        elif key == "prefixItems":
            result["items"] = _converted(value)
        elif key in {"items", "additionalProperties"} and isinstance(value, dict):
            result[key] = _converted(value, may_refer=True)
        elif key != "title":
            result[key] = _converted(value)
    if "$ref" in result and len(result) > 1:
        result["allOf"] = [{"$ref": result.pop("$ref")}]  # draft 7 ignores what stands beside a $ref
    return _with_references(result) if may_refer else result


def _with_references(schema: Schema) -> Schema:
    """Let a reference stand where the schema wants anything but any text."""
    if not _is_narrow(schema) or "\\$\\{" in str(schema.get("pattern", "")):
        return schema
    outer = {key: schema.pop(key) for key in ("description", "default", "deprecated") if key in schema}
    alternatives = schema["anyOf"] if set(schema) == {"anyOf"} else [schema]
    return outer | {"anyOf": [*alternatives, dict(REFERENCE)]}


def _is_narrow(schema: Schema) -> bool:
    """Whether the schema is one of a scalar that does not admit every text."""
    if "anyOf" in schema:
        return any(_is_narrow(each) for each in schema["anyOf"]) and not any(
            each.get("type") == "string" and not _is_narrow(each) for each in schema["anyOf"]
        )
    if schema.get("type") in {"integer", "number", "boolean"} or "enum" in schema or "const" in schema:
        return True
    return (
        schema.get("type") == "string"
        and bool({"pattern", "format", "maxLength"} & set(schema))
        and (schema.get("format") != "password")
    )
