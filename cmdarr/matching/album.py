"""Albums taken apart: the name, and what kind of version the album says all its tracks are. Pure."""

import re
from dataclasses import dataclass
from functools import lru_cache

from cmdarr.matching.fold import fold
from cmdarr.matching.version import STUDIO, parse_title

_SAYS = (
    (re.compile(r"^live (?:at|in|from|on) |\blive (?:at|from) |\bin concert\b|\bunplugged\b|^live$"), "live"),
    (re.compile(r"\bkaraoke\b"), "karaoke"),
    (re.compile(r"\b(?:tribute to|made famous by)\b"), "cover"),
)
_LIVE_END = re.compile(r"[:;,.–—-]\s*live!?(?:\s+\S+)?\s*$|[:–—]\s*live\b", re.IGNORECASE)
_KINDS = frozenset({"live", "karaoke", "cover", "instrumental", "acoustic", "rerecorded"})


@dataclass(frozen=True, slots=True)
class Album:
    """An album taken apart: its folded name, and the kinds of version that it says all its tracks are."""

    key: str
    kinds: frozenset[str] = STUDIO


@lru_cache(maxsize=4096)
def parse_album(album: str) -> Album:
    """Take an album's title apart: "Alive! (Live at Cobo Hall) [Deluxe]" is `alive`, and live."""
    title = parse_title(_strip_release_kind(album))
    folded = fold(album)
    if is_unnamed(album):
        return Album("")
    kinds = set(title.version.kinds & _KINDS)
    kinds.update(kind for pattern, kind in _SAYS if pattern.search(folded))
    if "ive" in album.lower() and _LIVE_END.search(album):
        kinds.add("live")
    return Album(title.key, frozenset(kinds))


def is_unnamed(album: str) -> bool:
    """Whether an album text names none."""
    return not album or fold(album) in _UNKNOWN


_RELEASE_KIND = re.compile(r"\s*(?:-\s*)?[(\[]?\b(?:ep|single)\b[)\]]?\s*$", re.IGNORECASE)
_RELEASE_YEAR = re.compile(r"\s*[(\[](?:(?:19|20)\d\d|unknown)[)\]]\s*$", re.IGNORECASE)
"""The year behind an album's name: which release it is, not which album."""
_UNKNOWN = frozenset({"null", "unk", "unknown", "unknown album", "na", "none"})


def _strip_release_kind(album: str) -> str:
    return _RELEASE_KIND.sub("", _RELEASE_YEAR.sub("", album) or album) or album
