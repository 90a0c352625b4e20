"""Resolving through an index that may vanish at any moment."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from fakes_library import FakeClock, FakeIndex, FakeServer, RecordedProgress, song, wish

from cmdarr.errors import ServiceUnavailable, StoreUnavailable
from cmdarr.library.resolve import explain_match, resolve_tracks
from cmdarr.models.cancel import CancelToken
from cmdarr.models.match import Decision, Pin, PinTarget
from cmdarr.models.track import LibraryTrack, WantedTrack

TTL = timedelta(days=30)


class Room:
    """A server of five songs, its index and a clock."""

    def __init__(self) -> None:
        self.server = FakeServer(sections={"Music": [song(number) for number in range(1, 6)]})
        self.index = FakeIndex()
        self.clock = FakeClock()

    def resolve(self, *wanted: WantedTrack, pins: tuple[Pin, ...] = ()) -> list[Decision]:
        return resolve_tracks(
            wanted,
            self.server,
            self.index,
            pins,
            ttl=TTL,
            clock=self.clock,
            cancel=CancelToken(),
            progress=RecordedProgress(),
        )

    def ids(self, *wanted: WantedTrack) -> list[str | None]:
        return [decision.match.server_id if decision.match else None for decision in self.resolve(*wanted)]


@pytest.fixture
def room() -> Room:
    return Room()


def test_the_index_is_built_when_it_is_absent(room: Room) -> None:
    assert room.ids(wish(2), wish(9), wish(1)) == ["id2", None, "id1"]
    assert room.index.replaced == 1


def test_a_fresh_index_is_not_built_again(room: Room) -> None:
    room.ids(wish(1))
    room.clock.advance(timedelta(days=29))
    room.ids(wish(1))
    assert room.index.replaced == 1


def test_a_stale_index_is_built_again_first(room: Room) -> None:
    room.ids(wish(1))
    room.server.sections["Music"].append(song(6))
    assert room.ids(wish(6)) == [None]
    room.clock.advance(TTL)
    assert room.ids(wish(6)) == ["id6"]


def test_a_clock_set_back_makes_the_index_stale(room: Room) -> None:
    room.ids(wish(1))
    room.clock.advance(timedelta(days=-1))
    room.ids(wish(1))
    assert room.index.replaced == 2


def once(action: Callable[[], None]) -> Callable[[], None]:
    """Return a function that acts on its first call only."""
    left = [action]
    return lambda: left.pop()() if left else None


def always(action: Callable[[], None]) -> Callable[[], None]:
    return action


@pytest.mark.parametrize("often", [once, always])
@pytest.mark.parametrize("moment", ["before_find", "after_find", "after_replace"])
def test_a_vanished_index_never_looks_like_no_match(
    room: Room, moment: str, often: Callable[[Callable[[], None]], Callable[[], None]]
) -> None:
    room.ids(wish(1))
    setattr(room.index, moment, often(room.index.vanish))
    room.clock.advance(TTL)
    assert room.ids(wish(2), wish(9), wish(1)) == ["id2", None, "id1"]


def no_keys(batch: Sequence[LibraryTrack]) -> list[tuple[int, ...]]:
    return [() for _ in batch]


def test_an_index_replaced_meanwhile_is_looked_up_again(room: Room) -> None:
    room.ids(wish(1))
    sections = room.server.sections

    def refresh_by_another() -> None:
        room.index.replace_section("fake", "Music", [], no_keys, room.clock.now())
        room.index.before_find = lambda: None

    room.index.before_find = refresh_by_another
    decisions = room.ids(wish(2))
    assert sections
    assert decisions == [None], "an index that says it is empty is believed"


def test_a_cache_that_is_off_is_read_around(room: Room) -> None:
    room.index.is_off = True
    assert room.ids(wish(2), wish(9)) == ["id2", None]
    assert room.index.replaced == 0


def test_a_cache_that_fails_is_read_around(room: Room) -> None:
    def fail() -> None:
        raise StoreUnavailable("the disk is full.")

    room.index.before_find = fail
    assert room.ids(wish(2), wish(9)) == ["id2", None]


def test_reading_around_the_cache_explains_as_well(room: Room) -> None:
    with_index = room.resolve(wish(1), wish(9), wish(2, artist="Somebody"))
    room.index.vanish()
    room.index.is_off = True
    assert room.resolve(wish(1), wish(9), wish(2, artist="Somebody")) == with_index


def test_a_failing_server_fails_the_run(room: Room) -> None:
    room.server.fail_at = 4
    with pytest.raises(ServiceUnavailable):
        room.resolve(wish(1))


def test_a_stale_index_is_not_used_when_the_server_fails(room: Room) -> None:
    room.ids(wish(1))
    room.clock.advance(TTL)
    room.server.calls.clear()
    room.server.fail_at = 3
    with pytest.raises(ServiceUnavailable):
        room.resolve(wish(1))
    assert room.index.info("fake")


def test_sections_that_are_no_longer_configured_do_not_match(room: Room) -> None:
    room.server.sections["Old"] = [song(7)]
    assert room.ids(wish(7)) == ["id7"]
    del room.server.sections["Old"]
    assert room.ids(wish(7)) == [None]


def test_pins_lead_to_their_target(room: Room) -> None:
    pin = Pin(artist="Artist", title="Song 1", target=PinTarget(artist="Artist", title="Song 3"))
    found = room.resolve(wish(1), pins=(pin,))[0]
    assert (found.match and found.match.server_id, found.stage) == ("id3", "pin")


def test_a_miss_names_namesakes(room: Room) -> None:
    decision = room.resolve(wish(2, artist="Somebody"))[0]
    assert [candidate.reason for candidate in decision.candidates] == ["it is by another artist"]


def test_a_long_list_of_namesakes_is_cut_down(room: Room) -> None:
    room.server.sections["Music"] = [song(number, f"Artist {number}", title="Intro") for number in range(500)]
    first = room.resolve(WantedTrack(artist="Nobody", title="Intro"))[0]
    assert len(first.candidates) == 3
    room.server.sections["Music"].reverse()
    room.index.vanish()
    assert room.resolve(WantedTrack(artist="Nobody", title="Intro"))[0] == first


def test_explaining_names_the_runners_up_of_a_match(room: Room) -> None:
    room.server.sections["Music"].append(song(6, "Somebody", title="Song 2"))
    decision = explain_match(
        wish(2),
        room.server,
        room.index,
        (),
        ttl=TTL,
        clock=room.clock,
        cancel=CancelToken(),
        progress=RecordedProgress(),
    )
    assert [candidate.track.server_id for candidate in decision.candidates] == ["id2", "id6"]
