"""The syntax of references: `${env:NAME}`, `${env:NAME:-default}`, `${file:/path}`, `${secret:name}`, `$${` for `${`.

No message here holds the text itself: it might be a secret written in the wrong place.
"""

import re
from dataclasses import dataclass
from typing import Literal

MOST_REFERENCES = 50
"""How many references, escapes among them, one value may have: nobody needs more, and hostile files do."""

_PART = re.compile(r"\$\$\{|\$\{(?P<body>[^{}]*)\}|\$\{")
_SCHEME = re.compile(r"(?P<scheme>[a-z]{1,20}):(?P<rest>.*)", re.DOTALL)
_NAME = {
    "env": re.compile(r"[A-Za-z_][A-Za-z0-9_]*"),
    "secret": re.compile(r"[^\s:]+"),
    "file": re.compile(r".*\S.*"),
}
_FORM = (
    "write ${env:NAME}, ${env:NAME:-default}, ${file:/path} or ${secret:name}; a literal ${ is written $${"
)


class BadReference(Exception):
    """A reference that cannot be resolved; becomes a finding at the value."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference as it was written; `default` is None where none was given."""

    scheme: Literal["env", "file", "secret"]
    name: str
    default: str | None = None

    def __str__(self) -> str:
        return f"${{{self.scheme}:{self.name}}}"


def parse_references(text: str) -> tuple[str | Reference, ...]:
    """Split a text into literal parts and references, in order.

    Raises:
        BadReference: a `${` that begins no reference.
    """
    parts: list[str | Reference] = []
    end = 0
    if text.count("${") > MOST_REFERENCES:
        raise BadReference("bad_reference", f"a value has at most {MOST_REFERENCES} references.", _FORM)
    for found in _PART.finditer(text):
        parts.append(text[end : found.start()])
        end = found.end()
        parts.append("${" if found[0] == "$${" else _parse_body(found["body"]))
    parts.append(text[end:])
    return tuple(part for part in parts if part)


def _parse_body(body: str | None) -> Reference:
    if body is None:
        raise BadReference("bad_reference", "a `${` has no closing `}`.", _FORM)
    found = _SCHEME.fullmatch(body)
    if found is None:
        raise BadReference("bad_reference", "a reference names its scheme before a colon.", _FORM)
    scheme, name, default = found["scheme"], found["rest"], None
    if scheme == "env":
        name, separator, rest = name.partition(":-")
        default = rest if separator else None
    if scheme not in _NAME:
        raise BadReference("unknown_reference", f"${{{scheme}:…}} is no kind of reference.", _FORM)
    if _NAME[scheme].fullmatch(name) is None:
        raise BadReference("bad_reference", f"a ${{{scheme}:…}} reference lacks a valid name.", _FORM)
    return Reference(scheme, name, default)  # type: ignore[arg-type]  # one of the keys of _NAME
