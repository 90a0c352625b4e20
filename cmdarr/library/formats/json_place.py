"""JSON with positions: the standard decoder, and the place of a value in the text that it came from."""

import json
import re
from collections.abc import Sequence

from cmdarr.errors import SourceIncomplete
from cmdarr.library.formats.place import Place, place_at

_SPACE = re.compile(r"[\s:,]*")
_CURE = "export it again"


def load_json(text: str, name: str) -> object:
    """Decode a JSON text.

    Raises:
        SourceIncomplete: it is not JSON, cut off, nested too deeply, or holds a number of thousands of digits.
    """
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as error:
        raise _broken(text, name, error) from error
    except RecursionError as error:
        raise Place(name, 1).error("the JSON is nested too deeply", _CURE) from error
    except ValueError as error:
        raise Place(name, 1).error("the JSON holds a number that is too long", _CURE) from error
    return value


def place_of(text: str, name: str, path: Sequence[str | int]) -> Place:
    """Return the place of the value at the path of keys and indexes in a valid JSON text."""
    offset = _skip(text, 0)
    for step in path:
        found = _find_child(text, offset, step)
        if found is None:
            break
        offset = found
    return place_at(name, text, offset)


def text_of(value: object) -> str:
    """Return a JSON value as text: names and numbers as they are, anything else empty."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _broken(text: str, name: str, error: json.JSONDecodeError) -> SourceIncomplete:
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        place = place_at(name, text, len(text.rstrip()))
        return place.error("the JSON ends too early, so the file looks cut off", _CURE)
    problem = f"the JSON is broken ({error.msg[:1].lower()}{error.msg[1:]})"
    return place_at(name, text, error.pos).error(problem, f"correct it, or {_CURE}")


def _skip(text: str, offset: int) -> int:
    found = _SPACE.match(text, offset)
    return found.end() if found else offset


def _find_child(text: str, offset: int, step: str | int) -> int | None:
    """Return where the value under a key or index starts; the container starts at `offset`."""
    decoder = json.JSONDecoder()
    is_object = text[offset] == "{"
    offset, index = _skip(text, offset + 1), 0
    found = None
    while text[offset] not in "}]":
        key: object = index
        if is_object:
            key, offset = decoder.raw_decode(text, offset)
            offset = _skip(text, offset)
        if key == step:
            found = offset  # the last of equal keys is the one that counts
            if not is_object:
                break
        _, offset = decoder.raw_decode(text, offset)
        offset, index = _skip(text, offset), index + 1
    return found
