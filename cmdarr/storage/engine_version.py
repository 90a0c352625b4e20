"""The version of SQLite that both databases run on."""

import sqlite3


def sqlite_version() -> str:
    """Return the version of the SQLite library in use, as `3.45.1`."""
    return sqlite3.sqlite_version
