"""Titles taken apart: the name of the recording, which version of it this is, in which edition, with whom. Pure.

A version (live, remix, acoustic, karaoke …) is another recording; an edition (remaster, deluxe, mono) is the same one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from cmdarr.matching.credit import FEATURED, split_names
from cmdarr.matching.fold import compact, fold, normal_form
from cmdarr.matching.version_words import (
    DETAIL_NOISE,
    EDITION_FILLERS,
    EDITION_WORDS,
    KIND_PHRASES,
    KIND_WORDS,
    OWN_VERSION,
    PLAIN_EDITIONS,
    SOUNDTRACK,
    WEAK_EDITION_WORDS,
    YEAR,
)

STUDIO: frozenset[str] = frozenset()

_FEAT_GROUP = re.compile(rf"^(?:{FEATURED}|with\b|w/)\s*(?P<names>.+)$", re.IGNORECASE)
_FEAT_BARE = re.compile(
    rf"(?<=\S)\s+{FEATURED}\s+(?P<names>[^()\[\]]+?)(?=\s*(?:[(\[{{]|\s[-–—]\s|$))", re.IGNORECASE
)
_GROUP = re.compile(
    r"\s*(?:\((?P<a>[^()\[\]]*(?:\([^()]*\)[^()\[\]]*)*)\)|\[(?P<b>[^\[\]]*)\]|\{(?P<c>[^{}]*)\})"
)
_DASH = re.compile(r"\s+[-–—~]+\s+|\s+[-–—](?=\S)|(?<=\S)[–—]\s+")
_BRACKETS = re.compile(r"[()\[\]{}]")
_MAYBE_PARTS = re.compile(r"[(\[{–—~]|\s-|\b(?:feat|ft|featuring)\b", re.IGNORECASE)
_PART = re.compile(r"\b(?:pts?|parts?)\b (?P<number>\d+|[ivx]+)\b")
_ROMAN = {
    "i": "1",
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "v": "5",
    "vi": "6",
    "vii": "7",
    "viii": "8",
    "ix": "9",
    "x": "10",
}


@dataclass(frozen=True, slots=True)
class Version:
    """Which version of a recording a title announces; no kinds: the studio original.

    `detail` holds the other words ("kasum" of "Kasum Remix", "wembley" of "Live at Wembley").
    """

    kinds: frozenset[str] = STUDIO
    detail: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return " ".join(sorted(self.kinds)) or "studio"


@dataclass(frozen=True, slots=True)
class Title:
    """A title taken apart. `name` is folded; `key` is the name without spaces, what the look-ups go by."""

    name: str
    key: str
    version: Version = Version()
    editions: frozenset[str] = frozenset()
    featured: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Parts:
    """What was taken off a title so far."""

    kinds: set[str]
    detail: set[str]
    editions: set[str]
    featured: set[str]

    def take(self, group: str) -> bool:
        """Take a bracket or a dash part when it is a credit, an edition or a version; else it belongs to the name."""
        folded = fold(group)
        return bool(folded) and any(take(self, group, folded) for take in _TAKERS)


def _take_credit(parts: _Parts, group: str, folded: str) -> bool:
    found = _FEAT_GROUP.match(group.strip())
    if found is None or not KIND_WORDS.keys().isdisjoint(folded.split()):
        return False
    parts.featured.update(split_names(found["names"]))
    return True


def _take_edition(parts: _Parts, group: str, folded: str) -> bool:
    words = folded.split()
    if SOUNDTRACK.match(group) or folded in PLAIN_EDITIONS or group.lstrip().startswith("+"):
        parts.editions.add("soundtrack" if SOUNDTRACK.match(group) else folded)
        return True
    strong = [word for word in words if word in EDITION_WORDS]
    years = [word for word in words if YEAR.fullmatch(word)]
    fillers = [word for word in words if word in EDITION_FILLERS]
    if len(strong) + len(years) + len(fillers) < len(words) or not _says_edition(strong, years, fillers):
        return False
    parts.editions.update(strong or ("mix",))
    return True


def _says_edition(strong: list[str], years: list[str], fillers: list[str]) -> bool:
    if any(word not in WEAK_EDITION_WORDS for word in strong) or (strong and (fillers or len(strong) > 1)):
        return True
    return bool(years) and "mix" in fillers


def _take_version(parts: _Parts, group: str, folded: str) -> bool:
    kinds = {KIND_WORDS[word] for word in folded.split() if word in KIND_WORDS}
    kinds.update(kind for pattern, kind in KIND_PHRASES if pattern.search(folded))
    words = set(folded.split())
    if owner := OWN_VERSION.match(group):
        kinds.add("rerecorded")
        words = set(fold(owner["owner"]).split())
    elif not kinds and not words.isdisjoint(("mix", "mixes")):
        kinds.add("remix")
    elif not kinds and not words.isdisjoint(("version", "versions")):
        kinds.add("other")
    if not kinds:
        return False
    parts.kinds |= kinds
    parts.detail |= words - KIND_WORDS.keys() - DETAIL_NOISE - EDITION_WORDS
    return True


_TAKERS: tuple[Callable[[_Parts, str, str], bool], ...] = (_take_credit, _take_edition, _take_version)


@lru_cache(maxsize=8192)
def parse_title(title: str) -> Title:
    """Take a title apart; brackets and dash parts that say nothing known stay in the name."""
    if title.isascii() and not _MAYBE_PARTS.search(title):
        name = _fold_name(title)
        return Title(name, compact(name))
    return _parse_parts(normal_form(title))


def _parse_parts(title: str) -> Title:
    parts = _Parts(set(), set(), set(), set())
    left = _take_groups(_take_dashes(_take_bare_credit(title, parts), parts), parts)
    name = _fold_name(left)
    if not name or not left.strip(" -–—"):
        name = _fold_name(title)
        return Title(name, compact(name))
    version = Version(frozenset(parts.kinds), frozenset(parts.detail))
    return Title(name, compact(name), version, frozenset(parts.editions), frozenset(parts.featured))


def _take_bare_credit(title: str, parts: _Parts) -> str:
    found = _FEAT_BARE.search(title)
    if found is None:
        return title
    parts.featured.update(split_names(found["names"]))
    return title[: found.start()] + title[found.end() :]


def _take_dashes(title: str, parts: _Parts) -> str:
    """Take parts off behind a dash as long as they say something: "Song - Live - 2011 Remaster"."""
    while True:
        dashes = list(_DASH.finditer(title))
        if not dashes or not _take_behind(title[dashes[-1].end() :], parts):
            return title
        title = title[: dashes[-1].start()]


def _take_behind(text: str, parts: _Parts) -> bool:
    """Take what stands behind a dash, also when it holds brackets or slashes of its own."""
    pieces = [piece for piece in re.split(r"[()\[\]/;]", text) if piece.strip()]
    taken = _Parts(set(), set(), set(), set())
    if pieces and all(taken.take(piece) for piece in pieces):
        _merge(parts, taken)
        return True
    return not _BRACKETS.search(text) and parts.take(text)


def _merge(parts: _Parts, more: _Parts) -> None:
    parts.kinds |= more.kinds
    parts.detail |= more.detail
    parts.editions |= more.editions
    parts.featured |= more.featured


def _take_groups(title: str, parts: _Parts) -> str:
    def drop_known(found: re.Match[str]) -> str:
        group = next(text for text in found.groups() if text is not None)
        return "" if parts.take(group) else f" {_take_groups(group, parts)} "

    return _GROUP.sub(drop_known, title)


def _fold_name(text: str) -> str:
    """Fold a name; "Pt. II", "Part 2" and "Part Two" of a title are one."""
    folded = fold(text)
    if "p" not in folded or not _PART.search(folded):
        return folded
    return _PART.sub(lambda found: f"part {_ROMAN.get(found['number'], found['number'])}", folded)
