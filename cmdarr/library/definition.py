"""What a playlist sync is asked, what it works with, and how each target went: values."""

from dataclasses import dataclass, field
from datetime import UTC, date, timedelta, tzinfo

from cmdarr.config.fields import Removals
from cmdarr.errors import CmdarrError
from cmdarr.library.decision_memo import DecisionMemo
from cmdarr.library.details import DetailChange
from cmdarr.library.ports import (
    Bindings,
    HeldChanges,
    LibraryIndex,
    Mode,
    PlaylistChange,
    Revisions,
    Services,
)
from cmdarr.library.selection import Selection
from cmdarr.models.cancel import CancelToken
from cmdarr.models.clock import Clock
from cmdarr.models.match import Decision, Pin, Versions
from cmdarr.models.playlist import PlaylistId
from cmdarr.models.progress import Progress

NO_PLAYLIST = PlaylistId("")


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncSource:
    """One playlist that a sync reads: its first `limit` tracks; `keep` makes a playlist of each newest edition."""

    service: str
    playlist: str
    limit: int | None = None
    keep: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncTarget:
    """One playlist that a sync writes; `title` empty takes the source's, `user` empty the configured one.

    `edition` is set where each edition of the source is a playlist of its own.
    """

    server: str
    title: str = ""
    user: str = ""
    slot: str = ""
    edition: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncDefinition:
    """What a `playlist_sync` command asks for."""

    command: str
    sources: tuple[SyncSource, ...]
    targets: tuple[SyncTarget, ...]
    selection: Selection = field(default_factory=Selection)
    mode: Mode = "mirror"
    max_removals: Removals | None = None
    adopt: bool = False
    versions: Versions = "strict"
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncContext:
    """What a sync works with: services, stores, the pins and limits of its snapshot, and how it is watched."""

    services: Services
    index: LibraryIndex
    bindings: Bindings
    revisions: Revisions
    held: HeldChanges
    pins: tuple[Pin, ...]
    library_ttl: timedelta
    clock: Clock
    cancel: CancelToken
    progress: Progress
    execution_id: int | None = None
    dry_run: bool = False
    accept_removals: bool = False
    zone: tzinfo = UTC
    decisions: DecisionMemo | None = None
    """What was decided in former runs of the same process."""

    @property
    def day(self) -> date:
        """Today, in the configured time zone."""
        return self.clock.now().astimezone(self.zone).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetReport:
    """How one target went. `change` is None when it failed before a plan; `held` says why the change waits."""

    target: SyncTarget
    playlist_id: PlaylistId = NO_PLAYLIST
    decisions: tuple[Decision, ...] = ()
    change: PlaylistChange | None = None
    held: str = ""
    writes: int = 0
    note: str = ""
    """What the user should know although all went well."""
    details: DetailChange = field(default_factory=DetailChange)
    """What is written beside the entries."""
    error: CmdarrError | None = None

    @property
    def matched(self) -> int:
        """How many of the source's tracks the server has."""
        return sum(decision.match is not None for decision in self.decisions)
