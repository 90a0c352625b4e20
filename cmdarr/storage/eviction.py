"""The bound on the size of cache.db: what is dead goes first, then what was used longest ago."""

import json
import sqlite3
from functools import partial

from cmdarr.storage.cache_file import CacheFile
from cmdarr.storage.database import single_value

_BATCH = 500
_FULL, _ENOUGH = 0.95, 0.85  # shares of the bound: where it begins and where it ends
_DAY_US = 24 * 3600 * 1_000_000
_STALE_US = 30 * _DAY_US  # so long an expired answer may stand in for a service that is down

_DEAD = """
    SELECT a.id FROM answer AS a JOIN source AS s ON s.id = a.source
    WHERE a.generation <> s.generation OR a.expires_at < ?"""
_BY_USE = "SELECT id, size FROM answer ORDER BY used_at"


def trim(file: CacheFile, max_bytes: int, now_us: int) -> int:
    """Bring the file below its bound and return how many answers were removed.

    The library index is never evicted; whatever its size, a quarter of the bound is left to answers.
    """
    if file.read(_live_bytes, 0) <= max_bytes * _FULL:
        return 0
    removed = _remove(file, file.read(partial(_dead, now_us=now_us), []))
    excess = file.read(_live_bytes, 0) - int(max_bytes * _ENOUGH)
    if excess > 0:
        removed += _remove(file, file.read(partial(_least_used, excess=excess, floor=max_bytes // 4), []))
    return removed


def sweep(file: CacheFile, now_us: int) -> int:
    """Remove the answers that nobody can get any more, and return how many."""
    return _remove(file, file.read(partial(_dead, now_us=now_us), []))


def _remove(file: CacheFile, doomed: list[int]) -> int:
    for begin in range(0, len(doomed), _BATCH):
        batch = json.dumps(doomed[begin : begin + _BATCH])
        file.write(partial(_delete, batch=batch), None)
    return len(doomed)


def _delete(connection: sqlite3.Connection, batch: str) -> None:
    connection.execute(
        "DELETE FROM body WHERE id IN (SELECT body FROM answer WHERE id IN (SELECT value FROM json_each(?)))",
        (batch,),
    )
    connection.execute("DELETE FROM answer WHERE id IN (SELECT value FROM json_each(?))", (batch,))


def _live_bytes(connection: sqlite3.Connection) -> int:
    """Return the bytes in use; free pages are used again before the file grows."""
    pages, free, size = (
        int(single_value(connection, f"PRAGMA {name}"))
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def _dead(connection: sqlite3.Connection, now_us: int) -> list[int]:
    return [row[0] for row in connection.execute(_DEAD, (now_us - _STALE_US,))]


def _least_used(connection: sqlite3.Connection, excess: int, floor: int) -> list[int]:
    total = int(single_value(connection, "SELECT coalesce(sum(size), 0) FROM answer"))
    excess = min(excess, total - floor)
    doomed: list[int] = []
    for number, size in connection.execute(_BY_USE):
        if excess <= 0:
            break
        doomed.append(number)
        excess -= size
    return doomed
