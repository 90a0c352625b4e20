"""What legacy values mean: two forms of time, booleans as numbers and words, JSON `null` beside SQL NULL."""

import ast
import json
import re
from datetime import UTC, datetime

_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})
_MBID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def read_text(value: object) -> str | None:
    """Return a value of a text column; None for NULL."""
    if value is None:
        return None
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else str(value)


def read_time(value: object) -> datetime | None:
    """Return a time: naive ones are UTC; None for NULL and for what is no time."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_json(value: object) -> object:
    """Return the value of a JSON column; None for NULL, for `null`, and for what is no JSON."""
    if not isinstance(value, bytes | str):
        return value  # the column has numeric affinity: a lone number is stored as one
    try:
        return parse_json(value)
    except (ValueError, RecursionError):
        return None


def parse_json(text: str | bytes) -> object:
    """Return what JSON says, half characters in it replaced: no database and no file takes them.

    Raises:
        ValueError: it is no JSON.
        RecursionError: it is nested without end.
    """
    value = json.loads(text)
    try:
        written = json.dumps(value, ensure_ascii=False)
        written.encode()
    except UnicodeEncodeError:
        return json.loads(written.encode("utf-8", "replace"))
    return value


def read_setting_bool(text: str) -> bool:
    """Return what the legacy program took a text for.

    Raises:
        ValueError: it is no boolean.
    """
    word = text.strip().lower()
    if word in _TRUE | _FALSE:
        return word in _TRUE
    raise ValueError("it is neither true nor false")


def read_list_text(text: str) -> list[object] | None:
    """Return the list that a text holds as JSON or as Python writes it, None when it holds none."""
    for read in (json.loads, ast.literal_eval):
        try:
            value = read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(value, list):
            return value
    return None


def is_mbid(text: str) -> bool:
    """Whether a text is a MusicBrainz identifier."""
    return _MBID.fullmatch(text) is not None


def read_mbid(value: object) -> str | None:
    """Return a MusicBrainz identifier in small letters, None when the value is none."""
    text = value.strip().lower() if isinstance(value, str) else ""
    return text if is_mbid(text) else None
