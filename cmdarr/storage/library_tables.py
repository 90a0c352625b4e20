"""The library index in cache.db: the tracks of every section, found by hashed keys.

A section is read as a whole, and what changed is put in force in one transaction. Readers see the old index or the
new one, never a part; a source that fails in the middle leaves the old one in force.
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
from cmdarr.storage.held_section import HeldSection, load_held
from cmdarr.storage.library_load import SectionLoad, drop_library, sweep_dropped
from cmdarr.storage.moment import from_us, to_us
from cmdarr.storage.track_spool import COLUMNS, Keyer, TrackSpool, hash_rows

_FIELDS = ", ".join(f"t.{name}" for name in COLUMNS)
_PAGE = 1_000
_Rows = list[tuple[Any, ...]]
_FIND = f"""
    SELECT k.key, t.id, {_FIELDS}
    FROM json_each(?) AS j
    CROSS JOIN library AS l
    CROSS JOIN library_key AS k ON k.generation = l.generation AND k.key = j.value
    CROSS JOIN library_track AS t ON t.id = l.first_id + k.place
    WHERE l.server = ? AND (? IS NULL OR l.section = ?)"""  # noqa: S608 - constants only
_INFO = """
    SELECT l.server, l.section, l.tracks, l.refreshed_at, m.mark || '-' || l.edition
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
        self,
        server: str,
        section: str,
        batches: Iterable[Sequence[LibraryTrack]],
        keyer: Keyer,
        now: datetime,
    ) -> int:
        """Make a section hold the tracks of the batches, each found by the keys that `keyer` gives it.

        Tracks that are held already cost no more than a comparison: `keyer` is asked for the others only.
        Returns the number of tracks now in force, 0 when the cache could not take them. An error of `batches`
        passes through and leaves the old index in force. The same content as before only renews `refreshed_at`.
        """
        try:
            spool = TrackSpool(self._file.path.parent)
        except OSError as error:
            self._file.note_failure(error, None)
            return 0
        with spool:
            held = self._file.read(partial(load_held, server=server, section=section), None)
            for batch in batches:
                try:
                    _spool_batch(spool, batch, held, keyer)
                except OSError as error:
                    self._file.note_failure(error, None)
                    return 0
            return self._install(SectionLoad(server, section, spool, held, keyer, to_us(now)))

    def _install(self, load: SectionLoad) -> int:
        """Put a section in force; as a whole when somebody changed, deleted or swapped the file meanwhile."""
        for write in (load.put_in_force, load.replace):
            if self._file.write(write, False) and self._has(load):  # noqa: FBT003 - the answer of a cache that fails
                sweep_dropped(self._file)
                return load.spool.tracks
        return 0

    def _has(self, load: SectionLoad) -> bool:
        """Whether the file that is in use by now has what was written."""
        return any(
            (info.section, info.tracks, to_us(info.refreshed_at))
            == (load.section, load.spool.tracks, load.now_us)
            for info in self.info(load.server)
        )

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


def _spool_batch(
    spool: TrackSpool, batch: Sequence[LibraryTrack], held: HeldSection | None, keyer: Keyer
) -> None:
    """Append a batch, with keys for the tracks that are not held."""
    rows, hashes = hash_rows(batch)
    if held is None:
        spool.add(rows, hashes, keyer(batch))
        return
    is_held = [held.see(one) for one in hashes]
    found = iter(keyer([track for track, known in zip(batch, is_held, strict=True) if not known]))
    spool.add(rows, hashes, [None if known else next(found) for known in is_held])


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
