"""A fault at every request of a sync: the playlist is as before, as planned, or in between and the run failed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from clients.test_subsonic_server import make_client
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
from fakes_subsonic import FakeSubsonic, make_songs, start

from cmdarr.errors import CmdarrError
from cmdarr.library.definition import SyncContext, SyncDefinition, SyncSource, SyncTarget
from cmdarr.library.ports import MusicServer, PlaylistSource
from cmdarr.library.sync import sync_playlist
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import SourcePlaylist

FAULTS = (
    "reset", "reset after", "500", "500 after", "429", "503", "cut", "page", "error in 200", "short", "nothing done",
)  # fmt: skip
START, WANTED = (1, 2, 3, 4, 5, 5, 6, 7), (5, 3, 8, 1, 1, 2)
SONGS = make_songs(9)
HABITS: dict[str, dict[str, Any]] = {
    "forms": {"songs": SONGS},
    "no answer": {
        "songs": SONGS, "is_open": False, "answers_create": False, "search": "nothing", "has_forms": False,
    },
    "many calls": {"songs": [{**song, "id": song["id"] + "x" * 1200} for song in SONGS], "has_forms": False},
}  # fmt: skip
RUN_HABITS = [pytest.param(name, marks=() if name == "forms" else pytest.mark.slow) for name in HABITS]
"""Every habit meets every fault in a soak run; one of them does so each time."""
READS = ("reset", "500", "cut", "short")


@dataclass
class Room:
    """A sync against one server, over and over; each run has a client of its own."""

    fake: FakeSubsonic
    url: str

    def __post_init__(self) -> None:
        self.source = FakeSource(SourcePlaylist(title="Mix", tracks=()))
        self.index, self.bindings = FakeIndex(), FakeBindings()
        self.revisions, self.held, self.clock = FakeRevisions(), FakeHeld(), FakeClock()

    def server(self, name: str) -> MusicServer:
        return make_client(self.url)

    def source_of(self, name: str) -> PlaylistSource:
        return self.source

    def run(self, *numbers: int) -> CmdarrError | None:
        tracks = tuple(wish(number) for number in numbers)
        self.source.playlist = SourcePlaylist(title="Mix", tracks=tracks, description="About it")
        definition = SyncDefinition(
            command="mix",
            sources=(SyncSource(service="source", playlist="x"),),
            targets=(SyncTarget(server="nas"),),
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
        for playlist in self.fake.playlists.values():
            return tuple(int(song.rstrip("x").partition("-")[2]) for song in playlist.songs)
        return None


@dataclass
class _Services:
    room: Room

    def server(self, name: str) -> MusicServer:
        return self.room.server(name)

    def source(self, name: str) -> PlaylistSource:
        return self.room.source

    def server_names(self) -> Sequence[str]:
        return ("nas",)


@pytest.fixture
def http() -> Iterator[HttpServer]:
    server = start(FakeSubsonic())
    yield server
    server.stop()


def make_room(http: HttpServer, habit: str) -> Room:
    fake = FakeSubsonic(**HABITS[habit])
    http.tell = fake
    return Room(fake, http.url)


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
        assert not Counter(after) - most, "more of a song than before and after"
    room.fake.fail_at = 0
    second = room.run(*wanted)
    assert second is None and room.state() == wanted, (second, before, after, room.state())
    room.fake.writes.clear()
    assert room.run(*wanted) is None
    assert room.fake.writes == [], "a third run wrote"
    return reached


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("habit", RUN_HABITS)
def test_a_fault_at_any_request_of_a_creation(http: HttpServer, habit: str, fault: str) -> None:
    calls = next(n for n in count(1) if not check_fault(make_room(http, habit), n, fault, START))
    assert calls > 10


def change_with_fault(http: HttpServer, habit: str, call: int, fault: str, *, is_known: bool = True) -> bool:
    room = make_room(http, habit)
    assert room.run(*START) is None
    if not is_known:
        room.index.vanish()
    return check_fault(room, call, fault, WANTED)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("habit", RUN_HABITS)
def test_a_fault_at_any_request_of_a_change(http: HttpServer, habit: str, fault: str) -> None:
    calls = next(n for n in count(1) if not change_with_fault(http, habit, n, fault))
    assert calls > 6


@pytest.mark.parametrize("fault", READS)
@pytest.mark.parametrize("habit", RUN_HABITS)
def test_a_fault_at_any_request_while_the_library_is_read(http: HttpServer, habit: str, fault: str) -> None:
    calls = next(n for n in count(1) if not change_with_fault(http, habit, n, fault, is_known=False))
    assert calls > 10


def test_a_change_takes_several_calls_where_there_is_little_room(http: HttpServer) -> None:
    room = make_room(http, "many calls")
    room.run(*START)
    creation = len(room.fake.writes)
    room.run(*WANTED)
    assert creation > 3 and len(room.fake.writes) > creation + 1
