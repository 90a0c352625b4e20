"""Figures of the two stores: one look-up, one record, one page, beside what plain sqlite3 takes for the same."""

import random
import resource
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import msgspec

from benchmarks import Figure
from cmdarr.models.clock import SystemClock
from cmdarr.models.execution import Status, Trigger
from cmdarr.models.track import LibraryTrack, ServerId
from cmdarr.storage.cache_store import CacheStore
from cmdarr.storage.config_store import ConfigStore

CLOCK = SystemClock()
TTL = timedelta(days=7)
ANSWER = {
    "items": [
        {"name": f"artist {number}", "mbid": f"{number:036d}", "score": number} for number in range(105)
    ]
}
BODY = msgspec.json.encode(ANSWER)
TRACKS = 100_000
KEYS_PER_TRACK = 3
EXECUTIONS = 1_000_000
COMMANDS = 60
OLD = 97_000


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="cmdarr-bench-") as folder:
        return [
            *library(Path(folder) / "library"),  # first: its memory is told by the peak of the process
            *answers(Path(folder) / "answers"),
            *history(Path(folder) / "history"),
            reset_of_a_gigabyte(Path(folder) / "reset"),
        ]


def span_us(work: Callable[[], object], count: int, repeats: int = 9) -> float:
    """Return the median over `repeats` of the mean time of `count` calls, in microseconds."""
    work()
    spans = []
    for _ in range(repeats):
        began = time.perf_counter()
        for _ in range(count):
            work()
        spans.append((time.perf_counter() - began) / count * 1e6)
    return median(spans)


def open_cache(folder: Path) -> CacheStore:
    return CacheStore.open(folder / "cache.db", clock=CLOCK, max_bytes=4 * 1024**3)


def answers(folder: Path) -> Iterator[Figure]:
    plain = PlainCache(folder)
    with open_cache(folder) as cache:
        fill = [(f"key {number}", BODY) for number in range(5_000)]
        for begin in range(0, len(fill), 100):
            cache.answers.put_many("lastfm", fill[begin : begin + 100], TTL)
        cache.answers.put("lastfm", "hot", ANSWER, TTL)
        hit = span_us(lambda: cache.answers.get("lastfm", "hot"), 500)
        plain_hit = span_us(plain.get, 500)
        yield Figure("cache: one hit, 8 kB, decoded", hit, 30, "us")
        yield Figure("cache: one hit / plain sqlite3 with the same decoder", hit / plain_hit, 1.6, "x")
        yield Figure(
            "cache: one miss", span_us(lambda: cache.answers.get("lastfm", "absent"), 2_000), 8, "us"
        )
        yield Figure("cache: 4 threads, 90 % get, 10 % set, a call", four_threads(cache), 40, "us")
        one_set = bulk_us(lambda items: cache.answers.put_many("lastfm", items, TTL))
        plain_set = bulk_us(plain.put_many)
        yield Figure("cache: 100 sets of 8 kB in one transaction, a set", one_set, 12, "us")
        yield Figure("cache: a set of 100 / plain sqlite3, one table", one_set / plain_set, 1.6, "x")
        purges = [purge_ms(cache, number) for number in range(3)]
        yield Figure("cache: purge a source of 25,000 entries", median(purges), 1, "ms")
    plain.connection.close()


