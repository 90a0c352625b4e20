"""The watcher: one thread that steps the loop, and one that starts it again should it ever end."""

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from cmdarr.config.reload import Reloader
from cmdarr.config.watch.loop import CHECK_INTERVAL_S, WatchLoop
from cmdarr.config.watch.mounts import read_mountinfo
from cmdarr.config.watch.observation import Observation, Observer, ObserverFactory
from cmdarr.config.watch.status import WatchStatus
from cmdarr.config.watch.wakeup import WakeUp
from cmdarr.models.clock import Clock, SystemClock

logger = logging.getLogger(__name__)

_RESTART_PAUSE_S = 1.0
_JOIN_S = 10.0


def observe_with_watchdog(folders: Sequence[Path], wake: WakeUp) -> Observer:
    """Return watchdog's observer of the folders, not started."""
    from cmdarr.config.watch.observer import WatchdogObserver  # slow to import, and only `serve` needs it

    return WatchdogObserver(folders, wake)


class Watcher:
    """Follows the config folder for a reloader that was started, until it is stopped. Nothing that fails ends it."""

    def __init__(
        self,
        folder: Path,
        reloader: Reloader,
        *,
        clock: Clock | None = None,
        observe: ObserverFactory = observe_with_watchdog,
        mountinfo: Callable[[], str] = read_mountinfo,
    ) -> None:
        self._folder = folder
        self._reloader = reloader
        self._clock = clock or SystemClock()
        self._observe = observe
        self._mountinfo = mountinfo
        self._wake = WakeUp()
        self._stopping = threading.Event()
        self._restarts = 0
        self._supervisor = threading.Thread(target=self._supervise, name="config-supervisor", daemon=True)

    def start(self) -> None:
        """Begin to follow the folder."""
        self._supervisor.start()

    def stop(self) -> None:
        """End, and wait for a reload in progress."""
        self._stopping.set()
        self._wake.nudge()
        if self._supervisor.is_alive():
            self._supervisor.join(_JOIN_S)

    def _supervise(self) -> None:
        while not self._stopping.is_set():
            worker = threading.Thread(target=self._work, name="config-watcher", daemon=True)
            worker.start()
            worker.join()
            if not self._stopping.is_set():
                self._restarts += 1
                self._reloader.report_watch(WatchStatus(mode="polling", restarts=self._restarts))
                logger.error("The watcher of the config folder ended by itself; it is started again.")
                self._stopping.wait(_RESTART_PAUSE_S)
        self._reloader.report_watch(WatchStatus(restarts=self._restarts))

    def _work(self) -> None:
        folders = (self._folder, self._folder / "commands")
        observation = Observation(folders, self._wake, self._observe, self._clock)
        loop = WatchLoop(
            self._folder,
            self._reloader,
            observation,
            self._wake,
            self._clock,
            mountinfo=self._mountinfo,
            restarts=self._restarts,
        )
        try:
            self._step(loop)
        finally:
            loop.stop()

    def _step(self, loop: WatchLoop) -> None:
        last_failure = ""
        while not self._stopping.is_set():
            try:
                delay, last_failure = loop.tick(), ""
            except (
                Exception
            ) as error:  # the watcher must never die: whatever failed is tried again at the next scan
                level = logging.DEBUG if str(error) == last_failure else logging.ERROR
                logger.log(level, "Following the config folder failed; it goes on.", exc_info=True)
                loop.postpone()
                delay, last_failure = CHECK_INTERVAL_S, str(error)
            self._wake.wait(delay)
