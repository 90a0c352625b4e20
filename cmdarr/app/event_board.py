"""The event board: what happens in the daemon, told to whoever watches, without ever waiting for them."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from types import MappingProxyType
from typing import Any

from cmdarr.app.shapes import RunShape, run_shape
from cmdarr.config.reload import ReloadOutcome, ReloadResult
from cmdarr.config.snapshot import Snapshot
from cmdarr.models.clock import Clock
from cmdarr.models.execution import Execution

REMEMBERED = 500
"""So many events a watcher that comes back can catch up on."""
MOST_WATCHERS = 100
_RELOAD_KINDS = {
    ReloadOutcome.APPLIED: "config_reloaded",
    ReloadOutcome.UNCHANGED: "config_reloaded",
    ReloadOutcome.REJECTED: "config_rejected",
    ReloadOutcome.HELD: "config_held",
}
_BEHIND = 2 * REMEMBERED  # a watcher with more events waiting than this is dropped
_PROGRESS_EVERY_S = 0.25


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: `id` tells the boards of two processes apart, `data` is JSON-ready and redacted."""

    id: str
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgress:
    """The present step of a run; `total` is None where the number of items is not known."""

    step: str
    done: int
    total: int | None


class Watch:
    """What one watcher has not taken yet. `wake` is called when something comes, from any thread, and must not wait."""

    def __init__(self, wake: Callable[[], None], missed: Iterable[Event] = ()) -> None:
        """`missed` is what it gets first."""
        self._wake = wake
        self._waiting = deque(missed)
        self.is_over = False
        """Whether nothing more comes: the watcher was too slow, or the board is closed."""

    def take(self) -> list[Event]:
        """Return what came since the last call, oldest first."""
        taken = []
        while self._waiting:
            taken.append(self._waiting.popleft())
        return taken

    def offer(self, event: Event) -> None:
        """Add an event; a watcher that is too far behind gets no more."""
        if len(self._waiting) >= _BEHIND:
            self.end()
        elif not self.is_over:
            self._waiting.append(event)
            self._wake()

    def end(self) -> None:
        """Tell the watcher that nothing more comes."""
        self.is_over = True
        self._wake()


class EventBoard:
    """Takes events from any thread and passes them on. It is a listener of the engine too."""

    def __init__(self, clock: Clock, redact: Callable[[str], str]) -> None:
        """`redact` masks secrets in a text."""
        self._clock = clock
        self._redact = redact
        self._lock = threading.Lock()
        self._name = token_hex(4)
        self._count = 0
        self._remembered: deque[Event] = deque(maxlen=REMEMBERED)
        self._watches: list[Watch] = []
        self._progress: dict[int, RunProgress] = {}
        self._told_at: dict[int, float] = {}
        self._is_closed = False
        self.last_reload: tuple[datetime, ReloadResult] | None = None
        """The last reload that found something else than what was in force, and when it was."""

    @property
    def last_id(self) -> str:
        """The id of the last event: whoever looks now, and then watches `after` it, misses nothing."""
        with self._lock:
            return f"{self._name}-{self._count}"

    def publish(self, kind: str, data: Mapping[str, Any]) -> None:
        """Tell every watcher."""
        with self._lock:
            self._count += 1
            event = Event(f"{self._name}-{self._count}", kind, MappingProxyType(dict(data)))
            self._remembered.append(event)
            for watch in self._watches:
                watch.offer(event)
            self._watches = [watch for watch in self._watches if not watch.is_over]

    def watch(self, wake: Callable[[], None], *, after: str = "") -> tuple[Watch, bool] | None:
        """Begin to watch, with what came `after` an event; None when too many watch already.

        The second value says whether nothing is missing since that event.
        """
        with self._lock:
            if self._is_closed or len(self._watches) >= MOST_WATCHERS:
                return None
            missed = self._after(after)
            watch = Watch(wake, missed or ())
            self._watches.append(watch)
            if missed:
                wake()
            return watch, missed is not None

    def leave(self, watch: Watch) -> None:
        """Stop watching; absent is fine."""
        with self._lock:
            self._watches = [other for other in self._watches if other is not watch]

    def close(self) -> None:
        """End every watch."""
        with self._lock:
            self._is_closed = True
            for watch in self._watches:
                watch.end()
            self._watches = []

    def progress_of(self, execution_id: int) -> RunProgress | None:
        """Return the present step of a run that goes on."""
        return self._progress.get(execution_id)

    def run_queued(self, execution: Execution) -> None:
        """Tell that a run waits."""
        self.publish("run_queued", self._shape(execution))

    def run_started(self, execution: Execution) -> None:
        """Tell that a run began."""
        self.publish("run_started", self._shape(execution))

    def progress(self, execution: Execution, step: str, done: int, total: int | None) -> None:
        """Remember the step of a run, and tell it a few times a second at most."""
        self._progress[execution.id] = RunProgress(step=step, done=done, total=total)
        now = self._clock.monotonic()
        if done and done != total and now - self._told_at.get(execution.id, 0.0) < _PROGRESS_EVERY_S:
            return
        self._told_at[execution.id] = now
        data = {"id": execution.id, "command": execution.command, "step": step, "done": done, "total": total}
        self.publish("run_progress", data)

    def run_finished(self, execution: Execution) -> None:
        """Tell that a run ended."""
        self._progress.pop(execution.id, None)
        self._told_at.pop(execution.id, None)
        self.publish("run_finished", self._shape(execution))

    def config_followed(self, before: Snapshot, after: Snapshot, result: ReloadResult) -> None:
        """Tell what came of a reload."""
        del before, after
        self.last_reload = self._clock.now(), result
        errors = len(result.errors)
        data: dict[str, Any] = {"reason": result.reason, "generation": result.generation, "errors": errors}
        changes = result.changes
        data["commands"] = [*changes.added, *changes.changed, *changes.removed]
        self.publish(_RELOAD_KINDS[result.outcome], data)

    def _shape(self, execution: Execution) -> RunShape:
        return run_shape(execution, self._redact)

    def _after(self, event_id: str) -> list[Event] | None:
        """Return what came after an event; None when that is not known any more."""
        if not event_id:
            return []
        name, _, number = event_id.rpartition("-")
        if name != self._name or not number.isdecimal():
            return None
        missed = self._count - int(number)
        if not 0 <= missed <= len(self._remembered):
            return None
        return list(self._remembered)[len(self._remembered) - missed :]
