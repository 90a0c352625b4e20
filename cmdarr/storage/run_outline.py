"""Outlines of executions: what a picture of the last runs needs, read without results and documents."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cmdarr.models.execution import Status
from cmdarr.storage.config_file import ConfigFile
from cmdarr.storage.moment import from_us, from_us_or_none, to_us

_COLUMNS = "id, command, status, dry_run, queued_at, started_at, finished_at, changes"
_OF_COMMAND = f"SELECT {_COLUMNS} FROM execution WHERE command = ? ORDER BY id DESC LIMIT ?"  # noqa: S608 - constants
_SINCE = f"SELECT {_COLUMNS} FROM execution WHERE queued_at >= ? AND id > ? ORDER BY id DESC LIMIT ?"  # noqa: S608 - constants
_SCANNED = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutline:
    """One execution in short; times are aware UTC."""

    id: int
    command: str
    status: Status
    dry_run: bool
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    changes: int

    @property
    def duration_s(self) -> float | None:
        """Seconds from start to finish; None before the end or when it never started."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()


class RunOutlines:
    """Reads outlines from the history. Safe to share by threads."""

    def __init__(self, file: ConfigFile) -> None:
        self._file = file

    def of_commands(self, commands: Iterable[str], each: int) -> dict[str, list[RunOutline]]:
        """Return at most `each` outlines of every command, newest first."""
        with self._file.reading() as connection:
            return {
                command: _outlines(connection, _OF_COMMAND, (command, each))
                for command in dict.fromkeys(commands)
            }

    def since(self, moment: datetime, limit: int) -> list[RunOutline]:
        """Return the outlines of the runs queued since a moment, newest first."""
        with self._file.reading() as connection:
            newest = connection.execute("SELECT coalesce(max(id), 0) FROM execution").fetchone()[0]
            return _outlines(connection, _SINCE, (to_us(moment), newest - _SCANNED, limit))


def _outlines(connection: sqlite3.Connection, sql: str, values: tuple[object, ...]) -> list[RunOutline]:
    return [
        RunOutline(
            id=number,
            command=command,
            status=Status(status),
            dry_run=bool(dry_run),
            queued_at=from_us(queued_at),
            started_at=from_us_or_none(started_at),
            finished_at=from_us_or_none(finished_at),
            changes=changes,
        )
        for number, command, status, dry_run, queued_at, started_at, finished_at, changes in connection.execute(
            sql, values
        ).fetchall()
    ]
