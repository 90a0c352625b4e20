"""Files that appear whole or not at all: written beside their place, flushed to the disk, then renamed."""

import contextlib
import os
import stat
import threading
from pathlib import Path

_PREFIX, _SUFFIX = ".cmdarr-", ".tmp"
_OLD_S = 3600.0
"""A temporary file that was not touched for this long belongs to no living process."""


def replace_file(path: Path, data: bytes) -> None:
    """Replace an existing file; a symbolic link stays one, mode and owner stay as they were.

    Raises:
        OSError: it could not be written; the old file is untouched.
    """
    target = Path(os.path.realpath(path))
    temporary = _write_beside(target, data, like=target.stat())
    try:
        temporary.replace(target)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def create_file(path: Path, data: bytes) -> bool:
    """Create a file and return True, or return False when there is one of that name already.

    Raises:
        OSError: it could not be written; nothing is left behind.
    """
    temporary = _write_beside(path, data, like=None)
    try:
        return _move_into_place(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def move_file(path: Path, target: Path) -> bool:
    """Rename a file and return True, or return False when another one has that name.

    Raises:
        OSError: it could not be renamed; it has its old name.
    """
    if path == target:
        return True
    # One rename, not a link and its removal: whoever is killed in between must not leave two playlists.
    if os.path.lexists(target) and not target.samefile(path):
        return False
    path.rename(target)
    _sync_folder(target.parent)
    return True


def _move_into_place(temporary: Path, path: Path) -> bool:
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        return False
    except OSError:  # no hard links here (exFAT, some network shares): a plain rename is the best there is
        if os.path.lexists(path):
            return False
        temporary.replace(path)
    _sync_folder(path.parent)
    return True


def _write_beside(target: Path, data: bytes, *, like: os.stat_result | None) -> Path:
    temporary = target.parent / f"{_PREFIX}{os.getpid()}-{threading.get_ident()}{_SUFFIX}"
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - the descriptor is already open
            file.write(data)
            file.flush()
            if like is not None:
                _take_over(descriptor, like)
            os.fsync(descriptor)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    _remove_leftovers(target.parent, temporary.stat().st_mtime)
    return temporary


def _remove_leftovers(folder: Path, now: float) -> None:
    """Remove what killed processes left half written; `now` is of the file system's clock."""
    for path in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
        with contextlib.suppress(OSError):
            if now - path.stat().st_mtime > _OLD_S:
                path.unlink()


def _take_over(descriptor: int, like: os.stat_result) -> None:
    with contextlib.suppress(PermissionError):  # only root may give files away
        os.fchown(descriptor, like.st_uid, like.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(like.st_mode))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):  # some file systems cannot flush a folder
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
