"""Titles to file names that every file system takes."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
_MAX_BYTES = 200
"""Room is left for an ending and a number: file systems take 255 bytes."""


def safe_name(title: str) -> str:
    """Return the title as a file name without ending; never empty, hidden, reserved or too long."""
    name = _FORBIDDEN.sub("-", unicodedata.normalize("NFC", title))
    name = name.encode("utf-8")[:_MAX_BYTES].decode("utf-8", "ignore")
    name = name.strip().lstrip(".").rstrip(". ").strip()
    if _RESERVED.fullmatch(name):
        return f"{name}_"
    return name or "playlist"


def free_names(title: str, ending: str, taken: Iterable[str]) -> Iterator[str]:
    """Yield names for a title that differ from the taken ones by more than case: `X`, `X (2)` and so on."""
    used = {fold_name(name) for name in taken}
    stem, number = safe_name(title), 1
    while True:
        name = f"{stem}{ending}" if number == 1 else f"{stem} ({number}){ending}"
        if fold_name(name) not in used:
            yield name
        number += 1


def fold_name(name: str) -> str:
    """Return what a file system that ignores case and Unicode form compares."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
