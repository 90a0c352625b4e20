"""The source line of a finding with a caret under the place, fit for a terminal."""

import re
import unicodedata
from collections.abc import Iterable

from cmdarr.config.document.limits import EXCERPT_COLUMNS
from cmdarr.models.redaction import MASK

_CUT = "…"
_WINDOW = 1_000
"""How far around the caret a line is looked at."""
_TELLING = re.compile(
    r"(?<![a-z])(?:token|api_?key|key|secret|password|passwd|pwd|auth|credentials?)['\"]?\s*[:=]\s*"
    r"(?P<value>(?:\"(?:[^\"\\]|\\.)*\"|'[^']*')[^,}\]#]*|\$\{[^}]*\}|[^\s,}\]#][^,}\]#]*)",
    re.IGNORECASE,
)
_URL = re.compile(
    r"(?P<scheme>[a-z][\w+.-]{0,30})://(?P<value>[^'\",]*@[^\s'\",\]}]*|[^\s'\",\]}]+)", re.IGNORECASE
)
_PLAIN_URL = re.compile(r"[^@?]*")
_REFERENCE = re.compile(r"['\"]?\$\{[^}]*\}['\"]?")

_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

Span = tuple[int, int]


def excerpt(line: str, column: int, secrets: Iterable[Span] = ()) -> str:
    """Return the line and, below, a caret under the character at `column` (from 0).

    Args:
        line: the source line.
        column: the character that the caret points at, at most the length of the line.
        secrets: parts of the line that are masked, besides those that sound like secrets.
    """
    start = max(column - _WINDOW, 0)
    line = line[start : column + _WINDOW]
    known = [(max(first - start, 0), stop - start) for first, stop in secrets if stop > start]
    text, column = _masked(line, column - start, [*known, *telling_spans(line)])
    text, column = _cut(text.replace("\t", " "), column)
    shown = "".join(map(_printable, text))
    return f"{shown}\n{' ' * sum(map(_width, shown[:column]))}^"


def telling_spans(line: str) -> list[Span]:
    """Return the parts of a source line that sound like secrets by what stands before them."""
    spans = [
        found.span("value")
        for found in _TELLING.finditer(line)
        if not _REFERENCE.fullmatch(found["value"].strip())
    ]
    for found in _URL.finditer(line):
        is_web = found["scheme"].lower() in {"http", "https", "file"}
        if not (is_web and _PLAIN_URL.fullmatch(found["value"])):
            spans.append(found.span("value"))
    return spans


def _masked(line: str, column: int, spans: list[Span]) -> tuple[str, int]:
    """Replace the spans by the mask; a column inside of one moves to its beginning."""
    parts: list[str] = []
    end = moved = 0
    for start, stop in sorted(spans):
        if start < end:
            continue
        parts += [line[end:start], MASK]
        if column >= stop:
            moved += len(MASK) - (stop - start)
        elif column > start:
            moved += start - column
        end = stop
    return "".join([*parts, line[end:]]), column + moved


def _cut(text: str, column: int) -> tuple[str, int]:
    """Cut a long line around the column."""
    if len(text) <= EXCERPT_COLUMNS:
        return text, column
    start = min(max(column - EXCERPT_COLUMNS // 2, 0), len(text) - EXCERPT_COLUMNS)
    piece = text[start : start + EXCERPT_COLUMNS]
    if start + EXCERPT_COLUMNS < len(text):
        piece += _CUT
    return (_CUT + piece, column - start + 1) if start else (piece, column)


def _printable(character: str) -> str:
    """Return the character, or a stand-in for one that would steer the terminal."""
    if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or character in _DIRECTIONS:
        return "\ufffd"
    return character


def _width(character: str) -> int:
    """Return how many columns a terminal gives to the character."""
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
