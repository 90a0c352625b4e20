"""How a section gets into the index: compared, staged, put in force in one transaction; the former one is swept."""

import sqlite3
from collections.abc import Iterator
from functools import partial

from cmdarr.storage.cache_file import CacheFile
from cmdarr.storage.database import single_value
from cmdarr.storage.track_spool import COLUMNS, Batch, TrackSpool

_SWEPT = 20_000
_HIGHEST = 2**63 - 1
_INSERT_TRACK = f"INSERT INTO library_track (id, {', '.join(COLUMNS)}) VALUES (?{', ?' * len(COLUMNS)})"  # noqa: S608 - constants
_STAGE = "CREATE TEMP TABLE IF NOT EXISTS staged_key (key INTEGER NOT NULL, place INTEGER NOT NULL)"
_INSERT_KEYS = """
    INSERT OR IGNORE INTO library_key (generation, key, track_id)
    SELECT ?, key, place + ? FROM staged_key ORDER BY key, place"""
_IS_SAME = "SELECT 1 FROM library WHERE server = ? AND section = ? AND digest = ?"
_RENEW = "UPDATE library SET refreshed_at = ? WHERE server = ? AND section = ? AND digest = ?"


def install(file: CacheFile, server: str, section: str, spool: TrackSpool, now_us: int) -> int:
    """Put the spooled tracks in force; return how many, 0 when the cache did not take them."""
    same = (now_us, server, section, spool.digest())
    if file.write(lambda connection: connection.execute(_RENEW, same).rowcount, 0):
        return spool.tracks
    for _ in range(2):  # once more when the file was deleted or swapped under the first attempt
        file.write(partial(_put_in_force, server=server, section=section, spool=spool, now_us=now_us), None)
        if file.read(lambda connection: single_value(connection, _IS_SAME, same[1:]), None):
            sweep_dropped(file)
            return spool.tracks
    return 0


def _put_in_force(
    connection: sqlite3.Connection, server: str, section: str, spool: TrackSpool, now_us: int
) -> None:
    """Write all rows under a new generation and make it the one of the section."""
    first = int(single_value(connection, "SELECT coalesce(max(id), -1) + 1 FROM library_track"))
    connection.execute(_STAGE)
    for place, (rows, keys) in _placed(spool):
        connection.executemany(
            _INSERT_TRACK, [(first + place + index, *row) for index, row in enumerate(rows)]
        )
        connection.executemany(
            "INSERT INTO staged_key VALUES (?, ?)",
            [(key, place + index) for index, found in enumerate(keys) for key in found],
        )
    drop_library(connection, server, section)
    connection.execute("UPDATE mark SET generations = generations + 1")
    generation = single_value(connection, "SELECT generations FROM mark")
    connection.execute(
        "INSERT INTO library (generation, server, section, first_id, last_id, refreshed_at, digest)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (generation, server, section, first, first + spool.tracks - 1, now_us, spool.digest()),
    )
    connection.execute(_INSERT_KEYS, (generation, first))
    connection.execute("DELETE FROM staged_key")


def drop_library(connection: sqlite3.Connection, server: str, section: str | None = None) -> None:
    """Take a section, or all of a server, out of force; its rows wait to be swept."""
    which = (server, section, section)
    connection.execute(
        "INSERT INTO dropped_library SELECT generation, first_id, last_id FROM library"
        " WHERE server = ? AND (? IS NULL OR section = ?)",
        which,
    )
    connection.execute("DELETE FROM library WHERE server = ? AND (? IS NULL OR section = ?)", which)


def sweep_dropped(file: CacheFile) -> None:
    """Remove the rows of indexes that are no longer in force, in batches, so that no writer waits for long."""
    while file.write(_sweep_once, False):  # noqa: FBT003 - the answer of a cache that fails
        pass


def _sweep_once(connection: sqlite3.Connection) -> bool:
    """Remove one batch; return whether there may be more."""
    dropped = connection.execute(
        "SELECT generation, first_id, last_id FROM dropped_library LIMIT 1"
    ).fetchone()
    if dropped is None:
        return False
    generation, first_id, last_id = dropped
    edge = single_value(
        connection,
        "SELECT key FROM library_key WHERE generation = ? ORDER BY key LIMIT 1 OFFSET ?",
        (generation, _SWEPT),
    )
    keys = connection.execute(
        "DELETE FROM library_key WHERE generation = ? AND key <= ?",
        (generation, _HIGHEST if edge is None else edge),
    ).rowcount
    tracks = connection.execute(
        "DELETE FROM library_track WHERE id BETWEEN ? AND min(?, ?)",
        (first_id, last_id, first_id + _SWEPT - 1),
    ).rowcount
    if keys or tracks:
        connection.execute(
            "UPDATE dropped_library SET first_id = first_id + ? WHERE generation = ?", (_SWEPT, generation)
        )
    else:
        connection.execute("DELETE FROM dropped_library WHERE generation = ?", (generation,))
    return True


def _placed(spool: TrackSpool) -> Iterator[tuple[int, Batch]]:
    """Yield the batches with the number of tracks before each."""
    place = 0
    for batch in spool.batches():
        yield place, batch
        place += len(batch[0])
