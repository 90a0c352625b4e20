"""The library index: replaced as a whole, found by key, never seen in part."""

import resource
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fakes_storage import START, batches_of, keyed, make_track, open_cache
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.errors import ServiceUnavailable
from cmdarr.models.track import LibraryTrack
from cmdarr.storage.cache_store import CacheStore

Batch = list[tuple[LibraryTrack, list[int]]]


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[CacheStore]:
    with open_cache(tmp_path) as opened:
        yield opened


def titles(cache: CacheStore, key: int, section: str | None = None) -> list[str]:
    return [track.title for track in cache.library.find_by_keys("plex", [key], section).get(key, [])]


def rows(cache: CacheStore, table: str) -> int:
    count: int = cache._file.read(
        lambda connection: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0], -1
    )
    return count


def test_tracks_are_found_by_every_key(cache: CacheStore) -> None:
    assert cache.library.replace_section("plex", "Music", batches_of(250), START) == 250
    found = cache.library.find_by_keys("plex", [7, 7, 249, 250, -(2**63) + 3])
    assert found[7] == [make_track(7)]
    assert found[249] == [make_track(249)]
    assert 250 not in found
    assert found[-(2**63) + 3] == [make_track(number) for number in range(30, 40)]
    assert cache.library.find_by_keys("jellyfin", [7]) == {}
    assert cache.library.find_by_keys("plex", []) == {}


def test_keys_use_all_64_bits(cache: CacheStore) -> None:
    extremes = [-(2**63), 2**63 - 1, 0, -1, 2**53 + 1]
    cache.library.replace_section("plex", "Music", [[(make_track(1), extremes)]], START)
    assert set(cache.library.find_by_keys("plex", [*extremes, 2**53])) == set(extremes)


def test_a_key_named_twice_counts_once(cache: CacheStore) -> None:
    cache.library.replace_section("plex", "Music", [[(make_track(1), [5, 5])]], START)
    assert cache.library.find_by_keys("plex", [5]) == {5: [make_track(1)]}


def test_sections_are_apart(cache: CacheStore) -> None:
    cache.library.replace_section("plex", "A", [keyed([1], "in A")], START)
    cache.library.replace_section("plex", "B", [keyed([1], "in B")], START)
    assert sorted(titles(cache, 1)) == ["in A", "in B"]
    assert titles(cache, 1, "B") == ["in B"]
    cache.library.replace_section("plex", "A", [], START)
    assert titles(cache, 1) == ["in B"]
    assert [(info.section, info.tracks) for info in cache.library.info("plex")] == [("A", 0), ("B", 1)]


def test_replacing_leaves_nothing_of_the_former_index(cache: CacheStore) -> None:
    for size in (250, 40, 120):
        cache.library.replace_section("plex", "Music", batches_of(size, title=f"of {size}"), START)
        assert titles(cache, 7) == [f"of {size}"]
        assert (rows(cache, "library_track"), rows(cache, "library_key")) == (size, 2 * size)
        assert rows(cache, "dropped_library") == 0


def test_the_same_content_keeps_the_token_and_renews_the_time(cache: CacheStore) -> None:
    later = START + timedelta(hours=1)
    cache.library.replace_section("plex", "Music", batches_of(250), START)
    (before,) = cache.library.info()
    assert cache.library.replace_section("plex", "Music", batches_of(250), later) == 250
    (after,) = cache.library.info()
    assert (before.token, before.refreshed_at) == (after.token, START)
    assert after.refreshed_at == later
    cache.library.replace_section("plex", "Music", batches_of(250, title="changed"), later)
    assert cache.library.info()[0].token != after.token


def test_other_keys_are_another_content(cache: CacheStore) -> None:
    cache.library.replace_section("plex", "Music", [[(make_track(1), [5])]], START)
    cache.library.replace_section("plex", "Music", [[(make_track(1), [6])]], START)
    assert set(cache.library.find_by_keys("plex", [5, 6])) == {6}


def test_the_token_tells_an_index_that_was_lost_and_built_anew(cache: CacheStore) -> None:
    cache.library.replace_section("plex", "Music", batches_of(10), START)
    (before,) = cache.library.info()
    cache.reset()
    assert cache.library.info() == []
    cache.library.replace_section("plex", "Music", batches_of(10), START)
    assert cache.library.info()[0].token != before.token


