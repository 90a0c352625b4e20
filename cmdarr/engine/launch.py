"""One run on its way from the queue to its record: lock, start, time limit, outcome, history, listeners.

The only place of the engine where an unknown exception of a command ends.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from cmdarr.config.command import CommandOptions
from cmdarr.config.snapshot import CommandEntry, Snapshot
from cmdarr.engine.command import Command, Run
from cmdarr.engine.lock import CommandLocks
from cmdarr.engine.outcome import (
    duration_text,
    outcome_of,
    redacted_outcome,
    redacted_traceback,
)
from cmdarr.engine.ports import History, Listener
from cmdarr.engine.request import RunRequest
from cmdarr.errors import RunCancelled, StorageError, TimeLimitReached
from cmdarr.models.cancel import CancelToken
from cmdarr.models.clock import Clock
from cmdarr.models.execution import Execution, Outcome, Status
from cmdarr.models.progress import Progress, SilentProgress
from cmdarr.models.run_context import working_for

logger = logging.getLogger(__name__)

CommandBuilder = Callable[[str, Snapshot], Command[Any]]
"""Builds the command of a kind for one run under a snapshot."""

_LEVELS = {Status.FAILED: logging.ERROR, Status.HELD: logging.WARNING, Status.CANCELLED: logging.WARNING}


@dataclass(kw_only=True, eq=False)
class Launch:
    """A run that waits or goes on. `execution` is its newest record."""

    request: RunRequest
    entry: CommandEntry
    execution: Execution
    token: CancelToken = field(default_factory=CancelToken)
    progress: Progress = field(default_factory=SilentProgress)
    asked_to_stop_at: float | None = None
    """Monotonic seconds when it was first asked to stop."""
    is_reported: bool = False
    """Whether the log says already that it ignores the cancel."""
    overlap_id: int | None = None
    """The record that says that a due time fell into this run: there is one, however many fall into it."""

    @property
    def command(self) -> str:
        """The name of the command."""
        return self.request.command

    def cancel(self, error: RunCancelled, clock: Clock) -> None:
        """Ask the run to stop; the first error is the one that its record shows."""
        if self.asked_to_stop_at is None:
            self.asked_to_stop_at = clock.monotonic()
        self.token.cancel(error)


class Launcher:
    """Carries single runs out, in the thread that calls it. Safe to share by threads."""

    def __init__(
        self,
        *,
        history: History,
        locks: CommandLocks,
        build: CommandBuilder,
        clock: Clock,
        listeners: Sequence[Listener] = (),
    ) -> None:
        self._history = history
        self._locks = locks
        self._build = build
        self._clock = clock
        self._listeners = tuple(listeners)

    def queue(self, request: RunRequest, entry: CommandEntry) -> Launch:
        """Record a new run as queued.

        Raises:
            StorageError: config.db does not take it; the run does not exist.
        """
        now = self._clock.now()
        execution_id = self._history.queue(
            command=entry.name,
            kind=entry.kind,
            trigger=request.trigger,
            dry_run=request.dry_run,
            generation=request.snapshot.generation,
            document=entry.document,
            queued_at=now,
            due_at=request.due_at,
            retry_of=request.retry_of,
        )
        return Launch(request=request, entry=entry, execution=_queued(execution_id, request, entry, now))

    def announce(self, launch: Launch) -> None:
        """Tell the listeners that the run waits."""
        self._tell(lambda listener: listener.run_queued(launch.execution))

    def perform(self, launch: Launch) -> Execution:
        """Run the command and record its outcome; whatever the command raises ends here."""
        with ExitStack() as held, working_for(launch.execution.id, launch.command):
            try:
                outcome = self._attempt(launch, held)
            except KeyboardInterrupt:
                self.finish(launch, outcome_of(RunCancelled(), launch.request.snapshot.redactor))
                raise
            return self.finish(launch, outcome)

    def finish(self, launch: Launch, outcome: Outcome) -> Execution:
        """Record the outcome in history and log, and tell the listeners."""
        done = launch.execution = _finished(launch.execution, outcome, self._clock.now())
        try:
            self._history.finish(
                done.id,
                done.status,
                done.finished_at or self._clock.now(),
                summary=done.summary,
                result=done.result,
                changes=done.changes,
                error=done.error,
                error_class=done.error_class,
            )
        except StorageError as error:
            _log(
                done,
                logging.ERROR,
                f"the outcome of {done.command} is not in the history: {error}",
                "record_lost",
            )
        _log(done, _LEVELS.get(done.status, logging.INFO), _sentence(done), "run_finished")
        self._tell(lambda listener: listener.run_finished(done))
        return done

    def _attempt(self, launch: Launch, held: ExitStack) -> Outcome:
        """Return the outcome of the command's own work; the lock goes into `held`, so that it outlives the record."""
        redactor = launch.request.snapshot.redactor
        try:
            launch.token.check()
            held.enter_context(self._locks.hold(launch.command))
            self._start(launch)
            with self._time_limit(launch):
                outcome = self._build(launch.entry.kind, launch.request.snapshot).run(self._run_of(launch))
            if not outcome.status.is_final:
                raise TypeError(f"{launch.entry.kind} ended as {outcome.status}, which is no end.")  # noqa: TRY301
            return redacted_outcome(outcome, redactor)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a command may fail in any way, and the daemon goes on
            if logger.isEnabledFor(logging.DEBUG):
                text = redacted_traceback(error, redactor)
                _log(
                    launch.execution,
                    logging.DEBUG,
                    f"traceback of {launch.command}:\n{text}",
                    "run_traceback",
                )
            return outcome_of(error, redactor)

    def _start(self, launch: Launch) -> None:
        now = self._clock.now()
        launch.execution = replace(launch.execution, status=Status.RUNNING, started_at=now)
        try:
            self._history.start(launch.execution.id, now)
        except StorageError as error:
            _log(
                launch.execution, logging.WARNING, f"the start is not in the history: {error}", "record_lost"
            )
        _log(
            launch.execution,
            logging.INFO,
            f"{launch.command} started ({launch.request.trigger})",
            "run_started",
        )
        self._tell(lambda listener: listener.run_started(launch.execution))

    def _run_of(self, launch: Launch) -> Run[CommandOptions]:
        options = launch.entry.options
        assert options is not None  # noqa: S101 - `runnable_entry` refuses a command without options
        return Run(
            name=launch.command,
            options=options,
            execution_id=launch.execution.id,
            dry_run=launch.request.dry_run,
            accept_removals=launch.request.accept_removals,
            cancel=launch.token,
            progress=_WatchedProgress(launch, self._tell),
            clock=self._clock,
            snapshot=launch.request.snapshot,
        )

    @contextmanager
    def _time_limit(self, launch: Launch) -> Iterator[None]:
        """Cancel the run when its time limit passes before the block ends."""
        limit = launch.entry.options.time_limit if launch.entry.options else None
        if limit is None:
            yield
            return
        error = TimeLimitReached(f"the time limit of {duration_text(limit)} was reached.")
        timer = threading.Timer(limit.total_seconds(), launch.cancel, (error, self._clock))
        timer.name, timer.daemon = f"time limit of {launch.command}", True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _tell(self, say: Callable[[Listener], None]) -> None:
        for listener in self._listeners:
            _shielded(partial(say, listener))


