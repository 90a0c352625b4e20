"""How a section gets into the index: what is new and what is gone is put in force in one transaction."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from cmdarr.models.track import LibraryTrack
from cmdarr.storage.cache_file import CacheFile
from cmdarr.storage.database import single_value
from cmdarr.storage.held_section import HeldSection
from cmdarr.storage.track_spool import COLUMNS, Keyer, Row, TrackSpool

GENERATION_BITS = 32
"""The tracks of a generation have the ids from `generation << GENERATION_BITS` on; keys name the place behind that."""
_SWEPT = 20_000
_HIGHEST = 2**63 - 1
_INSERT_TRACK = (
    f"INSERT INTO library_track (id, hash, {', '.join(COLUMNS)}) VALUES (?, ?{', ?' * len(COLUMNS)})"  # noqa: S608 - constants
)
_CREATE_STAGE = "CREATE TEMP TABLE IF NOT EXISTS staged_key (key INTEGER NOT NULL, place INTEGER NOT NULL)"
_STAGE = "INSERT INTO staged_key SELECT k.value, ? + t.key FROM json_each(?) AS t CROSS JOIN json_each(t.value) AS k"
_INSERT_KEYS = """
    INSERT OR IGNORE INTO library_key (generation, key, place)
    SELECT ?, key, place FROM staged_key ORDER BY key, place"""
_FEW = 20
"""Where at most one track in so many is gone, its keys are worked out again; else all keys are gone through."""
_FORGET_KEYS = """
    DELETE FROM library_key
    WHERE generation = ? AND place IN (SELECT value FROM json_each(?))"""
_FORGET_KEY = "DELETE FROM library_key WHERE generation = ? AND key = ? AND place = ?"
_ROWS = (
    f"SELECT id - ?, {', '.join(COLUMNS)} FROM library_track WHERE id IN (SELECT ? + value FROM json_each(?))"  # noqa: S608 - constants
)
_FORGET_TRACKS = "DELETE FROM library_track WHERE id IN (SELECT ? + value FROM json_each(?))"
_RENEW = """
    UPDATE library SET refreshed_at = ?
    WHERE generation = ? AND edition = ? AND EXISTS (SELECT 1 FROM mark WHERE mark = ?)"""
_NEXT_EDITION = "UPDATE mark SET generations = generations + 1 RETURNING generations"

Batches = Iterator[tuple[list[Row], list[int], Sequence[Sequence[int]]]]
"""Rows, hashes and keys of the tracks that are to be inserted."""
_to_json = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class SectionLoad:
    """A section as it was read completely, beside what the index held of it when the reading began."""

    server: str
    section: str
    spool: TrackSpool
    held: HeldSection | None
    keyer: Keyer
    now_us: int

    def put_in_force(self, connection: sqlite3.Connection) -> bool:
        """Write what changed, within one transaction; False when the index is not what it was when reading began."""
        held = self.held
        if (
            held is None or 2 * held.kept < held.tracks
        ):  # to take so many out would be dearer than to start anew
            return self.replace(connection)
        renewed = (self.now_us, held.generation, held.edition, held.mark)
        if not connection.execute(_RENEW, renewed).rowcount:
            return False
        gone = held.gone()
        if gone or self.spool.new:
            self._change(connection, held, gone)
        return True

    def replace(self, connection: sqlite3.Connection) -> bool:
        """Write all rows under a new generation and make it the one of the section, whatever is in force by now."""
        generation = int(single_value(connection, _NEXT_EDITION))
        first = generation << GENERATION_BITS
        _insert(connection, generation, first, self._everything())
        drop_library(connection, self.server, self.section)
        connection.execute(
            "INSERT INTO library (generation, server, section, first_id, last_id, tracks, refreshed_at, edition)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                generation, self.server, self.section, first, first + self.spool.tracks - 1, self.spool.tracks,
                self.now_us, generation,
            ),
        )  # fmt: skip
        return True

    def _change(self, connection: sqlite3.Connection, held: HeldSection, gone: Sequence[int]) -> None:
        """Take out what is gone and put in what is new, under the generation that is in force."""
        if gone:
            self._forget(connection, held, gone)
        last_id = single_value(
            connection, "SELECT last_id FROM library WHERE generation = ?", (held.generation,)
        )
        _insert(connection, held.generation, last_id + 1, self._new())
        connection.execute(
            "UPDATE library SET last_id = last_id + ?, tracks = ?, edition = ? WHERE generation = ?",
            (self.spool.new, self.spool.tracks, single_value(connection, _NEXT_EDITION), held.generation),
        )

    def _forget(self, connection: sqlite3.Connection, held: HeldSection, gone: Sequence[int]) -> None:
        """Remove tracks with their keys; a key that stayed behind would lead to nothing."""
        places = _to_json(gone)
        if len(gone) * _FEW > held.tracks:
            connection.execute(_FORGET_KEYS, (held.generation, places))
        else:
            rows = connection.execute(_ROWS, (held.first_id, held.first_id, places)).fetchall()
            keys = self.keyer([_track_of(row[1:]) for row in rows])
            connection.executemany(
                _FORGET_KEY,
                [(held.generation, key, row[0]) for row, its in zip(rows, keys, strict=True) for key in its],
            )
        connection.execute(_FORGET_TRACKS, (held.first_id, places))

    def _new(self) -> Batches:
        for batch in self.spool.batches(only_new=True):
            new = [index for index, keys in enumerate(batch.keys) if keys is not None]
            yield (
                [batch.rows[index] for index in new],
                [batch.hashes[index] for index in new],
                [batch.keys[index] or [] for index in new],
            )

    def _everything(self) -> Batches:
        for rows, hashes, keys in self.spool.batches():
            if None in keys:
                yield rows, hashes, self.keyer([_track_of(row) for row in rows])
            else:
                yield rows, hashes, [found or [] for found in keys]


def _track_of(row: Row) -> LibraryTrack:
    return LibraryTrack(**dict(zip(COLUMNS, row, strict=True)))


def _insert(connection: sqlite3.Connection, generation: int, begin: int, batches: Batches) -> None:
    """Insert tracks with the ids from `begin` on; their keys are staged and go in sorted, which spares the disk."""
    connection.execute(_CREATE_STAGE)
    connection.execute("DELETE FROM staged_key")
    for rows, hashes, keys in batches:
        connection.executemany(
            _INSERT_TRACK,
            [(number, one, *row) for number, (one, row) in enumerate(zip(hashes, rows, strict=True), begin)],
        )
        connection.execute(_STAGE, (begin - (generation << GENERATION_BITS), _to_json(keys)))
        begin += len(rows)
    connection.execute(_INSERT_KEYS, (generation,))
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
    if keys or tracks or first_id <= last_id:
        connection.execute(
            "UPDATE dropped_library SET first_id = first_id + ? WHERE generation = ?", (_SWEPT, generation)
        )
    else:
        connection.execute("DELETE FROM dropped_library WHERE generation = ?", (generation,))
    return True
