"""Locks across processes: `cmdarr run X` beside the daemon never runs X a second time at once.

The kernel drops a lock with its process, so nothing is left behind by `kill -9`. The empty files stay: removing
one would let two processes lock two files of the same name.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cmdarr.errors import CommandError, StoreUnavailable

_NO_LOCKS_HERE = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}


class AlreadyRunning(CommandError):
    """The command is already running in another process."""


class CommandLocks:
    """One lock file a command in a folder that all processes over the same data share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def hold(self, command: str) -> Iterator[None]:
        """Hold the lock of a command while the block runs.

        Raises:
            AlreadyRunning: another process, or another run of this one, holds it.
            StoreUnavailable: the lock file cannot be opened.
        """
        descriptor = self._open(command)
        try:
            _lock(descriptor)
            yield
        finally:
            os.close(descriptor)

    def is_held(self, command: str) -> bool:
        """Whether a run of the command is going on in any process."""
        try:
            with self.hold(command):
                return False
        except AlreadyRunning:
            return True

    def _open(self, command: str) -> int:
        path = self._folder / f"{command}.lock"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreUnavailable(
                f"{path} cannot be opened ({error.strerror}): make the data folder writable and free some space."
            ) from error


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise AlreadyRunning("already running in another process.") from None
    except OSError as error:
        # A file system without locks: runs of this process are still told apart by the executor.
        if error.errno not in _NO_LOCKS_HERE:
            raise StoreUnavailable(f"the lock of the command cannot be taken ({error.strerror}).") from error
