"""Answers of Last.fm as tracks and artists. Pure.

MBIDs and durations of tracks are not taken over: many are of another recording, and a match would trust them.
"""

from collections.abc import Iterable

from cmdarr.clients.lastfm.answers import Artist, Track, name_of, share, text, whole
from cmdarr.library.formats.identifier import parse_mbid
from cmdarr.library.formats.text import clean_line
from cmdarr.matching.artist_name import artist_key, names_nobody
from cmdarr.models.artist import ArtistMbid, ArtistRef, ListenedArtist, SimilarArtist
from cmdarr.models.track import WantedTrack


def track_of(track: Track) -> WantedTrack | str:
    """Return a track, or what is known of it where artist or title is missing."""
    artist, title = clean_line(name_of(track.artist)), clean_line(text(track.name))
    if not artist or not title:
        return title or artist or "an entry without a name"
    return WantedTrack(artist=artist, title=title, album=clean_line(name_of(track.album)))


def ref_of(artist: Artist) -> ArtistRef | None:
    """Return an artist; its MBID is a hint that is often outdated. None for a name that stands in for one."""
    name, mbid = clean_line(text(artist.name)), parse_mbid(text(artist.mbid))
    if names_nobody(name):
        return None
    return ArtistRef(name=name, mbid=ArtistMbid(mbid) if mbid else None)


def similar_artists(rows: Iterable[Artist], asked: ArtistRef) -> list[SimilarArtist]:
    """Return similar artists, best first, each once, without the one that was asked for."""
    best: dict[str, SimilarArtist] = {}
    for row in rows:
        found = ref_of(row)
        if found is None or _is_same(found, asked):
            continue
        key = found.mbid or artist_key(found.name)
        score = share(row.match)
        if key not in best or best[key].score < score:
            best[key] = SimilarArtist(artist=found, score=score)
    return sorted(best.values(), key=lambda one: (-one.score, one.artist.name, one.artist.mbid or ""))


def listened_artists(rows: Iterable[Artist]) -> list[ListenedArtist]:
    """Return the artists of a top list in their order."""
    found = ((ref_of(row), whole(row.playcount) or 0) for row in rows)
    return [ListenedArtist(artist=artist, listens=listens) for artist, listens in found if artist]


def _is_same(one: ArtistRef, other: ArtistRef) -> bool:
    same_mbid = one.mbid is not None and one.mbid == other.mbid
    return same_mbid or artist_key(one.name) == artist_key(other.name)
