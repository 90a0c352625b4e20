"""Whole discoveries with the real clients, against services over real HTTP; waiting costs no time."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fakes_engine import FakeClock
from fakes_http import Answer, Seen, Told, serving
from fakes_lidarr import KEY as LIDARR_KEY
from fakes_lidarr import FakeLidarr, broken, make_artist, mbid
from fakes_musicbrainz import FakeMusicBrainz

from cmdarr.app import App
from cmdarr.app.services import Services
from cmdarr.commands.artist_discovery import ArtistDiscovery
from cmdarr.config.snapshot import Snapshot
from cmdarr.engine.command import CommandDependencies, Run
from cmdarr.errors import ServiceUnavailable
from cmdarr.library.ports import ClientContext
from cmdarr.models.cancel import CancelToken
from cmdarr.models.execution import Outcome, Status
from cmdarr.models.progress import SilentProgress
from cmdarr.transport.session import Surroundings
from cmdarr.transport.throttle import Throttles

LASTFM_KEY = "0123456789abcdef0123456789abcdef"
SETTINGS = """
timezone: UTC
services:
  lidarr: {{url: '{lidarr}', api_key: '{lidarr_key}'}}
  lastfm: {{url: '{lastfm}', api_key: '{lastfm_key}'}}
  listenbrainz: {{url: '{labs}', labs_url: '{labs}', username: alice}}
  musicbrainz: {{url: '{musicbrainz}/ws/2', contact: me@example.org}}
