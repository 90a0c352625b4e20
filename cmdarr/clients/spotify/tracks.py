"""Tracks as Spotify tells them, to wanted tracks. Pure."""

from collections.abc import Sequence

from cmdarr.clients.spotify.answers import Album, Artist, Track
from cmdarr.library.formats.identifier import parse_isrc
from cmdarr.models.track import WantedTrack


def wanted_of(track: Track, album: Album | None = None) -> WantedTrack | None:
    """Return what is wanted, None for what is no track of the catalogue; `album` where the track does not name it."""
    artist, title = join_artists(track.artists), (track.name or "").strip()
    if track.type != "track" or track.is_local or not (artist and title):
        return None
    album = track.album or album
    return WantedTrack(
        artist=artist,
        title=title,
        album=((album and album.name) or "").strip(),
        album_artist=join_artists(album.artists) if album else "",
        duration_ms=track.duration_ms if track.duration_ms and track.duration_ms > 0 else None,
        isrc=parse_isrc((track.external_ids and track.external_ids.isrc) or ""),
        year=_year_of(album.release_date if album else None),
    )


def join_artists(artists: Sequence[Artist] | None) -> str:
    """Return all names as one text."""
    names = (artist.name.strip() for artist in artists or () if artist.name)
    return ", ".join(name for name in names if name)


def name_entry(place: int, track: Track | None) -> str:
    """Name an entry that cannot be wanted; `place` counts from 1."""
    if track is None:
        return f"entry {place} (Spotify has it no longer)"
    artist, title = join_artists(track.artists), (track.name or "").strip()
    if track.type != "track":
        return f"{title or f'entry {place}'} ({track.type})"
    told = " – ".join(part for part in (artist, title) if part) or f"entry {place}"
    return f"{told} (local file)" if track.is_local else f"{told} (artist or title is missing)"


def _year_of(date: str | None) -> int | None:
    year = (date or "")[:4]
    return int(year) if year.isascii() and year.isdigit() and int(year) > 0 else None
