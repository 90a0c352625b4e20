"""The cache of API answers: fresh, failed, stale, purged, bounded, counted."""

import sqlite3
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fakes_storage import START, HandClock, open_cache
from hypothesis import given
from hypothesis import strategies as st

from cmdarr.storage.cache_key import cache_key
from cmdarr.storage.cache_store import CacheStore

DAY = timedelta(days=1)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def cache(tmp_path: Path, clock: HandClock) -> Iterator[CacheStore]:
    with open_cache(tmp_path, clock) as opened:
        yield opened


@pytest.mark.parametrize("value", [{"a": [1, None, "ü"]}, [], "text", 0, None, b"", b"\xff\x00raw"])
def test_a_value_comes_back_as_it_was_put(cache: CacheStore, value: object) -> None:
    cache.answers.put("lastfm", "k", value, DAY)
    found = cache.answers.get("lastfm", "k")
    assert found is not None
    assert found.value == value
    assert type(found.value) is type(value)
    assert (found.is_negative, found.is_stale, found.stored_at) == (False, False, START)


def test_a_missing_answer_is_none(cache: CacheStore) -> None:
    assert cache.answers.get("lastfm", "k") is None
    cache.answers.put("lastfm", "k", 1, DAY)
    assert cache.answers.get("deezer", "k") is None
    assert cache.answers.get("lastfm", "other") is None


def test_an_answer_expires_to_the_moment(cache: CacheStore, clock: HandClock) -> None:
    cache.answers.put("lastfm", "k", 1, DAY)
    clock.move(DAY - timedelta(microseconds=1))
    assert cache.answers.get("lastfm", "k") is not None
    clock.move(timedelta(microseconds=1))
    assert cache.answers.get("lastfm", "k") is None


def test_an_expired_answer_may_stand_in_and_says_so(cache: CacheStore, clock: HandClock) -> None:
    assert cache.answers.get_stale("lastfm", "k") is None
    cache.answers.put("lastfm", "k", [1], DAY)
    fresh = cache.answers.get_stale("lastfm", "k")
    clock.move(5 * DAY)
    stale = cache.answers.get_stale("lastfm", "k")
    assert fresh is not None
    assert stale is not None
    assert (fresh.is_stale, stale.is_stale, stale.value) == (False, True, [1])


def test_a_failed_look_up_is_remembered_with_its_reason(cache: CacheStore, clock: HandClock) -> None:
    cache.answers.put_negative("musicbrainz", "k", "no such artist", DAY)
    found = cache.answers.get("musicbrainz", "k")
    assert found is not None
    assert (found.is_negative, found.reason, found.value) == (True, "no such artist", None)
    assert cache.answers.get_stale("musicbrainz", "k") is None
    clock.move(DAY)
    assert cache.answers.get("musicbrainz", "k") is None


def test_a_later_answer_replaces_an_earlier_one_and_its_body(cache: CacheStore) -> None:
    for value in range(5):
        cache.answers.put("lastfm", "k", value, DAY)
    cache.answers.put_many("lastfm", [("k", "a"), ("k", "b")], DAY)
    found = cache.answers.get("lastfm", "k")
    assert found is not None
    assert found.value == "b"
    bodies = cache._file.read(
        lambda connection: connection.execute("SELECT count(*) FROM body").fetchone()[0], None
    )
    assert bodies == 1


def test_purging_forgets_one_source_and_its_rows_are_swept(cache: CacheStore) -> None:
    cache.answers.put_many("lastfm", [(str(number), number) for number in range(1200)], DAY)
    cache.answers.put("deezer", "k", 1, DAY)
    cache.answers.purge("lastfm")
    cache.answers.purge("never seen")
    assert cache.answers.get("lastfm", "5") is None
    assert cache.answers.get_stale("lastfm", "5") is None
    assert cache.answers.get("deezer", "k") is not None
    cache.answers.put("lastfm", "5", "new", DAY)
    assert cache.sweep() == 1199
    assert cache.answers.get("lastfm", "5") is not None
    rows = cache._file.read(
        lambda connection: connection.execute(
            "SELECT (SELECT count(*) FROM answer), (SELECT count(*) FROM body)"
        ).fetchone(),
        None,
    )
    assert rows == (2, 2)


def test_what_was_used_longest_ago_leaves_first(tmp_path: Path, clock: HandClock) -> None:
    with open_cache(tmp_path, clock, max_bytes=1_000_000) as cache:
        for number in range(60):
            clock.move(timedelta(seconds=1))
            cache.answers.put("lastfm", f"old{number}", b"x" * 9_000, DAY)
        clock.move(timedelta(seconds=1))
        assert cache.answers.get("lastfm", "old0") is not None
        for number in range(200):
            clock.move(timedelta(seconds=1))
            cache.answers.put("lastfm", f"new{number}", b"x" * 9_000, DAY)
            if number % 20 == 0:
                assert cache.answers.get("lastfm", "old0") is not None, number
        assert cache.answers.get("lastfm", "old1") is None
        assert cache.answers.get("lastfm", "new199") is not None
        cache.release()
        assert (tmp_path / "cache.db").stat().st_size <= 1_000_000


