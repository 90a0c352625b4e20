"""The second scan: only files that are new or changed are opened, and what it finds is the same."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fakes_library import FakeClock

from cmdarr.clients.files.kept_tags import KeptTags
from cmdarr.clients.files.scan import Scan
from cmdarr.clients.files.tone import make_mp3
from cmdarr.models.cancel import CancelToken
from cmdarr.models.track import LibraryTrack
from cmdarr.storage.cache_store import CacheStore

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC).timestamp()


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[CacheStore]:
    with CacheStore.open(tmp_path / "cache.db", clock=FakeClock(), max_bytes=10_000_000) as cache:
        yield cache


class Room:
    """A music folder whose files were written long ago."""

    def __init__(self, folder: Path, cache: CacheStore | None) -> None:
        self.folder, self.cache = folder, cache
        folder.mkdir()

    def add(self, name: str, *, duration_ms: int = 100, at: float = LONG_AGO) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(make_mp3(duration_ms, 440.0))
        os.utime(path, (at, at))

    def spoil(self, name: str) -> None:
        """Damage a file in a way that its size and time do not tell: whoever opens it notices."""
        path = self.folder / name
        path.write_bytes(b"x" * path.stat().st_size)
        os.utime(path, (LONG_AGO, LONG_AGO))

    def scan(self) -> dict[str, LibraryTrack]:
        answers = self.cache.answers if self.cache else None
        kept = KeptTags(answers, FakeClock(), service="files", root=str(self.folder))
        batches = Scan("files", self.folder, kept).fetch_tracks(CancelToken())
        return {track.server_id: track for batch in batches for track in batch}


@pytest.fixture
def room(tmp_path: Path, cache: CacheStore) -> Room:
    return Room(tmp_path / "music", cache)


def test_unchanged_files_are_not_opened_again(room: Room) -> None:
    for name in ("1.mp3", "a/2.mp3", "a/3.mp3"):
        room.add(name)
    first = room.scan()
    for name in first:
        room.spoil(name)
    assert room.scan() == first


def test_new_changed_and_removed_files_are_noticed(room: Room) -> None:
    for name in ("1.mp3", "a/2.mp3", "a/3.mp3"):
        room.add(name)
    room.scan()
    room.add("a/2.mp3", duration_ms=2000)
    room.add("a/4.mp3")
    (room.folder / "a/3.mp3").unlink()
    found = room.scan()
    assert list(found) == ["1.mp3", "a/2.mp3", "a/4.mp3"]
    assert (found["a/2.mp3"].duration_ms or 0) > 1500
    assert room.scan() == found


def test_a_file_that_may_still_be_written_is_read_again(room: Room) -> None:
    room.add("old.mp3")
    room.add("young.mp3", at=FakeClock().now().timestamp() - 1)
    assert len(room.scan()) == 2
    size = (room.folder / "young.mp3").stat().st_size
    (room.folder / "young.mp3").write_bytes(b"x" * size)
    at = FakeClock().now().timestamp() - 1
    os.utime(room.folder / "young.mp3", (at, at))
    assert list(room.scan()) == ["old.mp3"]


def keys_of(cache: CacheStore) -> list[str]:
    with closing(sqlite3.connect(cache.path)) as connection:
        return [row[0] for row in connection.execute("SELECT key FROM answer WHERE key LIKE 'tags%'")]


def test_a_cache_that_is_lost_or_holds_nonsense_costs_only_time(room: Room, cache: CacheStore) -> None:
    room.add("1.mp3")
    first = room.scan()
    cache.reset()
    assert room.scan() == first
    (key,) = keys_of(cache)

    broken: tuple[Any, ...] = ([], {"1.mp3": [1]}, {"1.mp3": None}, {"1.mp3": [1, 2, []]}, 7)
    for nonsense in broken:
        cache.answers.put("files", key, nonsense, FakeClock().now() - datetime(2020, 1, 1, tzinfo=UTC))
        assert room.scan() == first


def test_another_folder_of_the_same_names_is_another_one(tmp_path: Path, cache: CacheStore) -> None:
    one, two = Room(tmp_path / "one", cache), Room(tmp_path / "two", cache)
    one.add("1.mp3", duration_ms=100)
    two.add("1.mp3", duration_ms=2000)
    durations = [room.scan()["1.mp3"].duration_ms for room in (one, two, one)]
    assert durations[0] == durations[2] != durations[1]


def test_without_a_store_everything_is_read(tmp_path: Path) -> None:
    room = Room(tmp_path / "music", None)
    room.add("1.mp3")
    room.add("2.mp3")
    assert len(room.scan()) == 2
    room.spoil("1.mp3")
    assert list(room.scan()) == ["2.mp3"]
