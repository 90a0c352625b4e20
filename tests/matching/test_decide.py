"""Identifiers, pins, evidence and keys."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.matching.comparison import Comparison, profile
from cmdarr.matching.decide import decide
from cmdarr.matching.keys import match_keys, pin_keys, track_keys, wanted_keys
from cmdarr.matching.pins import pins_for
from cmdarr.matching.stages import STAGES
from cmdarr.models.match import Pin, PinTarget
from cmdarr.models.track import Isrc, LibraryTrack, RecordingMbid, ReleaseTrackMbid, ServerId, WantedTrack

TARGET = PinTarget(artist="Adele", title="Hello")
MBID = RecordingMbid("b1a9c0e9-d987-4042-ae91-78d6a3267d69")
ISRC = Isrc("GBUM71029604")


def track(number: int = 1, **values: Any) -> LibraryTrack:
    fields: dict[str, Any] = {"server_id": ServerId(f"t{number}"), "title": "Hello", "artist": "Adele"}
    return LibraryTrack(**(fields | values))


def wish(**values: Any) -> WantedTrack:
    fields: dict[str, Any] = {"title": "Hello", "artist": "Adele"}
    return WantedTrack(**(fields | values))


def test_a_recording_mbid_decides_between_equal_names() -> None:
    decision = decide(wish(recording_mbid=MBID), [track(1), track(2, recording_mbid=MBID)])
    assert (decision.match and decision.match.server_id, decision.stage) == ("t2", "recording_mbid")


def test_a_recording_mbid_in_capitals_is_the_same() -> None:
    decision = decide(wish(recording_mbid=MBID), [track(recording_mbid=RecordingMbid(MBID.upper()))])
    assert decision.stage == "recording_mbid"


def test_a_recording_mbid_matches_a_title_in_another_script_by_duration() -> None:
    wanted = wish(title="Gruppa krovi", artist="Kino", recording_mbid=MBID, duration_ms=284_000)
    found = track(title="Группа крови", artist="Кино", recording_mbid=MBID, duration_ms=285_000)
    assert decide(wanted, [found]).stage == "recording_mbid"


def test_a_recording_mbid_alone_is_not_enough() -> None:
    assert decide(wish(recording_mbid=MBID), [track(title="Skyfall", recording_mbid=MBID)]).match is None


def test_a_wrongly_tagged_live_track_is_not_taken_by_its_mbid() -> None:
    wanted = wish(recording_mbid=MBID, duration_ms=295_000)
    found = track(title="Hello (Live)", recording_mbid=MBID, duration_ms=300_000)
    assert decide(wanted, [found]).match is None


def test_a_release_track_mbid_is_never_a_recording_mbid() -> None:
    found = track(title="Other", release_track_mbid=ReleaseTrackMbid(MBID), duration_ms=200_000)
    assert decide(wish(recording_mbid=MBID, duration_ms=200_000), [found]).match is None


def test_an_isrc_with_hyphens_is_the_same() -> None:
    assert decide(wish(isrc=ISRC), [track(isrc=Isrc("gb-um7-10-29604"))]).stage == "isrc"


def test_movements_that_share_an_isrc_are_told_apart() -> None:
    wanted = wish(title="Symphony No. 5: I. Allegro", isrc=ISRC, duration_ms=420_000)
    other = track(title="Symphony No. 5: II. Andante", isrc=ISRC, duration_ms=560_000)
    assert decide(wanted, [other]).match is None


def test_the_evidence_names_stage_score_and_the_nearest() -> None:
    decision = decide(
        wish(album="25"),
        [track(1, album="25"), track(2, title="Hello (Live)"), track(3, artist="Lionel Richie"), track(4)],
    )
    assert (decision.stage, decision.reason) == ("exact_album", "artist, title and album are the same")
    assert [candidate.track.server_id for candidate in decision.candidates] == ["t1", "t4", "t2"]
    assert [candidate.reason for candidate in decision.candidates] == [
        "",
        "another one is nearer",
        "this is the live version, wanted is the studio version",
    ]
    assert decision.score == decision.candidates[0].score > decision.candidates[1].score


def test_an_abstention_says_why() -> None:
    decision = decide(wish(), [track(1, title="Hello (Live)"), track(2, artist="Lionel Richie")])
    assert decision.match is None
    assert decision.reason == (
        "nearest is “Adele – Hello (Live)”: this is the live version, wanted is the studio version"
    )
    assert decide(wish(), []).reason == "the library has no track of that title"


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ({"title": "Skyfall"}, "the title differs"),
        ({"artist": "Lionel Richie"}, "it is by another artist"),
        ({"duration_ms": 260_000}, "the durations differ by 60 s"),
        (
            {"artist": "Adele & Somebody"},
            "the artists agree only in part, and neither album nor duration speaks for it",
        ),
    ],
)
def test_each_candidate_says_what_differs(found: dict[str, Any], reason: str) -> None:
    assert decide(wish(duration_ms=200_000), [track(1, **found)]).candidates[0].reason == reason


def test_a_pin_goes_before_everything() -> None:
    pin = Pin(artist="adele", title="HELLO", target=PinTarget(artist="Adele", title="Hello (Live)"))
    decision = decide(wish(), [track(1), track(2, title="Hello - Live")], [pin])
    assert (decision.match and decision.match.server_id, decision.stage) == ("t2", "pin")


def test_a_pin_may_say_never() -> None:
    decision = decide(wish(), [track(1)], [Pin(artist="Adele", title="Hello")])
    assert (decision.match, decision.stage) == (None, "pin")
    assert "never" in decision.reason


def test_a_pin_to_a_missing_track_does_not_fall_back() -> None:
    pin = Pin(artist="Adele", title="Hello", target=PinTarget(artist="Adele", title="Hello (Demo)"))
    decision = decide(wish(), [track(1)], [pin])
    assert decision.match is None
    assert "which the library does not have" in decision.reason


def test_a_pin_counts_for_its_version_only() -> None:
    pin = Pin(artist="Adele", title="Hello (Live)")
    assert decide(wish(), [track(1)], [pin]).match is not None


def test_a_pin_with_an_album_goes_before_one_without() -> None:
    pins = [
        Pin(artist="Adele", title="Hello"),
        Pin(artist="Adele", title="Hello", album="25", target=TARGET),
    ]
    assert decide(wish(album="25"), [track(1)], pins).match is not None
    assert decide(wish(album="Hits"), [track(1)], pins).match is None


def test_pins_of_another_server_do_not_count() -> None:
    here = Pin(artist="A", title="B", target=PinTarget(artist="A", title="B", server="plex"))
    there = Pin(artist="A", title="B", target=PinTarget(artist="A", title="B", server="files"))
    anywhere = Pin(artist="A", title="B", target=PinTarget(artist="A", title="C"))
    assert pins_for("plex", [anywhere, there, here]) == (here, anywhere)


def test_a_pin_leads_to_its_target_by_key() -> None:
    target = PinTarget(artist="The Beatles", title="Help! (Live)")
    assert set(pin_keys(target)) & set(track_keys(track(artist="Beatles", title="Help! - Live in Paris")))


def test_a_track_listed_twice_is_one_candidate() -> None:
    assert len(decide(wish(), [track(1), track(1)]).candidates) == 1


def test_keys_are_signed_64_bit_and_stable() -> None:
    keys = track_keys(track(recording_mbid=MBID, isrc=ISRC))
    assert all(-(2**63) <= key < 2**63 for key in keys)
    assert len(set(keys)) == len(keys) == 5
    assert track_keys(track()) == track_keys(track(2, artist="The ADELE", title="hello (Remastered)"))
    assert track_keys(track())[:2] == (-4360957203413986842, 2473398803263971104)


def test_a_title_by_anybody_is_a_nearest_key_only() -> None:
    shared = set(wanted_keys(wish())) & set(track_keys(track(artist="Lionel Richie")))
    assert shared
    assert not shared & set(match_keys(wish()))


SUFFIXES = ("", "(Live)", "(Remix)", "- Acoustic", "(feat. B)", "[Mono]")
words = st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=12)
titles = st.builds("{} {}".format, words, st.sampled_from(SUFFIXES))
wishes = st.builds(
    WantedTrack,
    artist=words,
    title=titles,
    album=words,
    duration_ms=st.sampled_from([None, 200_000, 240_000]),
)


@settings(deadline=None, max_examples=300)
@given(wishes, wishes)
def test_comparing_is_symmetric(one: WantedTrack, other: WantedTrack) -> None:
    def accepted(wanted: WantedTrack, found: WantedTrack) -> list[bool]:
        held = track(artist=found.artist, title=found.title, album=found.album, duration_ms=found.duration_ms)
        pair = Comparison(profile(wanted), profile(held), held)
        return [stage.accepts(pair) for stage in STAGES]

    assert accepted(one, other) == accepted(other, one)


@settings(deadline=None, max_examples=200)
@given(wishes)
def test_a_named_track_is_itself(wanted: WantedTrack) -> None:
    same = track(artist=wanted.artist, title=wanted.title, album=wanted.album, duration_ms=wanted.duration_ms)
    decision = decide(wanted, [same])
    if profile(wanted).artist.whole and profile(wanted).title.name:
        assert decision.match == same
        assert set(match_keys(wanted)) & set(track_keys(same))


def test_a_recording_mbid_leads_to_its_track() -> None:
    assert set(match_keys(wish(recording_mbid=MBID))) & set(track_keys(track(title="X", recording_mbid=MBID)))
    assert not set(match_keys(wish(recording_mbid=MBID))) & set(
        track_keys(replace(track(title="X"), isrc=ISRC))
    )