def test_purged_answers_leave_before_any_other(tmp_path: Path, clock: HandClock) -> None:
    with open_cache(tmp_path, clock, max_bytes=1_000_000) as cache:
        cache.answers.put("deezer", "oldest", b"x", DAY)
        for number in range(60):
            clock.move(timedelta(seconds=1))
            cache.answers.put("lastfm", f"{number}", b"x" * 9_000, DAY)
        cache.answers.purge("lastfm")
        for number in range(60):
            clock.move(timedelta(seconds=1))
            cache.answers.put("musicbrainz", f"{number}", b"x" * 9_000, DAY)
        assert cache.answers.get("deezer", "oldest") is not None


def test_a_smaller_bound_holds_from_the_next_answer_on(cache: CacheStore) -> None:
    cache.answers.put_many("lastfm", [(str(number), b"x" * 9_000) for number in range(300)], DAY)
    cache.set_max_bytes(1_000_000)
    cache.answers.put("lastfm", "one more", 1, DAY)
    assert cache.stats().sources[0].bytes < 1_000_000


def test_hits_and_misses_are_counted_by_source(cache: CacheStore, clock: HandClock) -> None:
    cache.answers.put("lastfm", "k", b"12345", DAY)
    clock.move(timedelta(seconds=9))
    cache.answers.put("lastfm", "l", b"", DAY)
    for _ in range(3):
        cache.answers.get("lastfm", "k")
    cache.answers.get("lastfm", "none")
    cache.answers.get("deezer", "none")
    deezer, lastfm = cache.stats().sources
    assert (lastfm.name, lastfm.hits, lastfm.misses, lastfm.entries) == ("lastfm", 3, 1, 2)
    assert (lastfm.oldest, lastfm.newest) == (START, START + timedelta(seconds=9))
    assert lastfm.bytes > 5
    assert (deezer.hits, deezer.misses, deezer.entries, deezer.oldest) == (0, 1, 0, None)


def test_counts_of_two_processes_add_up(tmp_path: Path, cache: CacheStore) -> None:
    cache.answers.put("lastfm", "k", 1, DAY)
    with open_cache(tmp_path) as other:
        for _ in range(10):
            cache.answers.get("lastfm", "k")
            other.answers.get("lastfm", "k")
    assert cache.stats().sources[0].hits == 20


def test_threads_count_exactly(cache: CacheStore) -> None:
    cache.answers.put("lastfm", "k", 1, DAY)

    def work() -> None:
        for _ in range(500):
            cache.answers.get("lastfm", "k")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cache.stats().sources[0].hits == 2000


def test_an_error_of_the_caller_is_not_swallowed(cache: CacheStore) -> None:
    with pytest.raises(TypeError):
        cache.answers.put("lastfm", "k", object(), DAY)
    with pytest.raises(sqlite3.OperationalError, match="no such column"):
        cache._file.read(
            lambda connection: connection.execute("SELECT nonsense FROM answer").fetchall(), None
        )


def test_the_order_of_parameters_does_not_matter_to_a_key() -> None:
    one = cache_key("lastfm", "artist.getSimilar", {"artist": "Björk", "limit": 5, "page": None})
    two = cache_key("lastfm", "artist.getSimilar", {"limit": 5, "artist": "Björk"})
    assert one == two
    assert one != cache_key("lastfm", "artist.getSimilar", {"limit": 5, "artist": "Björk"}, "alice")
    assert one != cache_key("lastfm", "artist.getInfo", {"limit": 5, "artist": "Björk"})
    assert one != cache_key("lastfm", "artist.getSimilar", {"limit": "5", "artist": "Björk"})


@pytest.mark.parametrize("name", ["api_key", "token", "X-Plex-Token", "password"])
def test_a_secret_has_no_place_in_a_key(name: str) -> None:
    with pytest.raises(ValueError, match="must not hold"):
        cache_key("plex", "/library", {name: "hunter2"})


@given(st.text(max_size=2000), st.text(max_size=2000))
def test_long_keys_are_short_and_stay_apart(one: str, two: str) -> None:
    keys = {cache_key("s", "m", {"q": text.encode("utf-8", "replace").decode()}) for text in (one, two)}
    same = one.encode("utf-8", "replace") == two.encode("utf-8", "replace")
    assert len(keys) == (1 if same else 2)
    assert all(len(key) <= 400 for key in keys)
