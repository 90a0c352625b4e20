"""Readings of a track's texts: what they mean once what a bad file name or tag put into the title is taken out. Pure.

A reading only adds a way to compare; the texts as written are always the first reading. What says a version or an
edition stays where it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from cmdarr.matching.album import is_unnamed, parse_album
from cmdarr.matching.credit import parse_credit
from cmdarr.matching.fold import fold, normal_form
from cmdarr.matching.spelling import is_misspelling
from cmdarr.matching.version import says_version

_NUMBER = re.compile(
    r"^\s*(?:\d{1,2}-\d{1,2}|[a-z]?\d{1,3}|0\w{2})\s*(?:-\s*|\.\s+|\s*[_)]\s*)(?=\S)", re.IGNORECASE
)
"""A track number in front of the title, as in file names: "07 - ", "003-", "1-02 - ", "A1. "."""
_DASH = re.compile(r"\s+[-–—]+\s+")
_ODD = re.compile(r"^\s*(?:[a-z]?\d|0\w\w-)|_|-{3}|``|[\ufffdÃÂÌ]", re.IGNORECASE)
"""What a title may have that no song is called; whatever else repeats artist or album."""
_ODD_START = re.compile(r"\s*(?:[a-z]?\d|0\w\w-)", re.IGNORECASE)
"""The same at the beginning of an ASCII title."""
_SLUG_DASH = re.compile(r"-{3}|_[-–]_")
_BROKEN = re.compile(r"\ufffd|``|(?<!\S)_(?!\S)|[ÃÂÌ](?=[^\x00-\x7f]|\s+_)")
_BROKEN_LETTERS = re.compile(r"[^\x00-\x7f]|[_`'’]+")
_SPACES = re.compile(r"\s+")
_SLACK = 12
"""By how many characters a bracket and the album that it repeats may differ in length: "(2008)", "[Deluxe]"."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a track's texts."""

    artist: str
    title: str
    album: str
    is_written: bool = False
    """Whether these are the texts as they stand."""
    doubt: int = 0
    """How much speaks against the reading: as many witnesses (album, duration) must speak for it."""
    needs_album: bool = False
    """Whether the other side must name the same album: what was taken off may be more than that."""


@lru_cache(maxsize=2048)
def readings(artist: str, title: str, album: str) -> tuple[Reading, ...]:
    """Return every reading of the texts, each once, the texts as written first."""
    written = Reading(artist, title, album, is_written=True)
    if not is_suspect(artist, title, album):
        return (written,)
    written = Reading(artist, normal_form(title), album, is_written=True)
    others = {(one.artist, one.title, one.album): one for one in reversed(list(_others(written)))}
    others.pop((artist, written.title, album), None)
    return (written, *reversed(others.values()))


def is_suspect(artist: str, title: str, album: str) -> bool:
    """Whether a title may hold more than the song's name; most do not, and are not taken apart any further."""
    if _is_odd(title):
        return True
    has_dash = " -" in title or "–" in title or "—" in title
    if not has_dash and not title.rstrip().endswith((")", "]")):
        return False
    if has_dash and (is_unnamed(album) or not parse_credit(artist).whole):
        return True
    name = title.casefold()
    return (has_dash and name[:3] == artist[:3].casefold()) or any(
        part in name for part in (album[:3].casefold(), album[-3:].casefold()) if part
    )


def _is_odd(title: str) -> bool:
    if not title.isascii():
        return _ODD.search(title) is not None
    return "_" in title or "---" in title or "``" in title or _ODD_START.match(title) is not None


def _others(written: Reading) -> Iterator[Reading]:
    plain = _without_slug(written.title)
    for title in dict.fromkeys((plain, _without_number(plain))):
        if title != written.title:
            yield Reading(written.artist, title, written.album)
        yield from _without_artist(written, title)
        yield from _without_album(written, title)
    if _BROKEN.search(written.title):
        yield Reading(written.artist, _without_broken(written.title), written.album, doubt=1)


def _without_slug(title: str) -> str:
    """Undo what file names do to spaces: "i_melt_-_anormale", "oh-daddy---rumours"."""
    if " " in title or not (_SLUG_DASH.search(title) or "_" in title):
        return title
    parts = _SLUG_DASH.split(title)
    return " - ".join(part.replace("_", " ").replace("-", " ") for part in parts)


def _without_number(title: str) -> str:
    """Take the number of the track off: a file named "003-Hurt" holds no song of that name."""
    return _NUMBER.sub("", title, count=1) or title


def _without_broken(title: str) -> str:
    """Leave out what a broken encoding made of letters: "MÌ _" and "M' _" were both "Mí"."""
    return _SPACES.sub(" ", _BROKEN_LETTERS.sub("", title)).strip() or title


def _without_artist(written: Reading, title: str) -> Iterator[Reading]:
    """Read "Artist - Title" as file names have it: where the artist is missing, or stands there once more."""
    dash = _DASH.search(title)
    if dash is None or not dash.start():
        return
    before, after = title[: dash.start()], title[dash.end() :]
    artist = parse_credit(written.artist).whole
    if not artist:
        yield Reading(before, after, written.album)
    elif parse_credit(before).whole == artist:
        yield Reading(written.artist, after, written.album)


def _without_album(written: Reading, title: str) -> Iterator[Reading]:
    """Take the album off the end of a title: what repeats the album's name is no part of the song's."""
    for name, group in _endings(title):
        if _repeats(group, written.album):
            yield Reading(written.artist, name, written.album, needs_album=says_version(group))
    if parse_album(written.album).key or not parse_credit(written.artist).whole:
        return
    for dash in list(_DASH.finditer(title))[-1:]:
        name, album = title[: dash.start()], title[dash.end() :]
        if name and (not says_version(album) or " " in album):
            yield Reading(written.artist, name, album, doubt=1, needs_album=True)


def _endings(title: str) -> Iterator[tuple[str, str]]:
    """Yield the title without its last bracket, and without what stands behind its last dash, each with that part."""
    start = _start_of_last_group(title)
    if start > 0:
        yield title[:start].rstrip(), title.rstrip()[start + 1 : -1]
    for dash in list(_DASH.finditer(title))[-1:]:
        if dash.start():
            yield title[: dash.start()], title[dash.end() :]


def _start_of_last_group(title: str) -> int:
    """Return where the bracket begins that ends the title, brackets within it counted; -1 when there is none."""
    text, depth = title.rstrip(), 0
    if not text.endswith((")", "]")):
        return -1
    for place in range(len(text) - 1, -1, -1):
        depth += (text[place] in ")]") - (text[place] in "([")
        if not depth:
            return place
    return -1


def _repeats(text: str, album: str) -> bool:
    """Whether a text is the album's name; one that may be a version as well must be so to the letter."""
    if abs(len(text) - len(album)) > _SLACK or not (key := parse_album(album).key):
        return False
    if says_version(text):
        return " " in text and fold(text) == fold(album)
    return is_misspelling(parse_album(text).key, key)
