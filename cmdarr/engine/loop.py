"""The engine of the daemon: one thread that asks the scheduler what is due, and the order of start and stop."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from cmdarr.config.snapshot import Snapshot
from cmdarr.engine.executor import Executor
from cmdarr.engine.housekeeping import Housekeeping
from cmdarr.engine.ports import History
from cmdarr.engine.scheduler import Scheduler
from cmdarr.engine.startup import StartUp
from cmdarr.errors import CmdarrError
from cmdarr.models.clock import Clock

logger = logging.getLogger(__name__)

LONGEST_SLEEP_S = 30.0
"""However far the next due time is, the clock is looked at this often: it may have been set, or the machine slept."""
RETRY_S = 5.0
"""After a tick that could not do everything (config.db locked, disk full)."""
LATE_S = 120.0
"""Without a tick for so long the engine is not healthy."""
_JOIN_S = 5.0


class EngineLoop:
    """Runs the scheduler in a thread of its own; `reload` wakes it, an error of one tick never ends it."""

    def __init__(
        self,
        *,
        executor: Executor,
        scheduler: Scheduler,
        history: History,
        snapshot: Snapshot,
        clock: Clock,
        alarm: threading.Event | None = None,
        thread_ends: Callable[[], None] = lambda: None,
        sweep_cache: Callable[[], object] = lambda: None,
    ) -> None:
        """`alarm` ends a sleep before its time; `thread_ends` closes what belongs to the thread."""
        self._executor = executor
        self._scheduler = scheduler
        self._history = history
        self._snapshot = snapshot
        self._clock = clock
        self._alarm = alarm or threading.Event()
        self._thread_ends = thread_ends
        self._housekeeping = Housekeeping(history, clock, sweep_cache=sweep_cache)
        self._start_up = StartUp(
            history=history, executor=executor, scheduler=scheduler, snapshot=snapshot, clock=clock
        )
        self._thread: threading.Thread | None = None
        self._is_stopping = False
        self._failure: str | None = None
        self._last_tick = clock.monotonic()

    def start(self) -> None:
        """Begin: take up interrupted runs, make up missed ones, and then follow the schedule."""
        self._executor.reload(self._snapshot)
        self._last_tick = self._clock.monotonic()
        self._thread = threading.Thread(target=self._run, name="scheduler", daemon=True)
        self._thread.start()

    def reload(self, snapshot: Snapshot) -> None:
        """Follow a new snapshot at once."""
        self._snapshot = snapshot
        self._executor.reload(snapshot)
        self._scheduler.reload(snapshot)
        self._alarm.set()

    def stop(self, grace: timedelta) -> tuple[str, ...]:
        """End the schedule and then the runs, as `Executor.stop`; return the commands that do not stop."""
        self._is_stopping = True
        self._alarm.set()
        if self._thread is not None:
            self._thread.join(_JOIN_S)
        left = self._executor.stop(grace)
        self._guarded(self._history.flush)
        return left

    def stop_now(self) -> None:
        """Make a `stop`, going on or to come, wait for nothing; safe in a signal handler."""
        self._executor.stop_now()

    def problem(self) -> str | None:
        """Return why the schedule is not being followed, None when it is."""
        if self._thread is None or not self._thread.is_alive():
            return "the scheduler is not running."
        silence = self._clock.monotonic() - self._last_tick
        if silence > LATE_S:
            return f"the scheduler has not looked at the schedule for {silence:.0f} s."
        return self._failure

    def lateness_s(self) -> float:
        """Return for how many seconds the earliest due time has been waiting for the scheduler; 0 when none is."""
        wake = self._scheduler.next_wake()
        return 0.0 if wake is None else max(0.0, (self._clock.now() - wake).total_seconds())

    def tick(self) -> float:
        """Do what is due and return for how many seconds nothing will be."""
        schedule_failure = self._guarded(self._follow_schedule)
        self._failure = schedule_failure or self._guarded(self._keep_house)
        self._last_tick = self._clock.monotonic()
        if self._failure is not None:
            return RETRY_S
        wake = self._scheduler.next_wake()
        if wake is None:
            return LONGEST_SLEEP_S
        return min(max((wake - self._clock.now()).total_seconds(), 0.0), LONGEST_SLEEP_S)

    def _run(self) -> None:
        try:
            while not self._is_stopping:
                self._alarm.wait(self.tick())
                self._alarm.clear()
        finally:
            self._thread_ends()

    def _guarded(self, step: Callable[[], object]) -> str | None:
        """Do one step; an error is logged (when it is new) and returned as a sentence."""
        try:
            step()
        except CmdarrError as error:
            sentence = str(error)
        except Exception as error:
            logger.debug("traceback of the scheduler:", exc_info=True)
            sentence = f"the scheduler met an unexpected {type(error).__name__}."
        else:
            return None
        if sentence != self._failure:
            logger.error("%s", sentence, extra={"action": "tick_failed"})
        return sentence

    def _follow_schedule(self) -> None:
        self._start_up.advance()
        self._scheduler.tick()

    def _keep_house(self) -> None:
        self._executor.report_stubborn()
        self._housekeeping.tick(self._snapshot.settings.history, self._pause)

    def _pause(self, seconds: float) -> None:
        self._alarm.wait(seconds)
