"""Answers of ListenBrainz as tracks, artists and editions. Pure."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cmdarr.clients.listenbrainz.answers import (
    Feedback,
    JspfPlaylist,
    JspfTrack,
    SimilarRow,
    TopArtist,
    TopRecording,
    number,
    text,
    texts,
)
from cmdarr.clients.listenbrainz.wish import CURATED
from cmdarr.library.formats.identifier import parse_mbid, parse_recording_mbid
from cmdarr.library.formats.text import clean_line
from cmdarr.matching.artist_name import names_nobody
from cmdarr.matching.fold import fold
from cmdarr.models.artist import ArtistMbid, ArtistRef, ListenedArtist, SimilarArtist
from cmdarr.models.track import RecordingMbid, WantedTrack

_PLAYLIST = re.compile(r"(?:.*/)?([0-9a-f-]{36})/?", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TAG = re.compile(r"<[^<>]*>")
_LONGEST_MS = 1e10


@dataclass(frozen=True, slots=True)
class Edition:
    """A curated playlist in the list of playlists: its MBID, when it was made (ISO text), and its title."""

    mbid: str
    date: str
    title: str

    @property
    def day(self) -> str:
        """The day it was made, or that its title names: what tells it from the others."""
        return self.date[:10]


def track_of(track: JspfTrack) -> WantedTrack | str:
    """Return a track of a playlist, or its name where ListenBrainz does not know artist or title."""
    mbid = next(filter(None, map(_recording_of, texts(track.identifier))), None)
    return _wanted(text(track.creator), text(track.title), text(track.album), mbid, number(track.duration))


def track_of_top(row: TopRecording) -> WantedTrack | str:
    """Return a recording of a top list, or its name where artist or title is not known."""
    mbid = parse_recording_mbid(text(row.recording_mbid))
    return _wanted(text(row.artist_name), text(row.track_name), text(row.release_name), mbid)


def track_of_feedback(row: Feedback) -> WantedTrack | str:
    """Return a loved recording, or its id where ListenBrainz has no metadata of it."""
    known = row.track_metadata
    mapped = known.mbid_mapping.recording_mbid if known and known.mbid_mapping else None
    mbid = parse_recording_mbid(text(row.recording_mbid)) or parse_recording_mbid(text(mapped))
    if known is None:
        return f"recording {mbid or clean_line(text(row.recording_msid)) or 'without a name'}"
    return _wanted(text(known.artist_name), text(known.track_name), text(known.release_name), mbid)


def _recording_of(address: str) -> RecordingMbid | None:
    return parse_recording_mbid(address) if "/recording/" in address else None


def _wanted(
    artist: str, title: str, album: str, mbid: RecordingMbid | None, duration_ms: float = 0
) -> WantedTrack | str:
    artist, title = clean_line(artist), clean_line(title)
    if not artist or not title:
        return title or artist or f"recording {mbid or 'without a name'}"
    return WantedTrack(
        artist=artist,
        title=title,
        album=clean_line(album),
        duration_ms=round(duration_ms) or None if duration_ms < _LONGEST_MS else None,
        recording_mbid=mbid,
    )


def find_editions(playlists: Iterable[JspfPlaylist], kind: str) -> list[Edition]:
    """Return the curated playlists of a kind, newest first, one a day.

    They are told by `source_patch`, by the title only where there is none.
    """
    found = [edition for playlist in playlists if _is_of(playlist, kind) for edition in _edition_of(playlist)]
    newest: dict[str, Edition] = {}
    for edition in sorted(found, key=lambda edition: (edition.date, edition.mbid), reverse=True):
        newest.setdefault(edition.day, edition)
    return list(newest.values())


def _is_of(playlist: JspfPlaylist, kind: str) -> bool:
    patch = playlist.source_patch
    return patch == kind if patch else fold(text(playlist.title)).startswith(f"{fold(CURATED[kind])} for ")


def _edition_of(playlist: JspfPlaylist) -> list[Edition]:
    """Return the edition, nothing for a playlist without an id or a day."""
    title = clean_line(text(playlist.title))
    places = (_PLAYLIST.fullmatch(place.strip()) for place in texts(playlist.identifier))
    mbid = next(filter(None, (parse_mbid(place[1]) for place in places if place)), None)
    date = text(playlist.date).strip()
    if not _DAY.match(date):
        named = _DAY.search(title)
        date = named[0] if named else ""
    return [Edition(mbid, date, title)] if mbid and date else []


def plain_text(annotation: str) -> str:
    """Return a description without its HTML."""
    return clean_line(re.sub(r"\s+", " ", html.unescape(_TAG.sub(" ", annotation))))


def similar_artists(rows: Sequence[SimilarRow], asked: ArtistMbid) -> list[SimilarArtist]:
    """Return similar artists, best first, each once, without the one that was asked for; the best has score 1."""
    best: dict[ArtistMbid, tuple[float, str]] = {}
    for row in rows:
        mbid, name, score = parse_mbid(text(row.artist_mbid)), clean_line(text(row.name)), number(row.score)
        is_asked = mbid in {asked, parse_mbid(text(row.reference_mbid))}
        if mbid and not is_asked and score and not names_nobody(name):
            best[ArtistMbid(mbid)] = max(best.get(ArtistMbid(mbid), (0.0, "")), (score, name))
    most = max((score for score, _ in best.values()), default=1.0)
    ordered = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))
    return [
        SimilarArtist(artist=ArtistRef(name=name, mbid=mbid), score=score / most)
        for mbid, (score, name) in ordered
    ]


def listened_artists(rows: Sequence[TopArtist]) -> list[ListenedArtist]:
    """Return the artists of a top list in their order; rows without a name are left out."""
    found = []
    for row in rows:
        name, mbid = clean_line(text(row.artist_name)), parse_mbid(text(row.artist_mbid))
        if not names_nobody(name):
            artist = ArtistRef(name=name, mbid=ArtistMbid(mbid) if mbid else None)
            found.append(ListenedArtist(artist=artist, listens=round(number(row.listen_count))))
    return found
