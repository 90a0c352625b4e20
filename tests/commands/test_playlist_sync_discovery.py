"""`discover_artists` of a `playlist_sync`: what no server has becomes a proposal, after the playlists were written."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from commands.test_playlist_sync import CommandRoom, options
from fakes_discovery import FakeArtistServices, FakeCatalog, FakeIdentities, ref
from fakes_library import FakeClock, FakeServices, wish
from fakes_storage import open_config

from cmdarr.engine.command import CommandDependencies
from cmdarr.models.execution import Outcome, Status
from cmdarr.models.track import WantedTrack
from cmdarr.storage.config_store import ConfigStore


class Room(CommandRoom):
    """A sync whose unmatched artists are discovered."""

    def __init__(self, store: ConfigStore, *servers: str) -> None:
        super().__init__(*servers)
        self.store = store
        self.who = FakeIdentities(by_name={"A": ref(1, "A"), "B": ref(2, "B")})
        self.artists = FakeArtistServices(who=self.who, catalogs=(FakeCatalog(),))

    def dependencies(self) -> CommandDependencies:
        return CommandDependencies(
            services=FakeServices(self.source, *self.servers.values()),
            index=self.index,
            bindings=self.bindings,
            revisions=self.revisions,
            held=self.held,
            clock=FakeClock(),
            artists=self.artists,
            decisions=self.store.decisions,
            import_lists=self.store.import_lists,
        )

    def discover(self, *, dry_run: bool = False, **values: object) -> Outcome:
        chosen = options(
            targets=tuple({"server": name} for name in self.servers),
            discover_artists={"import_list": "gaps"} | values,
        )
        return self.run_command(chosen, dry_run=dry_run)

    def listed(self) -> list[str]:
        return [entry.name for entry in self.store.import_lists.entries("gaps")]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ConfigStore]:
    with open_config(tmp_path) as store:
        yield store


@pytest.fixture
def room(store: ConfigStore) -> Room:
    room = Room(store)
    room.want_tracks(wish(1), WantedTrack(artist="A", title="x"), WantedTrack(artist="B", title="y"))
    return room


def test_artists_of_unmatched_tracks_are_proposed(room: Room) -> None:
    outcome = room.discover()
    assert (outcome.status, room.listed(), room.numbers()) == (Status.SUCCEEDED, ["A", "B"], [1])
    discovery = outcome.result["discovery"]
    assert isinstance(discovery, dict)
    assert [entry["name"] for entry in discovery["proposed"]] == ["A", "B"]
    assert outcome.summary.endswith("2 proposed on gaps.")
    assert room.discover(max_per_run=1).summary.endswith("0 proposed on gaps.")


def test_a_dry_run_proposes_on_paper_only(room: Room) -> None:
    assert room.discover(dry_run=True).summary.endswith("2 would be proposed on gaps.")
    assert room.listed() == []


def test_a_track_that_one_server_has_is_no_gap(store: ConfigStore) -> None:
    room = Room(store, "one", "two")
    room.servers["two"].sections["Music"] = []
    room.want_tracks(wish(1), WantedTrack(artist="A", title="x"))
    room.discover()
    assert room.listed() == ["A"]


def test_a_discovery_that_fails_leaves_the_playlists_written_and_is_told(room: Room) -> None:
    room.artists.who = None
    outcome = room.discover()
    assert (outcome.status, room.numbers()) == (Status.FAILED, [1])
    assert "no service can identify artists" in str(outcome.error)
    assert outcome.result["discovery"] == {"import_list": "gaps", "error": outcome.error}


def test_a_lidarr_that_is_named_must_exist_the_usual_one_need_not(room: Room) -> None:
    room.artists.catalogs = ()
    assert room.discover().status is Status.SUCCEEDED
    assert room.discover(lidarr="attic").status is Status.FAILED


def test_without_the_key_nobody_is_asked(room: Room) -> None:
    outcome = room.run_command(options())
    assert "discovery" not in outcome.result
    assert room.who.asked == []


def test_what_lidarr_has_by_now_leaves_the_list_also_when_nothing_is_unmatched(room: Room) -> None:
    room.discover()
    (catalog,) = room.artists.catalogs
    assert isinstance(catalog, FakeCatalog)
    catalog.take(room.store.import_lists.entries("gaps")[0].mbid, "A")
    room.want(1)
    room.discover()
    assert room.listed() == ["B"]
