"""The kind `library_refresh`."""

import pytest
from fakes_library import (
    START,
    FakeBindings,
    FakeClock,
    FakeHeld,
    FakeIndex,
    FakeRevisions,
    FakeServer,
    FakeServices,
    FakeSource,
    RecordedProgress,
    song,
)

from cmdarr.commands.library_refresh import LibraryRefresh, LibraryRefreshOptions
from cmdarr.config.settings import Settings
from cmdarr.config.snapshot import Snapshot
from cmdarr.engine.command import CommandDependencies, Run
from cmdarr.models.cancel import CancelToken
from cmdarr.models.execution import Outcome, Status
from cmdarr.models.playlist import SourcePlaylist
from cmdarr.models.redaction import Redactor


class Room:
    """Two servers and an index."""

    def __init__(self) -> None:
        self.one = FakeServer(name="one", sections={"Music": [song(1), song(2)]})
        self.two = FakeServer(name="two", sections={"Music": [song(3)]})
        self.index = FakeIndex()

    def run(self, *servers: str, dry_run: bool = False) -> Outcome:
        source = FakeSource(SourcePlaylist(title="x", tracks=()))
        deps = CommandDependencies(
            services=FakeServices(source, self.one, self.two),
            index=self.index,
            bindings=FakeBindings(),
            revisions=FakeRevisions(),
            held=FakeHeld(),
            clock=FakeClock(),
        )
        run = Run(
            name="refresh",
            options=LibraryRefreshOptions(kind="library_refresh", servers=servers),
            execution_id=1,
            dry_run=dry_run,
            accept_removals=False,
            cancel=CancelToken(),
            progress=RecordedProgress(),
            clock=FakeClock(),
            snapshot=Snapshot(
                generation="g",
                settings=Settings(),
                commands={},
                pins=(),
                findings=(),
                redactor=Redactor(),
                loaded_at=START,
            ),
        )
        return LibraryRefresh.build(deps).run(run)


@pytest.fixture
def room() -> Room:
    return Room()


def test_every_server_is_read_by_default(room: Room) -> None:
    outcome = room.run()
    assert (outcome.status, outcome.summary) == (Status.SUCCEEDED, "one: 2 tracks; two: 1 tracks.")
    assert [state.server for state in room.index.info()] == ["one", "two"]
    assert outcome.result["servers"] == [
        {"server": "one", "tracks": 2, "sections": [{"section": "Music", "tracks": 2, "announced": 2}]},
        {"server": "two", "tracks": 1, "sections": [{"section": "Music", "tracks": 1, "announced": 1}]},
    ]


def test_only_the_servers_named_are_read(room: Room) -> None:
    room.run("two")
    assert [state.server for state in room.index.info()] == ["two"]


def test_one_failing_server_never_stops_the_other(room: Room) -> None:
    room.one.fail_at = 3
    outcome = room.run()
    assert (outcome.status, outcome.error_class) == (Status.FAILED, "ServiceUnavailable")
    assert (outcome.summary, outcome.error) == (
        "one: failed; two: 1 tracks.",
        "one: fetch_tracks was cut off.",
    )
    assert [state.server for state in room.index.info()] == ["two"]


def test_a_cache_that_takes_nothing_fails_the_run(room: Room) -> None:
    room.index.is_off = True
    assert (room.run("one").status, room.run("one").error_class) == (Status.FAILED, "StoreUnavailable")


def test_a_dry_run_reads_nothing(room: Room) -> None:
    assert room.run(dry_run=True).summary == "Would read the library of one, two."
    assert room.one.calls == []


def test_the_servers_named_are_references() -> None:
    found = LibraryRefreshOptions.service_references({"servers": ("one", 2), "servr": True})
    assert [(reference.loc, reference.service) for reference in found] == [(("servers", 0), "one")]