class PlainCache:
    """The least that a cache on sqlite3 does."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.connection = sqlite3.connect(folder / "plain.db", isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = NORMAL")
        self.connection.execute("PRAGMA wal_autocheckpoint = 4000")
        self.connection.execute("CREATE TABLE answer (key TEXT PRIMARY KEY, expires REAL, body BLOB)")
        self.put_many([("hot", BODY)])

    def get(self) -> object:
        row = self.connection.execute("SELECT body, expires FROM answer WHERE key = ?", ("hot",)).fetchone()
        return msgspec.json.decode(row[0]) if row[1] > time.time() else None

    def put_many(self, items: list[tuple[str, bytes]]) -> None:
        expires = time.time() + 1e6
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.executemany(
            "INSERT OR REPLACE INTO answer VALUES (?, ?, ?)", [(key, expires, body) for key, body in items]
        )
        self.connection.execute("COMMIT")


def bulk_us(put_many: Callable[[list[tuple[str, bytes]]], object]) -> float:
    spans = []
    for turn in range(40):
        items = [(f"bulk {turn} {number}", BODY) for number in range(100)]
        began = time.perf_counter()
        put_many(items)
        spans.append((time.perf_counter() - began) / len(items) * 1e6)
    return median(spans)


def four_threads(cache: CacheStore) -> float:
    """Return the wall time of one call of one thread, divided among four threads at work."""
    calls = 4_000

    def work(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(calls):
            key = f"key {chance.randrange(5_000)}"
            if chance.random() < 0.1:
                cache.answers.put("lastfm", key, BODY, TTL)
            else:
                cache.answers.get("lastfm", key)
        cache.release()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (time.perf_counter() - began) / (4 * calls) * 1e6


def purge_ms(cache: CacheStore, turn: int) -> float:
    source = f"purged {turn}"
    for begin in range(0, 25_000, 1_000):
        cache.answers.put_many(source, [(str(begin + number), b"x" * 100) for number in range(1_000)], TTL)
    began = time.perf_counter()
    cache.answers.purge(source)
    return (time.perf_counter() - began) * 1e3


def library(folder: Path) -> Iterator[Figure]:
    with open_cache(folder) as cache:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        yield Figure("library: load 100,000 tracks with 3 keys each", replace_s(cache, "v1"), 1.5, "s")
        added = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        yield Figure("library: memory added by the load", added, 40, "MB")
        yield Figure("library: the same content again", replace_s(cache, "v1"), 0.4, "s")
        yield Figure("library: another content in its place", replace_s(cache, "v2"), 2.0, "s")
        chance = random.Random(7)
        keys = [key_of(chance.randrange(TRACKS), chance.randrange(KEYS_PER_TRACK)) for _ in range(500)]
        assert len(cache.library.find_by_keys("plex", keys)) == len(set(keys))
        found = span_us(lambda: cache.library.find_by_keys("plex", keys), 5) / 1e3
        yield Figure("library: find 500 keys in 100,000 tracks", found, 10, "ms")


def key_of(number: int, place: int) -> int:
    """Return one of a track's keys: as scattered over 64 bits as a hash."""
    return ((number * KEYS_PER_TRACK + place) * 0x9E3779B97F4A7C15 + 12345) % 2**64 - 2**63


def replace_s(cache: CacheStore, version: str) -> float:
    """Return the time that the index takes; making the tracks is not counted."""
    spent = 0.0

    def batches() -> Iterator[list[LibraryTrack]]:
        nonlocal spent
        for begin in range(0, TRACKS, 1_000):
            started = time.perf_counter()
            batch = [track(number, version) for number in range(begin, begin + 1_000)]
            spent += time.perf_counter() - started
            yield batch

    def keyer(batch: Sequence[LibraryTrack]) -> list[list[int]]:
        nonlocal spent
        started = time.perf_counter()
        found = [keys(int(one.server_id)) for one in batch]
        spent += time.perf_counter() - started
        return found

    began = time.perf_counter()
    assert cache.library.replace_section("plex", "Music", batches(), keyer, CLOCK.now()) == TRACKS
    return time.perf_counter() - began - spent


def keys(number: int) -> list[int]:
    return [key_of(number, place) for place in range(KEYS_PER_TRACK)]


def track(number: int, version: str) -> LibraryTrack:
    return LibraryTrack(
        server_id=ServerId(str(number)),
        title=f"A title of some length {number} {version}",
        artist=f"Artist {number % 5_000}",
        album=f"An album {number % 9_000}",
        album_artist=f"Artist {number % 5_000}",
        disc=1,
        number=number % 12,
        duration_ms=180_000 + number,
        year=1990 + number % 30,
    )


