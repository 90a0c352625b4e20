"""Songs of the Subsonic API as tracks and entries. Pure."""

from pathlib import PurePosixPath

from cmdarr.clients.subsonic.answers import Scalar, Song, text, whole
from cmdarr.library.formats.identifier import parse_isrc, parse_mbid
from cmdarr.models.playlist import PlaylistEntry
from cmdarr.models.track import LibraryTrack, RecordingMbid, ServerId

_LONGEST_MS = 10_000_000_000


def track_of(song: Song, album_artist: str = "") -> LibraryTrack:
    """Return a song as a track of the library; `album_artist` as its album says, where the song does not.

    The `musicBrainzId` of a song is the one of the recording.
    """
    mbid = parse_mbid(text(song.music_brainz_id))
    album_artist = text(song.display_album_artist) or album_artist
    return LibraryTrack(
        server_id=ServerId(text(song.id)),
        title=text(song.title) or PurePosixPath(text(song.path)).stem,
        artist=artist_of(song) or album_artist,
        album=text(song.album),
        album_artist=album_artist,
        disc=_number(song.disc_number),
        number=_number(song.track),
        duration_ms=_milliseconds(song.duration),
        year=_number(song.year),
        recording_mbid=RecordingMbid(mbid) if mbid else None,
        isrc=next(filter(None, map(parse_isrc, song.isrcs)), None),
    )


def entry_of(song: Song) -> PlaylistEntry:
    """Return a song as an entry of a playlist: places have no ids of their own."""
    return PlaylistEntry(
        server_id=ServerId(text(song.id)),
        artist=artist_of(song),
        title=text(song.title),
        album=text(song.album),
    )


def artist_of(song: Song) -> str:
    """Return the artist of a song, all of them where the server names several."""
    return text(song.display_artist) or text(song.artist)


def _number(value: Scalar) -> int | None:
    """Return a whole number above zero, None for anything else."""
    number = whole(value)
    return number if number is not None and 0 < number < 1_000_000 else None


def _milliseconds(value: Scalar) -> int | None:
    try:
        milliseconds = round(float(text(value)) * 1000)
    except (ValueError, OverflowError):
        return None
    return milliseconds if 0 < milliseconds < _LONGEST_MS else None
