"""Playlists: as a source gives them, as a server holds them, as Cmdarr remembers them."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from cmdarr.models.track import ServerId, WantedTrack

PlaylistId = NewType("PlaylistId", str)
"""A server's own id of a playlist; the file's name for the `files` server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePlaylist:
    """A playlist read completely from its source; `tracks` in order, duplicates kept."""

    title: str
    tracks: tuple[WantedTrack, ...]
    description: str = ""
    edition: str = ""
    """Which one of a row of playlists it is (`2026-11-16` for the week that begins then), empty for a single one."""
    unavailable: tuple[str, ...] = ()
    """Entries that the source has but cannot tell (removed, local, episodes), by name: never dropped silently."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaylistEntry:
    """One place of a server's playlist.

    `entry_id` names the place where the server can (Plex playlistItemID, Jellyfin PlaylistItemId), else it is
    empty. The texts are for people: revisions and diffs stay readable when an id has died.
    """

    server_id: ServerId
    entry_id: str = ""
    artist: str = ""
    title: str = ""
    album: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaylistInfo:
    """A playlist of a server without its entries."""

    playlist_id: PlaylistId
    title: str
    user: str = ""
    read_only: bool = False
    description: str | None = None
    """None where the server does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """Which server playlist a target of a command writes to. Unique by command, server, user, slot.

    `slot` tells apart several playlists of one command on one server (empty for the usual single one).
    `is_made`: Cmdarr created the playlist; `description` is the mark of what it last wrote there
    (`cmdarr.library.details.mark_of`): the text itself may hold a secret; `edition` is the source's edition that it
    last held.
    """

    command: str
    server: str
    user: str
    playlist_id: PlaylistId
    title: str
    slot: str = ""
    is_made: bool = False
    description: str = ""
    edition: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A stored state of a server's playlist. `id` is 0 before it is stored; `reason`: before | after | restore."""

    command: str
    server: str
    user: str
    playlist_id: PlaylistId
    title: str
    entries: tuple[PlaylistEntry, ...]
    taken_at: datetime
    reason: str
    execution_id: int | None = None
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldChange:
    """A planned change that removes more than the user allows, so it waits. Unique by target.

    `wanted` is what the playlist would hold, `removed` what it would lose; `playlist_id` is empty when the
    playlist does not exist yet.
    """

    command: str
    server: str
    user: str
    title: str
    reason: str
    wanted: tuple[PlaylistEntry, ...]
    removed: tuple[PlaylistEntry, ...]
    held_at: datetime
    playlist_id: PlaylistId = PlaylistId("")
    slot: str = ""
    execution_id: int | None = None
