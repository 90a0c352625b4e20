"""Tracks as Deezer tells them, to wanted tracks. Pure."""

from cmdarr.clients.deezer.answers import Track
from cmdarr.library.formats.identifier import parse_isrc
from cmdarr.models.track import WantedTrack


def wanted_of(track: Track) -> WantedTrack | None:
    """Return what is wanted, None where artist or title is not told.

    Whether Deezer can play it (`readable`) says nothing about the user's own library.
    """
    artist = ((track.artist and track.artist.name) or "").strip()
    title = title_of(track)
    if not (artist and title):
        return None
    album = track.album
    album_artist = ((album and album.artist and album.artist.name) or "").strip()
    return WantedTrack(
        artist=artist,
        title=title,
        album=((album and album.title) or "").strip(),
        album_artist=album_artist,
        duration_ms=track.duration * 1000 if track.duration and track.duration > 0 else None,
        isrc=parse_isrc(track.isrc or ""),
        year=year_of(track.release_date or (album.release_date if album else None)),
    )


def title_of(track: Track) -> str:
    """Return the title as the shop shows it: with its version, which some answers tell beside it only."""
    title, version = (track.title or "").strip(), (track.title_version or "").strip()
    if not title or not version or version.casefold() in title.casefold():
        return title
    return f"{title} {version}"


def year_of(date: str | None) -> int | None:
    """Return the year of `2013-05-17`; Deezer writes `0000-00-00` for an unknown date."""
    year = (date or "")[:4]
    return int(year) if year.isascii() and year.isdigit() and int(year) > 0 else None


def name_entry(track: Track) -> str:
    """Name an entry that cannot be wanted."""
    artist = ((track.artist and track.artist.name) or "").strip()
    told = title_of(track) or artist or f"track {track.id}"
    return f"{told} (Deezer tells no {'artist' if title_of(track) else 'title'})"
