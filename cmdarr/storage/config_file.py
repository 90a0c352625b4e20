"""config.db as a file: opened with care, migrated after a backup, never overwritten, and watched while in use."""

import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cmdarr.errors import StorageError, StoreDamaged, StoreUnavailable
from cmdarr.models.clock import Clock
from cmdarr.storage.database import PinnedDatabase, single_value
from cmdarr.storage.database_file import DatabaseFile, Desk
from cmdarr.storage.failure import Failure, SqliteError, cure_of, failure_of, is_read_only, reason_of
from cmdarr.storage.migrations import MIGRATIONS, Migration, migrate, origin, schema_number
from cmdarr.storage.moment import to_us

logger = logging.getLogger(__name__)

_PRAGMAS: dict[str, int | str] = {"foreign_keys": 1, "synchronous": "FULL", "cache_size": -4000}
_TIMEOUT_S = 5.0
_CHECKED_BYTES = (
    32 * 1024 * 1024
)  # a full check of more would delay every start; then only what is read is checked

Rescue = Callable[[sqlite3.Connection, str], Path]
"""Writes a backup of the open database and returns where it lies; the text says why."""


class ConfigFile(DatabaseFile):
    """config.db; every failure leaves as a `StorageError`, and is remembered for `/health`."""

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock,
        rescue: Rescue,
        newest_backup: Callable[[], Path | None],
        migrations: tuple[Migration, ...] = MIGRATIONS,
    ) -> None:
        super().__init__(path, pragmas=_PRAGMAS, timeout_s=_TIMEOUT_S)
        self._clock = clock
        self._rescue = rescue
        self._newest_backup = newest_backup
        self._migrations = migrations
        self._is_checked = False
        self._origin: str | None = None
        self._problem_lock = threading.Lock()
        self._lost: str | None = None
        self._failing: str | None = None
        self._is_told = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend this thread's connection for reading.

        Raises:
            StoreDamaged: the file is damaged.
            StoreUnavailable: it cannot be read at the moment.
        """
        with self._translated():
            yield self.open_desk().connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Lend this thread's connection inside one transaction; an error rolls all of it back.

        Raises:
            StoreDamaged: the file is damaged.
            StoreUnavailable: it cannot be written at the moment; nothing was.
        """
        with self._translated():
            connection = self.open_desk().connection
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        self._note_success()

    def problem(self) -> str | None:
        """Return what is wrong with config.db in one sentence without a path, None when it works."""
        try:
            with self.reading() as connection:
                connection.execute("SELECT 1 FROM migration LIMIT 1").fetchone()
        except StoreDamaged:
            return "config.db is damaged: stop Cmdarr and restore a backup with `cmdarr restore FILE`."
        except StorageError as error:
            return str(error)
        return self._lost or self._failing

    def probe(self) -> None:
        """After a failed write, find out by a small one whether writing works again; do nothing otherwise."""
        if self._failing is not None:
            with suppress(StorageError), self.writing() as connection:
                connection.execute("UPDATE migration SET applied_at = applied_at WHERE number = 1")

    def tell_failure(self, error: StorageError) -> None:
        """Log a failure that ends here and reaches nobody, once until the next success."""
        with self._problem_lock:
            is_new, self._is_told = not self._is_told, True
        if is_new:
            logger.error("%s", error, extra={"action": "store_failing"})

    def damaged(self, what: str) -> StoreDamaged:
        """Return the error that says what is wrong, where the newest backup lies and how to restore it."""
        backup = self._newest_backup()
        cure = (
            f"the newest backup is {backup}: stop Cmdarr and run `cmdarr restore {backup}`."
            if backup
            else "there is no backup in data/backups: restore one with `cmdarr restore FILE`, or move the file away."
        )
        return StoreDamaged(f"{self.path.name}: {what}; it was left as it is, {cure}")

    def _build(self, database: PinnedDatabase) -> None:
        migrate(database.open(), to_us(self._clock.now()), self._migrations)

    def _check(self, connection: sqlite3.Connection) -> None:
        number, newest = schema_number(connection), self._migrations[-1].number
        if number < 0:
            raise self.damaged("it is the database of another program")
        if number > newest:
            raise self.damaged(
                f"its schema number {number} is newer than {newest}, the newest that this version knows: "
                "install the newer Cmdarr again"
            )
        self._check_content(connection)
        if number < newest:
            if number:
                self._rescue(connection, f"schema-{number}")
            migrate(connection, to_us(self._clock.now()), self._migrations)
        if single_value(connection, "PRAGMA journal_mode") != "wal":
            connection.execute("PRAGMA journal_mode = WAL")
        self._check_origin(origin(connection))

    def _check_origin(self, found: str) -> None:
        """Say once when the file is another one than before, and no copy of it."""
        if self._origin not in {None, found} and self._lost is None:
            self._lost = (
                "config.db was deleted or replaced while Cmdarr ran, and another file is in use: "
                "restore a backup, or restart to go on with this one."
            )
            logger.warning(self._lost, extra={"action": "store_lost"})
        self._origin = found

    def _check_content(self, connection: sqlite3.Connection) -> None:
        """Check the whole file once, when that takes no time."""
        if self._is_checked or self.path.stat().st_size > _CHECKED_BYTES:
            return
        if single_value(connection, "PRAGMA quick_check(1)") != "ok":
            raise self.damaged("its content is damaged")
        self._is_checked = True

    def _recover(self, desk: Desk | None, *, is_missing: bool) -> None:
        if is_missing:
            self.replace()
            return
        idle = [other for other in self._desks if not other.connection.in_transaction]
        self._rejoin(desk or (idle or self._desks)[0])

    def _rejoin(self, desk: Desk) -> None:
        """Save what the open connection still sees into a new file, as `-wal` or `-shm` was deleted under it."""
        desk.connection.execute("BEGIN IMMEDIATE")  # writers on the torn file wait, then find the new one
        try:
            image = desk.connection.serialize()
            new = self.path.with_name(f"{self.path.name}.new-{os.getpid()}")
            with new.open("wb") as file:
                file.write(image)
                file.flush()
                os.fsync(file.fileno())
            for name in self._names[1:]:  # the file itself stays until the whole one takes its place
                Path(name).unlink(missing_ok=True)
            new.replace(self.path)
        finally:
            desk.connection.execute("ROLLBACK")
        logger.warning(
            "a part of config.db was deleted while Cmdarr ran; nothing was lost.",
            extra={"action": "store_rejoined"},
        )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except SqliteError as error:
            raise self._storage_error(error) from error
        except OSError as error:
            raise self._note_failure(
                f"config.db cannot be used ({error.strerror}): check the free space and the permissions of the data "
                "folder."
            ) from error

    def _storage_error(self, error: BaseException) -> BaseException:
        failure = failure_of(error)
        if failure is Failure.FAULT:
            return error
        if failure is Failure.DAMAGED:
            return self.damaged(reason_of(error))
        if is_read_only(error):
            self.doubt()
        return self._note_failure(
            f"config.db cannot be used at the moment, as {reason_of(error)}: {cure_of(error)}."
        )

    def _note_failure(self, text: str) -> StoreUnavailable:
        """Remember the failure until the next success."""
        with self._problem_lock:
            self._failing = text
        return StoreUnavailable(text)

    def _note_success(self) -> None:
        if self._failing is not None:
            with self._problem_lock:
                self._failing, was_told, self._is_told = None, self._is_told, False
            if was_told:
                logger.info("config.db works again.", extra={"action": "store_recovered"})
