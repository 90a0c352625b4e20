"""Keys: the signed 64-bit hashes by which a library track is found again. Pure and stable over processes.

A key is only a way to candidates: what is found by one is still compared (`cmdarr.matching.decide`). Whoever
changes what goes into a key changes `KEY_FORMAT`, so that stored indexes are built anew.
"""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

from cmdarr.matching.credit import Credit, parse_credit
from cmdarr.matching.version import parse_title
from cmdarr.models.match import PinTarget
from cmdarr.models.track import LibraryTrack, WantedTrack

KEY_FORMAT = 1
_MOST_NAMES = 6
"""How many credited names of one text become keys."""


def track_keys(track: LibraryTrack) -> tuple[int, ...]:
    """Return every key that a library track is found by, each once."""
    credits_ = (parse_credit(track.artist), parse_credit(track.album_artist))
    keys = _identity_keys(track.title, credits_, track.recording_mbid, track.isrc)
    return tuple(dict.fromkeys((*keys, _title_key(track.title))))


def wanted_keys(wanted: WantedTrack) -> tuple[int, ...]:
    """Return the keys that lead to the matches of a wanted track, and to its nearest candidates."""
    return tuple(dict.fromkeys((*match_keys(wanted), *nearest_keys(wanted))))


def match_keys(wanted: WantedTrack) -> tuple[int, ...]:
    """Return the keys that every possible match shares with the wanted track."""
    credits_ = (parse_credit(wanted.artist), parse_credit(wanted.album_artist), _featured(wanted.title))
    return tuple(dict.fromkeys(_identity_keys(wanted.title, credits_, wanted.recording_mbid, wanted.isrc)))


def nearest_keys(wanted: WantedTrack) -> tuple[int, ...]:
    """Return the keys of tracks that are worth naming when nothing matches: the same title by anybody."""
    return (_title_key(wanted.title),)


def pin_keys(target: PinTarget) -> tuple[int, ...]:
    """Return the keys that lead to the track a pin names."""
    return tuple(_identity_keys(target.title, (parse_credit(target.artist),), None, None))


def _featured(title: str) -> Credit:
    return Credit("", (), tuple(sorted(parse_title(title).featured)))


def _identity_keys(
    title: str, credits_: Iterable[Credit], recording_mbid: str | None, isrc: str | None
) -> Iterable[int]:
    name = parse_title(title).key
    for credit in credits_:
        for artist in dict.fromkeys((credit.whole, *credit.names, *credit.featured)[: _MOST_NAMES + 1]):
            if artist:
                yield _hash(f"a\0{artist}\0{name}")
    if recording_mbid:
        yield _hash(f"m\0{recording_mbid.lower()}")
    if isrc:
        yield _hash(f"i\0{plain_isrc(isrc)}")


def _title_key(title: str) -> int:
    return _hash(f"t\0{parse_title(title).key}")


def plain_isrc(isrc: str) -> str:
    """Return an ISRC without its hyphens, in capitals."""
    return isrc.replace("-", "").replace(" ", "").upper()


@lru_cache(maxsize=4096)
def _hash(text: str) -> int:
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
