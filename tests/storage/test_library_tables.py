"""The library index: replaced as a whole, found by key, never seen in part."""

import resource
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from fakes_storage import START, batches_of, keyer, make_track, make_tracks, open_cache
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.errors import ServiceUnavailable
from cmdarr.models.track import LibraryTrack
from cmdarr.storage.cache_store import CacheStore
from cmdarr.storage.track_spool import Keyer


def keys_from(table: Mapping[str, Sequence[int]]) -> Keyer:
    """Return a function that knows the keys of some tracks by their ids."""
    return lambda batch: [table[track.server_id] for track in batch]


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
    assert cache.library.replace_section("plex", "Music", batches_of(250), keyer, START) == 250
    found = cache.library.find_by_keys("plex", [7, 7, 249, 250, -(2**63) + 3])
    assert found[7] == [make_track(7)]
    assert found[249] == [make_track(249)]
    assert 250 not in found
    assert found[-(2**63) + 3] == [make_track(number) for number in range(30, 40)]
    assert cache.library.find_by_keys("jellyfin", [7]) == {}
    assert cache.library.find_by_keys("plex", []) == {}


def test_keys_use_all_64_bits(cache: CacheStore) -> None:
    extremes = [-(2**63), 2**63 - 1, 0, -1, 2**53 + 1]
    cache.library.replace_section("plex", "Music", [[make_track(1)]], keys_from({"id1": extremes}), START)
    assert set(cache.library.find_by_keys("plex", [*extremes, 2**53])) == set(extremes)


def test_a_key_named_twice_counts_once(cache: CacheStore) -> None:
    cache.library.replace_section("plex", "Music", [[make_track(1)]], keys_from({"id1": [5, 5]}), START)
    assert cache.library.find_by_keys("plex", [5]) == {5: [make_track(1)]}


def test_sections_are_apart(cache: CacheStore) -> None:
    cache.library.replace_section("plex", "A", [make_tracks([1], "in A")], keyer, START)
    cache.library.replace_section("plex", "B", [make_tracks([1], "in B")], keyer, START)
    assert sorted(titles(cache, 1)) == ["in A", "in B"]
    assert titles(cache, 1, "B") == ["in B"]
    cache.library.replace_section("plex", "A", [], keyer, START)
    assert titles(cache, 1) == ["in B"]
    assert [(info.section, info.tracks) for info in cache.library.info("plex")] == [("A", 0), ("B", 1)]


def test_replacing_leaves_nothing_of_the_former_index(cache: CacheStore) -> None:
    for size in (250, 40, 120):
        cache.library.replace_section("plex", "Music", batches_of(size, title=f"of {size}"), keyer, START)
        assert titles(cache, 7) == [f"of {size}"]
        assert (rows(cache, "library_track"), rows(cache, "library_key")) == (size, 2 * size)
        assert rows(cache, "dropped_library") == 0


def test_the_same_content_keeps_the_token_and_renews_the_time(cache: CacheStore) -> None:
    later = START + timedelta(hours=1)
    cache.library.replace_section("plex", "Music", batches_of(250), keyer, START)
    (before,) = cache.library.info()
    assert cache.library.replace_section("plex", "Music", batches_of(250), keyer, later) == 250
    (after,) = cache.library.info()
    assert (before.token, before.refreshed_at) == (after.token, START)
    assert after.refreshed_at == later
    cache.library.replace_section("plex", "Music", batches_of(250, title="changed"), keyer, later)
    assert cache.library.info()[0].token != after.token


