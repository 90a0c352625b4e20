"""The observer of the config folder: it only raises the wake-up flag, and is set up again whenever it may be deaf.

Directories are watched, never files, and not recursively: the config folder and its commands folder.
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from cmdarr.config.watch.wakeup import WakeUp
from cmdarr.models.clock import Clock

logger = logging.getLogger(__name__)

RETRY_S = 60.0
"""So often inotify is tried again while polling stands in for it."""


class Observer(Protocol):
    """What is needed of an observer; `WatchdogObserver` is the real one."""

    def start(self) -> None:
        """Begin to announce events.

        Raises:
            OSError: the system gives no watch.
        """

    def stop(self) -> None:
        """End; no event is announced afterwards."""

    def is_alive(self) -> bool:
        """Whether every thread that events need is running."""


ObserverFactory = Callable[[Sequence[Path], WakeUp], Observer]
_Identity = tuple[int, int] | None


class Observation:
    """Keeps an observer on the folders, or says why there is none. For one thread."""

    def __init__(self, folders: Sequence[Path], wake: WakeUp, factory: ObserverFactory, clock: Clock) -> None:
        self._folders = tuple(folders)
        self._wake = wake
        self._factory = factory
        self._clock = clock
        self._observer: Observer | None = None
        self._watched: dict[Path, _Identity] = {}
        self._retry_at = float("-inf")
        self._starts = 0
        self.reason = ""
        """Why events cannot be had; empty while they can."""

    @property
    def is_observing(self) -> bool:
        """Whether events are to be expected."""
        return self._observer is not None

    @property
    def rebuilt(self) -> int:
        """How often the observer was set up again."""
        return max(0, self._starts - 1)

    def supervise(self) -> bool:
        """Set the observer up (again) when it is not what it should be.

        Returns True when events may have been lost: another folder has the path, or the observer is a new one.
        """
        found = {folder: _identity(folder) for folder in self._folders}
        is_same = found == self._watched
        if is_same and (
            self._observer.is_alive() if self._observer else self._clock.monotonic() < self._retry_at
        ):
            return False
        self.stop()
        self._watched = found
        self._set_up([folder for folder, identity in found.items() if identity is not None])
        return self.is_observing or not is_same

    def _set_up(self, folders: list[Path]) -> None:
        self._retry_at = self._clock.monotonic() + RETRY_S
        if not folders:
            self._report(f"{self._folders[0]} does not exist")
            return
        observer = self._factory(folders, self._wake)
        try:
            observer.start()
        except OSError as error:
            observer.stop()
            self._report(f"inotify gives no watch ({error.strerror or error})")
            return
        self._starts += 1
        self._observer, self.reason = observer, ""
        if self.rebuilt:
            logger.info("The config folder is watched anew: it was exchanged, or its observer had ended.")

    def _report(self, reason: str) -> None:
        if reason != self.reason:
            logger.warning("Changes of the config folder are found by polling: %s.", reason)
        self.reason = reason

    def stop(self) -> None:
        """End the observer, if there is one."""
        observer, self._observer = self._observer, None
        self._wake.forget_open_files()
        if observer is not None:
            observer.stop()


def _identity(folder: Path) -> _Identity:
    """Return what tells the folder from another one that took its path; None when there is none."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
