"""What the cache answers, and what it tells about itself."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """One stored answer. `value` is None and `reason` says why for a failed look-up; times in seconds since 1970.

    `is_stale` answers are past their time: they may stand in for a service that is down, and are marked as such.
    """

    value: Any
    reason: str | None
    stored_s: float
    expires_s: float
    is_stale: bool

    @property
    def is_negative(self) -> bool:
        """Whether it is the memory of a failed look-up."""
        return self.reason is not None

    @property
    def stored_at(self) -> datetime:
        """When it was stored, aware, in UTC."""
        return datetime.fromtimestamp(self.stored_s, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryInfo:
    """What the index knows of one section.

    `token` changes whenever the section's content does, also when the index was lost and built anew; it stays when
    a refresh finds the same content.
    """

    server: str
    section: str
    tracks: int
    refreshed_at: datetime
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheSource:
    """The answers of one service. `bytes` counts what they hold; `oldest` and `newest` are None without entries."""

    name: str
    entries: int
    bytes: int
    hits: int
    misses: int
    oldest: datetime | None
    newest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheStats:
    """What cache.db holds. `size_bytes` is its size on the disk."""

    size_bytes: int
    sources: tuple[CacheSource, ...]
    libraries: tuple[LibraryInfo, ...]
