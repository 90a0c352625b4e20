"""The meaning of a file as JSON text: what history and config.db may keep of it, and what reads back as equal."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping

from cmdarr.config.document import Loc
from cmdarr.config.references.secret_text import mask_secret, mask_text

_UNREADABLE = (
    "[^\\x09\\x0A\\x0D\\x20-\\x7E\\xA0-\\u2027\\u202A-\\uD7FF"
    "\\uE000-\\uFEFE\\uFF00-\\uFFFD\\U00010000-\\U0010FFFF]"
)
"""What YAML would refuse, fold or read as something else inside a double-quoted JSON text.

Compiled by `re` at the first text that needs it: a class of all characters takes it milliseconds.
"""


_ENCODER = json.JSONEncoder(ensure_ascii=False)


def write_meaning(value: object, texts: Mapping[Loc, str], secrets: Iterable[Loc]) -> str:
    """Write a value as JSON that is YAML with the same meaning.

    `texts` are put in where a text field took the source text of a scalar; what stands at `secrets`, or is a
    secret by its place in a URL, is masked unless it is a reference.
    """
    hidden = frozenset(secrets)
    text = "" if texts or hidden else _ENCODER.encode(value)
    # Nearly all files are through here: nothing in the whole looks like a secret, so nothing in its parts does.
    if not text or mask_text(text) != text:
        text = _ENCODER.encode(_prepare((), value, texts, hidden))
    if text.isprintable():
        return text  # nearly every file: what is unreadable is not printable either
    return re.sub(_UNREADABLE, lambda found: f"\\u{ord(found[0]):04x}", text)


def digest_of(text: str) -> str:
    """Return the SHA-256 (hex) of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _prepare(loc: Loc, value: object, texts: Mapping[Loc, str], hidden: frozenset[Loc]) -> object:
    if isinstance(value, Mapping):
        return {str(key): _prepare((*loc, key), each, texts, hidden) for key, each in value.items()}
    if isinstance(value, tuple):
        return [_prepare((*loc, index), each, texts, hidden) for index, each in enumerate(value)]
    written = texts.get(loc, value) if not isinstance(value, str) else value
    if loc in hidden and value is not None:
        return mask_secret(written)
    return mask_text(written) if isinstance(written, str) else written
