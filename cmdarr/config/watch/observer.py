"""watchdog's observer behind the wake-up flag. The only module that imports watchdog."""

import os
from collections.abc import Sequence
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer as PlatformObserver
from watchdog.observers.api import BaseObserver

from cmdarr.config.watch.wakeup import WakeUp

_ASKED_FOR: list[type[FileSystemEvent]] = [
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
]
_JOIN_S = 5.0


class FlagHandler(FileSystemEventHandler):
    """Raises the wake-up flag and does nothing else: whatever it raised would end the observer's thread silently."""

    def __init__(self, wake: WakeUp) -> None:
        self._wake = wake

    def dispatch(self, event: FileSystemEvent) -> None:
        """Take note of one event."""
        self._wake.announce(event.event_type, os.fsdecode(event.src_path), is_directory=event.is_directory)


class WatchdogObserver:
    """An observer of some directories, not recursive."""

    def __init__(self, folders: Sequence[Path], wake: WakeUp) -> None:
        self._observer: BaseObserver = PlatformObserver()
        # The real paths: a watch through a link would follow neither the link nor what it points to.
        self._folders = tuple(dict.fromkeys(folder.resolve() for folder in folders))
        self._handler = FlagHandler(wake)

    def start(self) -> None:
        """Watch the directories.

        Raises:
            OSError: the system gives no watch, or one of them is gone.
        """
        for folder in self._folders:
            if not folder.is_dir():
                raise NotADirectoryError(f"{folder} is no folder")
            self._observer.schedule(self._handler, str(folder), event_filter=_ASKED_FOR)
        self._observer.start()

    def stop(self) -> None:
        """End the observer's threads."""
        if self._observer.is_alive():
            self._observer.stop()
            self._observer.join(_JOIN_S)
        else:
            self._observer.unschedule_all()

    def is_alive(self) -> bool:
        """Whether the observer and every emitter run; an emitter dies alone when its directory goes."""
        emitters = tuple(self._observer.emitters)
        return (
            self._observer.is_alive()
            and len(emitters) == len(self._folders)
            and all(emitter.is_alive() for emitter in emitters)
        )
