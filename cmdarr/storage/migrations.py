"""The schema of config.db as an ordered list of numbered steps; a new one is added at the end, none is ever changed.

The steps are an own list, not the scripts of `playhouse.migrations`: each is applied in one transaction together
with its record, a number above the newest one known is refused, a backup is made before the first on an existing
file, and nothing has to be found on the disk at run time. The statements are frozen: they do not follow the models.
"""

import sqlite3
from dataclasses import dataclass

from cmdarr.storage.database import execute_all, single_value


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: `number` counts from 1 without gaps."""

    number: int
    name: str
    statements: tuple[str, ...]


MIGRATIONS = (
    Migration(
        1,
        "first tables",
        (
            "CREATE TABLE origin (mark TEXT NOT NULL)",
            "INSERT INTO origin VALUES (lower(hex(randomblob(8))))",
            """CREATE TABLE document (
                id INTEGER NOT NULL PRIMARY KEY, digest BLOB NOT NULL UNIQUE, text TEXT NOT NULL)""",
            """CREATE TABLE execution (
                id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, command TEXT NOT NULL, kind TEXT NOT NULL,
                status TEXT NOT NULL, "trigger" TEXT NOT NULL, dry_run INTEGER NOT NULL,
                queued_at INTEGER NOT NULL, started_at INTEGER, finished_at INTEGER, due_at INTEGER,
                summary TEXT NOT NULL, error TEXT, error_class TEXT, changes INTEGER NOT NULL,
                generation TEXT NOT NULL, document_id INTEGER NOT NULL REFERENCES document (id),
                retry_of INTEGER, process TEXT NOT NULL, result TEXT NOT NULL)""",
            "CREATE INDEX execution_command ON execution (command, id)",
            "CREATE INDEX execution_status ON execution (status, id)",
            "CREATE INDEX execution_document ON execution (document_id)",
            """CREATE TABLE good_document (
                file TEXT NOT NULL PRIMARY KEY, document TEXT NOT NULL, digest TEXT NOT NULL,
                good_since INTEGER NOT NULL)""",
            """CREATE TABLE config_generation (
                id INTEGER NOT NULL PRIMARY KEY, generation TEXT NOT NULL, applied_at INTEGER NOT NULL)""",
            """CREATE TABLE schedule_mark (
                command TEXT NOT NULL PRIMARY KEY, schedule TEXT NOT NULL, last_due INTEGER NOT NULL)""",
            """CREATE TABLE binding (
                command TEXT NOT NULL, server TEXT NOT NULL, user TEXT NOT NULL, slot TEXT NOT NULL,
                playlist_id TEXT NOT NULL, title TEXT NOT NULL,
                PRIMARY KEY (command, server, user, slot))""",
            """CREATE TABLE revision (
                id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, command TEXT NOT NULL, server TEXT NOT NULL,
                user TEXT NOT NULL, playlist_id TEXT NOT NULL, title TEXT NOT NULL, taken_at INTEGER NOT NULL,
                reason TEXT NOT NULL, execution_id INTEGER, entries TEXT NOT NULL)""",
            "CREATE INDEX revision_playlist ON revision (server, user, playlist_id, id)",
            """CREATE TABLE held_change (
                command TEXT NOT NULL, server TEXT NOT NULL, user TEXT NOT NULL, slot TEXT NOT NULL,
                held_at INTEGER NOT NULL, change TEXT NOT NULL,
                PRIMARY KEY (command, server, user, slot))""",
        ),
    ),
    Migration(
        2,
        "what Cmdarr wrote about a playlist",
        (
            "ALTER TABLE binding ADD COLUMN is_made INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE binding ADD COLUMN description TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE binding ADD COLUMN edition TEXT NOT NULL DEFAULT ''",
        ),
    ),
    Migration(
        3,
        "decisions, import lists and former names",
        (
            """CREATE TABLE decision (
                kind TEXT NOT NULL, subject TEXT NOT NULL, item TEXT NOT NULL, name TEXT NOT NULL,
                decided_at INTEGER NOT NULL, until INTEGER, source TEXT NOT NULL, reason TEXT NOT NULL,
                details TEXT NOT NULL,
                PRIMARY KEY (kind, subject, item)) WITHOUT ROWID""",
            """CREATE TABLE import_list_entry (
                list TEXT NOT NULL, kind TEXT NOT NULL, mbid TEXT NOT NULL, name TEXT NOT NULL, artist TEXT NOT NULL,
                added_at INTEGER NOT NULL, source TEXT NOT NULL, score REAL, details TEXT NOT NULL,
                state TEXT NOT NULL, state_at INTEGER,
                PRIMARY KEY (list, kind, mbid)) WITHOUT ROWID""",
            "CREATE TABLE former_name (former TEXT NOT NULL PRIMARY KEY, command TEXT NOT NULL)",
        ),
    ),
    Migration(
        4,
        "sessions of the web pages",
        (
            """CREATE TABLE web_session (
                digest BLOB NOT NULL PRIMARY KEY, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
                ) WITHOUT ROWID""",
        ),
    ),
)
SCHEMA_NUMBER = MIGRATIONS[-1].number
"""The newest schema that this version knows."""

EMPTIED = (
    "execution", "document", "good_document", "config_generation", "schedule_mark", "binding", "revision",
    "held_change", "decision", "import_list_entry", "former_name", "web_session",
)  # fmt: skip
"""Every table but the origin and the record of the steps, referring tables before those they refer to."""

_RECORD = """CREATE TABLE migration (
    number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL)"""


def schema_number(connection: sqlite3.Connection) -> int:
    """Return the number of the newest step applied, 0 for an empty file, -1 for the database of another program."""
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "migration" in tables:
        return int(single_value(connection, "SELECT coalesce(max(number), 0) FROM migration"))
    return -1 if tables else 0


def origin(connection: sqlite3.Connection) -> str:
    """Return what a database and its copies have in common, and no other has."""
    return str(single_value(connection, "SELECT mark FROM origin"))


def migrate(
    connection: sqlite3.Connection, now_us: int, migrations: tuple[Migration, ...] = MIGRATIONS
) -> None:
    """Apply every pending step, each in one transaction with its record; a step that fails leaves nothing of itself."""
    for step in migrations:
        connection.execute("BEGIN IMMEDIATE")
        try:
            number = schema_number(connection)  # read under the lock: another process may have been faster
            if number < step.number:
                execute_all(connection, (_RECORD, *step.statements) if number == 0 else step.statements)
                connection.execute("INSERT INTO migration VALUES (?, ?, ?)", (step.number, step.name, now_us))
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
