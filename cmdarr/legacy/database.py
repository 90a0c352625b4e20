"""Opening a legacy database without ever writing to it: immutable, or as a private copy where a log lies beside it.

SQLite writes to a database that it only reads: it makes `-shm` for a WAL, and rolls a left `-journal` back. So a
file with neither is opened as immutable, and one with either is copied, with it, into a private folder.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from cmdarr.legacy.failure import LegacyBusy, LegacyUnreadable

_MAGIC = b"SQLite format 3\0"
_LOGS = ("-wal", "-journal")
_PRAGMAS = ("PRAGMA query_only = 1", "PRAGMA cache_size = -8000", "PRAGMA trusted_schema = 0")
_FETCHED = 1_000
_COPIES = 5

State = tuple[tuple[int, int, int], ...]
"""Inode, size and modification time of a database and its logs; zeros for what is missing."""


class LegacyDatabase:
    """One open legacy database: tables by name with the columns that they really have."""

    def __init__(self, path: Path, connection: sqlite3.Connection, state: State | None = None) -> None:
        """`state` is that of the file when it was opened, None for a private copy."""
        self.path = path
        self._state = state
        self._connection = connection
        self._connection.text_factory = _as_text
        with _readable(path):
            names = [
                row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            self.columns = {
                name: frozenset(row[1] for row in connection.execute(f"PRAGMA table_info({_quoted(name)})"))
                for name in names
            }

    def has(self, table: str, column: str = "") -> bool:
        """Whether there is such a table [with such a column]."""
        return table in self.columns and (not column or column in self.columns[table])

    def rows(self, table: str, columns: Sequence[str], order: str = "id") -> Iterator[tuple[object, ...]]:
        """Yield the rows of a table, NULL where this database has no such column; nothing without the table.

        Raises:
            LegacyUnreadable: the file is damaged.
        """
        if not self.has(table):
            return
        present = self.columns[table]
        wanted = ", ".join(_quoted(name) if name in present else "NULL" for name in columns)
        by = ", ".join([*(_quoted(name) for name in order.split() if name in present), "rowid"])
        with _readable(self.path):
            cursor = self._connection.execute(f"SELECT {wanted} FROM {_quoted(table)} ORDER BY {by}")  # noqa: S608 - names of its own schema
            while rows := cursor.fetchmany(_FETCHED):
                yield from rows

    def count(self, table: str) -> int:
        """Return the number of rows of a table, 0 without the table."""
        if not self.has(table):
            return 0
        with _readable(self.path):
            return int(self._connection.execute(f"SELECT count(*) FROM {_quoted(table)}").fetchone()[0])  # noqa: S608 - a name of its own schema

    def newest(self, table: str, column: str) -> str:
        """Return the greatest text of a column, empty without any."""
        if not self.has(table, column):
            return ""
        with _readable(self.path):
            sql = f"SELECT max({_quoted(column)}) FROM {_quoted(table)}"  # noqa: S608 - names of its own schema
            return str(self._connection.execute(sql).fetchone()[0] or "")

    def is_ascending(self, table: str, column: str) -> bool:
        """Whether the rows, as they were added, have the values of a column in order; takes no room, unlike sorting."""
        if not self.has(table, column):
            return True
        sql = (
            f"SELECT 1 FROM (SELECT {_quoted(column)} < lag({_quoted(column)}) OVER (ORDER BY rowid) AS is_back "  # noqa: S608 - names of its own schema
            f"FROM {_quoted(table)}) WHERE is_back LIMIT 1"
        )
        with _readable(self.path):
            return self._connection.execute(sql).fetchone() is None

    def newest_of_each(self, table: str, key: str, column: str) -> dict[str, str]:
        """Return the greatest text of a column for each value of another one."""
        if not (self.has(table, column) and self.has(table, key)):
            return {}
        key, column = _quoted(key), _quoted(column)
        sql = f"SELECT {key}, max({column}) FROM {_quoted(table)} GROUP BY {key}"  # noqa: S608 - names of its own schema
        with _readable(self.path):
            return {
                str(name): str(value) for name, value in self._connection.execute(sql) if value is not None
            }

    def count_of_each(self, table: str, key: str) -> dict[str, int]:
        """Return how many rows each value of a column has, in order."""
        if not self.has(table, key):
            return {}
        key = _quoted(key)
        sql = f"SELECT {key}, count(*) FROM {_quoted(table)} GROUP BY {key} ORDER BY {key}"  # noqa: S608 - names of its own schema
        with _readable(self.path):
            return {str(name): count for name, count in self._connection.execute(sql)}

    def check_unchanged(self) -> None:
        """Look whether somebody wrote to the file since it was opened.

        Raises:
            LegacyBusy: somebody did: what was read may be of two moments.
        """
        if self._state is not None and _state(self.path) != self._state:
            raise _busy(self.path)

    def check(self) -> None:
        """Read the whole file once.

        Raises:
            LegacyUnreadable: the file is damaged.
        """
        with _readable(self.path):
            found = self._connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise _damaged(self.path)


@contextmanager
def open_legacy(path: Path) -> Iterator[LegacyDatabase]:
    """Open a legacy database for reading; neither it nor what lies beside it is written, locked or removed.

    Raises:
        LegacyUnreadable: it is no database, damaged, or not allowed to be read.
        LegacyBusy: it is written to without a pause.
    """
    before = _state(path)
    if not _is_database(path):
        raise LegacyUnreadable(f"{path} is no SQLite database: name the data folder of the legacy Cmdarr.")
    if any(size for _, size, _ in before[1:]):
        with tempfile.TemporaryDirectory(prefix="cmdarr-import-") as folder:
            copy = _copy_with_logs(path, Path(folder))
            with closing(_connect(copy, "rw")) as connection:
                yield LegacyDatabase(path, connection)
        return
    with closing(_connect(path, "ro&immutable=1")) as connection:
        yield LegacyDatabase(path, connection, before)


def is_sqlite(path: Path) -> bool:
    """Whether a file is a SQLite database or an empty one; False when it cannot be read."""
    try:
        return _is_database(path)
    except LegacyUnreadable:
        return False


def holders_of(path: Path) -> list[int]:
    """Return the processes of this machine that have the file open, as far as this user may see them."""
    try:
        wanted = path.stat()
    except OSError:
        return []
    found = set()
    for entry in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            status = entry.stat()
        except OSError:
            continue
        if (status.st_dev, status.st_ino) == (wanted.st_dev, wanted.st_ino):
            found.add(int(entry.parts[2]))
    return sorted(found - {os.getpid()})


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    with _readable(path):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None
        )
        try:
            if mode == "rw":
                connection.execute(
                    "SELECT count(*) FROM sqlite_master"
                )  # takes the log in, while it may write
            for pragma in _PRAGMAS:
                connection.execute(pragma)
        except BaseException:
            connection.close()
            raise
    return connection


def _copy_with_logs(path: Path, folder: Path) -> Path:
    """Copy a database with its logs at a moment when nobody writes."""
    copy = folder / path.name
    for _ in range(_COPIES):
        before = _state(path)
        try:
            for suffix in ("", *_LOGS):
                Path(f"{copy}{suffix}").unlink(missing_ok=True)
                if Path(f"{path}{suffix}").exists():
                    shutil.copyfile(f"{path}{suffix}", f"{copy}{suffix}")
        except FileNotFoundError:  # a log that went away meanwhile
            continue
        except OSError as error:
            raise LegacyUnreadable(
                f"{path} cannot be copied for reading ({error.strerror}): check its permissions, and the free space of "
                f"{folder.parent}."
            ) from error
        if _state(path) == before:
            return copy
    raise _busy(path)


def _state(path: Path) -> State:
    return tuple(_state_of(Path(f"{path}{suffix}")) for suffix in ("", *_LOGS))


def _state_of(path: Path) -> tuple[int, int, int]:
    try:
        status = path.stat()
    except FileNotFoundError:
        return (0, 0, 0)
    except OSError as error:
        raise _forbidden(path, error) from error
    return (status.st_ino, status.st_size, status.st_mtime_ns)


def _is_database(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
    except OSError as error:
        raise _forbidden(path, error) from error
    return not head or head == _MAGIC


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and "unable to open" in str(error):
            raise LegacyUnreadable(
                f"{path} cannot be opened: give this user permission to read it."
            ) from error
        raise _damaged(path) from error


def _damaged(path: Path) -> LegacyUnreadable:
    return LegacyUnreadable(
        f"{path} is damaged, and nothing was written: repair a copy with `sqlite3 {path.name} .recover`, or name "
        "an older copy."
    )


def _busy(path: Path) -> LegacyBusy:
    return LegacyBusy(
        f"{path} is being written to: stop the legacy Cmdarr and try again; nothing was written."
    )


def _forbidden(path: Path, error: OSError) -> LegacyUnreadable:
    return LegacyUnreadable(
        f"{path} cannot be read ({error.strerror}): give this user permission to read it."
    )


def _as_text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
