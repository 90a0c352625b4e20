"""Keys: the signed 64-bit hashes by which a library track is found again. Pure and stable over processes.

A key is only a way to candidates: what is found by one is still compared (`cmdarr.matching.decide`). Whoever
changes what goes into a key raises `KEY_FORMAT`, so that stored indexes are built anew.

The key of an artist with a title is the exclusive or of two hashes, which is as good as one hash of both: the names
of a library come again and again, and are hashed once.
"""

from functools import lru_cache

from cmdarr.matching.credit import parse_credit
from cmdarr.matching.key_hash import key_hash, name_hash
from cmdarr.matching.near_keys import blocks_of_track, blocks_of_wanted, title_key
from cmdarr.matching.version import parse_title, parse_title_anew
from cmdarr.models.match import PinTarget
from cmdarr.models.track import LibraryTrack, WantedTrack

_MOST_NAMES = 6
"""How many credited names of one text become keys."""


def track_keys(track: LibraryTrack) -> tuple[int, ...]:
    """Return every key that a library track is found by."""
    title = parse_title_anew(track.title)
    song = title_key(title.key)
    names = _name_hashes(track.artist)
    if track.album_artist and track.album_artist != track.artist:
        names = _both(names, _name_hashes(track.album_artist))
    keys = [name ^ song for name in names]
    keys.append(song)
    keys += blocks_of_track(track, title)
    if track.recording_mbid or track.isrc:
        keys += _identifier_keys(track.recording_mbid, track.isrc)
    return tuple(keys)


def _both(names: tuple[int, ...], others: tuple[int, ...]) -> tuple[int, ...]:
    return names if names == others else tuple(dict.fromkeys(names + others))


def wanted_keys(wanted: WantedTrack) -> tuple[int, ...]:
    """Return the keys that lead to the matches of a wanted track, and to its nearest candidates."""
    return (*match_keys(wanted), *near_keys(wanted))


def match_keys(wanted: WantedTrack) -> tuple[int, ...]:
    """Return the keys that every exact match shares with the wanted track."""
    title = parse_title(wanted.title)
    song = title_key(title.key)
    guests = map(_name_hash, sorted(title.featured)[:_MOST_NAMES])
    names = dict.fromkeys((*_name_hashes(wanted.artist), *_name_hashes(wanted.album_artist), *guests))
    return (*[name ^ song for name in names], *_identifier_keys(wanted.recording_mbid, wanted.isrc))


def near_keys(wanted: WantedTrack) -> tuple[int, ...]:
    """Return the keys of what may match by another spelling, reading or script, and of the same title by anybody."""
    return tuple(blocks_of_wanted(wanted))


def pin_keys(target: PinTarget) -> tuple[int, ...]:
    """Return the keys that lead to the track a pin names."""
    song = title_key(parse_title(target.title).key)
    return tuple(name ^ song for name in _name_hashes(target.artist))


@lru_cache(maxsize=8192)
def _name_hashes(artist: str) -> tuple[int, ...]:
    """Return the hashes of the whole credit and of the first names in it, each once."""
    credit = parse_credit(artist)
    names = (*credit.names, *credit.featured)[:_MOST_NAMES]
    return tuple(map(_name_hash, dict.fromkeys((credit.whole, *names) if credit.whole else names)))


def _name_hash(name: str) -> int:
    return name_hash(f"a\0{name}")


def _identifier_keys(recording_mbid: str | None, isrc: str | None) -> list[int]:
    keys = [key_hash(f"m\0{recording_mbid.lower()}")] if recording_mbid else []
    return [*keys, key_hash(f"i\0{plain_isrc(isrc)}")] if isrc else keys


def plain_isrc(isrc: str) -> str:
    """Return an ISRC without its hyphens, in capitals."""
    return isrc.replace("-", "").replace(" ", "").upper()
