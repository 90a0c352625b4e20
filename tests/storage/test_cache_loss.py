"""cache.db may be deleted, damaged, swapped or refused at any moment: look-ups miss, writes are dropped, no more."""

import itertools
import logging
import resource
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fakes_storage import START, HandClock, batches_of, keyer, make_tracks, open_cache

from cmdarr.models.track import LibraryTrack
from cmdarr.storage.cache_schema import CACHE_SCHEMA
from cmdarr.storage.cache_store import CacheStore

DAY = timedelta(days=1)
NAMES = ("", "-wal", "-shm")
COMBINATIONS = [names for count in (1, 2, 3) for names in itertools.combinations(NAMES, count)]


def delete(folder: Path, suffixes: tuple[str, ...]) -> None:
    for suffix in suffixes:
        (folder / f"cache.db{suffix}").unlink()


def fill(cache: CacheStore) -> None:
    cache.answers.put_many("lastfm", [(str(number), b"x" * 5_000) for number in range(50)], DAY)
    cache.library.replace_section("plex", "Music", batches_of(50), keyer, START)


def works(cache: CacheStore) -> bool:
    cache.answers.put("lastfm", "probe", [1], DAY)
    cache.library.replace_section("files", "Probe", [make_tracks([1])], keyer, START)
    return cache.answers.get("lastfm", "probe") is not None and bool(cache.library.find_by_keys("files", [1]))


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("suffixes", COMBINATIONS, ids=lambda names: "db" + "+db".join(names))
def test_deleted_in_any_combination_under_two_stores_it_is_reopened_empty(
    tmp_path: Path, suffixes: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    with open_cache(tmp_path) as cache, open_cache(tmp_path) as other:
        fill(cache)
        assert other.answers.get("lastfm", "3") is not None
        delete(tmp_path, suffixes)
        assert cache.answers.get("lastfm", "3") is None
        assert cache.library.find_by_keys("plex", [3]) == {}
        assert cache.library.info() == []
        assert other.answers.get("lastfm", "3") is None
        assert works(cache)
        assert works(other)
        assert warnings(caplog) == []
    assert [path.name for path in tmp_path.iterdir()] == ["cache.db"]


@pytest.mark.parametrize("suffixes", COMBINATIONS, ids=lambda names: "db" + "+db".join(names))
def test_deleted_while_nobody_has_it_open_it_simply_opens(tmp_path: Path, suffixes: tuple[str, ...]) -> None:
    code = (
        "import os, sys; from pathlib import Path; from fakes_storage import *; from datetime import timedelta\n"
        "cache = open_cache(Path(sys.argv[1])); cache.answers.put('lastfm', 'k', b'x' * 9000, timedelta(days=1))\n"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=environment(), check=False)
    delete(tmp_path, suffixes)
    with open_cache(tmp_path) as cache:
        assert works(cache)


def test_the_whole_data_folder_may_go(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with open_cache(folder) as cache:
        fill(cache)
        delete(folder, NAMES)
        folder.rmdir()
        assert cache.answers.get("lastfm", "3") is None
        assert works(cache)


def test_deleted_in_the_middle_of_a_refresh_the_refresh_still_arrives(tmp_path: Path) -> None:
    def batches(cache: CacheStore) -> Iterator[list[LibraryTrack]]:
        yield make_tracks(range(100))
        cache.answers.put("lastfm", "k", 1, DAY)
        delete(tmp_path, NAMES)
        yield make_tracks(range(100, 200))

    with open_cache(tmp_path) as cache:
        fill(cache)
        assert cache.library.replace_section("plex", "Music", batches(cache), keyer, START) == 200
        assert set(cache.library.find_by_keys("plex", [5, 150])) == {5, 150}


def test_deleted_in_the_middle_of_an_iteration_it_ends(tmp_path: Path) -> None:
    with open_cache(tmp_path) as cache:
        cache.library.replace_section("plex", "Music", batches_of(2_500), keyer, START)
        tracks = cache.library.iter_tracks("plex")
        next(tracks)
        delete(tmp_path, NAMES)
        assert sum(1 for _ in tracks) == 999


def damage(path: Path, how: str) -> None:
    if how == "text":
        path.write_text("no database, but long enough to be looked at. " * 1_000)
    elif how == "header":
        with path.open("r+b") as file:
            file.write(b"\xa5" * 100)
    elif how == "middle":
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xa5" * (path.stat().st_size - 4096))
    else:
        with path.open("r+b") as file:
            file.truncate(4096)


@pytest.mark.parametrize("how", ["text", "header", "middle", "cut"])
def test_a_damaged_file_is_moved_aside_with_one_warning(
    tmp_path: Path, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    with open_cache(tmp_path) as cache:
        fill(cache)
    damage(tmp_path / "cache.db", how)
    with open_cache(tmp_path) as cache:
        for number in range(50):
            cache.answers.get("lastfm", str(number))
        cache.library.find_by_keys("plex", [3])
        assert works(cache)
    assert len(warnings(caplog)) == 1
    assert "moved to cache.db.corrupt-20260301T120000Z" in warnings(caplog)[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "cache.db",
        "cache.db.corrupt-20260301T120000Z",
    ]


def test_only_the_newest_damaged_file_is_kept(tmp_path: Path) -> None:
    clock = HandClock()
    for _ in range(3):
        clock.move(DAY)
        damage(tmp_path / "cache.db", "text")
        with open_cache(tmp_path, clock) as cache:
            assert works(cache)
    assert [path.name for path in tmp_path.glob("*corrupt*")] == ["cache.db.corrupt-20260304T120000Z"]


@pytest.mark.parametrize("how", ["header", "middle", "cut", "text"])
def test_a_file_damaged_while_it_is_in_use_fails_nobody(tmp_path: Path, how: str) -> None:
    """Mapped into memory, the cut would end the process with SIGBUS; so it runs in a process of its own."""
    code = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_cache_loss import *
folder = Path(sys.argv[1])
with open_cache(folder) as cache:
    fill(cache)
    cache._file.desk().connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    cache.answers.get("lastfm", "1")
    damage(folder / "cache.db", {how!r})
    for number in range(50):
        cache.answers.get("lastfm", str(number))
        cache.library.find_by_keys("plex", [number])
    for _ in range(3):
        cache.answers.put("lastfm", "probe", [1], DAY)
        cache.answers.get("lastfm", "1")
with open_cache(folder) as cache:
    for number in range(50):
        cache.answers.get("lastfm", str(number))
    list(cache.library.iter_tracks("plex"))
    assert works(cache)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("number", [0, CACHE_SCHEMA - 1, CACHE_SCHEMA + 1, CACHE_SCHEMA + 1000])
def test_another_schema_number_is_dropped_and_created(
    tmp_path: Path, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    with open_cache(tmp_path) as cache:
        fill(cache)
    connection = sqlite3.connect(tmp_path / "cache.db")
    connection.execute(f"PRAGMA user_version = {number}")
    connection.close()
    with open_cache(tmp_path) as cache:
        assert cache.library.info() == []
        assert works(cache)
    assert warnings(caplog) == []
    assert [path.name for path in tmp_path.iterdir()] == ["cache.db"]


@pytest.mark.parametrize("is_in_use", [False, True])
def test_a_database_with_other_tables_copied_over_it_is_moved_aside(tmp_path: Path, is_in_use: bool) -> None:
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE library_cache (x)")
    other.execute(f"PRAGMA user_version = {CACHE_SCHEMA}")
    other.close()
    with open_cache(tmp_path) as cache:
        fill(cache)
        if is_in_use:
            cache.answers.get("lastfm", "3")
            (tmp_path / "cache.db").write_bytes((tmp_path / "other.db").read_bytes())
            cache.answers.get("lastfm", "3")
            cache.library.find_by_keys("plex", [3])
    if not is_in_use:
        (tmp_path / "other.db").replace(tmp_path / "cache.db")
    with open_cache(tmp_path) as cache:
        assert works(cache) or works(cache), "the use that finds the damage is a miss, the next one works"


def test_a_text_or_a_body_that_is_damaged_is_a_miss(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with open_cache(tmp_path) as cache:
        cache.answers.put("lastfm", "k", {"a": 1}, DAY)
        cache._file.write(lambda connection: connection.execute("UPDATE body SET value = x'7b22'"), None)
        assert cache.answers.get("lastfm", "k") is None
        assert cache.answers.get_stale("lastfm", "k") is None
        assert warnings(caplog) == []
        cache._file.write(
            lambda connection: connection.execute("UPDATE answer SET key = CAST(x'fffe' AS TEXT)"), None
        )
        assert cache.answers.get("lastfm", "k") is None
        assert works(cache)
        assert len(warnings(caplog)) == 1


def test_a_full_disk_switches_writing_off_for_a_minute_with_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = HandClock()
    with open_cache(tmp_path, clock) as cache:
        fill(cache)
        desk = cache._file.desk()
        assert desk is not None
        desk.connection.execute(
            f"PRAGMA max_page_count = {desk.connection.execute('PRAGMA page_count').fetchone()[0]}"
        )
        for number in range(5):
            cache.answers.put("lastfm", f"big{number}", b"x" * 500_000, DAY)
        assert cache.library.replace_section("plex", "More", batches_of(3_000), keyer, START) == 0
        assert cache.answers.get("lastfm", "big0") is None
        assert cache.answers.get("lastfm", "3") is not None, "what is there is still read"
        assert cache.library.find_by_keys("plex", [3]) != {}
        assert len(warnings(caplog)) == 1
        assert "the disk is full" in warnings(caplog)[0]
        desk.connection.execute("PRAGMA max_page_count = 1000000")
        cache.answers.put("lastfm", "big0", b"x" * 500_000, DAY)
        assert cache.answers.get("lastfm", "big0") is None, "it is not tried again before a minute has passed"
        clock.move(timedelta(seconds=60))
        cache.answers.put("lastfm", "big0", b"x" * 500_000, DAY)
        assert cache.answers.get("lastfm", "big0") is not None
        assert len(warnings(caplog)) == 1


def test_a_file_size_limit_fails_nobody(tmp_path: Path) -> None:
    code = f"""
import resource, sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_cache_loss import *
folder = Path(sys.argv[1])
with open_cache(folder) as cache:
    fill(cache)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
    for number in range(50):
        cache.answers.put("lastfm", f"big{{number}}", b"x" * 100_000, DAY)
        cache.answers.get("lastfm", f"big{{number}}")
    cache.library.replace_section("plex", "More", batches_of(20_000, 1_000), keyer, START)
    cache.library.find_by_keys("plex", [3])
    assert cache.answers.get("lastfm", "3") is not None
resource.setrlimit
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with open_cache(tmp_path) as cache:
        assert works(cache)


def test_a_folder_that_cannot_be_written_fails_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    clock = HandClock()
    with open_cache(tmp_path / "data", clock) as cache:
        for _ in range(3):
            assert not works(cache)
        assert cache.library.info() == []
        assert cache.stats().sources == ()
        assert len(warnings(caplog)) == 1
        (tmp_path / "data").unlink()
        clock.move(timedelta(seconds=60))
        assert works(cache)


def test_a_busy_writer_drops_the_write_and_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with open_cache(tmp_path) as cache:
        fill(cache)
        desk = cache._file.desk()
        assert desk is not None
        desk.connection.execute("PRAGMA busy_timeout = 10")
        blocker = sqlite3.connect(tmp_path / "cache.db", isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        cache.answers.put("lastfm", "k", 1, DAY)
        assert cache.answers.get("lastfm", "k") is None
        assert cache.answers.get("lastfm", "3") is not None
        blocker.execute("ROLLBACK")
        blocker.close()
        assert works(cache)
    assert warnings(caplog) == []


def test_a_reset_empties_it_for_every_store(tmp_path: Path) -> None:
    with open_cache(tmp_path) as cache, open_cache(tmp_path) as other:
        fill(cache)
        cache.answers.get("lastfm", "3")
        other.reset()
        assert cache.answers.get("lastfm", "3") is None
        assert works(cache)
        assert works(other)
    assert [path.name for path in tmp_path.iterdir()] == ["cache.db"]


def test_after_close_nothing_is_found_and_nothing_fails(tmp_path: Path) -> None:
    cache = open_cache(tmp_path)
    fill(cache)
    thread = threading.Thread(target=cache.answers.get, args=("lastfm", "3"))
    thread.start()
    thread.join()
    cache.close()
    cache.close()
    assert cache.answers.get("lastfm", "3") is None
    cache.answers.put("lastfm", "3", 1, DAY)


def test_a_leftover_of_a_reset_that_was_killed_goes_with_the_next(tmp_path: Path) -> None:
    (tmp_path / "cache.db.new-99999").write_text("half built")
    with open_cache(tmp_path) as cache:
        assert works(cache)
    assert [path.name for path in tmp_path.iterdir()] == ["cache.db"]


def environment() -> dict[str, str]:
    return {"PYTHONPATH": f"{Path(__file__).parents[1]}:{Path(__file__).parents[2]}"}


BESIEGED = f"""
import random, sys, threading, time
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_cache_loss import *
folder, seconds, seed = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
end = time.monotonic() + seconds
wrong, failed = [], []
cache = open_cache(folder)

def work(number):
    try:
        chance = random.Random(seed * 100 + number)
        while time.monotonic() < end:
            key = str(chance.randrange(200))
            found = cache.answers.get("lastfm", key)
            if found is not None and found.value != key.encode() * 1500:
                wrong.append(key)
            cache.answers.put("lastfm", key, key.encode() * 1500, DAY)
            for tracks in cache.library.find_by_keys("plex", [1, 2, 3]).values():
                wrong.extend(track for track in tracks if track.artist != "Björk")
            if chance.random() < 0.02:
                cache.library.replace_section("plex", "Music", batches_of(chance.randrange(300)), keyer, START)
            if chance.random() < 0.005:
                cache.release()
    except BaseException as error:
        failed.append(error)
        raise

threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
cache.close()
assert not wrong, wrong[:3]
assert not failed, failed[:3]
"""


def besiege(folder: Path, seconds: float, seed: int, attack: Callable[[int], None]) -> None:
    """Let two processes with three threads each use the cache while `attack` does its worst, again and again."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", BESIEGED, str(folder), str(seconds), str(seed + number)],
            env=environment(), stderr=subprocess.PIPE, text=True,
        )
        for number in range(2)
    ]  # fmt: skip
    rounds = itertools.count()
    pause = threading.Event()
    while any(process.poll() is None for process in processes):
        attack(next(rounds))
        pause.wait(0.03)
    errors = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], errors


def delete_in_turn(folder: Path) -> Callable[[int], None]:
    def attack(number: int) -> None:
        for suffix in COMBINATIONS[number % len(COMBINATIONS)]:
            (folder / f"cache.db{suffix}").unlink(missing_ok=True)

    return attack


@pytest.mark.e2e
def test_deleted_again_and_again_under_two_busy_processes_nothing_is_wrong_or_fails(tmp_path: Path) -> None:
    besiege(tmp_path, 3, 1, delete_in_turn(tmp_path))
    with open_cache(tmp_path) as cache:
        assert works(cache)


@pytest.mark.e2e
def test_reset_again_and_again_under_two_busy_processes_nothing_is_wrong_or_fails(tmp_path: Path) -> None:
    def reset(number: int) -> None:
        with open_cache(tmp_path) as cache:
            cache.reset()

    besiege(tmp_path, 3, 2, reset)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_soak_deletions(tmp_path: Path, seed: int) -> None:
    besiege(tmp_path, 30, seed, delete_in_turn(tmp_path))


assert resource  # used by the programs above
