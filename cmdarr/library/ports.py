"""The ports of the house: what commands ask of servers, sources and stores. No command asks which one it has.

A client module announces itself with a module-level `SERVICE: ServiceKind`; the composition root finds it by
scanning the folder.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from cmdarr.config.base import Model
from cmdarr.config.catalog import ServiceType
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import (
    Binding,
    HeldChange,
    PlaylistEntry,
    PlaylistId,
    PlaylistInfo,
    Revision,
    SourcePlaylist,
)
from cmdarr.models.track import LibraryTrack, ServerId
from cmdarr.transport.surroundings import Surroundings
from cmdarr.transport.throttle import Throttle, Throttles

Mode = Literal["mirror", "append"]
"""`mirror`: what the playlist holds becomes what is wanted; `append`: what is wanted and missing goes to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaylistChange:
    """The smallest change from what a playlist holds to what it shall hold, computed before any write.

    `current` and `wanted` are the complete entries, in order, before and after. `added`, `removed` and
    `moved` are the entries concerned; a server applies the change in the way that suits it, in place.
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
        """Yield every track of a section in batches; a failure raises: a short answer is never taken."""

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

    def keeps_duplicates(self, cancel: CancelToken) -> bool:
        """Whether a playlist of the server can hold a track twice."""

    def rename_playlist(
        self, playlist_id: PlaylistId, title: str, user: str, cancel: CancelToken
    ) -> PlaylistId:
        """Give a playlist another title and return its id: a new one only where the id is a name."""

    def describe_playlist(
        self, playlist_id: PlaylistId, description: str, user: str, cancel: CancelToken
    ) -> None:
        """Set the description of a playlist."""

    def delete_playlist(self, playlist_id: PlaylistId, user: str, cancel: CancelToken) -> None:
        """Delete a playlist; absent is fine."""

    def fetch_titles(self, server_ids: Sequence[ServerId], cancel: CancelToken) -> Mapping[ServerId, str]:
        """Return the title of each of the tracks that the server still knows, empty where it does not tell.

        An id may have died, or belong to another track by now.
        """


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


@runtime_checkable
class EditionSource(PlaylistSource, Protocol):
    """A source of playlists that appear anew each day or week (ListenBrainz)."""

    def fetch_editions(self, playlist: str, count: int, cancel: CancelToken) -> Sequence[SourcePlaylist]:
        """Read the newest `count` editions of the playlist that the text names, newest first, each with its `edition`.

        Raises:
            SourceIncomplete: there is none, or one came short.
            ServiceError: the source failed.
        """


@runtime_checkable
class OnlineService(Protocol):
    """A service that can be asked whether it answers."""

    def check(self, cancel: CancelToken) -> str:
        """Ask who it is and whether the credentials hold; return that in one line.

        Raises:
            ServiceError: it does not answer, or not to this user.
        """


def keep_a_day(source: str) -> timedelta:  # noqa: ARG001 - the default of `ClientContext.ttl_of`
    """Return a day."""
    return timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientContext:
    """What a client is built with: its name in settings.yaml, and what it shares with the other clients."""

    name: str
    root: Path
    """The folder that holds the config folder: relative paths start here."""
    data: Path
    """The data folder."""
    surroundings: Surroundings = field(default_factory=Surroundings)
    """Time, waiting, and the store of answers, for `Session`."""
    throttles: Throttles | None = None
    """The rate budgets that all runs of the process share."""
    ttl_of: Callable[[str], timedelta] = keep_a_day
    """How long answers of a source (a key of `cache.ttl`, or a service's name) are kept."""
    install_id: str = "cmdarr"
    """Tells this install from others, for services that want every client named."""

    def throttle(self, key: str, rate_per_s: float, *, burst: int = 1) -> Throttle:
        """Return the budget of a host (and account) named by `key`, shared with whoever asks it too."""
        throttles = self.throttles or Throttles(self.surroundings.clock.monotonic)
        return throttles.of(key, rate_per_s, burst=burst, service=self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceKind:
    """One type of service: how the configuration sees it and how its client is built from its settings."""

    name: str
    """The `type` in settings.yaml."""
    type: ServiceType
    build: Callable[[Model, ClientContext], object]


class Services(Protocol):
    """The services of one snapshot by their names in settings.yaml."""

    def server(self, name: str) -> MusicServer:
        """Return the server of that name.

        Raises:
            NothingFound: no service of that name exists, or it is not a server.
        """

    def source(self, name: str) -> PlaylistSource:
        """Return the source of that name.

        Raises:
            NothingFound: no service of that name exists, or it cannot be read from.
        """

    def server_names(self) -> Sequence[str]:
        """Return the names of all configured servers, in the order of settings.yaml."""


Keyer = Callable[[Sequence[LibraryTrack]], Sequence[Sequence[int]]]
"""Returns the keys (`cmdarr.matching.keys`) that each track of a batch is found by."""


class SectionState(Protocol):
    """What the index knows of one section."""

    @property
    def server(self) -> str:
        """The service's name."""

    @property
    def section(self) -> str:
        """The section's name."""

    @property
    def token(self) -> str:
        """Changes whenever the section's content does, also when the whole index was lost and built anew."""

    @property
    def refreshed_at(self) -> datetime:
        """When the section was last read completely."""

    @property
    def tracks(self) -> int:
        """How many tracks it holds."""


class SectionWriter(Protocol):
    """Takes the tracks of a section as a refresh reads them."""

    def replace_section(
        self,
        server: str,
        section: str,
        batches: Iterable[Sequence[LibraryTrack]],
        keyer: Keyer,
        now: datetime,
    ) -> int:
        """Replace a whole section and return its number of tracks; a failure leaves the old one in force.

        `keyer` need not be asked for tracks whose keys are known from before.
        """


class LibraryIndex(SectionWriter, Protocol):
    """The tracks of every server by key. It may vanish at any moment, also between two calls."""

    def find_by_keys(
        self, server: str, keys: Sequence[int], section: str | None = None
    ) -> Mapping[int, Sequence[LibraryTrack]]:
        """Return the tracks of each key that has any; `section` None means every section of the server."""

    def info(self, server: str | None = None) -> Sequence[SectionState]:
        """Return the state of every section held, of one server or of all."""


class Bindings(Protocol):
    """Which server playlist each target of a command writes to."""

    def find(self, command: str, server: str, user: str = "", slot: str = "") -> Binding | None:
        """Return the binding of one target, or None."""

    def save(self, binding: Binding) -> None:
        """Store a binding in place of the one of the same target."""

    def remove(self, binding: Binding) -> None:
        """Forget a binding; absent is fine."""

    def list(self, command: str | None = None) -> Sequence[Binding]:
        """Return the bindings of one command, or all."""


class Revisions(Protocol):
    """The stored states of server playlists."""

    def add(self, revision: Revision) -> int:
        """Store a revision and return its id.

        Raises:
            StorageError: it could not be stored; then nothing may be written to the playlist.
        """

    def newest(self, server: str, user: str, playlist_id: PlaylistId) -> Revision | None:
        """Return the newest state of a playlist that is stored, None when there is none."""


class HeldChanges(Protocol):
    """The changes that wait for the user."""

    def save(self, change: HeldChange) -> None:
        """Store a held change in place of the one of the same target."""

    def find(self, command: str, server: str, user: str = "", slot: str = "") -> HeldChange | None:
        """Return the held change of a target, or None."""

    def remove(self, command: str, server: str, user: str = "", slot: str = "") -> None:
        """Forget the held change of a target; absent is fine."""
