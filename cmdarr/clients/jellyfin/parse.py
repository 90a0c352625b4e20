"""Items of the Jellyfin API as tracks and entries. Pure."""

from cmdarr.clients.jellyfin.answers import Item, short
from cmdarr.library.formats.identifier import parse_mbid
from cmdarr.models.playlist import PlaylistEntry
from cmdarr.models.track import LibraryTrack, RecordingMbid, ReleaseTrackMbid, ServerId

_TICKS_PER_MS = 10_000
_LONGEST_MS = 10_000_000_000


def track_of(item: Item) -> LibraryTrack:
    """Return an item as a track of the library.

    `MusicBrainzTrack` is the MBID of the release track, `MusicBrainzRecording` the one of the recording
    (jellyfin/jellyfin #11020, #12173).
    """
    ids = item.provider_ids or {}
    recording = parse_mbid(ids.get("MusicBrainzRecording") or "")
    release_track = parse_mbid(ids.get("MusicBrainzTrack") or "")
    return LibraryTrack(
        server_id=ServerId(short(item.id)),
        title=item.name or "",
        artist=artist_of(item),
        album=item.album or "",
        album_artist=item.album_artist or "",
        disc=_number(item.parent_index_number),
        number=_number(item.index_number),
        duration_ms=_milliseconds(item.run_time_ticks),
        year=_number(item.production_year),
        recording_mbid=RecordingMbid(recording) if recording else None,
        release_track_mbid=ReleaseTrackMbid(release_track) if release_track else None,
    )


def entry_of(item: Item) -> PlaylistEntry:
    """Return an item as an entry; the id of its place stays as the server wrote it, for it compares the letters."""
    return PlaylistEntry(
        server_id=ServerId(short(item.id)),
        entry_id=item.playlist_item_id or "",
        artist=artist_of(item),
        title=item.name or "",
        album=item.album or "",
    )


def artist_of(item: Item) -> str:
    """Return the artists of a track, where it has none the one of its album."""
    return ", ".join(filter(None, item.artists or ())) or item.album_artist or ""


def _number(value: int | None) -> int | None:
    return value if value is not None and 0 < value < 1_000_000 else None


def _milliseconds(ticks: int | None) -> int | None:
    milliseconds = round((ticks or 0) / _TICKS_PER_MS)
    return milliseconds if 0 < milliseconds < _LONGEST_MS else None
