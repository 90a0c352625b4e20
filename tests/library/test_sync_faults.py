"""Whatever call of a sync fails, and however: a playlist is never emptied or doubled, and the next run completes it."""

from collections.abc import Callable

import pytest
from fakes_sync import SyncRoom

from cmdarr.errors import RunCancelled, ServiceUnavailable, StorageError, StoreUnavailable
from cmdarr.models.cancel import CancelToken

MOST_CALLS = 14
FAULTS = ("before", "after", "half")
"""The call fails without effect, with its effect done, with half of it done."""


def new_playlist() -> SyncRoom:
    room = SyncRoom()
    room.want(3, 1, 2, 1)
    return room


def changed_playlist() -> SyncRoom:
    room = new_playlist()
    room.want(1, 2, 3, 4, 5, 5)
    room.run()
    room.want(5, 3, 6, 1, 1, 2)
    room.index.vanish()
    return room


ROOMS = [new_playlist, changed_playlist]


def state_of(room: SyncRoom) -> list[int] | None:
    """Return the songs of the one playlist, None when there is none; there are never two."""
    assert len(room.server.playlists) <= 1
    return room.numbers() if room.server.playlists else None


def wanted_of(room: SyncRoom) -> list[int]:
    return [int(track.title.removeprefix("Song ")) for track in room.source.playlist.tracks]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", range(1, MOST_CALLS + 1))
@pytest.mark.parametrize("make", ROOMS)
def test_a_fault_at_any_call(make: Callable[[], SyncRoom], call: int, fault: str) -> None:
    room = make()
    before = state_of(room)
    room.server.calls.clear()
    room.server.fail_at, room.server.fault = call, fault
    error = room.run().targets[0].error
    after = state_of(room)
    if len(room.server.calls) < call:
        assert error is None
    assert after in (before, wanted_of(room)) or (error is not None and after), (
        "emptied, or half without an error"
    )
    assert after == wanted_of(room) or isinstance(error, ServiceUnavailable)
    room.server.fail_at = 0
    assert room.run(accept_removals=True).targets[0].error is None
    assert state_of(room) == wanted_of(room)
    room.server.writes.clear()
    room.run()
    assert room.server.writes == []


def test_every_call_was_reached() -> None:
    for make in ROOMS:
        room = make()
        room.server.calls.clear()
        room.run()
        assert 6 <= len(room.server.calls) < MOST_CALLS
        assert {"fetch_titles", "fetch_entries"} <= set(room.server.calls)


@pytest.mark.parametrize("call", range(1, MOST_CALLS + 1))
@pytest.mark.parametrize("make", ROOMS)
def test_a_cancel_at_any_call(make: Callable[[], SyncRoom], call: int) -> None:
    room = make()
    before = state_of(room)
    room.server.calls.clear()
    room.server.on_call = lambda _: room.cancel.cancel() if len(room.server.calls) == call else None
    try:
        room.run()
    except RunCancelled:
        assert state_of(room) in (before, wanted_of(room))
    room.cancel, room.server.on_call = CancelToken(), lambda _: None
    assert room.run(accept_removals=True).targets[0].error is None
    assert state_of(room) == wanted_of(room)


class FullDisk:
    """Counts the writes to config.db and refuses them from one of them on."""

    def __init__(self, fail_from: int) -> None:
        self.writes = 0
        self.fail_from = fail_from

    def __call__(self) -> None:
        self.writes += 1
        if self.writes >= self.fail_from:
            raise StoreUnavailable("the disk is full.")


@pytest.mark.parametrize("fail_from", range(1, 5))
@pytest.mark.parametrize("make", ROOMS)
def test_a_config_db_that_stops_taking_writes(make: Callable[[], SyncRoom], fail_from: int) -> None:
    room = make()
    before = state_of(room)
    disk = FullDisk(fail_from)
    room.bindings.on_write = room.revisions.on_write = disk
    error = room.run().targets[0].error
    assert state_of(room) in (before, wanted_of(room))
    assert error is None or isinstance(error, StorageError)
    disk.fail_from = 99
    assert room.run(accept_removals=True).targets[0].error is None
    assert state_of(room) == wanted_of(room)
