"""A fault at every request of a sync: the playlist is as before, as planned, or in between and the run failed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from clients.test_jellyfin_server import AS_KEY, BY_PASSWORD, make_client, numbers_of
from fakes_http import HttpServer
from fakes_jellyfin import FakeJellyfin, make_tracks, start
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

from cmdarr.errors import CmdarrError
from cmdarr.library.definition import SyncContext, SyncDefinition, SyncSource, SyncTarget
from cmdarr.library.ports import MusicServer, PlaylistSource
from cmdarr.library.sync import sync_playlist
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import SourcePlaylist

FAULTS = (
    "reset", "reset after", "500", "500 after", "429", "503", "cut", "page", "gone", "short", "nothing done",
)  # fmt: skip
READS = ("reset", "500", "cut", "short")
START, WANTED = (1, 2, 3, 4, 5, 6, 7), (5, 3, 8, 1, 2)
LONG = tuple(range(1, 15))
TWICE = (5, 3, 8, 1, 1, 2, 5)
HABITS: dict[str, dict[str, Any]] = {
    "10.9": {"version": "10.9.11", "entry_ids": "changing", "moves": "plain"},
    "10.10": {"version": "10.10.7", "moves": "first", "has_dashes": True},
    "10.11": {},
    "10.11 capped": {"most": 3},
    "10.11 password": {},
    "10.11 key": {"key_can_edit": True},
    "12": {"version": "12.0.0", "keeps_duplicates": True, "entry_ids": "own"},
    "12 shared ids": {"version": "12.0.0", "keeps_duplicates": True},
}
QUICK = {
    ("12 shared ids", "reset after"), ("12 shared ids", "short"), ("10.11 password", "nothing done"), ("10.9", "500"),
}  # fmt: skip
"""What every run of the tests looks at; the rest is for the long ones."""
SETTINGS = {"10.11 password": BY_PASSWORD, "10.11 key": AS_KEY}


def pairs(habits: Iterable[str], faults: Iterable[str]) -> list[Any]:
    """Return every habit with every fault, most of them marked as slow."""
    return [
        pytest.param(habit, fault, marks=() if (habit, fault) in QUICK else pytest.mark.slow)
        for habit in habits
        for fault in faults
    ]


@dataclass
class Room:
    """A sync against one server, over and over; each run has a client of its own."""

    fake: FakeJellyfin
    url: str
    settings: dict[str, Any]

    def __post_init__(self) -> None:
        self.source = FakeSource(SourcePlaylist(title="Mix", tracks=()))
        self.index, self.bindings = FakeIndex(), FakeBindings()
        self.revisions, self.held, self.clock = FakeRevisions(), FakeHeld(), FakeClock()

    def server(self, name: str) -> MusicServer:
        return make_client(self.url, **self.settings)

    def run(self, *numbers: int) -> CmdarrError | None:
        tracks = tuple(wish(number) for number in numbers)
        self.source.playlist = SourcePlaylist(title="Mix", tracks=tracks, description="About it")
        definition = SyncDefinition(
            command="mix",
            sources=(SyncSource(service="source", playlist="x"),),
            targets=(SyncTarget(server="den"),),
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
        """Return the tracks of the one playlist, None when there is none; there are never two."""
        assert len(self.fake.playlists) <= 1, "doubled"
        for playlist in self.fake.playlists.values():
            return tuple(numbers_of(playlist))
        return None


@dataclass
class _Services:
    room: Room

    def server(self, name: str) -> MusicServer:
        return self.room.server(name)

    def source(self, name: str) -> PlaylistSource:
        return self.room.source

    def server_names(self) -> Sequence[str]:
        return ("den",)


@pytest.fixture
def http() -> Iterator[HttpServer]:
    server = start(FakeJellyfin())
    yield server
    server.stop()


def make_room(http: HttpServer, habit: str, **settings: Any) -> Room:
    fake = FakeJellyfin(**HABITS[habit], tracks=make_tracks(14))
    http.tell = fake
    return Room(fake, http.url, SETTINGS.get(habit, {}) | settings)


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
        most = Counter(before or ()) | Counter(wanted)
        assert not Counter(after) - most, "more of a track than before and after"
    room.fake.fail_at = 0
    second = room.run(*wanted)
    assert second is None and room.state() == wanted, (second, before, after, room.state())
    room.fake.writes.clear()
    assert room.run(*wanted) is None
    assert room.fake.writes == [], "a third run wrote"
    return reached


@pytest.mark.parametrize(("habit", "fault"), pairs(HABITS, FAULTS))
def test_a_fault_at_any_request_of_a_creation(http: HttpServer, habit: str, fault: str) -> None:
    calls = next(n for n in count(1) if not check_fault(make_room(http, habit), n, fault, START))
    assert calls > 8


def change_with_fault(
    http: HttpServer, habit: str, call: int, fault: str, wanted: tuple[int, ...], *, is_known: bool = True
) -> bool:
    room = make_room(http, habit)
    assert room.run(*START) is None
    if not is_known:
        room.index.vanish()
    return check_fault(room, call, fault, wanted)


@pytest.mark.parametrize(("habit", "fault"), pairs(HABITS, FAULTS))
def test_a_fault_at_any_request_of_a_change(http: HttpServer, habit: str, fault: str) -> None:
    wanted = TWICE if HABITS[habit].get("keeps_duplicates") else WANTED
    calls = next(n for n in count(1) if not change_with_fault(http, habit, n, fault, wanted))
    assert calls > 8


@pytest.mark.parametrize(
    ("habit", "fault"),
    pairs(
        ["10.9", "10.10", "12", "12 shared ids"], ["reset after", "500 after", "500", "short", "nothing done"]
    ),
)
def test_a_fault_at_any_request_of_a_new_order(http: HttpServer, habit: str, fault: str) -> None:
    def with_fault(call: int) -> bool:
        room = make_room(http, habit)
        assert room.run(*LONG) is None
        return check_fault(room, call, fault, LONG[::-1])

    assert next(n for n in count(1) if not with_fault(n)) > 12


@pytest.mark.parametrize("fault", [pytest.param(fault, marks=pytest.mark.slow) for fault in READS])
def test_a_fault_at_any_request_while_the_library_is_read(http: HttpServer, fault: str) -> None:
    def with_fault(call: int) -> bool:
        return change_with_fault(http, "10.11 capped", call, fault, WANTED, is_known=False)

    assert next(n for n in count(1) if not with_fault(n)) > 10


@pytest.mark.slow
@pytest.mark.parametrize("habit", ["10.11", "12"])
def test_a_server_that_falls_silent_at_any_request(http: HttpServer, habit: str) -> None:
    def with_fault(call: int) -> bool:
        room = make_room(http, habit, timeout="1s")
        assert room.run(*START) is None
        return check_fault(room, call, "silence", WANTED)

    assert next(n for n in count(1) if not with_fault(n)) > 8


def test_a_write_that_is_not_answered_in_time_fails_the_run(http: HttpServer) -> None:
    room = make_room(http, "10.11", timeout="1s")
    assert room.run(1, 2, 3) is None
    room.fake.calls.clear()
    assert room.run(1, 2, 3, 4) is None
    add = next(n for n, call in enumerate(room.fake.calls, 1) if call.startswith("POST"))
    assert check_fault(room, add, "silence", (1, 2, 3, 4, 5))


def test_an_unchanged_playlist_is_not_written(http: HttpServer) -> None:
    for habit in HABITS:
        room = make_room(http, habit)
        assert room.run(*START) is None
        room.fake.writes.clear()
        http.seen.clear()
        assert room.run(*START) is None
        assert room.fake.writes == []
        assert {seen.method for seen in http.seen if "Authenticate" not in seen.path} == {"GET"}


def test_a_track_that_is_wanted_twice_lands_once_where_there_is_no_more_room(http: HttpServer) -> None:
    room = make_room(http, "10.11")
    for _ in range(2):
        assert room.run(*TWICE) is None
        assert room.state() == (5, 3, 8, 1, 2)
    assert room.fake.writes.count("create") == 1 and "add" not in room.fake.writes


def test_a_library_with_new_ids_is_bound_again_to_the_same_playlist(http: HttpServer) -> None:
    room = make_room(http, "10.11")
    assert room.run(*START) is None
    (playlist_id,) = room.fake.playlists
    room.fake.rekey()
    assert room.run(*START) is None
    assert list(room.fake.playlists) == [playlist_id]
    alive = {track["Id"]: track["Name"] for track in room.fake.tracks}
    held = [alive[item] for item in room.fake.playlists[playlist_id].items if item in alive]
    assert held == [f"Song {n}" for n in START]
    room.fake.writes.clear()
    assert room.run(*START) is None
    assert room.fake.writes == []
