"""Keys: the signed 64-bit hashes by which a library track is found again. Pure and stable over processes.

A key is only a way to candidates: what is found by one is still compared (`cmdarr.matching.decide`). Whoever
changes what goes into a key raises `KEY_FORMAT`, so that stored indexes are built anew.
"""

from hashlib import blake2b

from cmdarr.matching.credit import Credit, parse_credit
from cmdarr.matching.near_keys import track_blocks, wanted_blocks
from cmdarr.matching.version import parse_title
from cmdarr.models.match import PinTarget
from cmdarr.models.track import LibraryTrack, WantedTrack

_MOST_NAMES = 6
"""How many credited names of one text become keys."""


def track_keys(track: LibraryTrack) -> tuple[int, ...]:
    """Return every key that a library track is found by, each once."""
    title = parse_title(track.title)
    artist = parse_credit(track.artist)
    keys = _artist_keys(title.key, artist, parse_credit(track.album_artist))
    keys.append(_hash(f"t\0{title.key}"))
    keys += map(_hash, track_blocks(track, title, artist))
    return (*keys, *_identifier_keys(track.recording_mbid, track.isrc))


def wanted_keys(wanted: WantedTrack) -> tuple[int, ...]:
    """Return the keys that lead to the matches of a wanted track, and to its nearest candidates."""
    return (*match_keys(wanted), *near_keys(wanted))


def match_keys(wanted: WantedTrack) -> tuple[int, ...]:
    """Return the keys that every exact match shares with the wanted track."""
    title = parse_title(wanted.title)
    guests = Credit("", (), tuple(sorted(title.featured)))
    keys = _artist_keys(title.key, parse_credit(wanted.artist), parse_credit(wanted.album_artist), guests)
    return (*keys, *_identifier_keys(wanted.recording_mbid, wanted.isrc))


def near_keys(wanted: WantedTrack) -> tuple[int, ...]:
    """Return the keys of what may match by another spelling, reading or script, and of the same title by anybody."""
    return tuple(map(_hash, wanted_blocks(wanted)))


def pin_keys(target: PinTarget) -> tuple[int, ...]:
    """Return the keys that lead to the track a pin names."""
    return tuple(_artist_keys(parse_title(target.title).key, parse_credit(target.artist)))


def _artist_keys(name: str, *credits_: Credit) -> list[int]:
    """Return the keys of a title by every name of the credits, each once."""
    artists: dict[str, None] = {}
    for credit in credits_:
        if credit.whole:
            artists[credit.whole] = None
        artists.update(dict.fromkeys((*credit.names, *credit.featured)[:_MOST_NAMES]))
    return [_hash(f"a\0{artist}\0{name}") for artist in artists]


def _identifier_keys(recording_mbid: str | None, isrc: str | None) -> list[int]:
    keys = [_hash(f"m\0{recording_mbid.lower()}")] if recording_mbid else []
    return [*keys, _hash(f"i\0{plain_isrc(isrc)}")] if isrc else keys


def plain_isrc(isrc: str) -> str:
    """Return an ISRC without its hyphens, in capitals."""
    return isrc.replace("-", "").replace(" ", "").upper()


def _hash(text: str) -> int:
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
