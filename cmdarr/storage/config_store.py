"""The door to config.db: what cannot be made again."""

import logging
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from cmdarr.errors import StorageError
from cmdarr.models.clock import Clock
from cmdarr.models.execution import Execution
from cmdarr.storage.binding import Bindings
from cmdarr.storage.config_file import ConfigFile
from cmdarr.storage.decision import Decisions
from cmdarr.storage.former_name import FormerNames
from cmdarr.storage.good import GoodDocuments
from cmdarr.storage.held import HeldChanges
from cmdarr.storage.history import History
from cmdarr.storage.import_list import ImportLists
from cmdarr.storage.imported import import_executions
from cmdarr.storage.kept_backup import keep_backup, newest_backup
from cmdarr.storage.migrations import EMPTIED, origin
from cmdarr.storage.revision import Revisions
from cmdarr.storage.run_line import RunLines
from cmdarr.storage.run_outline import RunOutlines
from cmdarr.storage.schedule_mark import ScheduleMarks
from cmdarr.storage.web_session import WebSessions

logger = logging.getLogger(__name__)


class ConfigStore:
    """History, last good documents, schedule marks, bindings, revisions, held changes, decisions, import lists.

    Safe to share by threads: each gets a connection of its own. A thread that ends early may `release` its own;
    `close` closes those of all threads.
    """

    def __init__(self, file: ConfigFile, clock: Clock, backups: Path) -> None:
        self._file = file
        self._clock = clock
        self._backups = backups
        self.history = History(file)
        self.good = GoodDocuments(file, clock)
        self.marks = ScheduleMarks(file)
        self.bindings = Bindings(file)
        self.revisions = Revisions(file)
        self.held = HeldChanges(file)
        self.decisions = Decisions(file)
        self.import_lists = ImportLists(file)
        self.former_names = FormerNames(file)
        self.outlines = RunOutlines(file)
        self.run_lines = RunLines(file, self.history.unwritten)
        self.web_sessions = WebSessions(file)

    @classmethod
    def open(cls, path: Path, *, backups: Path, clock: Clock) -> "ConfigStore":
        """Open config.db: create it when missing, migrate it after a backup when it is older.

        Raises:
            StoreDamaged: it is damaged, no database of Cmdarr, or newer than this version; it stays as it is.
            StoreUnavailable: it cannot be opened at the moment.
        """

        def rescue(connection: sqlite3.Connection, why: str) -> Path:
            return keep_backup(connection, backups, why=why, now=clock.now())

        file = ConfigFile(path, clock=clock, rescue=rescue, newest_backup=lambda: newest_backup(backups))
        try:
            with file.reading():
                pass
        except BaseException:
            file.close()
            raise
        return cls(file, clock, backups)

    @property
    def path(self) -> Path:
        """Where config.db lies."""
        return self._file.path

    @property
    def origin(self) -> str:
        """What this database and its copies have in common, and no other has."""
        with self._file.reading() as connection:
            return origin(connection)

    def problem(self) -> str | None:
        """Return what is wrong with config.db in one sentence, None when it works."""
        waiting = self.history.waiting()
        return self._file.problem() or (
            f"config.db: {waiting} outcomes wait in memory to be written." if waiting else None
        )

    def keep_backup(self, why: str) -> Path:
        """Write config.db into an archive in `data/backups` and return its path.

        Raises:
            StorageError: it cannot be written.
        """
        with self._file.reading() as connection:
            return keep_backup(connection, self._backups, why=why, now=self._clock.now())

    def empty(self) -> None:
        """Remove everything but the schema, in one transaction; ids are not used again."""
        with self._file.writing() as connection:
            for table in EMPTIED:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - a constant
        with (
            suppress(StorageError),
            self._file.reading() as connection,
        ):  # others may be reading; it is empty anyway
            connection.execute("VACUUM")

    def import_executions(
        self,
        executions: Iterable[Execution],
        *,
        generation: str,
        room: int,
        advance: Callable[[int], None],
    ) -> int:
        """Store executions of another program that are not there yet; see `storage.imported`."""
        return import_executions(self._file, executions, generation=generation, room=room, advance=advance)

    def release(self) -> None:
        """Close the connection of the calling thread; the next use opens another."""
        self._file.release()

    def close(self) -> None:
        """Write what still waits in memory and close the connections of all threads."""
        try:
            if left := self.history.flush():
                logger.error(
                    "config.db does not take the outcome of %s; the history lacks it.",
                    "a run" if left == 1 else f"{left} runs",
                    extra={"action": "record_lost"},
                )
        finally:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
