"""What the tests of the stores share: a clock that is set by hand, and short ways to write rows."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cmdarr.models.execution import Status, Trigger
from cmdarr.models.playlist import PlaylistEntry, PlaylistId, Revision
from cmdarr.models.track import LibraryTrack, RecordingMbid, ServerId
from cmdarr.storage.cache_store import CacheStore
from cmdarr.storage.config_store import ConfigStore

START = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now
        self._seconds = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._seconds

    def move(self, span: timedelta) -> None:
        self._now += span
        self._seconds += span.total_seconds()


def open_config(folder: Path, clock: HandClock | None = None) -> ConfigStore:
    return ConfigStore.open(folder / "config.db", backups=folder / "backups", clock=clock or HandClock())


def open_cache(folder: Path, clock: HandClock | None = None, max_bytes: int = 64 * 1024 * 1024) -> CacheStore:
    return CacheStore.open(folder / "cache.db", clock=clock or HandClock(), max_bytes=max_bytes)


def queue_run(
    store: ConfigStore, command: str = "hits", at: datetime = START, *, document: str = '{"kind":"demo"}'
) -> int:
    return store.history.queue(
        command=command,
        kind="demo",
        trigger=Trigger.MANUAL,
        dry_run=False,
        generation="g1",
        document=document,
        queued_at=at,
    )


def finish_run(
    store: ConfigStore, number: int, status: Status = Status.SUCCEEDED, at: datetime = START
) -> None:
    store.history.finish(
        number, status, at, summary="2 added", result={"added": 2}, changes=2, error=None, error_class=None
    )


def record_run(
    store: ConfigStore, command: str = "hits", at: datetime = START, status: Status = Status.SUCCEEDED
) -> int:
    number = queue_run(store, command, at)
    store.history.start(number, at)
    finish_run(store, number, status, at)
    return number


def multiply(store: ConfigStore, number: int, count: int) -> None:
    """Add `count` copies of an execution, quickly."""
    columns = (
        "command, kind, status, trigger, dry_run, queued_at, started_at, finished_at, summary, changes, generation,"
        " document_id, process, result"
    )
    with store._file.writing() as connection:
        connection.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            f" INSERT INTO execution ({columns}) SELECT {columns} FROM execution, n WHERE id = ?",
            (count, number),
        )


def make_track(number: int, title: str = "") -> LibraryTrack:
    return LibraryTrack(
        server_id=ServerId(f"id{number}"),
        title=title or f"Title {number}",
        artist="Björk",
        album="Début",
        album_artist="Various Artists",
        disc=1,
        number=number % 20 + 1,
        duration_ms=None if number % 7 == 0 else 180_000 + number,
        year=1993,
        recording_mbid=RecordingMbid(f"mbid-{number}"),
    )


def make_tracks(numbers: Iterable[int], title: str = "") -> list[LibraryTrack]:
    return [make_track(number, title) for number in numbers]


def keyer(batch: Sequence[LibraryTrack]) -> list[list[int]]:
    """Two keys for each track: its number, and one that ten of them share, far out in 64 bits."""
    numbers = [int(track.server_id[2:]) for track in batch]
    return [[number, -(2**63) + number // 10] for number in numbers]


def batches_of(count: int, size: int = 100, title: str = "") -> Iterator[list[LibraryTrack]]:
    for begin in range(0, count, size):
        yield make_tracks(range(begin, min(begin + size, count)), title)


def make_revision(playlist: str = "p1", at: datetime = START, tracks: int = 2) -> Revision:
    return Revision(
        command="hits",
        server="plex",
        user="alice",
        playlist_id=PlaylistId(playlist),
        title="Hits",
        entries=tuple(
            PlaylistEntry(
                server_id=ServerId(f"s{number}"), entry_id=str(number), artist="A", title=f"T{number}"
            )
            for number in range(tracks)
        ),
        taken_at=at,
        reason="before",
    )
