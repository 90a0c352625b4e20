"""Fakes of the engine's surroundings: a clock that is set, stores in memory, commands that do what a test says."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from cmdarr.config.command import CommandOptions
from cmdarr.config.settings import ExecutorSettings, Settings
from cmdarr.config.snapshot import CommandEntry, CommandState, Snapshot
from cmdarr.engine.command import Command, CommandDependencies, Run
from cmdarr.engine.request import RunRequest
from cmdarr.errors import StoreUnavailable
from cmdarr.models.execution import Execution, Outcome, Status, Trigger
from cmdarr.models.redaction import Redactor
from cmdarr.models.schedule import ScheduleMark

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


class FakeClock:
    """A clock that stands still until it is moved; `jump` moves the wall clock alone, as NTP or a suspend does."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now
        self._monotonic = 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, span: timedelta) -> None:
        self._now += span
        self._monotonic += span.total_seconds()

    def jump(self, to: datetime) -> None:
        self._now = to


class MemoryMarks:
    """The marks as a mapping; `is_down` makes every call fail."""

    def __init__(self) -> None:
        self.marks: dict[str, ScheduleMark] = {}
        self.is_down = False

    def load_marks(self) -> Mapping[str, ScheduleMark]:
        self._check()
        return dict(self.marks)

    def set_mark(self, command: str, schedule: str, last_due: datetime) -> None:
        self._check()
        self.marks[command] = ScheduleMark(command=command, schedule=schedule, last_due=last_due)

    def drop_marks(self, commands: Iterable[str]) -> None:
        self._check()
        for command in commands:
            self.marks.pop(command, None)

    def _check(self) -> None:
        if self.is_down:
            raise StoreUnavailable("the disk is full.")


class MemoryHistory:
    """The history as a list, with the methods that the engine uses; `is_down` makes every write fail."""

    def __init__(self) -> None:
        self.rows: dict[int, Execution] = {}
        self.is_down = False
        self.flushed = 0
        self.pruned: list[tuple[int, int, datetime]] = []
        self._lock = threading.Lock()

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
        self._check()
        with self._lock:
            execution = Execution(
                id=len(self.rows) + 1,
                command=command,
                kind=kind,
                status=Status.QUEUED,
                trigger=trigger,
                dry_run=dry_run,
                generation=generation,
                document=document,
                queued_at=queued_at,
                due_at=due_at,
                retry_of=retry_of,
            )
            self.rows[execution.id] = execution
        return execution.id

    def start(self, execution_id: int, at: datetime) -> None:
        self._check()
        self.rows[execution_id] = replace(self.rows[execution_id], status=Status.RUNNING, started_at=at)

    def finish(
        self,
        execution_id: int,
        status: Status,
        at: datetime,
        *,
        summary: str,
        result: Mapping[str, object],
        changes: int,
        error: str | None,
        error_class: str | None,
    ) -> None:
        self._check()
        self.rows[execution_id] = replace(
            self.rows[execution_id],
            status=status,
            finished_at=at,
            summary=summary,
            result=result,
            changes=changes,
            error=error,
            error_class=error_class,
        )

    def last_of_each(self) -> Mapping[str, Execution]:
        self._check()
        return {row.command: row for row in self.rows.values()}

    def mark_interrupted(self, at: datetime) -> Sequence[Execution]:
        self._check()
        left = [row for row in self.rows.values() if not row.status.is_final]
        for row in left:
            self.rows[row.id] = replace(row, status=Status.INTERRUPTED, finished_at=at)
        return [self.rows[row.id] for row in left]

    def prune(
        self, keep_days: int, keep_per_command: int, now: datetime, *, pause: Callable[[], None]
    ) -> int:
        self._check()
        pause()
        self.pruned.append((keep_days, keep_per_command, now))
        return 0

    def flush(self) -> None:
        self._check()
        self.flushed += 1

    def of(self, command: str) -> list[Execution]:
        return [row for row in self.rows.values() if row.command == command]

    def _check(self) -> None:
        if self.is_down:
            raise StoreUnavailable("the disk is full.")


Body = Callable[[Run[Any]], Outcome]


def succeed(run: Run[Any]) -> Outcome:
    """Do nothing, successfully."""
    return Outcome(status=Status.SUCCEEDED, summary=f"{run.name} done")


class Probe(Command[CommandOptions]):
    """A command that does what the test says."""

    kind = "probe"
    options_model = CommandOptions

    def __init__(self, body: Body) -> None:
        self._body = body

    @classmethod
    def build(cls, deps: CommandDependencies) -> Self:
        raise NotImplementedError

    def run(self, run: Run[CommandOptions]) -> Outcome:
        return self._body(run)


class Gate:
    """A body that waits until the test opens it, or until its run is cancelled."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.opened = threading.Event()

    def __call__(self, run: Run[Any]) -> Outcome:
        self.entered.set()
        while not self.opened.wait(0.002):
            run.cancel.check()
        return succeed(run)


@dataclass
class RecordingListener:
    """Keeps what it is told."""

    told: list[tuple[str, str]] = field(default_factory=list)
    steps: list[tuple[str, int, int | None]] = field(default_factory=list)
    finished: list[Execution] = field(default_factory=list)

    def run_queued(self, execution: Execution) -> None:
        self.told.append(("queued", execution.command))

    def run_started(self, execution: Execution) -> None:
        self.told.append(("started", execution.command))

    def progress(self, execution: Execution, step: str, done: int, total: int | None) -> None:
        del execution
        self.steps.append((step, done, total))

    def run_finished(self, execution: Execution) -> None:
        self.told.append(("finished", execution.command))
        self.finished.append(execution)


def make_entry(name: str, *, state: CommandState = CommandState.OK, **options: Any) -> CommandEntry:
    """A command of kind `probe`; options as values, not as YAML writes them."""
    known = state in {CommandState.OK, CommandState.LAST_GOOD, CommandState.EXPIRED}
    return CommandEntry(
        name=name,
        file=f"commands/{name}.yaml",
        kind="probe",
        state=state,
        options=CommandOptions.model_construct(**{"kind": "probe", **options}) if known else None,
        document=f'{{"kind":"probe","name":"{name}"}}',
        digest=repr(sorted(options.items())),
    )


def make_snapshot(
    *entries: CommandEntry,
    timezone: str = "UTC",
    secrets: Sequence[str] = (),
    generation: str = "g1",
    schedule: str = "0 3 * * *",
    **executor: Any,
) -> Snapshot:
    """A snapshot of these commands."""
    settings = Settings().model_copy(
        update={
            "timezone": timezone,
            "schedule": schedule,
            "executor": ExecutorSettings().model_copy(update=executor),
        }
    )
    return Snapshot(
        generation=generation,
        settings=settings,
        commands={entry.name: entry for entry in entries},
        pins=(),
        findings=(),
        redactor=Redactor(secrets),
        loaded_at=NOON,
    )


class Submissions:
    """Stands for the executor under a scheduler: keeps the requests; `error` refuses them."""

    def __init__(self) -> None:
        self.requests: list[RunRequest] = []
        self.error: Exception | None = None

    def __call__(self, request: RunRequest) -> int:
        if self.error is not None:
            raise self.error
        self.requests.append(request)
        return len(self.requests)

    @property
    def dues(self) -> list[datetime]:
        """The due times, in the order of submission."""
        return [request.due_at for request in self.requests if request.due_at is not None]
