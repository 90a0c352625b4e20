"""The door to cache.db: what can be fetched again."""

import sqlite3
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cmdarr.errors import StoreUnavailable
from cmdarr.models.cache import CacheSource, CacheStats
from cmdarr.models.clock import Clock
from cmdarr.storage.answers import ApiCache
from cmdarr.storage.cache_file import CacheFile
from cmdarr.storage.eviction import sweep
from cmdarr.storage.failure import SqliteError, reason_of
from cmdarr.storage.library_tables import LibraryTables
from cmdarr.storage.moment import from_us, to_us

_SOURCES = "SELECT id, name, generation, hits, misses FROM source ORDER BY name"
_LOOK_UPS = "SELECT name, hits, misses FROM source ORDER BY name"
_ANSWERS = """
    SELECT source, generation, count(*), sum(size), min(stored_at), max(stored_at)
    FROM answer GROUP BY source, generation"""


class CacheStore:
    """API answers and library tracks. Nothing but time is lost when the file goes, at any moment."""

    def __init__(self, file: CacheFile, *, clock: Clock, max_bytes: int) -> None:
        self._file = file
        self._clock = clock
        self.answers = ApiCache(file, clock, max_bytes)
        self.library = LibraryTables(file)

    @classmethod
    def open(cls, path: Path, *, clock: Clock, max_bytes: int) -> "CacheStore":
        """Open cache.db; whatever is wrong with it is no reason to fail, and it is created when it is missing."""
        file = CacheFile(path, clock=clock)
        file.desk()
        return cls(file, clock=clock, max_bytes=max_bytes)

    @property
    def path(self) -> Path:
        """Where cache.db lies."""
        return self._file.path

    def stats(self) -> CacheStats:
        """Return what the cache holds, by source and section."""
        self.answers.flush()
        return CacheStats(
            size_bytes=self._size(),
            sources=tuple(self._file.read(_sources, [])),
            libraries=tuple(self.library.info()),
        )

    def look_ups(self) -> dict[str, tuple[int, int]]:
        """Return hits and misses by source, as far as they are written; costs next to nothing."""
        rows: list[tuple[str, int, int]] = self._file.read(
            lambda connection: connection.execute(_LOOK_UPS).fetchall(), []
        )
        return {name: (hits, misses) for name, hits, misses in rows}

    def size_bytes(self) -> int:
        """Return the size on the disk."""
        return self._size()

    def reset(self) -> None:
        """Swap in an empty file, at any time; runs in flight go on as if every look-up had missed.

        Raises:
            StoreUnavailable: the folder does not allow it.
        """
        try:
            self._file.reset()
        except (OSError, *SqliteError) as error:
            reason = error.strerror if isinstance(error, OSError) else reason_of(error)
            raise StoreUnavailable(
                f"cache.db cannot be emptied ({reason}): check the permissions of the data folder, or delete the file "
                "by hand."
            ) from error
        self.answers.forget_uses()

    def set_max_bytes(self, max_bytes: int) -> None:
        """Take another bound on the size; it holds from the next answer stored on."""
        self.answers.set_max_bytes(max_bytes)

    def sweep(self) -> int:
        """Remove the answers that nobody can get any more, and return how many; worth doing once a day."""
        return sweep(self._file, to_us(self._clock.now()))

    def release(self) -> None:
        """Close the connection of the calling thread; the next use opens another."""
        self._file.release()

    def close(self) -> None:
        """Write what is gathered in memory and close the connections of all threads."""
        self.answers.flush()
        with suppress(sqlite3.Error, OSError):
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _size(self) -> int:
        size = 0
        for name in (self.path, Path(f"{self.path}-wal")):
            with suppress(OSError):
                size += name.stat().st_size
        return size


def _sources(connection: sqlite3.Connection) -> list[CacheSource]:
    held: dict[tuple[int, int], tuple[Any, ...]] = {
        (row[0], row[1]): row[2:] for row in connection.execute(_ANSWERS)
    }
    return [
        _source_of(name, hits, misses, held.get((number, generation), (0, 0, None, None)))
        for number, name, generation, hits, misses in connection.execute(_SOURCES).fetchall()
    ]


def _source_of(name: str, hits: int, misses: int, held: tuple[Any, ...]) -> CacheSource:
    entries, size, oldest, newest = held
    return CacheSource(
        name=name,
        entries=entries,
        bytes=size,
        hits=hits,
        misses=misses,
        oldest=None if oldest is None else from_us(oldest),
        newest=None if newest is None else from_us(newest),
    )
