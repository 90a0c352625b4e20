"""Secrets of a file that somebody edits: the text shows a mark in the place of each, and saving puts them back."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cmdarr.config.document import parse_document
from cmdarr.config.document.excerpt import telling_spans
from cmdarr.config.references.secret_text import is_only_references
from cmdarr.errors import ConfigError
from cmdarr.models.redaction import MASK, Redactor

_OPEN = re.compile(
    r"(?<![a-z])(?:token|api_?key|key|secret|password|passwd|pwd|auth|credentials?)['\"]?\s*:\s*[|>]?[+\-\d]*\s*$",
    re.IGNORECASE,
)
"""A key that sounds like a secret, with its value on the lines below."""
_KEY = re.compile(r"\s*(?:- )?[\w.-]+\s*:(?:\s|$)")
_REFERENCE = re.compile(r"\$\{[^}]*\}")
_MARK = re.compile(f"{MASK}(?P<name>[0-9a-f]{{8}}){MASK}")


class UnknownMark(ConfigError):
    """A mark stands for a secret that the file no longer holds; write the value itself."""


@dataclass(frozen=True, slots=True)
class Veiled:
    """A text that may be shown, and what its marks stand for."""

    text: str
    secrets: Mapping[str, str] = field(repr=False)


def veil(text: str, redactor: Redactor, salt: bytes) -> Veiled:
    """Return a text with a mark in the place of every secret; equal secrets get equal marks.

    References stay as they are: they are no secrets.
    """
    parts, secrets, end = [], {}, 0
    for start, stop in _spans(text, redactor):
        secret = text[start:stop]
        if is_only_references(secret) or secret == MASK:
            continue
        mark = f"{MASK}{hmac.new(salt, secret.encode(), hashlib.sha256).hexdigest()[:8]}{MASK}"
        secrets[mark] = secret
        parts += [text[end:start], mark]
        end = stop
    return Veiled("".join([*parts, text[end:]]), secrets)


def unveil(text: str, secrets: Mapping[str, str]) -> str:
    """Return a text with its secrets in the place of the marks.

    Raises:
        UnknownMark: a mark is not among them.
    """

    def secret_of(found: re.Match[str]) -> str:
        if found[0] not in secrets:
            line = text.count("\n", 0, found.start()) + 1
            raise UnknownMark(
                f"line {line}: the mark {found[0]} stands for a secret that the file no longer holds; write the value "
                "itself, or better a reference such as `${secret:name}`."
            )
        return secrets[found[0]]

    return _MARK.sub(secret_of, text)


def _spans(text: str, redactor: Redactor) -> list[tuple[int, int]]:
    """Return where secrets stand, by value and by the key before it: a quoted or doubled one is not found by value."""
    spans, offset, is_inside = redactor.spans(text), 0, False
    is_yaml = parse_document("", text.encode()).root is not None
    for line in text.splitlines(keepends=True):
        told = _told_spans(line.rstrip(), is_yaml=is_yaml)
        is_inside = not is_yaml and (bool(_OPEN.search(line)) or (is_inside and not _KEY.match(line)))
        if is_inside and not told and not _OPEN.search(line):
            told = [(len(line) - len(line.lstrip()), len(line.rstrip()))]
        spans += [(offset + start, offset + end) for start, end in told]
        offset += len(line)
    return _merged(spans)


def _told_spans(line: str, *, is_yaml: bool) -> list[tuple[int, int]]:
    """Return what sounds like a secret, but no part of a reference; in YAML the redactor knows addresses better."""
    inside = [range(*one.span()) for one in _REFERENCE.finditer(line)]
    return [
        (start, end)
        for start, end in telling_spans(line)
        if not any(start in one for one in inside) and not (is_yaml and line[:start].endswith("://"))
    ]


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans in order, those that overlap as one, without empty ones."""
    chosen: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if start < end and (not chosen or start >= chosen[-1][1]):
            chosen.append((start, end))
        elif chosen and end > chosen[-1][1]:
            chosen[-1] = (chosen[-1][0], end)
    return chosen
