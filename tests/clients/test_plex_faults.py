"""A fault at every request of a sync with Plex: as before, as planned, or in between and the run failed."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from clients.test_plex_server import make_client
from fakes_http import HttpServer
from fakes_library import (
    FakeBindings,
    FakeClock,
    FakeHeld,
    FakeIndex,
    FakeRevisions,
    FakeSource,
    RecordedProgress,
    wish,
)
from fakes_plex import FakePlex, make_tracks, start

from cmdarr.errors import CmdarrError
from cmdarr.library.definition import SyncContext, SyncDefinition, SyncSource, SyncTarget
from cmdarr.library.ports import MusicServer, PlaylistSource
from cmdarr.library.sync import sync_playlist
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import SourcePlaylist

FAULTS = (
    "reset", "reset after", "500", "500 after", "429", "503", "cut", "page", "short", "nothing done",
)  # fmt: skip
READS = ("reset", "500", "cut", "short")
START, WANTED = (1, 2, 3, 4, 5, 5, 6, 7), (5, 3, 8, 1, 1, 2)
HABITS: dict[str, dict[str, Any]] = {
    "plain": {},
    "pages": {"most": 3, "says_added": False, "numbers_as_text": True, "hoists": True},
}


# Every fault meets every request of a change; the rest of the combinations is for the slow run.
QUICK = {
    "create": {
        ("plain", "reset after"),
        ("plain", "500 after"),
        ("plain", "nothing done"),
        ("plain", "short"),
    },
    "change": {*(("plain", fault) for fault in FAULTS), ("pages", "cut")},
    "read": {("plain", "short"), ("plain", "cut")},
    "new ids": {("plain", "500 after")},
}


def cases(work: str, *faults: str, habits: Sequence[str] = tuple(HABITS)) -> list[Any]:
    """Return habits and faults, those that are not for a quick run marked."""
    return [
        pytest.param(habit, fault, marks=[] if (habit, fault) in QUICK[work] else [pytest.mark.slow])
        for habit in habits
        for fault in faults
    ]


@dataclass
class Room:
    """A sync against one server, over and over; each run has a client of its own."""

    fake: FakePlex
    url: str
    user: str = ""
    timeout: str = "5s"

    def __post_init__(self) -> None:
        self.source = FakeSource(SourcePlaylist(title="Mix", tracks=()))
        self.index, self.bindings = FakeIndex(), FakeBindings()
        self.revisions, self.held, self.clock = FakeRevisions(), FakeHeld(), FakeClock()

    def server(self, name: str) -> MusicServer:
        return make_client(self.url, batch_size=3, timeout=self.timeout)

    def source_of(self, name: str) -> PlaylistSource:
        return self.source

    def run(self, *numbers: int) -> CmdarrError | None:
        tracks = tuple(wish(number) for number in numbers)
        self.source.playlist = SourcePlaylist(title="Mix", tracks=tracks, description="About it")
        definition = SyncDefinition(
            command="mix",
            sources=(SyncSource(service="source", playlist="x"),),
            targets=(SyncTarget(server="attic", user=self.user),),
        )
        return sync_playlist(definition, self._context()).targets[0].error

    def _context(self) -> SyncContext:
        return SyncContext(
            services=_Services(self),
            index=self.index,
            bindings=self.bindings,
            revisions=self.revisions,
            held=self.held,
            pins=(),
            library_ttl=timedelta(days=30),
            clock=self.clock,
            cancel=CancelToken(),
            progress=RecordedProgress(),
            execution_id=7,
            dry_run=False,
            accept_removals=True,
        )

    def state(self) -> tuple[int, ...] | None:
        """Return the songs of the one playlist, None when there is none; there are never two."""
        assert len(self.fake.playlists) <= 1, "doubled"
        numbers = {track["ratingKey"]: int(track["title"].split()[1]) for track in self.fake.tracks}
        for playlist in self.fake.playlists.values():
            return tuple(numbers[key] for key in playlist.keys)
        return None


@dataclass
class _Services:
    room: Room

    def server(self, name: str) -> MusicServer:
        return self.room.server(name)

    def source(self, name: str) -> PlaylistSource:
        return self.room.source

    def server_names(self) -> Sequence[str]:
        return ("attic",)


@pytest.fixture
def http() -> Iterator[HttpServer]:
    server = start(FakePlex())
    yield server
    server.stop()


def make_room(http: HttpServer, habit: str, **values: Any) -> Room:
    fake = FakePlex(tracks=make_tracks(9), **HABITS[habit])
    http.tell = fake
    return Room(fake, http.url, **values)


def check_fault(room: Room, call: int, fault: str, wanted: tuple[int, ...]) -> bool:
    """Run once with the fault and then without; return whether the call was reached."""
    before = room.state()
    room.fake.calls.clear()
    room.fake.fail_at, room.fake.fault = call, fault
    error = room.run(*wanted)
    reached = len(room.fake.calls) >= call
    after = room.state()
    assert after in {before, wanted} or (error is not None and after), (before, after, error)
    assert after == wanted or error is not None, (before, after)
    if after is not None:
        both, either = Counter(before or ()) & Counter(wanted), Counter(before or ()) | Counter(wanted)
        assert not Counter(after) - either, "more of a song than before and after"
        assert not both - Counter(after), "a song was lost that is there before and after"
    room.fake.fail_at = 0
    second = room.run(*wanted)
    assert second is None and room.state() == wanted, (second, before, after, room.state())
    room.fake.writes.clear()
    assert room.run(*wanted) is None
    assert room.fake.writes == [], "a third run wrote"
    return reached


def count_calls(attempt: Callable[[int], bool]) -> int:
    """Break the first call, the second and so on until one is not reached."""
    return next(call for call in count(1) if not attempt(call)) - 1


@pytest.mark.parametrize(("habit", "fault"), cases("create", *FAULTS))
def test_a_fault_at_any_request_of_a_creation(http: HttpServer, habit: str, fault: str) -> None:
    assert count_calls(lambda call: check_fault(make_room(http, habit), call, fault, START)) > 10


def start_room(http: HttpServer, habit: str, **values: Any) -> Room:
    """Return a room whose playlist was made."""
    room = make_room(http, habit, **values)
    assert room.run(*START) is None
    return room


def copy_room(http: HttpServer, room: Room) -> Room:
    """Return the same room once more, which is the one that answers from now on."""
    copied = deepcopy(room)
    http.tell = copied.fake
    return copied


def count_faults(http: HttpServer, room: Room, fault: str) -> int:
    """Change the playlist of a room again and again, each time with the fault at the next request."""
    return count_calls(lambda call: check_fault(copy_room(http, room), call, fault, WANTED))


@pytest.mark.parametrize(("habit", "fault"), cases("change", *FAULTS))
def test_a_fault_at_any_request_of_a_change(http: HttpServer, habit: str, fault: str) -> None:
    assert count_faults(http, start_room(http, habit), fault) > 14


@pytest.mark.parametrize("fault", ["500 after", "nothing done"])
def test_a_fault_at_any_request_for_a_user(http: HttpServer, fault: str) -> None:
    assert count_faults(http, start_room(http, "plain", user="mum"), fault) > 18


@pytest.mark.parametrize(("habit", "fault"), cases("read", *READS))
def test_a_fault_at_any_request_while_the_library_is_read(http: HttpServer, habit: str, fault: str) -> None:
    room = start_room(http, habit)
    room.index.vanish()
    assert count_faults(http, room, fault) > 16


@pytest.mark.parametrize("call", [4, 6, 8])
def test_a_server_that_says_nothing_fails_the_run_within_the_timeout(http: HttpServer, call: int) -> None:
    assert check_fault(start_room(http, "plain", timeout="1s"), call, "silence", WANTED)


def test_a_change_takes_as_many_calls_as_planned_and_an_unchanged_list_none(http: HttpServer) -> None:
    room = make_room(http, "plain")
    room.run(*START)
    room.fake.writes.clear()
    room.run(*WANTED)
    # appended: 8 and 1, which are not alone at the end; removed: 4, one 5, 6, 7
    methods = Counter(write.partition(" ")[0] for write in room.fake.writes)
    assert methods == {"PUT": 1 + 3, "DELETE": 4}
    room.fake.calls.clear()
    assert room.run(*WANTED) is None
    assert [call.partition(" ")[0] for call in room.fake.calls] == ["GET"] * 2


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_library_with_new_ids_is_found_again_by_its_names(http: HttpServer, is_kept: bool) -> None:
    room = make_room(http, "plain")
    assert room.run(*START) is None
    room.fake.rekey(is_kept_in_playlists=is_kept)
    assert room.run(*START) is None
    assert room.state() == START
    room.fake.writes.clear()
    assert room.run(*START) is None and room.fake.writes == []


@pytest.mark.parametrize(("habit", "fault"), cases("new ids", *FAULTS, habits=["plain"]))
def test_a_fault_at_any_request_after_new_ids(http: HttpServer, habit: str, fault: str) -> None:
    begun = start_room(http, habit)
    begun.fake.rekey()

    def attempt(call: int) -> bool:
        room = copy_room(http, begun)
        room.fake.calls.clear()
        room.fake.fail_at, room.fake.fault = call, fault
        error = room.run(*START)
        is_reached = len(room.fake.calls) >= call
        assert room.state() == START or error is not None
        room.fake.fail_at = 0
        assert room.run(*START) is None and room.state() == START
        return is_reached

    assert count_calls(attempt) > 8


def test_dead_ids_that_nobody_noticed_are_named(http: HttpServer) -> None:
    room = make_room(http, "plain")
    room.fake.dead = {"103"}
    error = room.run(1, 2, 3, 4)
    assert error is not None and "Artist – Song 3" in str(error)
    room.fake.dead = set()
    assert room.run(1, 2, 3, 4) is None and room.state() == (1, 2, 3, 4)


def test_two_playlists_of_one_title_are_both_named(http: HttpServer) -> None:
    room = make_room(http, "plain")
    one, other = room.fake.add_playlist("Mix"), room.fake.add_playlist("Mix")
    error = room.run(1, 2)
    assert error is not None and one.id in str(error) and other.id in str(error)


def test_a_playlist_of_another_user_is_not_in_the_way(http: HttpServer) -> None:
    room = make_room(http, "plain")
    room.fake.add_playlist("Mix", "101", owner="bob")
    assert room.run(1, 2) is None
    assert sorted(len(playlist.keys) for playlist in room.fake.playlists.values()) == [1, 2]


def test_a_smart_playlist_of_that_title_is_left_alone(http: HttpServer) -> None:
    room = make_room(http, "plain")
    room.fake.add_playlist("Mix", "101", smart=True)
    assert room.run(1, 2) is not None
    assert room.fake.writes == []