"""
COMMAND = """
kind: artist_discovery
similar: [lastfm, listenbrainz]
artists_per_run: 1000
similar_per_artist: 5
min_match: 0.1
max_per_run: 20
"""
PROPOSED = range(5000, 5060)


def neighbours(number: int) -> list[tuple[int, float]]:
    """Return who resembles artist `number`: five of sixty artists that Lidarr does not have."""
    return [(PROPOSED[(number * 7 + step * 11) % len(PROPOSED)], 0.9 - step / 10) for step in range(5)]


def tell_lastfm(seen: Seen, failing: frozenset[int]) -> Told:
    number = int(seen.get("mbid").partition("-")[0], 16)
    if number in failing:
        return Answer(status=500, body=b"oops")
    rows = [
        {"name": f"Artist {near}", "mbid": mbid(near), "match": f"{match}"}
        for near, match in neighbours(number)
    ]
    body = {"similarartists": {"artist": rows, "@attr": {"artist": f"Artist {number}"}}}
    return Answer(body=json.dumps(body).encode())


def tell_labs(seen: Seen) -> Told:
    number = int(seen.get("artist_mbids").partition("-")[0], 16)
    rows = [
        {
            "artist_mbid": mbid(near),
            "name": f"Artist {near}",
            "score": int(match * 100),
            "reference_mbid": mbid(number),
        }
        for near, match in neighbours(number)
    ]
    return Answer(body=json.dumps(rows).encode())


@dataclass
class World:
    """Four services, the folders of an install, and a clock that jumps over every wait."""

    root: Path
    lidarr: FakeLidarr
    failing: frozenset[int] = frozenset()
    down: set[str] = field(default_factory=set)
    musicbrainz: FakeMusicBrainz = field(default_factory=FakeMusicBrainz)
    clock: FakeClock = field(default_factory=FakeClock)
    seen: dict[str, int] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)

    def tell(self, name: str, seen: Seen) -> Told:
        self.seen[name] = self.seen.get(name, 0) + 1
        if name in self.down:
            return Answer(status=503)
        if name == "lidarr":
            return self.lidarr(seen)
        if name == "lastfm":
            return tell_lastfm(seen, self.failing)
        return tell_labs(seen) if name == "labs" else self.musicbrainz(seen)

    def run(self, app: App, command: str = COMMAND, *, keeps_answers: bool = True) -> Outcome:
        (self.root / "config/commands/finds.yaml").write_text(command)
        snapshot = app.read_configuration()
        assert not snapshot.errors
        services = self.services(app, snapshot, keeps_answers=keeps_answers)
        deps = CommandDependencies(
            services=services,
            index=app.cache.library,
            bindings=app.store.bindings,
            revisions=app.store.revisions,
            held=app.store.held,
            clock=self.clock,
            artists=services,
            decisions=app.store.decisions,
            import_lists=app.store.import_lists,
        )
        options = snapshot.commands["finds"].options
        run: Run[Any] = Run(
            name="finds",
            options=options,
            execution_id=1,
            dry_run=False,
            accept_removals=False,
            cancel=CancelToken(),
            progress=SilentProgress(),
            clock=self.clock,
            snapshot=snapshot,
        )
        return ArtistDiscovery.build(deps).run(run)

    def services(self, app: App, snapshot: Snapshot, *, keeps_answers: bool) -> Services:
        def wait(cancel: CancelToken, seconds: float) -> None:
            cancel.check()
            self.clock.advance(timedelta(seconds=seconds))

        answers = app.cache.answers if keeps_answers else None
        around = Surroundings(clock=self.clock, wait=wait, chance=lambda: 0.5, answers=answers)
        throttles = Throttles(self.clock.monotonic)

        def context(name: str) -> ClientContext:
            return ClientContext(
                name=name,
                root=app.root,
                data=app.data_dir,
                surroundings=around,
                throttles=throttles,
                ttl_of=snapshot.settings.cache.ttl_of,
            )

        return Services(snapshot.settings, app.service_kinds, context)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, FakeLidarr(artists=[make_artist(number) for number in range(1, 21)]))
    world.musicbrainz.artists = [
        {"id": mbid(number), "name": f"Artist {number}", "sort-name": "x", "score": 100, "aliases": []}
        for number in PROPOSED
    ]
    world.musicbrainz.monotonic = world.clock.monotonic
    with ExitStack() as stack:
        for name in ("lidarr", "lastfm", "labs", "musicbrainz"):
            world.urls[name] = stack.enter_context(serving(partial(world.tell, name))).url
        (tmp_path / "config/commands").mkdir(parents=True)
        text = SETTINGS.format(**world.urls, lidarr_key=LIDARR_KEY, lastfm_key=LASTFM_KEY)
        (tmp_path / "config/settings.yaml").write_text(text)
        yield world


@pytest.fixture
def app(world: World) -> Iterator[App]:
    app = App(config_dir=world.root / "config", data_dir=world.root / "data", clock=world.clock)
    yield app
    app.close()


def proposed(outcome: Outcome) -> list[Mapping[str, Any]]:
    found = outcome.result["proposed"]
    assert isinstance(found, list)
    return found


def test_a_thousand_artists_of_which_every_twentieth_look_up_fails(world: World, app: App) -> None:
    world.lidarr.artists = [make_artist(number) for number in range(1, 1001)]
    world.failing = frozenset(range(10, 1001, 20))
    outcome = world.run(app)
    assert (outcome.status, outcome.changes) == (Status.SUCCEEDED, 20)
    assert outcome.result["unanswered"] == 50
    assert outcome.summary.endswith("; 50 questions got no answer (lastfm 50).")
    assert world.seen["labs"] == 1000
    assert world.seen["lastfm"] == 1000
    assert world.musicbrainz.turned_away == 0
    assert all(each["identified"] == "by its MBID" for each in proposed(outcome))


def test_a_second_run_asks_only_what_failed(world: World, app: App) -> None:
    world.failing = frozenset({3})
    first = world.run(app)
    before = dict(world.seen)
    world.failing = frozenset()
    second = world.run(app)
    assert world.seen["lastfm"] - before["lastfm"] == 1
    assert world.seen["labs"] == before["labs"]
    assert second.result["unanswered"] == 0
    assert not {each["mbid"] for each in proposed(second)} & {each["mbid"] for each in proposed(first)}


def test_an_outage_in_the_middle_is_never_remembered_as_unknown(world: World, app: App) -> None:
    world.down = {"lastfm", "labs"}
    outcome = world.run(app)
    assert (outcome.status, outcome.error_class, outcome.changes) == (Status.FAILED, "ServiceUnavailable", 0)
    world.down = set()
    assert world.run(app).changes == 20


def test_musicbrainz_that_is_down_leaves_what_services_said(world: World, app: App) -> None:
    world.down = {"musicbrainz"}
    outcome = world.run(app)
    assert (outcome.status, outcome.changes) == (Status.SUCCEEDED, 20)
    assert {each["identified"] for each in proposed(outcome)} == {"not verified"}
    assert outcome.result["not_asked"] == {"musicbrainz": 15}


def test_lidarr_that_is_down_fails_the_run_and_the_list_is_still_shown(world: World, app: App) -> None:
    from cmdarr.app.import_lists import show_list

    world.run(app)
    world.lidarr.faults = {"artist": broken("500")}
    with pytest.raises(ServiceUnavailable):
        world.run(app)
    entries = show_list(app.store, app.read_configuration(), "finds", world.clock.now())
    assert len(entries) == 20


def test_artists_are_added_to_lidarr_over_http(world: World, app: App) -> None:
    world.lidarr.known_to_metadata = {mbid(number): f"Artist {number}" for number in PROPOSED}
    outcome = world.run(app, COMMAND + "add_to_lidarr: {tags: [jazz], monitor: latest, max_per_day: 3}\n")
    assert [each["tags"] for each in world.lidarr.posted] == [[6], [6], [6]]
    best = [each["mbid"] for each in proposed(outcome)[:3]]
    assert [each["foreignArtistId"] for each in world.lidarr.posted] == best
    wrong = world.run(app, COMMAND + "add_to_lidarr: {tags: [rock], max_per_day: 30}\n")
    assert (wrong.status, wrong.error) == (
        Status.FAILED,
        "lidarr: Lidarr has no tag 'rock': name one of 'discovered', 'jazz'.",
    )


def test_the_same_day_gives_the_same_list(world: World, tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        app = App(config_dir=world.root / "config", data_dir=tmp_path / name, clock=world.clock)
        outcome = world.run(app, COMMAND.replace("1000", "7"), keeps_answers=False)
        found.append([each["mbid"] for each in proposed(outcome)])
        app.close()
    assert found[0] == found[1] != []


def test_the_check_names_services_that_are_missing_or_cannot_do_it(world: World, app: App) -> None:
    def found(command: str) -> list[tuple[str, str, str]]:
        (world.root / "config/commands/finds.yaml").write_text("kind: artist_discovery\n" + command)
        findings = app.read_configuration().findings
        return [(each.key, each.severity, each.message.partition(" (")[0]) for each in findings]

    assert found("similar: [lidarr]\nseeds: [{service: musicbrainz}]\nlidarr: lastfm") == [
        ("similar.0", "error", "the service 'lidarr'"),
        ("seeds.0.service", "error", "the service 'musicbrainz'"),
        ("lidarr", "error", "the service 'lastfm'"),
    ]
    (world.root / "config/settings.yaml").write_text("{}\n")
    assert {(severity, message) for _, severity, message in found("")} == {
        ("warning", "settings.yaml has no service 'lidarr'."),
        ("warning", "settings.yaml has no service 'lastfm'."),
    }
