"""cache.db as a file that is never trusted to exist: whatever happens to it, look-ups miss and writes are dropped.

The file is not mapped into memory (`mmap_size` stays 0): a mapped file that somebody truncates ends the process
with SIGBUS, and the look-ups gain nothing measurable from it.
"""

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cmdarr.models.clock import Clock
from cmdarr.storage.cache_schema import CACHE_SCHEMA, TABLES, build_cache
from cmdarr.storage.database import PinnedDatabase, single_value
from cmdarr.storage.database_file import DatabaseFile, Desk
from cmdarr.storage.failure import Failure, SqliteError, failure_of, is_read_only, reason_of

logger = logging.getLogger(__name__)
T = TypeVar("T")

_PRAGMAS: dict[str, int | str] = {
    "synchronous": "NORMAL",
    "cache_size": -2_000,
    "wal_autocheckpoint": 4_000,
    "journal_size_limit": 64 * 1024 * 1024,
    "mmap_size": 0,
}
_TIMEOUT_S = 2.0
_OFF_S = 60.0


class _OtherSchema(Exception):
    """The file has another schema number."""


class CacheFile(DatabaseFile):
    """cache.db. No method but `reset` raises because of the file."""

    def __init__(self, path: Path, *, clock: Clock) -> None:
        super().__init__(path, pragmas=_PRAGMAS, timeout_s=_TIMEOUT_S)
        self._clock = clock
        self._off_until = float("-inf")
        self._is_failing = False

    def desk(self) -> Desk | None:
        """Return this thread's desk, None while the cache is out of service."""
        try:
            desk: Desk = self._local.desk
        except AttributeError:
            return self._find_desk()
        return desk if desk.identity == self.identity() else self._find_desk()

    def read(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """Return what `work` reads, or `otherwise` when the cache fails."""
        desk = self.desk()
        if desk is None:
            return otherwise
        try:
            return work(desk.connection)
        except SqliteError as error:
            self.note_failure(error, desk)
            return otherwise

    def write(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """Let `work` write in one transaction and return its result, or `otherwise` when the cache fails."""
        desk = self.desk() if self._is_in_service() else None
        if desk is None:
            return otherwise
        connection = desk.connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            result = work(connection)
            connection.execute("COMMIT")
        except SqliteError as error:
            _roll_back(connection)
            self.note_failure(error, desk)
            return otherwise
        except BaseException:
            _roll_back(connection)
            raise
        if self._is_failing:
            self._note_success()
        return result

    def reset(self) -> None:
        """Swap in an empty file; whoever reads the old one goes on until the next look-up.

        Raises:
            OSError, sqlite3.Error: the folder does not allow it.
        """
        with self.door():
            self.replace()
        self._off_until = float("-inf")

    def note_failure(self, error: BaseException, desk: Desk | None) -> None:
        """Decide what an error means for the uses to come; raise it when it is a fault of the program."""
        if self._is_closed or (desk is not None and desk.identity != self.identity()):
            return  # it happened to a file that is already gone
        failure = Failure.OUT_OF_SERVICE if isinstance(error, OSError) else failure_of(error)
        if failure is Failure.FAULT and (desk is None or not _has_tables(desk.connection)):
            failure = Failure.DAMAGED
        if failure is Failure.DAMAGED:
            self._set_aside(error)
        elif failure is Failure.FAULT:
            raise error
        elif failure is not Failure.BUSY:
            if is_read_only(error):
                self.doubt()
            self._pause(error)

    def _is_in_service(self) -> bool:
        return self._clock.monotonic() >= self._off_until

    def _find_desk(self) -> Desk | None:
        for _ in range(2):  # the second time finds the file that took the place of a damaged one
            if self._is_closed or not self._is_in_service():
                return None
            try:
                return self.open_desk()
            except _OtherSchema:
                logger.info(
                    "cache.db has another schema number: it is created anew.", extra={"action": "cache_new"}
                )
                self._replace_quietly()
            except (*SqliteError, OSError) as error:
                self.note_failure(error, None)
        return None

    def _build(self, database: PinnedDatabase) -> None:
        build_cache(database)

    def _check(self, connection: sqlite3.Connection) -> None:
        if single_value(connection, "PRAGMA user_version") != CACHE_SCHEMA:
            raise _OtherSchema
        single_value(connection, "SELECT mark FROM mark")

    def _recover(self, desk: Desk | None, *, is_missing: bool) -> None:
        del is_missing
        if desk is not None:
            logger.info("cache.db was deleted; it is created anew.", extra={"action": "cache_lost"})
        self.replace()

    def _set_aside(self, error: BaseException) -> None:
        """Keep the damaged file, the newest one only, and go on with an empty one."""
        kept = self.path.with_name(f"{self.path.name}.corrupt-{self._clock.now():%Y%m%dT%H%M%SZ}")
        try:
            with self.door():
                for former in self.path.parent.glob(f"{self.path.name}.corrupt-*"):
                    former.unlink(missing_ok=True)
                self.path.replace(kept)
        except OSError as problem:
            self._pause(problem)
            return
        logger.warning(
            "cache.db is damaged (%s): it was moved to %s, and an empty one is in use.",
            reason_of(error),
            kept.name,
            extra={"action": "cache_damaged"},
        )
        self._replace_quietly()

    def _replace_quietly(self) -> None:
        try:
            with self.door():
                self.replace()
        except (*SqliteError, OSError) as error:
            self._pause(error)

    def _pause(self, error: BaseException) -> None:
        """Switch the cache off for a while; say so once, until it works again."""
        self._off_until = self._clock.monotonic() + _OFF_S
        if not self._is_failing:
            self._is_failing = True
            reason = error.strerror if isinstance(error, OSError) else reason_of(error)
            logger.warning(
                "cache.db cannot be used (%s): Cmdarr goes on without it and tries again every minute.",
                reason,
                extra={"action": "cache_off"},
            )

    def _note_success(self) -> None:
        self._is_failing = False
        logger.info("cache.db works again.", extra={"action": "cache_on"})


def _roll_back(connection: sqlite3.Connection) -> None:
    try:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    except sqlite3.Error:  # the connection is as broken as the file; the next use opens another
        logger.debug("cache.db: a rollback failed.", exc_info=True)


def _has_tables(connection: sqlite3.Connection) -> bool:
    """Whether the file still has the tables of this version, and not those of one copied over it."""
    try:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return {table._meta.table_name for table in TABLES} <= names  # noqa: SLF001 - peewee's way to ask
    except sqlite3.Error:
        return False
