"""The keys of the second look-up, for what no exact key found: blocks of tracks whose names look alike. Pure.

A block is narrow on purpose, the outer letters of artist and title: an artist's whole work is never read, and typing
errors are seldom at the ends of a word.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from cmdarr.matching.credit import parse_credit
from cmdarr.matching.fold import compact
from cmdarr.matching.key_hash import key_hash, name_hash
from cmdarr.matching.readings import Reading, is_suspect, readings
from cmdarr.matching.script import consonants, has_few_vowels, in_latin, is_foreign, romanised
from cmdarr.matching.version import Title, parse_title
from cmdarr.models.track import LibraryTrack, WantedTrack

_LONG = 20
"""From so many letters on a title may have been cut off by an old tag; its first ones make a block of their own."""
_LONG_PART = 16
_MOST_NAMES = 4


def title_key(key: str) -> int:
    """Return the key of a title by anybody."""
    return key_hash(f"t\0{key}")


def blocks_of_track(track: LibraryTrack, title: Title) -> list[int]:
    """Return the keys of the blocks that a library track is in, given its title."""
    names = _block_names(track.artist)
    blocks = _blocks(names[:1], title.key)
    if is_suspect(track.artist, track.title, track.album):
        blocks += _reading_blocks(readings(track.artist, track.title, track.album)[1:], 1)
    if not (track.artist.isascii() and track.title.isascii()) and (
        is_foreign(track.artist) or is_foreign(track.title)
    ):
        blocks += _foreign_blocks(track.artist, title.name)
    return blocks


def blocks_of_wanted(wanted: WantedTrack) -> list[int]:
    """Return the keys of the blocks in which a wanted track may be found, each once."""
    found = readings(wanted.artist, wanted.title, wanted.album)
    blocks = dict.fromkeys(_reading_blocks(found, _MOST_NAMES))
    name = parse_title(wanted.title)
    for first, _ in _block_names(wanted.album_artist):
        blocks[first ^ _outer_of_title(name.key)] = None
    for artist in filter(None, (wanted.artist, wanted.album_artist)):
        if is_foreign(artist) or is_foreign(wanted.title):
            latin = compact(in_latin(name.name))
            blocks[_outer_of_artist(compact(in_latin(artist))) ^ _outer_of_title(latin)] = None
        blocks[_romanised_artist(artist) ^ _romanised_title(name.name)] = None
        blocks[_consonants_of_artist(artist) ^ _consonants_of_title(name.name)] = None
    return list(blocks)


@lru_cache(maxsize=8192)
def _block_names(artist: str) -> tuple[tuple[int, int], ...]:
    """Return, for each of the first names of a credit, the hash of its outer letters and that of all of it."""
    names = parse_credit(artist).names[:_MOST_NAMES]
    return tuple((_outer_of_artist(name), name_hash(f"l\0{name}")) for name in names)


def _blocks(names: Iterable[tuple[int, int]], key: str) -> list[int]:
    outer = _outer_of_title(key)
    if len(key) < _LONG:
        return [first ^ outer for first, _ in names]
    long = key_hash(f"o\0{key[:_LONG_PART]}")
    return [block for first, whole in names for block in (first ^ outer, whole ^ long)]


def _reading_blocks(found: Iterable[Reading], most: int) -> Iterator[int]:
    """Yield the blocks of some readings, and their titles by anybody."""
    for reading in found:
        key = parse_title(reading.title).key
        yield title_key(key)
        yield from _blocks(_block_names(reading.artist)[:most], key)


def _foreign_blocks(artist: str, name: str) -> Iterator[int]:
    yield _romanised_artist(artist) ^ _romanised_title(name)
    if has_few_vowels(artist) or has_few_vowels(name):
        yield _consonants_of_artist(artist) ^ _consonants_of_title(name)


def _outer_of_artist(name: str) -> int:
    return name_hash(f"b\0{name[:2]}{name[-2:]}")


def _outer_of_title(key: str) -> int:
    return name_hash(f"e\0{key[:1]}{key[-1:]}")


def _romanised_artist(artist: str) -> int:
    return name_hash(f"r\0{romanised(artist)}")


def _romanised_title(name: str) -> int:
    return key_hash(f"s\0{romanised(name)}")


def _consonants_of_artist(artist: str) -> int:
    return name_hash(f"c\0{consonants(artist)}")


def _consonants_of_title(name: str) -> int:
    return key_hash(f"d\0{consonants(name)}")
