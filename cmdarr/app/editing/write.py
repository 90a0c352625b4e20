"""Writing a file of the config folder: whole or not at all, with the mode, owner and links that it had."""

import errno
import hashlib
import os
import stat
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from cmdarr.config.tree import LARGEST_FILE_BYTES
from cmdarr.errors import CommandError

ABSENT = "absent"
"""The digest of a file that is not there."""
_NOT_EXCHANGEABLE = frozenset({errno.EBUSY, errno.EXDEV, errno.EACCES, errno.EPERM, errno.EROFS})


class NotWritable(CommandError):
    """The file cannot be written here; commit the change where the configuration comes from."""


class NotReadable(CommandError):
    """The file cannot be shown here; edit it where it lies."""


class FileChanged(CommandError):
    """The file was changed on disk meanwhile; look at both versions, and save again."""


def read_bytes(path: Path, name: str) -> bytes | None:
    """Return the bytes of a file, None where there is none.

    Raises:
        NotReadable: it is no regular file, too large, a link to nothing, or the system refuses.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a fifo must not make us wait
    except FileNotFoundError:
        if path.is_symlink():
            raise NotReadable(f"{name} is a link to a file that does not exist: correct the link.") from None
        return None
    except OSError as error:
        raise NotReadable(f"{name} cannot be read ({_reason(error)}).") from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotReadable(f"{name} is not a regular file: replace it by one.")
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            data = stream.read(LARGEST_FILE_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(data) > LARGEST_FILE_BYTES:
        raise NotReadable(f"{name} is larger than a configuration file may be.")
    return data


def digest_of(data: bytes | None) -> str:
    """Return what names the bytes of a file."""
    return ABSENT if data is None else hashlib.sha256(data).hexdigest()


def find_refusal(path: Path) -> str:
    """Say why a file cannot be written, as far as that is known before trying; empty when it can."""
    target = Path(os.path.realpath(path))
    folder = target.parent
    while not folder.exists():
        folder = folder.parent
    may_exchange = _may(folder, os.W_OK | os.X_OK) and not _is_read_only(target)
    if may_exchange or _may(target, os.W_OK):
        return ""
    return "the configuration is read-only here"


def write_bytes(path: Path, name: str, data: bytes, expected: str, *, backups: Path) -> None:
    """Exchange the bytes of a file that has the digest `expected`, or make it; a link stays one.

    Where the file cannot be exchanged as a whole (it is a mount of its own, has several names, belongs to somebody
    else, or its folder is read-only) it is written in place, after a copy was put into `backups`.

    Raises:
        FileChanged: it is not as expected; nothing was written.
        NotWritable: the disk does not take it; what was there stays.
    """
    target = Path(os.path.realpath(path))
    try:
        target.parent.mkdir(exist_ok=True)
        if not exchange(target, name, data, expected):
            write_in_place(target, name, data, expected, backups)
    except OSError as error:
        raise NotWritable(f"{name} cannot be written here ({_reason(error)}).") from error


def exchange(target: Path, name: str, data: bytes, expected: str) -> bool:
    """Put a new file in the place of the old one; whether that was possible."""
    old = target.stat() if expected != ABSENT else None
    if old is not None and old.st_nlink > 1:
        return False
    beside = target.with_name(f".{target.name}.{token_hex(4)}.new")
    try:
        if not _write_beside(beside, data, old):
            return False
        _expect(target, name, expected)
        beside.replace(target)
    except OSError as error:
        if old is not None and error.errno in _NOT_EXCHANGEABLE:
            return False
        raise
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
    _sync_folder(target.parent)
    return True


def _write_beside(beside: Path, data: bytes, like: os.stat_result | None) -> bool:
    """Write a new file with mode and owner of the old one, and wait for the disk; False where the owner cannot be."""
    with beside.open("xb") as stream:
        if like is not None:
            status = os.fstat(stream.fileno())
            if (status.st_uid, status.st_gid) != (like.st_uid, like.st_gid):
                try:
                    os.fchown(stream.fileno(), like.st_uid, like.st_gid)
                except PermissionError:
                    return False
            os.fchmod(stream.fileno(), stat.S_IMODE(like.st_mode))
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    return True


def write_in_place(target: Path, name: str, data: bytes, expected: str, backups: Path) -> None:
    """Write over the old bytes, after a copy of them was put into `backups`."""
    old = _expect(target, name, expected) or b""
    backups.mkdir(parents=True, exist_ok=True)
    copy = backups / f"{name.replace('/', '-')}.before-edit"
    copy.unlink(missing_ok=True)
    with os.fdopen(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(old)
        stream.flush()
        os.fsync(stream.fileno())
    try:
        overwrite(target, data)
    except OSError:
        with suppress(OSError):  # the copy is there even so
            overwrite(target, old)
        raise


def overwrite(target: Path, data: bytes) -> None:
    """Write over a file from its beginning, cut it where the bytes end, and wait for the disk."""
    with target.open("r+b") as stream:
        stream.write(data)
        stream.truncate()
        stream.flush()
        os.fsync(stream.fileno())


def _expect(target: Path, name: str, expected: str) -> bytes | None:
    data = read_bytes(target, name)
    if digest_of(data) != expected:
        raise FileChanged(f"{name} was changed on disk meanwhile: look at both versions, and save again.")
    return data


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # some file systems know no such thing; the file itself is on the disk
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _may(path: Path, mode: int) -> bool:
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def _is_read_only(target: Path) -> bool:
    """Whether the file is a read-only mount of its own."""
    try:
        return bool(os.statvfs(target).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
