"""Refreshing the index: whole sections or nothing."""

from datetime import timedelta

import pytest
from fakes_library import START, FakeClock, FakeIndex, FakeServer, RecordedProgress, song

from cmdarr.errors import RunCancelled, ServiceUnavailable, SourceIncomplete, StoreUnavailable
from cmdarr.library.refresh import RefreshReport, is_stale, refresh_library
from cmdarr.models.cancel import CancelToken


def refresh(server: FakeServer, index: FakeIndex, cancel: CancelToken | None = None) -> RefreshReport:
    return refresh_library(
        server, index, clock=FakeClock(), cancel=cancel or CancelToken(), progress=RecordedProgress()
    )


def server_with(count: int) -> FakeServer:
    return FakeServer(sections={"Music": [song(number) for number in range(count)]})


def test_every_section_is_read() -> None:
    server = FakeServer(sections={"Music": [song(1), song(2), song(3)], "Jazz": [song(4)]})
    index = FakeIndex()
    report = refresh(server, index)
    assert (report.tracks, [section.section for section in report.sections]) == (4, ["Music", "Jazz"])
    assert [(state.section, state.tracks) for state in index.info("fake")] == [("Music", 3), ("Jazz", 1)]


@pytest.mark.parametrize("call", range(2, 7))
def test_a_failure_leaves_the_index_of_before(call: int) -> None:
    server, index = server_with(5), FakeIndex()
    refresh(server, index)
    before = index.info()
    server.calls.clear()
    server.fail_at = call
    if call > 5:
        refresh(server, index)
        return
    with pytest.raises(ServiceUnavailable):
        refresh(server, index)
    assert index.info() == before


def test_fewer_tracks_than_announced_are_refused() -> None:
    server, index = server_with(5), FakeIndex()
    server.announced["Music"] = 6
    with pytest.raises(SourceIncomplete, match="5 of 6 tracks of Music"):
        refresh(server, index)
    assert not index.info()


def test_a_library_that_shrinks_meanwhile_is_taken() -> None:
    server, index = server_with(5), FakeIndex()
    server.announced["Music"] = 6

    def deleted(call: str) -> None:
        if call == "fetch_tracks":
            server.announced.clear()

    server.on_call = deleted
    assert refresh(server, index).tracks == 5


def test_a_cancelled_refresh_leaves_the_index_of_before() -> None:
    server, index, cancel = server_with(5), FakeIndex(), CancelToken()
    server.on_call = lambda call: cancel.cancel() if call == "fetch_tracks" else None
    with pytest.raises(RunCancelled):
        refresh(server, index, cancel)
    assert not index.info()


def test_a_cache_that_takes_nothing_is_an_error() -> None:
    server, index = server_with(5), FakeIndex()
    index.is_off = True
    with pytest.raises(StoreUnavailable, match="did not take the library of fake"):
        refresh(server, index)


def test_an_empty_library_is_a_state_of_its_own() -> None:
    server, index = server_with(0), FakeIndex()
    assert refresh(server, index).tracks == 0
    assert index.info("fake")[0].tracks == 0


def test_progress_counts_the_tracks() -> None:
    progress = RecordedProgress()
    refresh_library(server_with(5), FakeIndex(), clock=FakeClock(), cancel=CancelToken(), progress=progress)
    assert (progress.steps, progress.done) == (["Reading the library of fake: Music"], 5)


@pytest.mark.parametrize(
    ("age", "stale"),
    [
        (timedelta(0), False),
        (timedelta(days=29), False),
        (timedelta(days=30), True),
        (timedelta(days=31), True),
        (timedelta(seconds=-1), True),
    ],
)
def test_an_index_gets_stale(age: timedelta, *, stale: bool) -> None:
    index = FakeIndex()
    refresh(server_with(1), index)
    assert is_stale(index.info()[0], timedelta(days=30), START + age) is stale
