"""Sentences for what validation found, in the words of the file: what is expected, and what YAML read there."""

import re
from collections.abc import Mapping as Lookup
from typing import Any, Final

from cmdarr.config.document import codes
from cmdarr.config.document.document import Document
from cmdarr.config.document.faults import MISSING, UNKNOWN, Fault
from cmdarr.config.document.nodes import Loc, Mapping, Node, Scalar, Sequence, find_node
from cmdarr.config.document.source import is_glued, key_word, quote_hint, shown, value_text
from cmdarr.config.suggest import did_you_mean

_EXPECTED: Final = {
    "string": "text",
    "int": "a whole number",
    "int_from_float": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "bool": "true or false",
    "dict": "a mapping",
    "mapping": "a mapping",
    "model": "a mapping",
    "model_attributes": "a mapping",
    "dataclass": "a mapping",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "frozen_set": "a list",
    "iterable": "a list",
    "none_required": "empty",
    "url": "a URL",
    "path": "a path",
}
_VALUE_SENTENCES: Final = {
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "finite_number": "must be a finite number",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "string_pattern_mismatch": "must have the form {pattern}",
    "union_tag_invalid": "must be one of {expected_tags}",
}
_FORMS: Final = {
    "a list": "write [a, b], or a line with '- ' for each entry",
    "a mapping": "write {key: value}, or a line with 'key: value' for each key",
    "a whole number": "write digits only, such as 5",
    "a number": "write a number, such as 0.5",
}
_TOO_SHORT = frozenset({"string_too_short", "too_short"})
_NUMBER = re.compile(r"[-+]?[0-9][0-9._]*")


def name_of(loc: Loc) -> str:
    """Return how a sentence calls a place: its key, or its number in the list."""
    if not loc:
        return "the file"
    last = loc[-1]
    if isinstance(last, str):
        return f"'{shown(key_word(last))}'"
    return f"entry {last + 1} of {name_of(loc[:-1])}"


def code_of(fault: Fault) -> str:
    """Return the code of a fault."""
    if fault.kind in {MISSING, "union_tag_not_found"}:
        return codes.MISSING_KEY
    if fault.kind == UNKNOWN:
        return codes.UNKNOWN_KEY
    return (
        codes.WRONG_TYPE
        if fault.kind not in {"literal_error", "enum"} and fault.is_type
        else codes.WRONG_VALUE
    )


def describe(document: Document, faults: list[Fault], *, may_show: bool) -> tuple[str, str]:
    """Return sentence and hint for the faults of one place.

    Args:
        document: where they were found.
        faults: at least one; the first counts most.
        may_show: whether the scalar that stands there may be quoted.
    """
    node = find_node(document.root, faults[0].loc)
    name = name_of(faults[0].loc)
    if not faults[0].is_type:
        sentence = _describe_value(faults[0], name)
        return sentence, ""
    expected = _expectation(faults)
    read = _describe_read(document, node, may_show=may_show)
    hint = _hint_type(document, node, expected, faults, may_show=may_show)
    return f"{name} must be {expected}{read}.", hint


def _describe_value(fault: Fault, name: str) -> str:
    template = _VALUE_SENTENCES.get(fault.kind)
    if fault.kind in _TOO_SHORT and fault.context.get("min_length") == 1:
        return f"{name} must not be empty."
    if template is not None:
        return f"{name} {template.format_map(_Context(fault.context))}."
    if fault.kind == "union_tag_not_found":
        return f"{name} lacks the key {fault.context.get('discriminator', '')}."
    text = fault.message.removeprefix("Value error, ").removeprefix("Assertion failed, ").rstrip(".")
    return f"{text}." if name == "the file" else f"{name}: {text}."


class _Context(dict[str, Any]):
    """Values for a template; one that pydantic did not give is left out."""

    def __init__(self, values: Lookup[str, Any]) -> None:
        super().__init__(values)

    def __missing__(self, key: str) -> str:
        return "…"


def _expectation(faults: list[Fault]) -> str:
    words = dict.fromkeys(_expected_word(fault) for fault in faults if fault.is_type)
    return " or ".join(words)


def _expected_word(fault: Fault) -> str:
    if fault.kind in {"literal_error", "enum"}:
        return str(fault.context.get("expected", "another value"))
    return _EXPECTED.get(fault.kind.removesuffix("_type"), "of another type")


def _describe_read(document: Document, node: Node | None, *, may_show: bool) -> str:
    """Return the part of the sentence that says what YAML read."""
    if type(node) is Mapping:
        return (
            ", and YAML reads {…} as a mapping"
            if _begins_with(document, node, "{")
            else ", and this is a mapping"
        )
    if type(node) is Sequence:
        return (
            ", and YAML reads […] as a list" if _begins_with(document, node, "[") else ", and this is a list"
        )
    if type(node) is not Scalar:
        return ""
    kind = _kind_of(node)
    if node.value is None and not node.text:
        return _describe_nothing(document, node)
    if not may_show or not node.is_plain or is_glued(node.text):
        return f", and YAML reads {kind}"
    return f", and YAML reads {shown(node.text)} as {kind}"


def _kind_of(node: Scalar) -> str:
    if node.value is None:
        return "null (nothing)"
    if isinstance(node.value, bool):
        return "a boolean"
    if isinstance(node.value, int):
        return "a whole number"
    if isinstance(node.value, float):
        return "a number"
    return "text" if node.is_plain else "text, because of the quotes"


def _describe_nothing(document: Document, node: Scalar) -> str:
    rest = document.source.line(node.start.line)[node.start.column :].strip()
    if rest.startswith("#"):
        return ", and YAML reads everything behind '#' as a comment"
    if rest.startswith("&"):
        return ", and YAML reads what begins with '&' as an anchor without a value"
    return ", and it has no value"


def _begins_with(document: Document, node: Node, bracket: str) -> bool:
    return document.source.line(node.start.line)[node.start.column : node.start.column + 1] == bracket


def _hint_type(
    document: Document, node: Node | None, expected: str, faults: list[Fault], *, may_show: bool
) -> str:
    if "text" in expected.split(" or "):
        return _hint_quotes(document, node, faults[0].loc, may_show=may_show)
    if type(node) is Scalar and (hint := _hint_scalar(node, expected)):
        return hint
    choice = _hint_choice(faults, node) if may_show and type(node) is Scalar else ""
    return choice or next((hint for word, hint in _FORMS.items() if word in expected), "")


def _hint_scalar(node: Scalar, expected: str) -> str:
    if "mapping" in expected and is_glued(node.text) and node.is_plain:
        return "missing space after ':'"
    if "true or false" in expected:
        return "write true or false" + ("" if node.is_plain else " without quotes")
    if "number" in expected and _NUMBER.fullmatch(node.text):
        return "remove the quotes" if not node.is_plain else "write it with digits only and no leading zero"
    return ""


def _hint_choice(faults: list[Fault], node: Scalar) -> str:
    choices = [
        word for fault in faults for word in re.findall(r"'([^']*)'", str(fault.context.get("expected", "")))
    ]
    return did_you_mean(node.text, choices) if node.text else ""


def _hint_quotes(document: Document, node: Node | None, loc: Loc, *, may_show: bool) -> str:
    if node is None:
        return ""
    line = document.source.line(node.start.line)
    rest = line[node.start.column :].strip()
    is_nothing = type(node) is Scalar and not node.text
    if not is_nothing or rest.startswith("&"):
        rest = value_text(line, node.start.column)
    if is_nothing and not rest:
        return 'write a text, or "" for none'
    key = str(loc[-1]) if loc else ""
    return quote_hint(rest, key=key) if may_show else quote_hint("")
