"""Redaction: no secret value leaves the process in a text.

A `Redactor` knows the values that were resolved from references or stand in secret fields. It also masks what
looks like a secret by its place: user-info in a URL, query parameters with telling names, authorization headers.
"""

import re
from collections.abc import Iterable

MASK = "•••"
_SHORTEST_VALUE = 4  # shorter values would mask ordinary text; they are masked by field and by place only

_PARAMETERS = r"(?:[\w-]*(?:token|key|secret|password|passwd|pwd|auth|signature)|[pst])"
# No pattern begins with an open repetition: it would search a long word again from each of its characters.
_PLACES = (
    re.compile(r"(?P<before>://)[^\s/?#'\"]+(?=@)"),
    re.compile(rf"(?P<before>[?&;]{_PARAMETERS}=)[^&\s#'\"]+", re.IGNORECASE),
    re.compile(
        r"(?P<before>\b(?:authorization|x-[\w-]{0,60}(?:token|key))\b['\"]?\s*[:=]\s*['\"]?)[^\r\n'\"]+",
        re.IGNORECASE,
    ),
)


def mask_places(text: str) -> str:
    """Mask what is a secret by its place in a URL or header, whatever its value."""
    for pattern in _PLACES:
        text = pattern.sub(rf"\g<before>{MASK}", text)
    return text


class Redactor:
    """Masks known secret values, and secrets by place, in any text. Immutable and safe to share by threads."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        known = {value.strip() for value in values}
        self._values = frozenset(value for value in known if len(value) >= _SHORTEST_VALUE)
        ordered = sorted(self._values, key=lambda value: (-len(value), value))
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def __call__(self, text: str) -> str:
        """Return the text with every secret replaced by `•••`."""
        if self._pattern is not None:
            text = self._pattern.sub(MASK, text)
        return mask_places(text)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where secrets stand in a text, as offsets that neither overlap nor touch an empty piece, in order."""
        found = [one.span() for one in self._pattern.finditer(text)] if self._pattern else []
        found += [(one.end("before"), one.end()) for pattern in _PLACES for one in pattern.finditer(text)]
        merged: list[tuple[int, int]] = []
        for start, end in sorted(found):
            if merged and start < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            elif start < end:
                merged.append((start, end))
        return merged

    def __or__(self, other: "Redactor") -> "Redactor":
        """Return a redactor that knows the values of both."""
        return Redactor(self._values | other._values)
