"""What a plain scalar means: the core schema of YAML 1.2, and nothing of YAML 1.1.

Octal is `0o17`, never `017`; there are no base-60 numbers, no `1_000`, no dates; `true` and `false` are the
only booleans. A number with a leading zero is text.
"""

import re

from cmdarr.config.document.limits import DECIMAL_DIGITS, HEX_DIGITS

_MAY_BE_SPECIAL = frozenset("~nNtTfF+-.0123456789")
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
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_BASED = re.compile(r"0(?:x[0-9a-fA-F]+|o[0-7]+)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NAMED_FLOATS = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


class NumberTooLong(ValueError):
    """A whole number with thousands of digits."""


def plain_value(text: str) -> str | int | float | bool | None:
    """Return the meaning of a plain scalar.

    Raises:
        NumberTooLong: the number has more digits than Python would print.
    """
    if text and text[0] not in _MAY_BE_SPECIAL:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return _whole(text, 10, DECIMAL_DIGITS)
    if _BASED.fullmatch(text):
        return _whole(text, 0, HEX_DIGITS)
    if _FLOAT.fullmatch(text):
        return float(text)
    return float(text.replace(".", "")) if _NAMED_FLOATS.fullmatch(text) else text


def _whole(text: str, base: int, limit: int) -> int:
    if len(text) > limit:
        raise NumberTooLong
    return int(text, base)
