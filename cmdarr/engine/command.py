"""What a kind of command is: one module in `commands/` with an options model and a `run`."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from cmdarr.config.command import CommandOptions
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


class Command(ABC, Generic[OptionsT]):
    """A kind of command. Its docstring is its documentation; the registry does the rest."""

    kind: ClassVar[str]
    options_model: ClassVar[type[CommandOptions]]

    @abstractmethod
    def run(self, run: Run[OptionsT]) -> Outcome:
        """Do the work; with `run.dry_run` compute the same plan and write nothing.

        Raises:
            CmdarrError: the run failed; the executor turns it into the record.
        """


