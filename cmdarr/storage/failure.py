"""What an error of SQLite means for whoever called: damaged, out of service for a while, busy, or a fault of ours."""

import sqlite3
from enum import Enum

import peewee

SqliteError = (sqlite3.Error, peewee.DatabaseError)
"""Every error that a connection or a peewee query raises."""


class Failure(Enum):
    """The next action decides the class."""

    DAMAGED = "damaged"
    """The file is no database, or its content contradicts itself."""
    OUT_OF_SERVICE = "out of service"
    """Disk full, read-only, input/output error: later it may work again."""
    BUSY = "busy"
    """Another connection holds the lock for longer than we wait."""
    FAULT = "fault"
    """The statement itself is wrong."""


_BY_CODE = {
    sqlite3.SQLITE_CORRUPT: Failure.DAMAGED,
    sqlite3.SQLITE_NOTADB: Failure.DAMAGED,
    sqlite3.SQLITE_FORMAT: Failure.DAMAGED,
    sqlite3.SQLITE_FULL: Failure.OUT_OF_SERVICE,
    sqlite3.SQLITE_READONLY: Failure.OUT_OF_SERVICE,
    sqlite3.SQLITE_IOERR: Failure.OUT_OF_SERVICE,
    sqlite3.SQLITE_CANTOPEN: Failure.OUT_OF_SERVICE,
    sqlite3.SQLITE_PERM: Failure.OUT_OF_SERVICE,
    sqlite3.SQLITE_AUTH: Failure.OUT_OF_SERVICE,
    sqlite3.SQLITE_PROTOCOL: Failure.OUT_OF_SERVICE,
    sqlite3.SQLITE_NOMEM: Failure.OUT_OF_SERVICE,
    sqlite3.SQLITE_BUSY: Failure.BUSY,
    sqlite3.SQLITE_LOCKED: Failure.BUSY,
}
_REASONS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "it is read-only",
    sqlite3.SQLITE_IOERR: "the disk reports an error",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_PERM: "access to it is denied",
    sqlite3.SQLITE_BUSY: "another process holds its lock",
    sqlite3.SQLITE_LOCKED: "another connection holds its lock",
    sqlite3.SQLITE_CORRUPT: "its content is damaged",
    sqlite3.SQLITE_NOTADB: "it is no SQLite database",
}
_CURES = {
    sqlite3.SQLITE_FULL: "free some space",
    sqlite3.SQLITE_READONLY: "make the data folder writable",
    sqlite3.SQLITE_BUSY: "try again in a moment",
    sqlite3.SQLITE_LOCKED: "try again in a moment",
}
_PRIMARY = 0xFF


def error_code(error: BaseException) -> int:
    """Return the primary result code of SQLite behind an error, 0 when there is none."""
    for found in (error, error.__cause__, error.__context__, *error.args[:1]):
        code = getattr(found, "sqlite_errorcode", None)
        if isinstance(code, int):
            return code & _PRIMARY
    return 0


def failure_of(error: BaseException) -> Failure:
    """Return the class of an error raised by a connection or a peewee query."""
    code = error_code(error)
    if code == 0 and isinstance(error, sqlite3.OperationalError):
        return Failure.DAMAGED  # the file holds a text that is none
    return _BY_CODE.get(code, Failure.FAULT)


def is_read_only(error: BaseException) -> bool:
    """Whether the file could not be written when the connection was opened."""
    return error_code(error) == sqlite3.SQLITE_READONLY


def cure_of(error: BaseException) -> str:
    """Return what the user can do about it, as the end of a sentence."""
    return _CURES.get(error_code(error), "check the free space and the permissions of the data folder")


def reason_of(error: BaseException) -> str:
    """Return the cause as the end of a sentence, without a path or a value."""
    return _REASONS.get(error_code(error), "SQLite cannot use it")
