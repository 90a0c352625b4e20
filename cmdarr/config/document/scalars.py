"""What a plain scalar means: the core schema of YAML 1.2, and nothing of YAML 1.1.

Octal is `0o17`, never `017`; there are no base-60 numbers, no `1_000`, no dates; `true` and `false` are the
only booleans. A number with a leading zero is text.
"""

import re

from cmdarr.config.document.limits import DECIMAL_DIGITS, HEX_DIGITS

_BEGINS_NUMBER = frozenset("+-.0123456789")
_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_NUMBER = re.compile(
    r"(?P<whole>[-+]?(?:0|[1-9][0-9]*))"
    r"|(?P<based>0(?:x[0-9a-fA-F]+|o[0-7]+))"
    r"|(?P<float>[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<named>[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
)


class NumberTooLong(ValueError):
    """A whole number with thousands of digits."""


def plain_value(text: str) -> str | int | float | bool | None:
    """Return the meaning of a plain scalar.

    Raises:
        NumberTooLong: the number has more digits than Python would print.
    """
    if text[:1] not in _BEGINS_NUMBER:
        return _WORDS.get(text, text)
    found = _NUMBER.fullmatch(text)
    return text if found is None else _number(text, found.lastgroup)


def _number(text: str, form: str | None) -> int | float:
    if len(text) > (HEX_DIGITS if form == "based" else DECIMAL_DIGITS):
        raise NumberTooLong
    if form == "whole":
        return int(text)
    if form == "based":
        return int(text, 0)
    return float(text.replace(".", "") if form == "named" else text)
