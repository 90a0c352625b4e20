"""One `serve` a data folder: a lock that the kernel drops with its process, so `kill -9` leaves nothing behind."""

import errno
import fcntl
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from cmdarr.errors import FolderInUse, StoreUnavailable

_NO_LOCKS_HERE = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}
_LONGEST_PID = 20


class FolderLock:
    """The lock of a data folder. The file stays: removing it would let two processes lock two files of one name."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "cmdarr.lock"
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock, or say who holds it.

        Raises:
            FolderInUse: another process holds it.
            StoreUnavailable: the folder does not allow a lock file.
        """
        if self._descriptor is not None:
            return
        descriptor = self._open()
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in _NO_LOCKS_HERE:
                holder = _read(descriptor)
                os.close(descriptor)
                raise FolderInUse(
                    f"the data folder is in use by another Cmdarr{holder}: stop that one, or choose --data-dir."
                ) from error
        self._descriptor = descriptor
        with suppress(OSError):  # the number is for people; a full disk does not undo the lock
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Give the lock back; not held is fine."""
        if self._descriptor is not None:
            with suppress(OSError):
                os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _open(self) -> int:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise StoreUnavailable(
                f"{self._path} cannot be opened ({error.strerror}): make the data folder writable."
            ) from error


def _read(descriptor: int) -> str:
    """Return who holds the lock, as a part of a sentence."""
    with suppress(OSError):
        pid = os.pread(descriptor, _LONGEST_PID, 0).decode("ascii", "replace").strip()
        if pid.isdigit():
            return f" (process {pid})"
    return ""
