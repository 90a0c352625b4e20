"""What a kind of command is: one module in `commands/` with an options model and a `run`."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Generic, Self, TypeVar

from cmdarr.config.command import CommandOptions
from cmdarr.config.snapshot import Snapshot
from cmdarr.library.artist_ports import ArtistServices
from cmdarr.library.decision_memo import DecisionMemo
from cmdarr.library.discovery.ports import Decisions, ImportLists
from cmdarr.library.ports import Bindings, HeldChanges, LibraryIndex, Revisions, Services
from cmdarr.models.cancel import CancelToken
from cmdarr.models.clock import Clock
from cmdarr.models.execution import Outcome
from cmdarr.models.progress import Progress

OptionsT = TypeVar("OptionsT", bound=CommandOptions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Generic[OptionsT]):
    """One launch of a command: what it was asked, and how it is watched and stopped."""

    name: str
    options: OptionsT
    execution_id: int
    dry_run: bool
    accept_removals: bool
    cancel: CancelToken
    progress: Progress
    clock: Clock
    snapshot: Snapshot
    """The configuration that the run started with; it keeps it to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandDependencies:
    """What commands are built with: the services of the run's snapshot and the stores of the process."""

    services: Services
    index: LibraryIndex
    bindings: Bindings
    revisions: Revisions
    held: HeldChanges
    clock: Clock
    artists: ArtistServices | None = None
    """The services that know artists, of the run's snapshot."""
    decisions: Decisions | None = None
    import_lists: ImportLists | None = None
    memo: DecisionMemo | None = None
    """What runs of this process decided so far."""


class Command(ABC, Generic[OptionsT]):
    """A kind of command: each module of `commands/` defines exactly one. It is built anew for every run.

    Its docstring is its documentation; the registry does the rest.
    """

    kind: ClassVar[str]
    options_model: ClassVar[type[CommandOptions]]

    @classmethod
    @abstractmethod
    def build(cls, deps: CommandDependencies) -> Self:
        """Take what the kind needs from the dependencies."""

    @abstractmethod
    def run(self, run: Run[OptionsT]) -> Outcome:
        """Do the work; with `run.dry_run` compute the same plan and write nothing.

        Raises:
            CmdarrError: the run failed; the executor turns it into the record.
        """