class CountingKeyer:
    """Keeps the ids of the tracks whose keys were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, batch: Sequence[LibraryTrack]) -> list[list[int]]:
        self.asked += [track.server_id for track in batch]
        return keyer(batch)


def changed_library(count: int = 60) -> list[LibraryTrack]:
    """`count` tracks: one added in front, one in the middle, one renamed, two left out, the last two swapped."""
    tracks = [track for track in make_tracks(range(count)) if track.server_id not in {"id7", "id31"}]
    tracks[19] = make_track(20, "renamed")
    tracks.insert(30, make_track(1030))
    tracks.insert(0, make_track(1000))
    tracks[-2:] = reversed(tracks[-2:])
    return tracks


def test_only_what_is_new_or_changed_gets_keys_and_rows(cache: CacheStore) -> None:
    cache.library.replace_section("plex", "Music", batches_of(60), keyer, START)
    (before,) = cache.library.info()
    counting, tracks = CountingKeyer(), changed_library()
    pages = [tracks[begin : begin + 7] for begin in range(0, len(tracks), 7)]
    assert cache.library.replace_section("plex", "Music", pages, counting, START) == 60
    new, gone = ["id1000", "id1030", "id20"], ["id20", "id31", "id7"]
    assert (sorted(counting.asked[:3]), sorted(counting.asked[3:])) == (new, gone)
    (after,) = cache.library.info()
    assert (after.tracks, after.token != before.token) == (60, True)
    assert sorted(cache.library.iter_tracks("plex"), key=str) == sorted(tracks, key=str)
    assert titles(cache, 20) == ["renamed"]
    assert [titles(cache, number) for number in (7, 31)] == [[], []]
    assert (rows(cache, "library_track"), rows(cache, "library_key")) == (60, 120)


@pytest.mark.parametrize("left", [0, 1, 30, 57, 59, 60])
def test_tracks_that_are_gone_leave_no_key_behind(cache: CacheStore, left: int) -> None:
    cache.library.replace_section("plex", "Music", batches_of(60), keyer, START)
    assert cache.library.replace_section("plex", "Music", [make_tracks(range(left))], keyer, START) == left
    assert (rows(cache, "library_track"), rows(cache, "library_key")) == (left, 2 * left)
    assert cache.library.replace_section("plex", "Music", batches_of(60), keyer, START) == 60
    assert (rows(cache, "library_track"), rows(cache, "library_key")) == (60, 120)
    assert sorted(cache.library.find_by_keys("plex", range(60))) == list(range(60))


def test_the_order_alone_is_no_change(cache: CacheStore) -> None:
    cache.library.replace_section("plex", "Music", batches_of(60), keyer, START)
    (before,) = cache.library.info()
    counting = CountingKeyer()
    cache.library.replace_section("plex", "Music", [make_tracks(reversed(range(60)))], counting, START)
    assert (cache.library.info(), counting.asked) == ([before], [])


def test_a_track_that_is_listed_twice_is_held_twice(cache: CacheStore) -> None:
    twice = [[*make_tracks(range(5)), make_track(3)]]
    for pages in (batches_of(5), twice, twice, batches_of(5)):
        tracks = list(pages)
        assert cache.library.replace_section("plex", "Music", tracks, keyer, START) == sum(map(len, tracks))
        assert len(titles(cache, 3)) == sum(page.count(make_track(3)) for page in tracks)


@pytest.mark.parametrize("how", ["changed by another", "deleted", "deleted and changed by another"])
def test_an_index_that_changed_while_the_section_was_read_is_written_as_a_whole(
    tmp_path: Path, cache: CacheStore, how: str
) -> None:
    cache.library.replace_section("plex", "Music", batches_of(60), keyer, START)

    def pages() -> Iterator[list[LibraryTrack]]:
        yield changed_library()[:50]
        if "deleted" in how:
            cache.reset()
        if "changed" in how:
            with open_cache(tmp_path) as other:
                other.library.replace_section("plex", "Music", batches_of(40, title="other"), keyer, START)
        yield changed_library()[50:]

    assert cache.library.replace_section("plex", "Music", pages(), keyer, START + timedelta(hours=1)) == 60
    assert sorted(cache.library.iter_tracks("plex"), key=str) == sorted(changed_library(), key=str)
    assert (rows(cache, "library_track"), rows(cache, "library_key")) == (60, 120)


def test_a_failure_while_the_changes_are_written_leaves_the_old_index(cache: CacheStore) -> None:
    cache.library.replace_section("plex", "Music", batches_of(60), keyer, START)
    before = cache.library.info()

    def failing(batch: Sequence[LibraryTrack]) -> list[list[int]]:
        if any(track.server_id == "id1030" for track in batch):
            raise ServiceUnavailable("plex", "cancelled")
        return keyer(batch)

    with pytest.raises(ServiceUnavailable):
        cache.library.replace_section("plex", "Music", [changed_library()], failing, START)
    assert cache.library.info() == before
    assert list(cache.library.iter_tracks("plex")) == make_tracks(range(60))


numbers = st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["", "x", "y"])), max_size=14)


@settings(max_examples=40, deadline=None)
@given(st.lists(numbers, min_size=2, max_size=5))
def test_whatever_changes_the_index_is_what_came_last(
    tmp_path_factory: pytest.TempPathFactory, states: list[list[tuple[int, str]]]
) -> None:
    with open_cache(tmp_path_factory.mktemp("library")) as cache:
        cache.library.replace_section("plex", "Other", batches_of(3, title="other"), keyer, START)
        for state in states:
            tracks = [make_track(number, title) for number, title in state]
            pages = [tracks[:5], tracks[5:]]
            assert cache.library.replace_section("plex", "Music", pages, keyer, START) == len(tracks)
            expected: dict[int, list[str]] = {}
            for track in tracks:
                for key in keyer([track])[0]:
                    expected.setdefault(key, []).append(str(track))
            found = cache.library.find_by_keys("plex", [*range(13), *range(-(2**63), -(2**63) + 3)], "Music")
            assert {key: sorted(map(str, held)) for key, held in found.items()} == {
                key: sorted(held) for key, held in expected.items()
            }
            assert (rows(cache, "library_track"), rows(cache, "library_key")) == (
                len(tracks) + 3,
                2 * len(tracks) + 6,
            )


def test_the_token_tells_an_index_that_was_lost_and_built_anew(cache: CacheStore) -> None:
    cache.library.replace_section("plex", "Music", batches_of(10), keyer, START)
    (before,) = cache.library.info()
    cache.reset()
    assert cache.library.info() == []
    cache.library.replace_section("plex", "Music", batches_of(10), keyer, START)
    assert cache.library.info()[0].token != before.token


def test_a_source_that_fails_in_the_middle_leaves_the_old_index_in_force(cache: CacheStore) -> None:
    cache.library.replace_section("plex", "Music", batches_of(50, title="old"), keyer, START)
    before = cache.library.info()

    def failing() -> Iterator[list[LibraryTrack]]:
        yield make_tracks(range(100), "new")
        raise ServiceUnavailable("plex", "page 2 did not come")

    with pytest.raises(ServiceUnavailable):
        cache.library.replace_section("plex", "Music", failing(), keyer, START)
    assert titles(cache, 7) == ["old"]
    assert cache.library.info() == before
    assert rows(cache, "library_track") == 50


def test_readers_see_the_old_index_or_the_new_one_never_a_part(tmp_path: Path, cache: CacheStore) -> None:
    cache.library.replace_section("plex", "Music", batches_of(300, title="v0"), keyer, START)
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
        cache.library.replace_section("plex", "Music", batches_of(300, title=f"v{version}"), keyer, START)
    stop.set()
    for reader in readers:
        reader.join()
    assert sizes == {10}
    assert all(len(found) == 1 for found in seen)


def test_all_tracks_of_a_server_are_iterated(cache: CacheStore) -> None:
    cache.library.replace_section("plex", "A", batches_of(1500), keyer, START)
    cache.library.replace_section("plex", "B", batches_of(3), keyer, START)
    cache.library.replace_section("files", "C", batches_of(5), keyer, START)
    assert [track.server_id for track in cache.library.iter_tracks("plex")] == [
        *(f"id{number}" for number in range(1500)), "id0", "id1", "id2",
    ]  # fmt: skip


def test_dropping_a_server_leaves_the_others(cache: CacheStore) -> None:
    cache.library.replace_section("plex", "A", batches_of(30), keyer, START)
    cache.library.replace_section("files", "A", batches_of(20), keyer, START)
    cache.library.drop_server("plex")
    assert cache.library.find_by_keys("plex", [7]) == {}
    assert [info.server for info in cache.library.info()] == ["files"]
    assert (rows(cache, "library_track"), rows(cache, "library_key")) == (20, 40)


def test_rows_of_an_index_dropped_before_a_crash_are_swept_by_the_next_refresh(cache: CacheStore) -> None:
    cache.library.replace_section("plex", "A", batches_of(50), keyer, START)
    cache._file.write(
        lambda connection: connection.execute(
            "INSERT INTO dropped_library SELECT generation, first_id, last_id FROM library"
        ),
        None,
    )
    cache._file.write(lambda connection: connection.execute("DELETE FROM library"), None)
    cache.library.replace_section("plex", "A", batches_of(20, title="new"), keyer, START)
    assert (rows(cache, "library_track"), rows(cache, "library_key"), rows(cache, "dropped_library")) == (
        20,
        40,
        0,
    )


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.lists(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=4), max_size=5),
        max_size=4,
    )
)
def test_look_ups_answer_what_a_dictionary_would(
    tmp_path_factory: pytest.TempPathFactory, shape: list[list[list[int]]]
) -> None:
    table: dict[str, list[int]] = {}
    batches, expected = [], dict[int, list[LibraryTrack]]()
    for batch in shape:
        batches.append([make_track(len(table) + place) for place in range(len(batch))])
        for track, keys in zip(batches[-1], batch, strict=True):
            table[track.server_id] = keys
            for key in dict.fromkeys(keys):
                expected.setdefault(key, []).append(track)
    with open_cache(tmp_path_factory.mktemp("library")) as cache:
        assert cache.library.replace_section("plex", "Music", batches, keys_from(table), START) == sum(
            map(len, batches)
        )
        assert cache.library.find_by_keys("plex", [*expected, 12345]) == expected


@pytest.mark.slow
def test_memory_stays_flat_over_refreshes_of_any_size(cache: CacheStore) -> None:
    def added_mb(count: int, title: str) -> float:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        pages = batches_of(count, 1_000, title)
        assert cache.library.replace_section("plex", "Music", pages, keyer, START) == count
        return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024

    added_mb(50_000, "first")
    assert added_mb(400_000, "more") < 30
    assert added_mb(400_000, "more") < 20
    assert added_mb(400_000, "others") < 20
    assert added_mb(50_000, "others") < 20


def test_memory_stays_flat_while_a_large_section_comes_in(cache: CacheStore) -> None:
    cache.library.replace_section("plex", "Music", batches_of(2_000, 500), keyer, START)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert cache.library.replace_section("plex", "Music", batches_of(40_000, 1_000), keyer, START) == 40_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40 * 1024
