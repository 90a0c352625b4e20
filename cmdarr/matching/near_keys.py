"""Texts of the keys of the second look-up, for what no exact key found: blocks of tracks whose names look alike. Pure.

A block is narrow on purpose, the outer letters of artist and title: an artist's whole work is never read, and typing
errors are seldom at the ends of a word.
"""

from collections.abc import Iterator

from cmdarr.matching.credit import Credit, parse_credit
from cmdarr.matching.fold import compact
from cmdarr.matching.readings import Reading, is_suspect, readings
from cmdarr.matching.script import consonants, has_few_vowels, in_latin, is_foreign, romanised
from cmdarr.matching.version import Title, parse_title
from cmdarr.models.track import LibraryTrack, WantedTrack

_LONG = 20
"""From so many letters on a title may have been cut off by an old tag; its first ones make a block of their own."""
_LONG_PART = 16
_MOST_NAMES = 4


def track_blocks(track: LibraryTrack, title: Title, artist: Credit) -> list[str]:
    """Return the texts of the blocks of a library track, given its title and its credit."""
    blocks = _blocks(artist.names[0], title.key) if artist.names else []
    if is_suspect(track.artist, track.title, track.album):
        blocks += _reading_blocks(readings(track.artist, track.title, track.album)[1:], 1)
    if is_foreign(track.artist) or is_foreign(track.title):
        blocks += _foreign_blocks(track.artist, title.name)
    return blocks


def wanted_blocks(wanted: WantedTrack) -> list[str]:
    """Return the texts of the blocks in which a wanted track may be found, each once."""
    found = readings(wanted.artist, wanted.title, wanted.album)
    blocks = dict.fromkeys(_reading_blocks(found, _MOST_NAMES))
    name = parse_title(wanted.title)
    for first in parse_credit(wanted.album_artist).names[:_MOST_NAMES]:
        blocks[block(first, name.key)] = None
    for artist in filter(None, (wanted.artist, wanted.album_artist)):
        if is_foreign(artist) or is_foreign(wanted.title):
            blocks[block(compact(in_latin(artist)), compact(in_latin(name.name)))] = None
        blocks[f"r\0{romanised(artist)}\0{romanised(name.name)}"] = None
        blocks[f"c\0{consonants(artist)}\0{consonants(name.name)}"] = None
    return list(blocks)


def block(artist: str, title: str) -> str:
    """Return the text of the block of two compact names."""
    return f"b\0{artist[:2]}{artist[-2:]}\0{title[:1]}{title[-1:]}"


def _blocks(artist: str, title: str) -> list[str]:
    if len(title) < _LONG:
        return [block(artist, title)]
    return [block(artist, title), f"l\0{artist}\0{title[:_LONG_PART]}"]


def _reading_blocks(found: tuple[Reading, ...], most: int) -> Iterator[str]:
    """Yield the blocks of some readings, and their titles by anybody."""
    for reading in found:
        name = parse_title(reading.title).key
        yield f"t\0{name}"
        for artist in parse_credit(reading.artist).names[:most]:
            yield from _blocks(artist, name)


def _foreign_blocks(artist: str, name: str) -> Iterator[str]:
    yield f"r\0{romanised(artist)}\0{romanised(name)}"
    if has_few_vowels(artist) or has_few_vowels(name):
        yield f"c\0{consonants(artist)}\0{consonants(name)}"
