"""Items of Plex as tracks, entries and playlists. Pure."""

from cmdarr.clients.plex.answers import Container, Item, Scalar, text, truth, whole
from cmdarr.library.formats.identifier import parse_mbid
from cmdarr.models.playlist import PlaylistEntry, PlaylistId, PlaylistInfo
from cmdarr.models.track import LibraryTrack, ReleaseTrackMbid, ServerId

_MBID = "mbid://"
_LONGEST_MS = 10_000_000_000


def track_of(item: Item, container: Container) -> LibraryTrack:
    """Return an item as a track of the library.

    `mbid://` on a track is the MBID of the release track, never of the recording.
    """
    album_artist = text(item.grandparent_title) or text(container.grandparent_title)
    duration = whole(item.duration)
    return LibraryTrack(
        server_id=ServerId(text(item.rating_key)),
        title=text(item.title),
        artist=text(item.original_title) or album_artist,
        album=text(item.parent_title) or text(container.parent_title),
        album_artist=album_artist,
        disc=_number(item.parent_index) or _number(container.parent_index),
        number=_number(item.index),
        duration_ms=duration if duration is not None and 0 < duration < _LONGEST_MS else None,
        year=_number(item.year) or _number(item.parent_year) or _number(container.parent_year),
        release_track_mbid=_release_track_mbid(item),
    )


def entry_of(item: Item, container: Container) -> PlaylistEntry:
    """Return an item as an entry of a playlist."""
    return PlaylistEntry(
        server_id=ServerId(text(item.rating_key)),
        entry_id=text(item.playlist_item_id),
        artist=text(item.original_title) or text(item.grandparent_title) or text(container.grandparent_title),
        title=text(item.title),
        album=text(item.parent_title) or text(container.parent_title),
    )


def info_of(item: Item, user: str) -> PlaylistInfo:
    """Return an item as a playlist; smart ones make their entries themselves and cannot be written."""
    return PlaylistInfo(
        playlist_id=PlaylistId(text(item.rating_key)),
        title=text(item.title),
        user=user,
        read_only=truth(item.smart) or truth(item.read_only),
        description=text(item.summary),
    )


def _release_track_mbid(item: Item) -> ReleaseTrackMbid | None:
    for guid in item.guids or ():
        name = text(guid.id)
        if name.startswith(_MBID) and (mbid := parse_mbid(name.removeprefix(_MBID))):
            return ReleaseTrackMbid(mbid)
    return None


def _number(value: Scalar) -> int | None:
    """Return a whole number above zero, None for anything else."""
    number = whole(value)
    return number if number is not None and 0 < number < 1_000_000 else None
