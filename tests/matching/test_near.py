"""Other readings, scripts and spellings: what each rule makes of a text, and that no order or side matters."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.matching.comparison import compare
from cmdarr.matching.decide import decide
from cmdarr.matching.likeness import compare_titles
from cmdarr.matching.near import near_matches
from cmdarr.matching.readings import Reading, readings
from cmdarr.matching.script import is_romanised
from cmdarr.matching.spelling import is_inflection, is_misspelling, is_misspelt_title, is_sure_slip
from cmdarr.models.track import LibraryTrack, ServerId, WantedTrack


def held(place: int, **values: Any) -> LibraryTrack:
    fields: dict[str, Any] = {
        "server_id": ServerId(f"t{place}"),
        "artist": "Portishead",
        "title": "Glory Box",
        "album": "Dummy",
    }
    return LibraryTrack(**(fields | values))


def wish(**values: Any) -> WantedTrack:
    fields: dict[str, Any] = {"artist": "Portishead", "title": "Glory Box", "album": "Dummy"}
    return WantedTrack(**(fields | values))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("Adele", "Hello", "25"), set()),
        (("Adele", "99 Problems", "X"), set()),
        (("Adele", "03 - Hello", "25"), {("Adele", "Hello", "25")}),
        (("", "Adele - Hello", "25"), {("Adele", "Hello", "25")}),
        (("Adele", "Hello (Live)", "25"), set()),
        (("Adele", "Hello (25)", "25"), {("Adele", "Hello", "25")}),
        (("Adele", "Hello - Twenty Five", ""), {("Adele", "Hello", "Twenty Five")}),
        (("Adele", "Hello - Live", ""), set()),
        (("Adele", "Hello (Live (Twenty Five))", "Twenty Five"), set()),
        (("Adele", "Adele - Hello", "25"), {("Adele", "Hello", "25")}),
        (("Adele", "Pink - Hello", "25"), set()),
        (
            ("", "07 - Adele - Hello", ""),
            {("Adele", "Hello", ""), ("", "Adele - Hello", ""), ("07", "Adele - Hello", "")},
        ),
    ],
)  # fmt: skip
def test_a_title_is_read_in_these_ways(
    texts: tuple[str, str, str], expected: set[tuple[str, str, str]]
) -> None:
    found = readings(*texts)
    assert (found[0].artist, found[0].title, found[0].album, found[0].is_written) == (*texts, True)
    assert {(one.artist, one.title, one.album) for one in found[1:]} == expected


texts = st.text(st.sampled_from("ab 1-_()[]–`Ìé.05"), max_size=16)


@settings(deadline=None, max_examples=300)
@given(texts, texts, texts)
def test_every_text_has_readings_and_the_first_is_the_written_one(
    artist: str, title: str, album: str
) -> None:
    found = readings(artist, title, album)
    assert found[0].is_written
    assert not any(one.is_written for one in found[1:])
    assert len({(one.artist, one.title, one.album) for one in found}) == len(found)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("glory box", "glroy box", True),
        ("glory box", "gloryy box", True),
        ("glory box", "story box", False),
        ("listen", "silent", False),
        ("love", "live", False),
        ("sonata in a minor", "sonata in a major", False),
        ("track 11", "track 12", False),
        ("suite ii allegro", "suite iii allegro", False),
        ("the sun always shines", "the son always shines", False),
        ("there is a light that never goes out", "there is a light that nevr goes out", True),
        ("夜に駆ける人々", "夜に駆ける人人", False),
    ],
)
def test_a_misspelt_title(one: str, other: str, expected: bool) -> None:
    assert is_misspelt_title(one, other) is is_misspelt_title(other, one) is expected


def test_an_ending_makes_another_word() -> None:
    assert is_inflection("dream", "dreams")
    assert not is_inflection("dream", "draem")
    assert not is_sure_slip("a dream of a thousand cat", "a dream of a thousand cats")
    assert is_sure_slip("a dream of a thousand cats", "a draem of a thousand cats")


words = st.text("abcdeé 12", max_size=14)


@settings(deadline=None, max_examples=400)
@given(words, words)
def test_spelling_rules_are_symmetric(one: str, other: str) -> None:
    assert is_misspelling(one, other) == is_misspelling(other, one)
    assert is_misspelt_title(one, other) == is_misspelt_title(other, one)
    assert is_romanised(one, other) == is_romanised(other, one)
    assert is_inflection(one, other) == is_inflection(other, one)


titles = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "01 - ", "Portishead - ", "003-"]),
    st.sampled_from(
        ["Glory Box", "Glroy Box", "Glory Boxes", "Roads", "GloryBox", "Глори Бокс", "Piensas en MÌ _"]
    ),
    st.sampled_from(["", " (Live)", " - Dummy", " (Dummy)", " (Remix)", " - Remastered"]),
)
tracks = st.fixed_dictionaries(
    {
        "artist": st.sampled_from(
            ["Portishead", "Portished", "", "Portishead Band", "Портисхед", "Head, Portis"]
        ),
        "title": titles,
        "album": st.sampled_from(["", "Dummy", "Dumy Album", "Live at Roseland"]),
        "duration_ms": st.sampled_from([None, 300_000, 302_000, 306_000, 400_000]),
    }
)


@settings(deadline=None, max_examples=500)
@given(tracks, tracks)
def test_swapping_the_sides_changes_no_verdict(one: dict[str, Any], other: dict[str, Any]) -> None:
    there = decide(WantedTrack(**one), [held(1, **other)])
    back = decide(WantedTrack(**other), [held(1, **one)])
    assert (there.match is None) == (back.match is None)
    assert (there.stage, there.score) == (back.stage, back.score)


@settings(deadline=None, max_examples=200)
@given(tracks, st.lists(tracks, max_size=5), st.randoms())
def test_the_order_of_candidates_changes_nothing(
    wanted: dict[str, Any], library: list[dict[str, Any]], source: Any
) -> None:
    candidates = [held(place, **values) for place, values in enumerate(library)]
    first = decide(WantedTrack(**wanted), candidates)
    source.shuffle(candidates)
    assert decide(WantedTrack(**wanted), candidates) == first


@settings(deadline=None, max_examples=200)
@given(tracks, st.lists(tracks, max_size=4))
def test_unrelated_tracks_change_nothing(wanted: dict[str, Any], library: list[dict[str, Any]]) -> None:
    candidates = [held(place, **values) for place, values in enumerate(library)]
    others = [
        held(100, artist="Somebody", title="Glory Be"),
        held(101, artist="Nobody", title="Else", album="X"),
    ]
    first, again = (decide(WantedTrack(**wanted), some) for some in (candidates, [*candidates, *others]))
    assert (first.match, first.stage, first.score) == (again.match, again.stage, again.score)


def test_an_exact_title_goes_before_a_misspelt_one() -> None:
    library = [held(1, title="Glry Box"), held(2, title="01 - Glory Box")]
    decision = decide(wish(), library)
    assert decision.match == library[1]


def test_two_misspelt_titles_that_are_equally_near_are_left_alone() -> None:
    decision = decide(
        wish(title="Wendering Star"), [held(1, title="Wandering Star"), held(2, title="Wondering Star")]
    )
    assert decision.match is None
    assert "equally near" in decision.reason


def test_a_misspelt_title_without_a_witness_says_so() -> None:
    decision = decide(wish(title="Glroy Box", album=""), [held(1)])
    assert decision.match is None
    assert "neither album nor duration speaks for it" in decision.reason


def test_known_durations_must_agree_where_there_is_doubt() -> None:
    asked = wish(title="Glroy Box", duration_ms=300_000)
    assert decide(asked, [held(1, duration_ms=302_000)]).match
    assert decide(asked, [held(1, duration_ms=306_000)]).match is None


def test_only_what_is_accepted_is_near() -> None:
    assert near_matches(wish(), compare(wish(), [held(1, title="Roads"), held(2, artist="Tricky")])) == []


def test_titles_of_two_songs_are_not_alike() -> None:
    assert compare_titles(Reading("", "Roads", ""), Reading("", "Glory Box", "")) is None
