"""The ports of the house: what commands ask of servers and sources. Clients satisfy them; no command asks which.

A client module announces itself with a module-level `SERVICE: ServiceKind`; the composition root finds it by
scanning the folder.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from cmdarr.config.base import Model
from cmdarr.config.catalog import ServiceType
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import PlaylistEntry, PlaylistId, PlaylistInfo, SourcePlaylist
from cmdarr.models.track import LibraryTrack, ServerId


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaylistChange:
    """The smallest change from what a playlist holds to what it shall hold: a value, computed before any write.

    `current` and `wanted` are the complete entries, in order, before and after. `added`, `removed` and `moved`
    are the entries concerned; a server applies the change in the way that suits it, in place.
    """

    current: tuple[PlaylistEntry, ...]
    wanted: tuple[PlaylistEntry, ...]
    added: tuple[PlaylistEntry, ...]
    removed: tuple[PlaylistEntry, ...]
    moved: tuple[PlaylistEntry, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing has to be written."""
        return not (self.added or self.removed or self.moved)

    @property
    def unchanged(self) -> int:
        """How many entries stay where they are, relative to each other."""
        return len(self.wanted) - len(self.added) - len(self.moved)


@runtime_checkable
class MusicServer(Protocol):
    """A server that holds a music library and playlists.

    Every method may raise `ServiceError` and checks the cancel token at every wait and between batches.
    """

    name: str
    """The service's name in settings.yaml."""

    def list_sections(self, cancel: CancelToken) -> Sequence[str]:
        """Return the sections that the configured library covers."""

    def fetch_tracks(self, section: str, cancel: CancelToken) -> Iterator[Sequence[LibraryTrack]]:
        """Yield every track of a section in batches; a failure raises, so that a short answer is never taken."""

    def count_tracks(self, section: str, cancel: CancelToken) -> int | None:
        """Return how many tracks the section announces, None when it does not say."""

    def list_playlists(self, user: str, cancel: CancelToken) -> Sequence[PlaylistInfo]:
        """Return the playlists that the user (empty: the configured one) can write."""

    def fetch_entries(
        self, playlist_id: PlaylistId, user: str, cancel: CancelToken
    ) -> Sequence[PlaylistEntry] | None:
        """Return the entries in order, or None when the playlist does not exist."""

    def create_playlist(
        self, title: str, entries: Sequence[PlaylistEntry], description: str, user: str, cancel: CancelToken
    ) -> PlaylistId:
        """Create a playlist and return its id."""

    def apply_change(
        self, playlist_id: PlaylistId, change: PlaylistChange, user: str, cancel: CancelToken
    ) -> int:
        """Apply a planned change in place and return the number of writes sent."""

    def delete_playlist(self, playlist_id: PlaylistId, user: str, cancel: CancelToken) -> None:
        """Delete a playlist; absent is fine."""

    def find_missing(self, server_ids: Sequence[ServerId], cancel: CancelToken) -> frozenset[ServerId]:
        """Return those of the ids that the server no longer knows."""


@runtime_checkable
class PlaylistSource(Protocol):
    """A service that playlists are read from: complete or failed, never silently short."""

    name: str

    def fetch_playlist(self, playlist: str, cancel: CancelToken) -> SourcePlaylist:
        """Read the playlist that the text names (an id, a URL, a path).

        Raises:
            SourceIncomplete: fewer tracks came than the source announces, or none.
            ServiceError: the source failed.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientContext:
    """What a client is built with: its name in settings.yaml and the folders it may need."""

    name: str
    root: Path
    """The folder that holds the config folder: relative paths start here."""
    data: Path
    """The data folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceKind:
    """One type of service: how the configuration sees it and how its client is built from its settings."""

    name: str
    """The `type` in settings.yaml."""
    type: ServiceType
    build: Callable[[Model, ClientContext], object]