def test_a_source_that_fails_in_the_middle_leaves_the_old_index_in_force(cache: CacheStore) -> None:
    cache.library.replace_section("plex", "Music", batches_of(50, title="old"), START)
    before = cache.library.info()

    def failing() -> Iterator[Batch]:
        yield keyed(range(100), "new")
        raise ServiceUnavailable("plex", "page 2 did not come")

    with pytest.raises(ServiceUnavailable):
        cache.library.replace_section("plex", "Music", failing(), START)
    assert titles(cache, 7) == ["old"]
    assert cache.library.info() == before
    assert rows(cache, "library_track") == 50


def test_readers_see_the_old_index_or_the_new_one_never_a_part(tmp_path: Path, cache: CacheStore) -> None:
    cache.library.replace_section("plex", "Music", batches_of(300, title="v0"), START)
    shared = -(2**63) + 3
    stop = threading.Event()
    seen: list[set[str]] = []
    sizes: set[int] = set()

    def read() -> None:
        with open_cache(tmp_path) as own:
            while not stop.is_set():
                found = titles(own, shared)
                seen.append(set(found))
                sizes.add(len(found))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for version in range(1, 15):
        cache.library.replace_section("plex", "Music", batches_of(300, title=f"v{version}"), START)
    stop.set()
    for reader in readers:
        reader.join()
    assert sizes == {10}
    assert all(len(found) == 1 for found in seen)


def test_all_tracks_of_a_server_are_iterated(cache: CacheStore) -> None:
    cache.library.replace_section("plex", "A", batches_of(1500), START)
    cache.library.replace_section("plex", "B", batches_of(3), START)
    cache.library.replace_section("files", "C", batches_of(5), START)
    assert [track.server_id for track in cache.library.iter_tracks("plex")] == [
        *(f"id{number}" for number in range(1500)), "id0", "id1", "id2",
    ]  # fmt: skip


def test_dropping_a_server_leaves_the_others(cache: CacheStore) -> None:
    cache.library.replace_section("plex", "A", batches_of(30), START)
    cache.library.replace_section("files", "A", batches_of(20), START)
    cache.library.drop_server("plex")
    assert cache.library.find_by_keys("plex", [7]) == {}
    assert [info.server for info in cache.library.info()] == ["files"]
    assert (rows(cache, "library_track"), rows(cache, "library_key")) == (20, 40)


def test_rows_of_an_index_dropped_before_a_crash_are_swept_by_the_next_refresh(cache: CacheStore) -> None:
    cache.library.replace_section("plex", "A", batches_of(50), START)
    cache._file.write(
        lambda connection: connection.execute(
            "INSERT INTO dropped_library SELECT generation, first_id, last_id FROM library"
        ),
        None,
    )
    cache._file.write(lambda connection: connection.execute("DELETE FROM library"), None)
    cache.library.replace_section("plex", "A", batches_of(20, title="new"), START)
    assert (rows(cache, "library_track"), rows(cache, "library_key"), rows(cache, "dropped_library")) == (
        20,
        40,
        0,
    )


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(0, 40), st.lists(st.integers(-(2**63), 2**63 - 1), max_size=4)), max_size=5
        ),
        max_size=4,
    )
)
def test_look_ups_answer_what_a_dictionary_would(
    tmp_path_factory: pytest.TempPathFactory, shape: list[list[tuple[int, list[int]]]]
) -> None:
    batches = [[(make_track(number), keys) for number, keys in batch] for batch in shape]
    expected: dict[int, list[LibraryTrack]] = {}
    for batch in batches:
        for track, keys in batch:
            for key in dict.fromkeys(keys):
                expected.setdefault(key, []).append(track)
    with open_cache(tmp_path_factory.mktemp("library")) as cache:
        assert cache.library.replace_section("plex", "Music", batches, START) == sum(map(len, batches))
        assert cache.library.find_by_keys("plex", [*expected, 12345]) == expected


def test_memory_stays_flat_while_a_large_section_comes_in(cache: CacheStore) -> None:
    cache.library.replace_section("plex", "Music", batches_of(2_000, 500), START)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert cache.library.replace_section("plex", "Music", batches_of(40_000, 1_000), START) == 40_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40 * 1024