class _WatchedProgress:
    """Passes the progress of one run on to whoever started it and to the listeners."""

    def __init__(self, launch: Launch, tell: Callable[[Callable[[Listener], None]], None]) -> None:
        self._launch = launch
        self._tell = tell
        self._step = ""
        self._done = 0
        self._total: int | None = None

    def step(self, text: str, total: int | None = None) -> None:
        """Begin a step."""
        self._step, self._done, self._total = self._launch.request.snapshot.redactor(text), 0, total
        _shielded(partial(self._launch.progress.step, self._step, total))
        self._report()

    def advance(self, count: int = 1) -> None:
        """Count items of the present step."""
        self._done += count
        _shielded(partial(self._launch.progress.advance, count))
        self._report()

    def _report(self) -> None:
        execution = self._launch.execution
        self._tell(lambda listener: listener.progress(execution, self._step, self._done, self._total))


def _shielded(tell: Callable[[], None]) -> None:
    """Tell somebody, and log it when that fails: whoever watches a run must not break it."""
    try:
        tell()
    except Exception as error:  # noqa: BLE001 - a listener is foreign code
        logger.warning("a listener of runs failed with %s.", type(error).__name__)


def _queued(execution_id: int, request: RunRequest, entry: CommandEntry, now: datetime) -> Execution:
    return Execution(
        id=execution_id,
        command=entry.name,
        kind=entry.kind,
        status=Status.QUEUED,
        trigger=request.trigger,
        dry_run=request.dry_run,
        queued_at=now,
        due_at=request.due_at,
        generation=request.snapshot.generation,
        document=entry.document,
        retry_of=request.retry_of,
    )


def _finished(execution: Execution, outcome: Outcome, now: datetime) -> Execution:
    return replace(
        execution,
        status=outcome.status,
        finished_at=now,
        summary=outcome.summary,
        result=outcome.result,
        changes=outcome.changes,
        error=outcome.error,
        error_class=outcome.error_class,
    )


def _sentence(execution: Execution) -> str:
    took = f" after {execution.duration_s:.1f} s" if execution.duration_s is not None else ""
    return f"{execution.command} {execution.status}{took}: {execution.summary or '-'}"


def _log(execution: Execution, level: int, text: str, action: str) -> None:
    logger.log(
        level, "%s", text, extra={"run_id": execution.id, "command": execution.command, "action": action}
    )
