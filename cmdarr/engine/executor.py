"""The executor: a bounded pool of threads that runs commands in order, never one command twice at once."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from datetime import timedelta

from cmdarr.config.snapshot import CommandEntry, Snapshot
from cmdarr.engine.launch import Launch, Launcher
from cmdarr.engine.outcome import outcome_of, skipped
from cmdarr.engine.request import AUTOMATIC, RunRequest, is_startable, local_date, runnable_entry
from cmdarr.errors import CommandError, RunCancelled
from cmdarr.models.cancel import CancelToken
from cmdarr.models.clock import Clock
from cmdarr.models.execution import Execution, Status, Trigger
from cmdarr.models.progress import Progress

logger = logging.getLogger(__name__)

STUBBORN_AFTER_S = 30.0
"""A run that was asked to stop this long ago and still goes on is reported."""
CANCEL_WAIT = timedelta(seconds=10)
"""How long a stop waits for the runs that it cancelled."""
_SLICE_S = 0.1


class Stopping(CommandError):
    """Cmdarr is stopping and starts no more runs."""

    exit_code = 75
    http_status = 503


class Executor:
    """Runs what is submitted, at most `max_parallel` at once, in order; `Launcher` carries out the single run.

    Each run has a thread of its own, so that a change of `max_parallel` holds from the next run on and nothing that
    a run leaves in its thread outlives it.
    """

    def __init__(
        self,
        launcher: Launcher,
        *,
        clock: Clock,
        max_parallel: int = 2,
        thread_ends: Callable[[], None] = lambda: None,
    ) -> None:
        """`thread_ends` is called in the thread of each run at its end: it closes what belongs to the thread."""
        self._launcher = launcher
        self._clock = clock
        self._thread_ends = thread_ends
        self._submission = threading.Lock()  # one submission at a time: look, record, put in
        self._changed = (
            threading.Condition()
        )  # guards all below; not held while a store or a listener is called
        self._max_parallel = max_parallel
        self._waiting: deque[Launch] = deque()
        self._standing: dict[str, Launch] = {}
        self._threads = 0
        self._newest: Snapshot | None = None
        self._is_stopping = False
        self._is_hurried = False

    def reload(self, snapshot: Snapshot) -> None:
        """Take over `max_parallel`; scheduled runs that wait begin only if their command is still enabled then."""
        with self._changed:
            self._newest = snapshot
            self._max_parallel = snapshot.settings.executor.max_parallel
            self._begin_waiting()

    def submit(self, request: RunRequest) -> int:
        """Queue a run and return its execution id; a command that already waits or runs is recorded as skipped.

        Raises:
            NothingFound, ConfigError, CommandError: the command cannot run at all; nothing is recorded.
            StorageError: config.db does not take the record; the run does not exist.
        """
        with self._submission:
            entry, standing = self._admit(request)
            if standing is not None:
                return self._skip_overlap(request, entry, standing)
            launch = self._launcher.queue(request, entry)
            self._launcher.announce(launch)
            with self._changed:
                if not self._is_stopping:  # else it stays recorded as queued for the next start
                    self._standing[launch.command] = launch
                    self._waiting.append(launch)
                    self._begin_waiting()
        return launch.execution.id

    def run_now(
        self, request: RunRequest, *, progress: Progress | None = None, cancel: CancelToken | None = None
    ) -> Execution:
        """Run in the calling thread, beside the queue, and return the finished record; raises as `submit`."""
        with self._submission:
            entry, standing = self._admit(request)
            launch = self._launcher.queue(request, entry)
            launch.token, launch.progress = cancel or launch.token, progress or launch.progress
            self._launcher.announce(launch)
            if standing is not None:
                return self._launcher.finish(launch, skipped(_overlap_text(standing)))
            with self._changed:
                self._standing[launch.command] = launch
        try:
            return self._launcher.perform(launch)
        finally:
            self._leave(launch)

    def cancel(self, execution_id: int, error: RunCancelled | None = None) -> bool:
        """Ask a run to stop, or take it out of the queue; False when no run of that id waits or goes on."""
        error = error or RunCancelled("the run was cancelled.")
        with self._changed:
            launch = next((one for one in self._standing.values() if one.execution.id == execution_id), None)
            if launch is None:
                return False
            launch.cancel(error, self._clock)
            was_waiting = launch in self._waiting
            if was_waiting:
                self._waiting.remove(launch)
        if was_waiting:
            self._launcher.finish(launch, outcome_of(error, launch.request.snapshot.redactor))
            self._leave(launch)
        return True

    def cancel_all(self, error: RunCancelled) -> None:
        """Ask every run to stop and empty the queue."""
        for execution in self.active():
            self.cancel(execution.id, error)

    def active(self) -> tuple[Execution, ...]:
        """Return the runs that wait or go on, oldest first."""
        with self._changed:
            return tuple(launch.execution for launch in self._standing.values())

    def is_active(self, command: str) -> bool:
        """Whether a run of the command waits or goes on in this process."""
        with self._changed:
            return command in self._standing

    def wait_idle(self, timeout: timedelta) -> bool:
        """Wait until no run waits or goes on; False when the time is over before, or `stop_now` was called."""
        deadline = self._clock.monotonic() + timeout.total_seconds()
        with self._changed:
            # Short slices: `stop_now` may come from a signal handler, which must not take a lock to wake this.
            while self._standing and not self._is_hurried:
                left = deadline - self._clock.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(min(left, _SLICE_S))
            return not self._standing

    def stop(self, grace: timedelta, *, cancel_wait: timedelta = CANCEL_WAIT) -> tuple[str, ...]:
        """Start nothing more, wait `grace` for the runs, then cancel them; return the commands that still run.

        What waits in the queue stays recorded as queued, so that the next start takes it up again.
        """
        with self._changed:
            self._is_stopping = True
            for launch in self._waiting:
                del self._standing[launch.command]
            self._waiting.clear()
        if not self.wait_idle(grace):
            self.cancel_all(RunCancelled("Cmdarr was stopped."))
            self.wait_idle(cancel_wait)
        left = tuple(execution.command for execution in self.active())
        for command in left:
            logger.error(
                "%s does not stop; it is cut off.", command, extra={"command": command, "action": "cut_off"}
            )
        return left

    def stop_now(self) -> None:
        """Make a `stop`, going on or to come, cancel at once and wait for nothing; safe in a signal handler."""
        self._is_hurried = True

    def report_stubborn(self) -> None:
        """Log each run that ignores a cancel, once."""
        for launch in self._stubborn():
            if not launch.is_reported:
                launch.is_reported = True
                logger.error(
                    "%s", _stubborn_text(launch), extra={"command": launch.command, "action": "stubborn"}
                )

    def stubborn(self) -> tuple[Execution, ...]:
        """Return the runs that ignore a cancel."""
        return tuple(launch.execution for launch in self._stubborn())

    def problem(self) -> str | None:
        """Return a sentence about runs that ignore a cancel, None when there are none."""
        return " ".join(map(_stubborn_text, self._stubborn())) or None

    def _stubborn(self) -> list[Launch]:
        now = self._clock.monotonic()
        with self._changed:
            standing = list(self._standing.values())
        return [
            launch
            for launch in standing
            if launch.asked_to_stop_at is not None and now - launch.asked_to_stop_at >= STUBBORN_AFTER_S
        ]

    def _admit(self, request: RunRequest) -> tuple[CommandEntry, Launch | None]:
        """Return the command of the request and the run of it that waits or goes on already."""
        entry = runnable_entry(request, local_date(self._clock.now(), request.snapshot))
        with self._changed:
            if self._is_stopping:
                raise Stopping
            return entry, self._standing.get(request.command)

    def _skip_overlap(self, request: RunRequest, entry: CommandEntry, standing: Launch) -> int:
        """Record the run as skipped; due times that fall into one and the same run share one record."""
        is_due = request.trigger is Trigger.SCHEDULE
        if is_due and standing.overlap_id is not None:
            logger.debug("%s is due again while it runs.", request.command)
            return standing.overlap_id
        execution = self._launcher.finish(
            self._launcher.queue(request, entry), skipped(_overlap_text(standing))
        )
        if is_due:
            standing.overlap_id = execution.id
        return execution.id

    def _begin_waiting(self) -> None:
        """Give each waiting run its thread while there are free places; the caller holds the condition."""
        while self._waiting and self._threads < self._max_parallel and not self._is_stopping:
            launch = self._waiting[0]
            name = f"run {launch.execution.id} {launch.command}"
            threading.Thread(target=self._carry_out, args=(launch,), name=name, daemon=True).start()
            self._waiting.popleft()
            self._threads += 1

    def _carry_out(self, launch: Launch) -> None:
        try:
            if self._is_obsolete(launch):
                self._launcher.finish(launch, skipped("it was disabled or removed while it waited."))
            else:
                self._launcher.perform(launch)
        finally:
            try:
                self._thread_ends()
            finally:
                self._leave(launch, frees_thread=True)

    def _is_obsolete(self, launch: Launch) -> bool:
        newest = self._newest
        if newest is None or launch.request.trigger not in AUTOMATIC:
            return False
        return not is_startable(newest.commands.get(launch.command), local_date(self._clock.now(), newest))

    def _leave(self, launch: Launch, *, frees_thread: bool = False) -> None:
        with self._changed:
            self._standing.pop(launch.command, None)
            self._threads -= frees_thread
            self._begin_waiting()
            self._changed.notify_all()


def _overlap_text(standing: Launch) -> str:
    verb = "waits" if standing.execution.status is Status.QUEUED else "is running"
    return f"already running: execution {standing.execution.id} of it {verb}."


def _stubborn_text(launch: Launch) -> str:
    return f"{launch.command} (execution {launch.execution.id}) was asked to stop and still runs."
