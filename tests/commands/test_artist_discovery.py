"""The kind `artist_discovery`, with services in memory and the real config.db."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes_discovery import (
    FakeArtistServices,
    FakeCatalog,
    FakeIdentities,
    FakeListens,
    FakeSimilar,
    down,
    named,
    ref,
    similar,
)
from fakes_library import (
    FakeBindings,
    FakeClock,
    FakeHeld,
    FakeIndex,
    FakeRevisions,
    FakeServices,
    FakeSource,
    RecordedProgress,
)
from fakes_lidarr import mbid
from fakes_storage import open_config

from cmdarr.commands.artist_discovery import (
    AddOptions,
    ArtistDiscovery,
    ArtistDiscoveryOptions,
    SeedOptions,
)
from cmdarr.config.settings import Settings
from cmdarr.config.snapshot import Snapshot
from cmdarr.engine.command import CommandDependencies, Run
from cmdarr.errors import AuthenticationFailed, RateLimited, RunCancelled, ServiceUnavailable
from cmdarr.library.discovery.import_list import as_lidarr, current_entries
from cmdarr.models.artist import SimilarArtist
from cmdarr.models.cancel import CancelToken
from cmdarr.models.decision import DecisionKind, UserDecision
from cmdarr.models.execution import Outcome, Status
from cmdarr.models.import_list import ListedState
from cmdarr.models.playlist import SourcePlaylist
from cmdarr.models.redaction import Redactor
from cmdarr.storage.config_store import ConfigStore

DAY = timedelta(days=1)
KEEP = timedelta(days=30)


@dataclass
class Room:
    """Lidarr with one artist, two services that know who resembles it, MusicBrainz, and a config.db."""

    store: ConfigStore
    clock: FakeClock
    lidarr: FakeCatalog = field(default_factory=FakeCatalog)
    lastfm: FakeSimilar = field(default_factory=lambda: FakeSimilar("lastfm"))
    labs: FakeSimilar = field(default_factory=lambda: FakeSimilar("listenbrainz"))
    listens: FakeListens = field(default_factory=lambda: FakeListens("scrobbles"))
    who: FakeIdentities | None = field(default_factory=FakeIdentities)
    more: list[FakeCatalog] = field(default_factory=list)
    cancel: CancelToken = field(default_factory=CancelToken)
    progress: RecordedProgress = field(default_factory=RecordedProgress)

    def know(self, service: FakeSimilar, **found: Sequence[SimilarArtist]) -> None:
        service.known = {**service.known, **{name.replace("_", " "): each for name, each in found.items()}}

    def run(self, *, name: str = "finds", dry_run: bool = False, **options: Any) -> Outcome:
        deps = CommandDependencies(
            services=FakeServices(FakeSource(SourcePlaylist(title="x", tracks=()))),
            index=FakeIndex(),
            bindings=FakeBindings(),
            revisions=FakeRevisions(),
            held=FakeHeld(),
            clock=self.clock,
            artists=FakeArtistServices(
                [self.lidarr, *self.more], [self.lastfm, self.labs], [self.listens], self.who
            ),
            decisions=self.store.decisions,
            import_lists=self.store.import_lists,
        )
        values = {"kind": "artist_discovery", "similar": ("lastfm", "listenbrainz"), **options}
        snapshot = Snapshot(
            generation="g",
            settings=Settings().model_copy(update={"timezone": "Europe/Berlin"}),
            commands={},
            pins=(),
            findings=(),
            redactor=Redactor(),
            loaded_at=self.clock.now(),
        )
        run = Run(
            name=name,
            options=ArtistDiscoveryOptions.model_validate(values),
            execution_id=1,
            dry_run=dry_run,
            accept_removals=False,
            cancel=self.cancel,
            progress=self.progress,
            clock=self.clock,
            snapshot=snapshot,
        )
        outcome = ArtistDiscovery.build(deps).run(run)
        json.dumps(outcome.result)
        return outcome

    def listed(self, name: str = "finds") -> list[str]:
        entries = current_entries(self.store.import_lists, self.store.decisions, name, KEEP, self.clock.now())
        return [entry.name for entry in entries]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_config(tmp_path) as store:
        room = Room(store, FakeClock())
        room.lidarr.take(mbid(1), "Artist 1")
        room.know(room.lastfm, Artist_1=[similar(ref(10), 0.9), similar(ref(11), 0.8)])
        room.know(room.labs, Artist_1=[similar(ref(11), 0.9), similar(ref(12), 0.6)])
        yield room


def test_artists_that_resemble_yours_are_proposed_best_first(room: Room) -> None:
    outcome = room.run()
    assert (outcome.status, outcome.changes, outcome.error) == (Status.SUCCEEDED, 3, None)
    assert outcome.summary == "3 artists proposed on finds (1 of 1 seeds asked about, 3 candidates)."
    assert [each["name"] for each in outcome.result["proposed"]] == ["Artist 11", "Artist 10", "Artist 12"]  # type: ignore[attr-defined]
    entries = room.store.import_lists.entries("finds")
    assert [entry["MusicBrainzId"] for entry in as_lidarr(entries)] == [mbid(10), mbid(11), mbid(12)]
    best = next(entry for entry in entries if entry.name == "Artist 11")
    assert (best.source, best.score, best.added_at) == ("finds", 0.67, room.clock.now())
    assert best.details == {
        "similar_to": ["Artist 1"],
        "match": 0.9,
        "services": ["lastfm", "listenbrainz"],
        "identified": "by MBID",
    }


def test_a_second_run_proposes_nothing_twice(room: Room) -> None:
    room.run()
    outcome = room.run()
    assert (outcome.changes, outcome.result["left_out"]) == (0, {"proposed_before": 3})
    assert len(room.listed()) == 3


def test_a_dry_run_tells_the_same_and_writes_nothing(room: Room) -> None:
    planned = room.run(dry_run=True, add_to_lidarr=AddOptions(max_per_day=1))
    assert planned.summary == (
        "3 artists would be proposed on finds (1 of 1 seeds asked about, 3 candidates); "
        "1 would be added to Lidarr."
    )
    assert (room.store.import_lists.names(), room.store.decisions.list()) == ({}, [])
    assert room.lidarr.added == []
    assert room.run(max_per_run=3).result["proposed"] == planned.result["proposed"]


def test_what_is_known_excluded_dismissed_or_of_a_known_name_is_left_out(room: Room) -> None:
    room.know(
        room.lastfm,
        Artist_1=[
            similar(ref(1), 1.0),
            similar(ref(10), 0.9),
            similar(ref(20), 0.9),
            similar(ref(21, "ARTIST 1"), 0.9),
            similar(ref(22), 0.4),
            similar(named("[unknown]"), 0.9),
            similar(named("Nobody knows"), 0.9),
        ],
    )
    room.lidarr.excluded = frozenset({mbid(10)})
    dismissed = UserDecision(
        kind=DecisionKind.ARTIST_DISMISSED, subject=mbid(20), decided_at=room.clock.now()
    )
    room.store.decisions.save([dismissed])
    outcome = room.run(similar=("lastfm",))
    assert outcome.result["proposed"] == []
    assert outcome.result["left_out"] == {
        "dismissed": 1,
        "excluded": 1,
        "known": 1,
        "no_artist": 1,
        "same_name": 1,
        "unidentified": 1,
        "weak_match": 1,
    }


def test_what_lidarr_has_now_leaves_every_list_and_an_old_entry_its_own(room: Room) -> None:
    room.run()
    room.run(name="other", import_list="others", artists_per_run=1)
    room.lidarr.take(mbid(10), "Artist 10")
    room.lidarr.excluded = frozenset({mbid(11)})
    room.clock.advance(DAY)
    outcome = room.run(name="third")
    assert (outcome.result["consumed"], outcome.result["removed"]) == (1, 1)
    assert room.listed() == ["Artist 12"]
    room.clock.advance(30 * DAY)
    assert room.listed() == []
    assert room.run().result["removed"] == 1


def test_an_artist_that_nobody_took_is_proposed_again_after_a_while(room: Room) -> None:
    room.know(room.labs, Artist_1=[])
    room.run(keep_days=10)
    room.clock.advance(20 * DAY)
    assert room.run(keep_days=10, again_after=timedelta(days=40)).changes == 0
    room.clock.advance(41 * DAY)
    assert room.run(keep_days=10, again_after=timedelta(days=40)).changes == 2
    assert len(room.listed()) == 2


def test_lidarr_that_is_down_fails_the_run_and_leaves_the_list(room: Room) -> None:
    room.run()
    for fault in ({"is_down": True}, {"is_down": False, "exclusions_down": True}):
        for name, value in fault.items():
            setattr(room.lidarr, name, value)
        with pytest.raises(ServiceUnavailable):
            room.run()
    assert len(room.listed()) == 3


def test_a_service_that_fails_is_named_and_the_other_one_is_used(room: Room) -> None:
    room.lastfm.error = AuthenticationFailed("lastfm", "the key is wrong.", setting="services.lastfm.api_key")
    outcome = room.run()
    assert outcome.status is Status.SUCCEEDED
    assert room.listed() == ["Artist 11", "Artist 12"]
    assert outcome.result["failures"] == [
        {"service": "lastfm", "artist": "Artist 1", "error": "lastfm: the key is wrong."}
    ]
    assert outcome.summary.endswith("; 1 question got no answer (lastfm 1).")


def test_a_service_that_is_not_there_is_named(room: Room) -> None:
    outcome = room.run(similar=("lastfm", "nowhere"))
    assert (outcome.status, len(room.listed())) == (Status.SUCCEEDED, 2)
    assert outcome.result["failures"] == [
        {"service": "nowhere", "artist": "the service", "error": "there is no service 'nowhere'."}
    ]


def test_a_run_in_which_everything_failed_fails_and_leaves_the_last_good_list(room: Room) -> None:
    room.run()
    room.lastfm.error, room.labs.error = down("lastfm"), RateLimited("listenbrainz", "wait.")
    outcome = room.run()
    assert (outcome.status, outcome.error_class) == (Status.FAILED, "ServiceUnavailable")
    assert outcome.error == "lastfm: it does not answer. listenbrainz: wait."
    assert len(room.listed()) == 3


def test_a_service_that_asks_to_wait_or_fails_on_and_on_is_not_asked_any_more(room: Room) -> None:
    for number in range(2, 21):
        room.lidarr.take(mbid(number + 100), f"Seed {number}")
    room.lastfm.error = RateLimited("lastfm", "wait an hour.", retry_after_s=3600)
    room.labs.error = down("listenbrainz")
    outcome = room.run(artists_per_run=20)
    assert (len(room.lastfm.asked), len(room.labs.asked)) == (1, 5)
    assert outcome.result["not_asked"] == {"lastfm": 19, "listenbrainz": 15}
    assert outcome.result["unanswered"] == 40


def test_an_artist_without_mbid_is_proposed_only_when_musicbrainz_is_sure(room: Room) -> None:
    assert room.who is not None
    room.know(room.lastfm, Artist_1=[similar(named("Sigur Rós"), 0.9), similar(named("Air"), 0.9)])
    room.who.by_name = {"Sigur Rós": ref(30, "Sigur Rós")}
    room.run(similar=("lastfm",))
    assert room.listed() == ["Sigur Rós"]


def test_an_artist_that_turns_out_to_be_known_under_its_true_mbid_is_left_out(room: Room) -> None:
    assert room.who is not None
    room.know(room.lastfm, Artist_1=[similar(named("Merged"), 0.9), similar(ref(40, "Old id"), 0.9)])
    room.who.by_name = {"Merged": ref(1, "Merged")}
    room.who.by_mbid = {mbid(40): ref(1, "Old id")}
    assert room.run(similar=("lastfm",)).result["left_out"] == {"known": 2}


def test_a_wrong_mbid_is_replaced_by_that_of_the_artist_of_the_name_or_left_out(room: Room) -> None:
    assert room.who is not None
    room.know(room.lastfm, Artist_1=[similar(ref(50, "Air"), 0.9), similar(ref(51, "Low"), 0.9)])
    room.who.by_mbid = {mbid(50): ref(50, "Somebody else"), mbid(51): ref(51, "Nobody")}
    room.who.by_name = {"Air": ref(52, "Air")}
    outcome = room.run(similar=("lastfm",))
    assert [(entry.mbid, entry.name) for entry in room.store.import_lists.entries("finds")] == [
        (mbid(52), "Air")
    ]
    assert outcome.result["left_out"] == {"unidentified": 1}


def test_an_mbid_that_no_longer_exists_leaves_it_to_the_name(room: Room) -> None:
    assert room.who is not None
    room.know(room.lastfm, Artist_1=[similar(ref(50, "Air"), 0.9), similar(ref(51, "Low"), 0.9)])
    room.who.gone, room.who.by_name = frozenset({mbid(50), mbid(51)}), {"Air": ref(52, "Air")}
    room.run(similar=("lastfm",))
    assert room.listed() == ["Air"]


def test_without_musicbrainz_only_artists_with_an_mbid_are_proposed(room: Room) -> None:
    room.who = None
    room.know(room.lastfm, Artist_1=[similar(named("Sigur Rós"), 0.9), similar(ref(10), 0.9)])
    room.run(similar=("lastfm",))
    assert room.listed() == ["Artist 10"]


def test_an_outage_of_musicbrainz_does_not_empty_the_list(room: Room) -> None:
    assert room.who is not None
    room.who.is_down = True
    room.know(room.lastfm, Artist_1=[similar(named("Sigur Rós"), 0.9), similar(ref(10), 0.9)])
    outcome = room.run(similar=("lastfm",))
    (entry,) = room.store.import_lists.entries("finds")
    assert (entry.name, entry.details["identified"]) == ("Artist 10", "not verified")
    assert outcome.result["unanswered"] == 2


def test_seeds_come_from_listens_and_from_the_file_too(room: Room) -> None:
    assert room.who is not None
    room.listens.artists = [ref(2, "Heard"), named("Heard too")]
    room.who.by_name = {"Named": ref(3, "Named")}
    room.who.by_mbid = {mbid(4): ref(4, "Four")}
    seeds = (
        SeedOptions(service="scrobbles", period="year", limit=7),
        SeedOptions(artists=("Named", mbid(4).upper())),
        SeedOptions(service="lidarr"),
    )
    outcome = room.run(seeds=seeds, similar=("lastfm",))
    assert room.listens.asked == [("year", 7)]
    assert sorted((each.name, each.mbid) for each in room.lastfm.asked) == [
        ("Artist 1", mbid(1)),
        ("Four", mbid(4)),
        ("Heard", mbid(2)),
        ("Heard too", None),
        ("Named", mbid(3)),
    ]
    assert (outcome.result["seeds"], outcome.result["asked"]) == (5, 5)


def test_another_lidarr_may_give_the_seeds(room: Room) -> None:
    other = FakeCatalog(name="attic")
    other.take(mbid(7), "Artist 7")
    room.more.append(other)
    room.know(room.lastfm, Artist_7=[similar(ref(70), 0.9)])
    room.run(seeds=(SeedOptions(service="attic"),), similar=("lastfm",))
    assert room.listed() == ["Artist 70"]


def test_a_source_of_seeds_that_fails_is_named_and_the_others_are_used(room: Room) -> None:
    room.listens.error = down("scrobbles")
    seeds = (SeedOptions(service="scrobbles"), SeedOptions(service="lidarr"))
    outcome = room.run(seeds=seeds)
    assert (outcome.status, len(room.listed())) == (Status.SUCCEEDED, 3)
    assert outcome.result["failures"] == [
        {"service": "scrobbles", "artist": "the seeds", "error": "scrobbles: it does not answer."}
    ]
    assert room.run(seeds=seeds[:1]).status is Status.FAILED


def test_seeds_rest_after_they_were_asked_about_and_come_again_when_there_is_no_other(room: Room) -> None:
    for number in range(2, 7):
        room.lidarr.take(mbid(number), f"Artist {number}")
    rounds = []
    for _ in range(3):
        room.lastfm.asked.clear()
        room.run(artists_per_run=2, similar=("lastfm",))
        rounds.append({seed.name for seed in room.lastfm.asked})
        room.clock.advance(timedelta(hours=1))
    assert len(set.union(*rounds)) == 6
    room.lastfm.asked.clear()
    room.run(artists_per_run=2, similar=("lastfm",))
    assert {seed.name for seed in room.lastfm.asked} == rounds[0]


def test_a_seed_rests_for_its_own_command_and_until_its_time_has_passed(room: Room) -> None:
    for number in range(2, 5):
        room.lidarr.take(mbid(number), f"Artist {number}")
    asked = [("other", 2, DAY), ("", 3, DAY), ("finds", 1, DAY), ("finds", 4, -DAY), ("finds", 99, -DAY)]
    room.store.decisions.save(
        UserDecision(
            kind=DecisionKind.ARTIST_ASKED,
            subject=mbid(number),
            item=item,
            decided_at=room.clock.now(),
            until=room.clock.now() + rest,
        )
        for item, number, rest in asked
    )
    room.run(artists_per_run=2, similar=("lastfm",))
    assert {seed.mbid for seed in room.lastfm.asked} == {mbid(2), mbid(4)}
    left = room.store.decisions.list(DecisionKind.ARTIST_ASKED)
    assert all(decision.until and decision.until > room.clock.now() for decision in left)


def test_a_seed_that_got_no_answer_does_not_rest(room: Room) -> None:
    room.lastfm.error = down("lastfm")
    room.run()
    assert room.store.decisions.list(DecisionKind.ARTIST_ASKED) == []
    room.lastfm.error = None
    room.run()
    (asked,) = room.store.decisions.list(DecisionKind.ARTIST_ASKED)
    assert (asked.subject, asked.item, asked.until) == (mbid(1), "finds", room.clock.now() + 30 * DAY)


def test_artists_are_added_to_lidarr_at_most_so_many_a_day(room: Room) -> None:
    how = AddOptions(root_folder="/music", tags=("new",), monitor="latest", search=True, max_per_day=2)
    outcome = room.run(add_to_lidarr=how)
    assert [artist.name for artist in room.lidarr.added] == ["Artist 11", "Artist 10"]
    first = room.lidarr.added[0]
    assert (first.root_folder, first.tags, first.monitor, first.search) == (
        "/music",
        ("new",),
        "latest",
        True,
    )
    assert outcome.summary.endswith("; 2 added to Lidarr.")
    assert room.listed() == ["Artist 12"]
    room.run(add_to_lidarr=how)
    assert len(room.lidarr.added) == 2
    room.clock.advance(timedelta(hours=11, minutes=30))  # midnight in Berlin, not yet in UTC
    room.run(add_to_lidarr=how)
    assert [artist.name for artist in room.lidarr.added][2:] == ["Artist 12"]


def test_the_cap_of_a_day_is_that_of_a_command(room: Room) -> None:
    room.run(add_to_lidarr=AddOptions(max_per_day=1))
    room.run(name="other", add_to_lidarr=AddOptions(max_per_day=1), again_after=timedelta(0))
    assert len(room.lidarr.added) == 2


def test_an_artist_that_cannot_be_added_waits_and_the_others_are_added(room: Room) -> None:
    room.lidarr.failing = frozenset({"Artist 11"})
    room.lidarr.unknown = frozenset({"Artist 10"})
    outcome = room.run(add_to_lidarr=AddOptions())
    assert [artist.name for artist in room.lidarr.added] == ["Artist 12"]
    assert outcome.result["added"] == [
        {"mbid": mbid(10), "name": "Artist 10", "outcome": "unknown"},
        {"mbid": mbid(12), "name": "Artist 12", "outcome": "added"},
    ]
    assert (outcome.status, room.listed()) == (Status.SUCCEEDED, ["Artist 11"])
    states = {entry.name: entry.state for entry in room.store.import_lists.entries("finds", state=None)}
    assert (states["Artist 10"], states["Artist 12"]) == (ListedState.REMOVED, ListedState.CONSUMED)


def test_a_wrong_profile_fails_the_run_with_the_choices_and_keeps_the_list(room: Room) -> None:
    room.lidarr.refused = "lidarr: Lidarr has no quality profile 'x': name one of 'Any'."
    outcome = room.run(add_to_lidarr=AddOptions())
    assert (outcome.status, outcome.error_class) == (Status.FAILED, "CommandError")
    assert outcome.error == room.lidarr.refused
    assert len(room.listed()) == 3


def test_a_cancelled_run_stops_and_writes_nothing(room: Room) -> None:
    room.cancel.cancel()
    with pytest.raises(RunCancelled):
        room.run()
    assert room.store.import_lists.names() == {}


def test_progress_counts_the_questions(room: Room) -> None:
    room.run()
    assert room.progress.steps == [
        "Reading the artists of lidarr",
        "Asking for similar artists",
        "Identifying the best candidates",
    ]
    assert room.progress.done == 2 + 3


def test_an_empty_lidarr_is_no_failure(room: Room) -> None:
    room.lidarr.artists.clear()
    assert room.run().status is Status.SUCCEEDED


def test_a_library_of_a_thousand_with_every_twentieth_look_up_failing(room: Room) -> None:
    for number in range(2, 1001):
        room.lidarr.take(mbid(number), f"Artist {number}")
    graph = {
        f"Artist {number}": [
            similar(ref(2000 + (number + step) % 300), 0.9 - step / 100) for step in range(9)
        ]
        for number in range(1, 1001)
    }
    room.lastfm.known = graph
    room.labs.known = {name: list(reversed(found)) for name, found in graph.items()}
    room.lastfm.failing = frozenset(f"Artist {number}" for number in range(7, 1001, 20))
    outcome = room.run(artists_per_run=1000, max_per_run=200)
    assert (outcome.status, outcome.changes) == (Status.SUCCEEDED, 200)
    assert outcome.result["unanswered"] == 50
    assert {each["service"] for each in outcome.result["failures"]} == {"lastfm"}  # type: ignore[attr-defined]
    assert len(room.store.decisions.list(DecisionKind.ARTIST_ASKED)) == 950
    assert outcome.summary.endswith("; 50 questions got no answer (lastfm 50).")


@pytest.mark.parametrize("seed", [{}, {"service": "lidarr", "artists": ("X",)}])
def test_an_entry_of_seeds_is_one_thing(seed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="write either `service` or `artists`"):
        SeedOptions.model_validate(seed)


def test_the_services_named_are_references_and_so_are_those_that_are_meant() -> None:
    written = {"seeds": ({"service": "lb"}, {"artists": ("x",)}), "similar": ("labs",), "lidarr": "mine"}
    found = ArtistDiscoveryOptions.service_references(written)
    assert [(each.loc, each.service, each.role, each.is_needed) for each in found] == [
        (("lidarr",), "mine", "catalog", True),
        (("seeds", 0, "service"), "lb", "seeds", True),
        (("similar", 0), "labs", "similar", True),
    ]
    assert [(each.service, each.is_needed) for each in ArtistDiscoveryOptions.service_references({})] == [
        ("lidarr", False),
        ("lastfm", False),
    ]
