"""Which version may stand for the wanted one: strict, prefer, any."""

import pytest

from cmdarr.matching.decide import decide
from cmdarr.models.match import Decision, Pin, PinTarget, Versions
from cmdarr.models.track import LibraryTrack, ServerId, WantedTrack

EVERY: tuple[Versions, ...] = ("strict", "prefer", "any")


def held(title: str, album: str = "", seconds: int | None = None, artist: str = "Adele") -> LibraryTrack:
    return LibraryTrack(
        server_id=ServerId(f"{title}/{album}"),
        title=title,
        artist=artist,
        album=album,
        duration_ms=seconds * 1000 if seconds else None,
    )


def wish(title: str = "Hello", album: str = "", seconds: int | None = None) -> WantedTrack:
    return WantedTrack(
        title=title, artist="Adele", album=album, duration_ms=seconds * 1000 if seconds else None
    )


def taken(decision: Decision) -> str | None:
    return decision.match.title if decision.match else None


@pytest.mark.parametrize(
    ("versions", "expected"), [("strict", None), ("prefer", "Hello (Live)"), ("any", "Hello (Live)")]
)
def test_only_a_live_one_is_there(versions: Versions, expected: str | None) -> None:
    decision = decide(wish(seconds=295), [held("Hello (Live)", seconds=330)], versions=versions)
    assert taken(decision) == expected
    assert expected is None or decision.reason.endswith("; this is the live version")


@pytest.mark.parametrize("versions", EVERY)
def test_the_wanted_version_goes_first(versions: Versions) -> None:
    library = [held("Hello (Live)"), held("Hello"), held("Hello (Acoustic)")]
    assert taken(decide(wish(), library, versions=versions)) == "Hello"
    assert taken(decide(wish("Hello (Live)"), library, versions=versions)) == "Hello (Live)"


@pytest.mark.parametrize(("versions", "expected"), [("prefer", "Hello"), ("any", "Hello (Live)")])
def test_the_album_goes_before_the_version_where_any_will_do(versions: Versions, expected: str) -> None:
    library = [held("Hello", "25"), held("Hello (Live)", "Tour")]
    assert taken(decide(wish(album="Tour"), library, versions=versions)) == expected


@pytest.mark.parametrize("title", ["Hello (Karaoke)", "Hello (Tribute to Adele)", "Hello (Commentary)"])
@pytest.mark.parametrize("versions", EVERY)
def test_what_others_made_of_it_never_stands_for_it(versions: Versions, title: str) -> None:
    assert decide(wish(), [held(title)], versions=versions).match is None


@pytest.mark.parametrize("versions", EVERY)
def test_another_song_or_artist_never_does(versions: Versions) -> None:
    library = [
        held("Hello Again"),
        held("Hello", artist="Lionel Richie"),
        held("Hello (Live)", artist="Pink"),
    ]
    assert decide(wish(), library, versions=versions).match is None


@pytest.mark.parametrize("versions", EVERY)
def test_one_version_at_another_length_is_another_recording(versions: Versions) -> None:
    assert decide(wish(seconds=200), [held("Hello", seconds=260)], versions=versions).match is None


def test_a_pin_that_says_never_is_not_softened() -> None:
    pin = Pin(artist="Adele", title="Hello")
    assert decide(wish(), [held("Hello (Live)")], [pin], versions="prefer").match is None


def test_a_pin_to_a_missing_track_is_not_softened() -> None:
    pin = Pin(artist="Adele", title="Hello", target=PinTarget(artist="Adele", title="Hello (Demo)"))
    assert decide(wish(), [held("Hello (Live)")], [pin], versions="any").match is None


def test_a_misspelt_one_of_the_wanted_version_goes_before_another_version() -> None:
    library = [held("Skyfal", "Hits"), held("Skyfall (Live)", "Hits")]
    assert taken(decide(wish("Skyfall", "Hits"), library, versions="prefer")) == "Skyfal"
