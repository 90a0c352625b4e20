"""One SQLite file that may be deleted, replaced or swapped at any moment, and a connection to it for every thread.

A WAL database is three names: the file, `-wal` and `-shm`. A connection that opens while one of them has been
deleted under others mixes two databases up, and a second mapping of `-shm` inside one process ends in SIGBUS. So
every thread compares the inodes of all three before each use, nobody but this module creates or removes the
names, and opening, closing and swapping happen behind one door: a lock of the process and a lock on the folder,
which holds between processes and leaves no file behind.

Nothing in the process may open the file by other means: closing such a handle would drop SQLite's own locks.
"""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cmdarr.storage.database import PinnedDatabase, Pragmas

Identity = tuple[int, int, int, int]
"""Device and inode of the file, inodes of `-wal` and `-shm`; 0 for what is missing."""

_NOWHERE: Identity = (0, 0, 0, 0)


@dataclass(slots=True, eq=False)
class Desk:
    """What one thread works with. `identity` is what stood under the three names when it was opened."""

    connection: sqlite3.Connection
    cursor: sqlite3.Cursor
    identity: Identity
    thread: threading.Thread


class DatabaseFile:
    """The file at `path`; subclasses say how it is built and what its loss means."""

    def __init__(self, path: Path, *, pragmas: Pragmas, timeout_s: float) -> None:
        self.path = path
        self.database = PinnedDatabase(path, pragmas=pragmas, timeout_s=timeout_s)
        self._names = (str(path), f"{path}-wal", f"{path}-shm")
        self._lock = threading.RLock()
        self._door_is_open = False
        self._local = threading.local()
        self._desks: list[Desk] = []
        self._is_closed = False

    def identity(self) -> Identity:
        """Return what stands under the three names now."""
        file, wal, shm = self._names
        look = os.stat  # a Path would cost twice as much, on the hottest path of the program
        try:
            of_file = look(file)
            return (of_file.st_dev, of_file.st_ino, look(wal).st_ino, look(shm).st_ino)
        except OSError:
            return self._partial_identity()

    def open_desk(self) -> Desk:
        """Return this thread's desk at the file that stands at the path now; open it when needed.

        Raises:
            sqlite3.Error: the file cannot be opened or created.
            OSError: the folder cannot be used.
        """
        try:
            desk: Desk = self._local.desk
        except AttributeError:
            return self._reopen(None)
        if desk.identity == self.identity():
            return desk
        return self._reopen(desk)

    def doubt(self) -> None:
        """Make the next use by this thread open the file again: what was opened read-only stays so for ever."""
        desk: Desk | None = getattr(self._local, "desk", None)
        if desk is not None:
            desk.identity = _NOWHERE

    def release(self) -> None:
        """Close the connection of the calling thread; the next use opens another."""
        desk: Desk | None = getattr(self._local, "desk", None)
        if desk is not None and not self._is_closed:
            with self.door():
                self._put_away(desk)

    def close(self) -> None:
        """Close the connections of all threads, for good."""
        with self.door():
            self._is_closed = True
            for desk in tuple(self._desks):
                self._put_away(desk)

    @contextmanager
    def door(self) -> Iterator[None]:
        """Hold the right to open, close and swap, against every other thread and process."""
        with self._lock:
            if self._door_is_open:
                yield
                return
            with folder_door(self.path.parent):
                self._door_is_open = True
                try:
                    yield
                finally:
                    self._door_is_open = False

    def replace(self) -> None:
        """Put a newly built file in the place of whatever stands there; call it behind the door.

        The old one goes first: a full disk has room again, and a crash in between leaves a missing file, which
        is created at the next use.
        """
        self._remove_names()
        self._remove_new()
        new = self.path.with_name(f"{self.path.name}.new-{os.getpid()}")
        new.touch()
        database = PinnedDatabase(new, pragmas={}, timeout_s=1.0)
        try:
            connection = database.open()
            self._build(database)
            connection.execute("PRAGMA journal_mode = WAL")
            database.close()
            new.replace(self.path)
        except BaseException:
            database.close()
            self._remove_new()
            raise

    def _remove_new(self) -> None:
        """Remove files that were being built, by this process or by one that was killed."""
        for stray in self.path.parent.glob(f"{self.path.name}.new-*"):
            stray.unlink(missing_ok=True)

    def _build(self, database: PinnedDatabase) -> None:
        """Create the tables in an empty file."""
        raise NotImplementedError

    def _check(self, connection: sqlite3.Connection) -> None:
        """Look at a newly opened connection; raise what forbids its use."""
        raise NotImplementedError

    def _recover(self, desk: Desk | None, *, is_missing: bool) -> None:
        """Put a usable file in place of one that is missing or lost `-wal` or `-shm` under open connections.

        `desk` is the calling thread's last one, None when it never had one.
        """
        raise NotImplementedError

    def _reopen(self, desk: Desk | None) -> Desk:
        with self.door():
            if self._is_closed:
                raise sqlite3.ProgrammingError(f"{self.path.name} was closed.")
            now = self.identity()
            if not now[1] or any(_is_torn(other.identity, now) for other in self._desks):
                self._recover(desk, is_missing=not now[1])
            if desk is not None:
                self._put_away(desk)
            self._put_away_dead()
            return self._seat(self.database.open())

    def _seat(self, connection: sqlite3.Connection) -> Desk:
        """Give the calling thread its desk; the check reads, so that `-wal` and `-shm` stand afterwards."""
        try:
            self._check(connection)
        except BaseException:
            self.database.close()
            raise
        desk = Desk(connection, connection.cursor(), self.identity(), threading.current_thread())
        self._local.desk = desk
        self._desks.append(desk)
        return desk

    def _put_away(self, desk: Desk) -> None:
        self._desks.remove(desk)
        if desk.thread is threading.current_thread():
            del self._local.desk
            self.database.close()
        else:
            desk.connection.close()

    def _put_away_dead(self) -> None:
        for desk in tuple(self._desks):
            if not desk.thread.is_alive():
                self._put_away(desk)

    def _remove_names(self) -> None:
        for name in self._names:
            Path(name).unlink(missing_ok=True)

    def _partial_identity(self) -> Identity:
        numbers = [0, 0, 0, 0]
        for place, name in enumerate(self._names, start=1):
            with suppress(OSError):
                found = Path(name).stat()
                numbers[place] = found.st_ino
                if place == 1:
                    numbers[0] = found.st_dev
        return (numbers[0], numbers[1], numbers[2], numbers[3])


def remove_database(path: Path) -> None:
    """Remove a database with all its names, behind the door."""
    with folder_door(path.parent):
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)


@contextmanager
def folder_door(folder: Path) -> Iterator[None]:
    """Hold the right to open, close and swap databases of a folder, against every other process."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks: the lock of the process has to do
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _is_torn(known: Identity, now: Identity) -> bool:
    """Whether the file is the same one, but its `-wal` or `-shm` is another or gone."""
    return known[:2] == now[:2] and known != now
