"""What the engine asks of the stores, and what it tells whoever listens."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from cmdarr.models.execution import Execution, Status, Trigger
from cmdarr.models.schedule import ScheduleMark


class History(Protocol):
    """The executions in config.db. `finish` keeps what it cannot write and `flush` tries again."""

    def queue(
        self,
        *,
        command: str,
        kind: str,
        trigger: Trigger,
        dry_run: bool,
        generation: str,
        document: str,
        queued_at: datetime,
        due_at: datetime | None = None,
        retry_of: int | None = None,
    ) -> int:
        """Record a new run and return its id."""

    def start(self, execution_id: int, at: datetime, /) -> None:
        """Record that the run began."""

    def finish(
        self,
        execution_id: int,
        status: Status,
        at: datetime,
        /,
        *,
        summary: str,
        result: Mapping[str, object],
        changes: int,
        error: str | None,
        error_class: str | None,
    ) -> None:
        """Record how the run ended."""

    def last_of_each(self) -> Mapping[str, Execution]:
        """Return the newest execution of each command."""

    def mark_interrupted(self, at: datetime, /) -> Sequence[Execution]:
        """Record runs that no living process carries on as interrupted and return them."""

    def prune(
        self, keep_days: int, keep_per_command: int, now: datetime, /, *, pause: Callable[[], None]
    ) -> int:
        """Remove old executions in batches and return how many."""

    def flush(self) -> object:
        """Write the outcomes that could not be written before."""


class Marks(Protocol):
    """The marks of the scheduler in config.db."""

    def load_marks(self) -> Mapping[str, ScheduleMark]:
        """Return the marks by command."""

    def set_mark(self, command: str, schedule: str, last_due: datetime, /) -> None:
        """Store the mark of one command."""

    def drop_marks(self, commands: Iterable[str], /) -> None:
        """Remove the marks of commands that are no longer scheduled."""


class Listener(Protocol):
    """Is told what happens to runs, in the thread where it happens; an error of a listener is logged, no more."""

    def run_queued(self, execution: Execution) -> None:
        """A run waits for its turn."""

    def run_started(self, execution: Execution) -> None:
        """A run began."""

    def progress(self, execution: Execution, step: str, done: int, total: int | None) -> None:
        """A run reports its step; `total` is None when the number of items is not known."""

    def run_finished(self, execution: Execution) -> None:
        """A run ended: in any way, also without having begun."""
