"""The backups that Cmdarr makes on its own, in `data/backups/`: before a migration, a reset and a restore."""

import sqlite3
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from cmdarr import __version__
from cmdarr.storage.archive import DATABASE, pack
from cmdarr.storage.migrations import schema_number

_SUFFIX = ".tar.gz"


def copy_database(connection: sqlite3.Connection, target: Path) -> None:
    """Copy the database as it stands at one moment into a single file, while others go on writing."""
    copy = sqlite3.connect(target, isolation_level=None)
    try:
        connection.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    finally:
        copy.close()


def keep_backup(
    connection: sqlite3.Connection | None,
    backups: Path,
    *,
    why: str,
    now: datetime,
    others: Mapping[str, Path | bytes] | None = None,
) -> Path:
    """Write config.db (and other members) into an archive in `backups` and return its path.

    Raises:
        StoreUnavailable: it cannot be written; then nothing may be destroyed.
    """
    backups.mkdir(parents=True, exist_ok=True)
    target = _free_name(backups, f"{now:%Y%m%dT%H%M%SZ}-{why}")
    members: dict[str, Path | bytes] = dict(others or {})
    with tempfile.TemporaryDirectory(prefix=".part-", dir=backups) as folder:
        schema = 0
        if connection is not None:
            copy = Path(folder) / DATABASE
            copy_database(connection, copy)
            schema = schema_number(connection)
            members = {DATABASE: copy, **members}
        pack(target, members, version=__version__, schema=schema, created_at=now)
    return target


def newest_backup(backups: Path) -> Path | None:
    """Return the newest archive in the folder, None without one."""
    found = [(path.stat().st_mtime_ns, path) for path in backups.glob(f"*{_SUFFIX}")]
    return max(found)[1] if found else None


def _free_name(folder: Path, stem: str) -> Path:
    """Return a path that does not exist yet: two backups of one second are two files."""
    target = folder / f"{stem}{_SUFFIX}"
    number = 2
    while target.exists():
        target = folder / f"{stem}-{number}{_SUFFIX}"
        number += 1
    return target
