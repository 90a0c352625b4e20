"""Titles taken apart: the name of the recording, which version of it this is, in which edition, with whom. Pure.

A version (live, remix, acoustic, karaoke …) is another recording; an edition (remaster, deluxe, mono) is the same one.
"""

import re
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_
from typing import NamedTuple

from cmdarr.matching.credit import FEATURED, split_names
from cmdarr.matching.fold import compact, fold, fold_anew, normal_form
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
_MAYBE_DASH = re.compile(r"[-–—~]")
_PIECES = re.compile(r"[()\[\]/;]")
_BRACKETS = re.compile(r"[()\[\]{}]")
_SIGNS_OF_PARTS = re.compile(r"[(\[{~–—\-fF]")
"""One of these is in every title that has parts."""
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


class Title(NamedTuple):
    """A title taken apart. `name` is folded; `key` is the name without spaces, what the look-ups go by."""

    name: str
    key: str
    version: Version = Version()
    editions: frozenset[str] = frozenset()
    featured: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Part:
    """What a bracket or a dash part says."""

    kinds: frozenset[str] = frozenset()
    detail: frozenset[str] = frozenset()
    editions: frozenset[str] = frozenset()
    featured: frozenset[str] = frozenset()

    def __or__(self, other: "_Part") -> "_Part":
        if self is _NOTHING or other is _NOTHING:  # nearly always: most titles say one thing, or nothing
            return self if other is _NOTHING else other
        return _Part(
            self.kinds | other.kinds,
            self.detail | other.detail,
            self.editions | other.editions,
            self.featured | other.featured,
        )


_NOTHING = _Part()


@lru_cache(maxsize=4096)
def _read_part(text: str) -> _Part | None:
    """Read a bracket or a dash part: a credit, an edition or a version; None when it belongs to the name."""
    folded = fold(text)
    if not folded:
        return None
    words = folded.split(" ")
    return (
        _read_credit(text, words) or _read_edition(text, folded, words) or _read_version(text, folded, words)
    )


def says_version(text: str) -> bool:
    """Whether a bracket or a dash part says a credit, an edition or a version; no name repeats that."""
    return _read_part(text) is not None


def _read_credit(text: str, words: list[str]) -> _Part | None:
    found = _FEAT_GROUP.match(text.strip())
    if found is None or not KIND_WORDS.keys().isdisjoint(words):
        return None
    return _Part(featured=frozenset(split_names(found["names"])))


def _read_edition(text: str, folded: str, words: list[str]) -> _Part | None:
    if SOUNDTRACK.match(text):
        return _Part(editions=frozenset({"soundtrack"}))
    if folded in PLAIN_EDITIONS or text.lstrip().startswith("+"):
        return _Part(editions=frozenset({folded}))
    strong = [word for word in words if word in EDITION_WORDS]
    years = [word for word in words if YEAR.fullmatch(word)]
    fillers = [word for word in words if word in EDITION_FILLERS]
    if len(strong) + len(years) + len(fillers) < len(words) or not _says_edition(strong, years, fillers):
        return None
    return _Part(editions=frozenset(strong or ("mix",)))


def _says_edition(strong: list[str], years: list[str], fillers: list[str]) -> bool:
    if any(word not in WEAK_EDITION_WORDS for word in strong) or (strong and (fillers or len(strong) > 1)):
        return True
    return bool(years) and "mix" in fillers


def _read_version(text: str, folded: str, words: list[str]) -> _Part | None:
    kinds = {KIND_WORDS[word] for word in words if word in KIND_WORDS}
    kinds.update(kind for pattern, kind in KIND_PHRASES if pattern.search(folded))
    detail = set(words)
    if owner := OWN_VERSION.match(text):
        kinds.add("rerecorded")
        detail = set(fold(owner["owner"]).split(" "))
    elif not kinds and not detail.isdisjoint(("mix", "mixes")):
        kinds.add("remix")
    elif not kinds and not detail.isdisjoint(("version", "versions")):
        kinds.add("other")
    if not kinds:
        return None
    return _Part(frozenset(kinds), frozenset(detail - KIND_WORDS.keys() - DETAIL_NOISE - EDITION_WORDS))


@lru_cache(maxsize=8192)
def parse_title(title: str) -> Title:
    """Take a title apart; brackets and dash parts that say nothing known stay in the name."""
    return parse_title_anew(title)


def parse_title_anew(title: str) -> Title:
    """Take a title apart that will hardly come again, as a library's titles while it is read."""
    text = title if title.isascii() else normal_form(title)
    if _SIGNS_OF_PARTS.search(text) and _MAYBE_PARTS.search(text):
        return _parse_parts(text)
    name = _fold_name(text)
    return Title(name, compact(name))


def _parse_parts(title: str) -> Title:
    left, credit = _take_bare_credit(title)
    left, dashes = _take_dashes(left)
    left, groups = _take_groups(left)
    name = _fold_name(left)
    if not name or not left.strip(" -–—"):
        name = _fold_name(title)
        return Title(name, compact(name))
    said = credit | dashes | groups
    return Title(name, compact(name), Version(said.kinds, said.detail), said.editions, said.featured)


def _take_bare_credit(title: str) -> tuple[str, _Part]:
    lowered = title.lower()
    found = _FEAT_BARE.search(title) if "feat" in lowered or "ft" in lowered else None
    if found is None:
        return title, _NOTHING
    left = title[: found.start()] + title[found.end() :]
    return left, _Part(featured=frozenset(split_names(found["names"])))


def _take_dashes(title: str) -> tuple[str, _Part]:
    """Take parts off behind a dash as long as they say something: "Song - Live - 2011 Remaster"."""
    said = _NOTHING
    while _MAYBE_DASH.search(title) and (dashes := list(_DASH.finditer(title))):
        part = _read_behind(title[dashes[-1].end() :])
        if part is None:
            break
        said |= part
        title = title[: dashes[-1].start()]
    return title, said


def _read_behind(text: str) -> _Part | None:
    """Read what stands behind a dash, also when it holds brackets or slashes of its own."""
    pieces = [_read_part(piece) for piece in _PIECES.split(text) if piece.strip()]
    known = [piece for piece in pieces if piece is not None]
    if pieces and len(known) == len(pieces):
        return reduce(or_, known)
    return None if _BRACKETS.search(text) else _read_part(text)


def _take_groups(title: str) -> tuple[str, _Part]:
    """Take the brackets off that say something; brackets within brackets too."""
    said = _NOTHING

    def drop_known(found: re.Match[str]) -> str:
        nonlocal said
        group = next(text for text in found.groups() if text is not None)
        part = _read_part(group)
        left, more = (" ", part) if part else _take_groups(group)
        said |= more
        return f" {left} "

    return (_GROUP.sub(drop_known, title), said) if _BRACKETS.search(title) else (title, said)


def _fold_name(text: str) -> str:
    """Fold a name; "Pt. II", "Part II" and "Part 2" are one."""
    folded = fold_anew(text)
    if ("pt" not in folded and "part" not in folded) or not _PART.search(folded):
        return folded
    return _PART.sub(lambda found: f"part {_ROMAN.get(found['number'], found['number'])}", folded)
