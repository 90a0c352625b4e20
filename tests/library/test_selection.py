"""Which tracks of the sources are wanted: order, filters, limits."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdarr.library.selection import Merge, Selection, merge_playlists, select_tracks
from cmdarr.models.playlist import SourcePlaylist
from cmdarr.models.track import Isrc, WantedTrack

DAY = date(2026, 11, 22)


def track(title: str, artist: str = "Artist", **values: Any) -> WantedTrack:
    return WantedTrack(artist=artist, title=title, **values)


def playlist(titles: str) -> SourcePlaylist:
    return SourcePlaylist(title="x", tracks=tuple(track(title) for title in titles))


def titles(tracks: tuple[WantedTrack, ...]) -> str:
    return "".join(each.title for each in tracks)


def select(tracks: list[WantedTrack], *, seed: str = "mix", day: date = DAY, **values: Any) -> str:
    return titles(select_tracks(tracks, Selection(**values), seed=seed, day=day))


@pytest.mark.parametrize(
    ("merge", "expected"),
    [("concat", "abcabxyz"), ("interleave", "aaxbbycz"), ("unique", "abcxyz")],
)
def test_sources_are_joined_as_asked(merge: Merge, expected: str) -> None:
    assert titles(merge_playlists([playlist("abc"), playlist("ab"), playlist("xyz")], merge)) == expected


def test_a_track_is_known_again_by_its_isrc_or_by_its_folded_names() -> None:
    one = SourcePlaylist(title="x", tracks=(track("Año", "Simon & Garfunkel"), track("A", isrc=Isrc("USX1"))))
    two = SourcePlaylist(
        title="y", tracks=(track("ANO", "Simon and Garfunkel"), track("B", isrc=Isrc("usx1")))
    )
    assert titles(merge_playlists([one, two], "unique")) == "AñoA"


def test_nothing_asked_changes_nothing() -> None:
    tracks = [track("a"), track("a"), track("b", year=1990, duration_ms=1)]
    assert select_tracks(tracks, Selection(), seed="x", day=DAY) == tuple(tracks)


def test_an_excluded_artist_is_left_out_also_as_one_of_several() -> None:
    tracks = [track("a", "Beyoncé"), track("b", "X feat. BEYONCE"), track("c", "Beyonder"), track("d", "Y")]
    assert select(tracks, exclude_artists=("beyonce",)) == "cd"


def test_years_and_durations_bound_only_what_is_known() -> None:
    tracks = [
        track("a", year=1989), track("b", year=1990), track("c", year=1999), track("d", year=2000), track("e"),
    ]  # fmt: skip
    assert select(tracks, min_year=1990, max_year=1999) == "bce"
    tracks = [
        track("a", duration_ms=59_999),
        track("b", duration_ms=60_000),
        track("c", duration_ms=90_001),
        track("d"),
    ]
    assert select(tracks, min_duration=timedelta(minutes=1), max_duration=timedelta(seconds=90)) == "bd"


def test_one_artist_gets_so_many_places_and_the_limit_counts_last() -> None:
    tracks = [
        track(t, a)
        for t, a in (("a", "One"), ("b", "The One"), ("c", "one feat. Two"), ("d", "Two"), ("e", "3"))
    ]
    assert select(tracks, max_per_artist=2) == "abde"
    assert select(tracks, max_per_artist=2, limit=3) == "abd"


def test_a_shuffle_is_the_same_all_day_and_another_one_tomorrow_and_elsewhere() -> None:
    tracks = [track(letter) for letter in "abcdefghijklmnop"]
    today = select(tracks, shuffle=True)
    assert sorted(today) == sorted("abcdefghijklmnop")
    assert today == select(tracks, shuffle=True) != "abcdefghijklmnop"
    assert today != select(tracks, shuffle=True, day=DAY + timedelta(days=1))
    assert today != select(tracks, shuffle=True, seed="other")


_TRACKS = st.lists(st.builds(track, st.sampled_from("abcd"), st.sampled_from(["One", "Two & One", "Three"])))


@given(st.lists(_TRACKS, min_size=1, max_size=4), st.integers(1, 9), st.integers(1, 3), st.booleans())
def test_a_selection_never_invents_nor_doubles(
    rows: list[list[WantedTrack]], limit: int, most: int, shuffle: bool
) -> None:
    sources = [SourcePlaylist(title="x", tracks=tuple(row)) for row in rows]
    everything = Counter(each for row in rows for each in row)
    for merge in ("concat", "interleave"):
        assert Counter(merge_playlists(sources, merge)) == everything
    merged = merge_playlists(sources, "unique")
    assert set(merged) == set(everything)
    assert len(merged) == len(set(merged))
    chosen = select_tracks(
        merge_playlists(sources, "concat"),
        Selection(limit=limit, max_per_artist=most, shuffle=shuffle),
        seed="x",
        day=DAY,
    )
    assert len(chosen) <= limit
    assert not Counter(chosen) - everything
