"""Retention of the history: old executions leave in small batches, so that no writer waits for long."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import takewhile

from cmdarr.storage.config_file import ConfigFile
from cmdarr.storage.moment import to_us

BATCH = 2_000

_COMMANDS = """
    WITH RECURSIVE name (command) AS (
        SELECT min(command) FROM execution
        UNION ALL
        SELECT (SELECT min(command) FROM execution WHERE command > name.command) FROM name
        WHERE name.command IS NOT NULL)
    SELECT command, (SELECT max(id) FROM execution WHERE command = name.command),
        coalesce((SELECT id FROM execution WHERE command = name.command ORDER BY id DESC LIMIT 1 OFFSET ?), 0)
    FROM name WHERE command IS NOT NULL"""
_TOO_MANY = """
    SELECT id FROM execution WHERE command = ? AND id <= ? AND status NOT IN ('queued', 'running')"""
_OLDEST_FIRST = "SELECT id, queued_at FROM execution WHERE status NOT IN ('queued', 'running') ORDER BY id"
_ORPHANED = "DELETE FROM document WHERE NOT EXISTS (SELECT 1 FROM execution WHERE document_id = document.id)"


def prune_executions(
    file: ConfigFile, keep_days: int, keep_per_command: int, now: datetime, *, pause: Callable[[], None]
) -> int:
    """Remove what is too old or too many and return how many; the lock is held for one batch at a time."""
    # In the order of their ids: the rows of a batch lie beside each other, and few pages are written.
    doomed = sorted(_doomed(file, to_us(now - timedelta(days=keep_days)), keep_per_command))
    removed = 0
    for begin in range(0, len(doomed), BATCH):
        if begin:
            pause()
        with file.writing() as connection:
            removed += connection.execute(
                "DELETE FROM execution WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps(doomed[begin : begin + BATCH]),),
            ).rowcount
    if removed:
        with file.writing() as connection:
            connection.execute(_ORPHANED)
    return removed


def _doomed(file: ConfigFile, oldest_us: int, keep_per_command: int) -> set[int]:
    """Return the ids of the executions to remove; reading takes no lock, and ends at the first young one."""
    doomed: set[int] = set()
    kept: set[int] = set()
    with file.reading() as connection:
        for command, newest, edge in connection.execute(_COMMANDS, (max(keep_per_command, 1),)).fetchall():
            kept.add(newest)
            doomed.update(row[0] for row in connection.execute(_TOO_MANY, (command, edge)))
        by_age = takewhile(lambda row: row[1] < oldest_us, connection.execute(_OLDEST_FIRST))
        doomed.update(row[0] for row in by_age)
    return doomed - kept
