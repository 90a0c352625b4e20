"""The backups that Cmdarr makes on its own, in `data/backups/`: before a migration, a reset and a restore."""

import sqlite3
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from cmdarr import __version__
from cmdarr.errors import StoreDamaged, StoreUnavailable
from cmdarr.storage.archive import DATABASE, pack
from cmdarr.storage.database import PinnedDatabase
from cmdarr.storage.database_file import folder_door
from cmdarr.storage.failure import Failure, SqliteError, failure_of, reason_of
from cmdarr.storage.migrations import schema_number
from cmdarr.storage.scratch import scratch_folder

_SUFFIX = ".tar.gz"
_DAMAGED = "damaged"
_TIMEOUT_S = 5.0


def copy_database(connection: sqlite3.Connection, target: Path) -> None:
    """Copy the database as it stands at one moment into a single file, while others go on writing."""
    copy = sqlite3.connect(target, isolation_level=None)
    try:
        connection.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    finally:
        copy.close()


def copy_closed_database(source: Path, target: Path) -> int:
    """Copy a config.db that this thread has not open, while others use it, and return its schema number.

    Raises:
        StoreDamaged: it cannot be read.
        StoreUnavailable: it cannot be read or copied at the moment.
    """
    database = PinnedDatabase(source, pragmas={}, timeout_s=_TIMEOUT_S)
    try:
        with folder_door(source.parent):
            try:
                connection = database.open()
                copy_database(connection, target)
                return schema_number(connection)
            finally:
                database.close()
    except SqliteError as error:
        if failure_of(error) is Failure.DAMAGED:
            raise StoreDamaged(
                f"{source.name} cannot be read ({reason_of(error)}): restore a backup."
            ) from error
        raise StoreUnavailable(
            f"{source.name} cannot be copied to {target.parent.parent}, as {reason_of(error)}: check the free space "
            "and the permissions there."
        ) from error


def keep_backup(connection: sqlite3.Connection, backups: Path, *, why: str, now: datetime) -> Path:
    """Write config.db into an archive in `backups` and return its path.

    Raises:
        StoreUnavailable: it cannot be written; then nothing may be destroyed.
    """
    with _scratch(backups) as folder:
        copy = Path(folder) / DATABASE
        copy_database(connection, copy)
        return _pack(
            backups, {DATABASE: copy}, Path(folder), why=why, schema=schema_number(connection), now=now
        )


def keep_replaced(
    data_dir: Path, config: Mapping[str, Path | bytes], now: datetime, *, why: str = "restore"
) -> Path | None:
    """Write what a restore (or whatever else `why` names) replaces into an archive in `data/backups`.

    A damaged config.db goes in as it is.

    Returns None when there is nothing to keep.

    Raises:
        StoreUnavailable: it cannot be written; then nothing may be destroyed.
    """
    backups, source = data_dir / "backups", data_dir / DATABASE
    with _scratch(backups) as folder:
        members = dict(config)
        schema = 0
        if source.exists():
            copy = Path(folder) / DATABASE
            try:
                schema = copy_closed_database(source, copy)
            except StoreDamaged:
                copy.write_bytes(source.read_bytes())
                why = _DAMAGED
            members[DATABASE] = copy
        return _pack(backups, members, Path(folder), why=why, schema=schema, now=now) if members else None


def newest_backup(backups: Path) -> Path | None:
    """Return the newest archive in the folder that can be restored, None without one."""
    found = [
        (path.stat().st_mtime_ns, path)
        for path in backups.glob(f"*{_SUFFIX}")
        if not path.name.endswith(f"-{_DAMAGED}{_SUFFIX}")
    ]
    return max(found)[1] if found else None


def _scratch(backups: Path) -> "tempfile.TemporaryDirectory[str]":
    try:
        backups.mkdir(parents=True, exist_ok=True)
        return scratch_folder(backups)
    except OSError as error:
        raise StoreUnavailable(
            f"no backup can be made in {backups} ({error.strerror}), so nothing was changed: check the free space and "
            "the permissions there."
        ) from error


def _pack(
    backups: Path,
    members: Mapping[str, Path | bytes],
    scratch: Path,
    *,
    why: str,
    schema: int,
    now: datetime,
) -> Path:
    """Write an archive under a name of its own: two backups of one second are two files."""
    stem = f"{now:%Y%m%dT%H%M%SZ}-{why}"
    target = backups / f"{stem}{_SUFFIX}"
    number = 2
    while target.exists():
        target = backups / f"{stem}-{number}{_SUFFIX}"
        number += 1
    pack(target, members, scratch=scratch, version=__version__, schema=schema, created_at=now)
    return target
