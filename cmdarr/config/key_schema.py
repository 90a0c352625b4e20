"""What the schema says of one dotted key: its type and limits in words, its meaning, its neighbours."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cmdarr.config.schema import REFERENCE, Schema

_TYPES = {
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "string": "text",
    "array": "list",
    "object": "mapping",
}
_LIMITS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "length at least {}",
    "maxLength": "length at most {}",
    "minItems": "entries at least {}",
    "maxItems": "entries at most {}",
}


@dataclass(frozen=True, slots=True)
class KeySchema:
    """The schema of one key, in words."""

    type: str
    limits: str
    meaning: str
    default: object
    is_secret: bool


class UnknownStep(LookupError):
    """A step of a key leads nowhere; `names` are those that would lead on."""

    def __init__(self, step: str, names: Sequence[str]) -> None:
        super().__init__(step)
        self.step = step
        self.names = names


def find_key(schema: Schema, definitions: Mapping[str, Schema], steps: Sequence[str]) -> KeySchema:
    """Return what the schema says of a key below it.

    Raises:
        UnknownStep: there is no such key.
    """
    for step in steps:
        branches = list(_branches(schema, definitions))
        schema = _step_down(branches, step)
    branches = list(_branches(schema, definitions))
    return KeySchema(
        type=" or ".join(dict.fromkeys(map(_type_of, branches))) or "anything",
        limits="; ".join(dict.fromkeys(text for branch in branches for text in _limits_of(branch))),
        meaning=_first(schema, branches, "description") or "",
        default=_first(schema, branches, "default"),
        is_secret=any(branch.get("format") == "password" for branch in branches),
    )


def _step_down(branches: Sequence[Schema], step: str) -> Schema:
    for branch in branches:
        found = branch.get("properties", {}).get(step)
        if found is None and step.isdecimal():
            found = branch.get("items")
        if found is None and isinstance(branch.get("additionalProperties"), dict):
            found = branch["additionalProperties"]
        if isinstance(found, dict):
            return found
    raise UnknownStep(step, [name for branch in branches for name in branch.get("properties", {})])


def _branches(schema: Schema, definitions: Mapping[str, Schema]) -> Iterator[Schema]:
    """Yield the alternatives of a schema, with definitions followed, without null and references."""
    if "$ref" in schema:
        yield from _branches(definitions[schema["$ref"].rpartition("/")[2]], definitions)
        return
    alternatives = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    if not alternatives:
        if schema != REFERENCE and schema.get("type") != "null":
            yield schema
        return
    for alternative in alternatives:
        yield from _branches(alternative, definitions)


def _type_of(schema: Schema) -> str:
    if schema.get("format") == "password":
        return "secret text"
    if "enum" in schema or "const" in schema:
        return "text"
    stated = schema.get("type")
    names = stated if isinstance(stated, list) else [stated]
    return " or ".join(_TYPES[name] for name in names if name in _TYPES) or "anything"


def _limits_of(schema: Schema) -> Iterator[str]:
    choices = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    if choices:
        yield "one of " + ", ".join(map(_shown, choices))
    for key, sentence in _LIMITS.items():
        if key in schema:
            yield sentence.format(schema[key])
    if schema.get("examples"):
        yield "for example " + ", ".join(map(_shown, schema["examples"]))
    elif "pattern" in schema:
        yield f"as {schema['pattern']}"
    if isinstance(items := schema.get("items"), dict):
        entries = [entry for entry in items.get("anyOf", [items]) if entry != REFERENCE]
        yield from (f"each: {text}" for entry in entries for text in _limits_of(entry))


def _first(schema: Schema, branches: Sequence[Schema], key: str) -> Any:
    return next((each[key] for each in (schema, *branches) if each.get(key) is not None), None)


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