def history(folder: Path) -> Iterator[Figure]:
    with ConfigStore.open(folder / "config.db", backups=folder, clock=CLOCK) as store:
        yield Figure("history: record one execution, a step of it", record_us(store, folder) / 3, 500, "us")
        multiply(store, EXECUTIONS)
        newest = span_us(lambda: store.history.recent(limit=20), 20) / 1e3
        yield Figure("history: newest page (20) in 1,000,000 rows", newest, 0.5, "ms")
        page = (
            span_us(lambda: store.history.recent("command 7", limit=20, before_id=EXECUTIONS // 2), 20) / 1e3
        )
        yield Figure("history: a page of one command from the middle", page, 0.5, "ms")
        last = span_us(store.history.last_of_each, 20) / 1e3
        yield Figure("history: last of each of 60 commands in 1,000,000 rows", last, 1, "ms")
        yield from retention(store)


def record_us(store: ConfigStore, folder: Path) -> float:
    """Return the time of one execution: queued, started and finished, each on the disk when it returns."""
    del folder

    def record() -> None:
        now = CLOCK.now()
        number = store.history.queue(
            command="command 1", kind="demo", trigger=Trigger.SCHEDULE, dry_run=False, generation="g" * 64,
            document='{"kind":"demo"}', queued_at=now,
        )  # fmt: skip
        store.history.start(number, now)
        store.history.finish(
            number,
            Status.SUCCEEDED,
            now,
            summary="2 added",
            result={"added": 2},
            changes=2,
            error=None,
            error_class=None,
        )

    return span_us(record, 20)


def multiply(store: ConfigStore, count: int) -> None:
    """Fill the history with copies of one execution, over all commands, an hour apart."""
    columns = "kind, status, trigger, dry_run, queued_at, summary, changes, generation, document_id, process, result"
    with store._file.writing() as connection:
        connection.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            f" INSERT INTO execution (command, {columns}) SELECT 'command ' || (i % {COMMANDS}), {columns}"
            " FROM execution, n WHERE id = 1",
            (count,),
        )


def retention(store: ConfigStore) -> Iterator[Figure]:
    """Keep all but 97,000 rows, which are made too old first."""
    newest = store.history.recent(limit=1)[0].id
    with store._file.writing() as connection:
        connection.execute("UPDATE execution SET queued_at = 0 WHERE id <= ?", (OLD,))
    locks: list[float] = []
    ended = [0.0]

    def pause() -> None:
        locks.append(time.perf_counter() - ended[0])
        ended[0] = time.perf_counter()

    began = ended[0] = time.perf_counter()
    removed = store.history.prune(365, newest, datetime.now(UTC), pause=pause)
    took = time.perf_counter() - began
    assert removed == OLD, removed
    yield Figure("history: retention of 97,000 rows", took, 0.5, "s")
    yield Figure(
        "history: retention, the longest lock (the first batch with its reading left out)",
        max(locks[1:]) * 1e3,
        30,
        "ms",
    )


def reset_of_a_gigabyte(folder: Path) -> Figure:
    """Reset a file of 1 GB while another thread reads."""
    with open_cache(folder) as cache:
        for number in range(64):
            cache.answers.put("big", str(number), b"x" * 16 * 1024 * 1024, TTL)
        stop = threading.Event()

        def read() -> None:
            while not stop.is_set():
                cache.answers.get("big", "1")
            cache.release()

        reader = threading.Thread(target=read)
        reader.start()
        began = time.perf_counter()
        cache.reset()
        took = (time.perf_counter() - began) * 1e3
        stop.set()
        reader.join()
    return Figure("cache: reset of a 1 GB file beside a reader", took, 200, "ms")
