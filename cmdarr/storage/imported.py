"""Executions of another program in config.db: brought in by the hundred thousand, in order, and never twice."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from cmdarr.models.execution import Execution
from cmdarr.storage.config_file import ConfigFile
from cmdarr.storage.execution_row import INSERT, insert_values
from cmdarr.storage.moment import to_us

BATCH = 4_000
"""How many rows one transaction takes, and one step of the progress."""

_NOBODY = ""  # the process of a run that no process carries out
_MAKE_ROOM = (
    "UPDATE execution SET id = -(id + :room), retry_of = retry_of + :room",
    "UPDATE execution SET id = -id",
    "UPDATE revision SET execution_id = execution_id + :room WHERE execution_id IS NOT NULL",
    """UPDATE held_change
       SET change = json_set(change, '$.execution_id', json_extract(change, '$.execution_id') + :room)
       WHERE json_extract(change, '$.execution_id') IS NOT NULL""",
)
_KNOWN = """CREATE TEMP TABLE known AS
    SELECT command, queued_at, "trigger", count(*) AS times FROM main.execution WHERE generation = ?
    GROUP BY command, queued_at, "trigger" """
_TAKE = """UPDATE temp.known SET times = times - 1
    WHERE command = ? AND queued_at = ? AND "trigger" = ? AND times > 0"""


def import_executions(
    file: ConfigFile,
    executions: Iterable[Execution],
    *,
    generation: str,
    room: int,
    advance: Callable[[int], None],
) -> int:
    """Store executions of a generation, the oldest first, that are not there yet, and return how many were not.

    One is there when command, start and trigger are the same; of several equal ones, as many as there are. The first
    import gives them ids below all others, so that what ran later stays newer: `room` is the greatest number that
    they can be. An `Execution` needs no id. `advance` is told of each batch.

    Meant for a private copy: an error leaves a part of them behind.
    """
    rows = iter(executions)
    with file.writing() as connection:
        known = int(
            connection.execute(
                "SELECT count(*) FROM execution WHERE generation = ?", (generation,)
            ).fetchone()[0]
        )
        number = _next_number(connection, room, is_first=not known)
        if known:
            connection.execute("DROP TABLE IF EXISTS temp.known")
            connection.execute(_KNOWN, (generation,))
            connection.execute('CREATE INDEX temp.known_key ON known (command, queued_at, "trigger")')
    added = 0
    while batch := list(islice(rows, BATCH)):
        with file.writing() as connection:
            fresh = [each for each in batch if not known or not _is_known(connection, each)]
            digests = _store_documents(connection, fresh)
            connection.executemany(INSERT, _rows_of(fresh, number + added, digests))
        added += len(fresh)
        advance(len(batch))
    return added


def _next_number(connection: sqlite3.Connection, room: int, *, is_first: bool) -> int:
    """Return the first id to give; the first import makes room below the ids that there are."""
    newest = int(connection.execute("SELECT coalesce(max(id), 0) FROM execution").fetchone()[0])
    if not is_first or not newest:
        return newest + 1
    for statement in _MAKE_ROOM:
        connection.execute(statement, {"room": room})
    connection.execute("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'execution'", (room,))
    return 1


def _is_known(connection: sqlite3.Connection, execution: Execution) -> bool:
    key = (execution.command, to_us(execution.queued_at), execution.trigger.value)
    return connection.execute(_TAKE, key).rowcount > 0


def _store_documents(connection: sqlite3.Connection, executions: list[Execution]) -> dict[str, bytes]:
    digests = {
        text: hashlib.sha256(text.encode()).digest() for text in {each.document for each in executions}
    }
    connection.executemany(
        "INSERT OR IGNORE INTO document (digest, text) VALUES (?, ?)",
        [(digest, text) for text, digest in digests.items()],
    )
    return digests


def _rows_of(
    executions: list[Execution], number: int, digests: dict[str, bytes]
) -> Iterator[tuple[object, ...]]:
    for place, execution in enumerate(executions):
        values = insert_values(execution, _NOBODY, digests[execution.document])
        yield (number + place, *values[1:])
