"""The library index in cache.db: the tracks of every section, found by hashed keys.

A section is replaced as a whole: its rows get a new generation, and one statement puts it in force. Readers see the
old index or the new one, never a part; a source that fails in the middle leaves the old one in force.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from cmdarr.models.cache import LibraryInfo
from cmdarr.models.track import LibraryTrack
from cmdarr.storage.cache_file import CacheFile
from cmdarr.storage.library_load import drop_library, install, sweep_dropped
from cmdarr.storage.moment import from_us, to_us
from cmdarr.storage.track_spool import COLUMNS, KeyedTrack, TrackSpool

_FIELDS = ", ".join(f"t.{name}" for name in COLUMNS)
_PAGE = 1_000
_Rows = list[tuple[Any, ...]]
_FIND = f"""
    SELECT k.key, t.id, {_FIELDS}
    FROM json_each(?) AS j
    CROSS JOIN library AS l
    CROSS JOIN library_key AS k ON k.generation = l.generation AND k.key = j.value
    CROSS JOIN library_track AS t ON t.id = k.track_id
    WHERE l.server = ? AND (? IS NULL OR l.section = ?)"""  # noqa: S608 - constants only
_INFO = """
    SELECT l.server, l.section, l.last_id - l.first_id + 1, l.refreshed_at, m.mark || '-' || l.generation
    FROM library AS l CROSS JOIN mark AS m
    WHERE ? IS NULL OR l.server = ? ORDER BY l.server, l.section"""
_NEXT_PAGE = f"""
    SELECT t.id, {_FIELDS} FROM library AS l CROSS JOIN library_track AS t ON t.id BETWEEN l.first_id AND l.last_id
    WHERE l.server = ? AND t.id > ? ORDER BY t.id LIMIT ?"""  # noqa: S608 - constants only


class LibraryTables:
    """Tracks by server and section. Safe to share by threads; several processes read while one refreshes."""

    def __init__(self, file: CacheFile) -> None:
        self._file = file

    def replace_section(
        self, server: str, section: str, batches: Iterable[Sequence[KeyedTrack]], now: datetime
    ) -> int:
        """Replace a whole section by the tracks of the batches, each with its keys (signed 64 bits).

        Returns the number of tracks now in force, 0 when the cache could not take them. An error of `batches`
        passes through and leaves the old index in force. The same content as before only renews `refreshed_at`.
        """
        try:
            spool = TrackSpool(self._file.path.parent)
        except OSError as error:
            self._file.note_failure(error, None)
            return 0
        with spool:
            for batch in batches:
                try:
                    spool.add(batch)
                except OSError as error:
                    self._file.note_failure(error, None)
                    return 0
            return install(self._file, server, section, spool, to_us(now))

    def find_by_keys(
        self, server: str, keys: Sequence[int], section: str | None = None
    ) -> dict[int, list[LibraryTrack]]:
        """Return the tracks of each key that has any; `section` None means every section of the server."""
        wanted = (json.dumps(list(dict.fromkeys(keys))), server, section, section)
        rows: _Rows = self._file.read(lambda connection: connection.execute(_FIND, wanted).fetchall(), [])
        known: dict[int, LibraryTrack] = {}
        found: dict[int, list[LibraryTrack]] = {}
        for row in rows:
            track = known.get(row[1])
            if track is None:
                track = known[row[1]] = _track_of(row, 2)
            found.setdefault(row[0], []).append(track)
        return found

    def info(self, server: str | None = None) -> list[LibraryInfo]:
        """Return the state of every section held [of one server], in order."""
        rows: _Rows = self._file.read(
            lambda connection: connection.execute(_INFO, (server, server)).fetchall(), []
        )
        return [
            LibraryInfo(
                server=row[0], section=row[1], tracks=row[2], refreshed_at=from_us(row[3]), token=row[4]
            )
            for row in rows
        ]

    def iter_tracks(self, server: str) -> Iterator[LibraryTrack]:
        """Yield every track of a server; it ends early when the index vanishes meanwhile (compare the tokens)."""
        last = -1
        nothing: _Rows = []
        while rows := self._file.read(partial(_next_page, server=server, last=last), nothing):
            for row in rows:
                yield _track_of(row, 1)
            last = rows[-1][0]

    def drop_server(self, server: str) -> None:
        """Forget every section of a server at once; the rows are swept in batches."""
        self._file.write(partial(drop_library, server=server), None)
        sweep_dropped(self._file)


def _next_page(connection: sqlite3.Connection, server: str, last: int) -> _Rows:
    return connection.execute(_NEXT_PAGE, (server, last, _PAGE)).fetchall()


def _track_of(row: Sequence[Any], begin: int) -> LibraryTrack:
    (
        server_id, title, artist, album, album_artist, disc, number, duration_ms, year,
        recording_mbid, release_track_mbid, isrc,
    ) = row[begin:]  # fmt: skip
    return LibraryTrack(
        server_id=server_id,
        title=title,
        artist=artist,
        album=album,
        album_artist=album_artist,
        disc=disc,
        number=number,
        duration_ms=duration_ms,
        year=year,
        recording_mbid=recording_mbid,
        release_track_mbid=release_track_mbid,
        isrc=isrc,
    )
