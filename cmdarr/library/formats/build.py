"""The last step of every parser: texts of one row to a wanted track, rows to a playlist."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath

from cmdarr.library.formats.identifier import parse_isrc
from cmdarr.library.formats.place import Place
from cmdarr.library.formats.text import clean_line
from cmdarr.models.playlist import SourcePlaylist
from cmdarr.models.track import RecordingMbid, WantedTrack


def build_track(
    place: Place,
    texts: Mapping[str, str],
    *,
    duration_ms: int | None = None,
    recording_mbid: RecordingMbid | None = None,
) -> WantedTrack:
    """Return a track from the texts `artist`, `title`, `album`, `album_artist`, `isrc` (absent is empty).

    Raises:
        SourceIncomplete: artist or title is empty.
    """
    clean = {field: clean_line(text) for field, text in texts.items()}
    for field in ("title", "artist"):
        if not clean.get(field):
            other = clean.get("artist" if field == "title" else "title", "")
            of = f" of '{other}'" if other else ""
            raise place.error(f"the {field}{of} is empty", "fill it in or delete the entry")
    return WantedTrack(
        artist=clean["artist"],
        title=clean["title"],
        album=clean.get("album", ""),
        album_artist=clean.get("album_artist", ""),
        duration_ms=duration_ms,
        recording_mbid=recording_mbid,
        isrc=parse_isrc(clean.get("isrc", "")),
    )


def build_playlist(
    name: str,
    title: str,
    tracks: Sequence[WantedTrack],
    *,
    description: str = "",
    announced: int | None = None,
) -> SourcePlaylist:
    """Return the playlist; an empty title becomes the file's name without its ending.

    Raises:
        SourceIncomplete: there are no tracks, or another number than the file announces.
    """
    if announced is not None and announced != len(tracks):
        raise Place(name).error(
            f"the file announces {announced} tracks and holds {len(tracks)}", "export it again"
        )
    if not tracks:
        raise Place(name).error("the playlist holds no tracks", "export it again")
    return SourcePlaylist(
        title=clean_line(title) or clean_line(PurePath(name).stem) or "playlist",
        tracks=tuple(tracks),
        description=clean_line(description),
    )
