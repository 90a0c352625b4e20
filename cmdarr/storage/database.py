"""peewee's SQLite database, pinned on one library, with a connection a thread that can be closed from outside."""

import sqlite3
from pathlib import Path
from typing import Any

from peewee import SqliteDatabase

Pragmas = dict[str, int | str]


class PinnedDatabase(SqliteDatabase):
    """Opens an existing file only: who creates it is decided elsewhere, never by a typing error or a race.

    peewee takes an installed `pysqlite3` in place of the standard library's module; two SQLite libraries on one
    WAL file end in SIGBUS, so every connection of this program comes from here.
    """

    def __init__(self, path: Path, *, pragmas: Pragmas, timeout_s: float) -> None:
        super().__init__(str(path), pragmas=pragmas, timeout=timeout_s)
        self._uri = f"{path.absolute().as_uri()}?mode=rw"
        self._wait_s = timeout_s

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._uri,
            timeout=self._wait_s,
            isolation_level=None,
            check_same_thread=False,  # a connection of a thread that has ended is closed by another one
            cached_statements=256,
            uri=True,
        )
        try:
            self._add_conn_hooks(connection)  # type: ignore[attr-defined]  # peewee's own hook, not in its stubs
        except BaseException:
            connection.close()
            raise
        return connection

    def open(self) -> sqlite3.Connection:
        """Open this thread's connection."""
        self.connect(reuse_if_open=True)
        connection: sqlite3.Connection = self.connection()  # type: ignore[no-untyped-call]  # stubs
        return connection


def execute_all(connection: sqlite3.Connection, statements: tuple[str, ...]) -> None:
    """Execute statements one by one, inside whatever transaction is open."""
    for statement in statements:
        connection.execute(statement)


def single_value(connection: sqlite3.Connection, sql: str, parameters: tuple[Any, ...] = ()) -> Any:
    """Return the first column of the first row, None without a row."""
    row = connection.execute(sql, parameters).fetchone()
    return None if row is None else row[0]
