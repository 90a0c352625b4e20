"""Unmatched tracks become entries of an import list: the artist meant, by MBID."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes_discovery import FakeCatalog, FakeIdentities, ref
from fakes_library import FakeClock, RecordedProgress
from fakes_lidarr import mbid
from fakes_storage import open_config

from cmdarr.errors import RunCancelled
from cmdarr.library.discovery.report import DiscoveryReport
from cmdarr.library.discovery.unmatched import UnmatchedOptions, discover_unmatched, group_by_artist
from cmdarr.models.cancel import CancelToken
from cmdarr.models.decision import DecisionKind, UserDecision
from cmdarr.models.track import WantedTrack
from cmdarr.storage.config_store import ConfigStore


def track(artist: str, title: str = "Song", album: str = "") -> WantedTrack:
    return WantedTrack(artist=artist, title=title, album=album)


@dataclass
class Room:
    store: ConfigStore
    catalog: FakeCatalog | None = field(default_factory=FakeCatalog)
    who: FakeIdentities = field(
        default_factory=lambda: FakeIdentities(
            by_name={"A feat. B": ref(1, "A"), "A": ref(1, "A"), "C": ref(3, "C"), "D": ref(4, "D")},
            albums={"First": 100, "Second": 101, "Third": 102},
        )
    )
    clock: FakeClock = field(default_factory=FakeClock)
    cancel: CancelToken = field(default_factory=CancelToken)
    progress: RecordedProgress = field(default_factory=RecordedProgress)

    def run(self, *tracks: WantedTrack, dry_run: bool = False, **options: Any) -> DiscoveryReport:
        return discover_unmatched(
            tracks,
            identities=self.who,
            catalog=self.catalog,
            decisions=self.store.decisions,
            import_lists=self.store.import_lists,
            options=UnmatchedOptions(import_list="playlists", **options),
            clock=self.clock,
            cancel=self.cancel,
            progress=self.progress,
            command="friday",
            dry_run=dry_run,
        )

    def listed(self) -> list[tuple[str, str]]:
        return [(entry.kind, entry.name) for entry in self.store.import_lists.entries("playlists")]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_config(tmp_path) as store:
        yield Room(store)


def test_the_first_credited_artist_is_listed_and_no_collaborator(room: Room) -> None:
    report = room.run(track("A feat. B", "One"), track("C", "Two"))
    assert room.listed() == [("artist", "A"), ("artist", "C")]
    entry = room.store.import_lists.entries("playlists")[0]
    assert (entry.mbid, entry.source, entry.score) == (mbid(1), "friday", None)
    assert entry.details == {"track": "One", "tracks": 1, "identified": "by title and name"}
    assert (report.seeds, report.asked, report.candidates) == (2, 2, 2)


def test_artists_with_the_most_tracks_come_first_and_the_limit_holds(room: Room) -> None:
    report = room.run(track("D"), track("C", "1"), track("C", "2"), track("A"), max_per_run=2)
    assert [entry.name for entry in report.proposed] == ["C", "D"]
    assert len(room.who.asked) == 2


def test_the_next_run_goes_on_with_the_others(room: Room) -> None:
    tracks = [track("A"), track("C"), track("D")]
    for _ in range(3):
        room.run(*tracks, max_per_run=1)
    assert room.listed() == [("artist", "A"), ("artist", "C"), ("artist", "D")]


def test_known_excluded_dismissed_and_unclear_artists_are_left_out(room: Room) -> None:
    assert room.catalog is not None
    room.catalog.take(mbid(1), "A")
    room.catalog.excluded = frozenset({mbid(3)})
    room.store.decisions.save(
        [UserDecision(kind=DecisionKind.ARTIST_DISMISSED, subject=mbid(4), decided_at=room.clock.now())]
    )
    report = room.run(
        track("A"), track("A feat. B"), track("C"), track("D"), track("Who?"), track("Various Artists")
    )
    assert report.proposed == ()
    assert report.left_out == {
        "dismissed": 1, "excluded": 1, "known": 1, "no_artist": 1, "same_name": 1, "unidentified": 1,
    }  # fmt: skip
    assert "A" not in room.who.asked


def test_where_one_title_does_not_tell_the_next_may(room: Room) -> None:
    class Picky(FakeIdentities):
        def identify_track_artist(self, track: WantedTrack, cancel: CancelToken) -> Any:
            found = super().identify_track_artist(track, cancel)
            return found if track.title == "3" else None

    room.who = Picky(by_name=room.who.by_name)
    room.run(*(track("A", str(number)) for number in range(1, 6)))
    assert (room.listed(), len(room.who.asked)) == ([("artist", "A")], 3)


def test_a_failing_look_up_leaves_out_its_track_only(room: Room) -> None:
    room.who.failing = frozenset({"A"})
    report = room.run(track("A", "One"), track("C"))
    assert room.listed() == [("artist", "C")]
    assert [(each.service, each.subject) for each in report.failures] == [("musicbrainz", "A – One")]
    assert not report.is_failed


def test_a_service_that_is_down_fails_and_leaves_the_list(room: Room) -> None:
    room.run(track("A"))
    room.who.is_down = True
    assert room.run(track("C"), track("D")).is_failed
    assert room.listed() == [("artist", "A")]


@pytest.mark.parametrize("fault", ["is_down", "exclusions_down"])
def test_a_catalogue_that_is_down_means_that_nothing_is_proposed(room: Room, fault: str) -> None:
    setattr(room.catalog, fault, True)
    report = room.run(track("A"))
    assert (report.is_failed, room.listed(), room.who.asked) == (True, [], [])
    assert report.failures[0].service == "lidarr"


def test_it_works_without_a_catalogue(room: Room) -> None:
    room.catalog = None
    room.run(track("A"))
    assert room.listed() == [("artist", "A")]


def test_albums_are_listed_by_release_group_also_of_artists_that_are_there(room: Room) -> None:
    assert room.catalog is not None
    room.catalog.take(mbid(1), "A")
    room.run(
        track("A", "1", "First"),
        track("A", "2", "first"),
        track("C", "3", "Second"),
        track("C", "4", "Unknown"),
        albums=True,
    )
    assert room.listed() == [("artist", "C"), ("album", "First"), ("album", "Second")]
    album = room.store.import_lists.entries("playlists", kind="album")[0]
    assert (album.mbid, album.artist, album.details["artist_mbid"]) == (mbid(100), "A", mbid(1))


def test_no_more_albums_than_the_limit_and_none_twice(room: Room) -> None:
    tracks = [track("A", "1", "First"), track("A", "2", "Second"), track("C", "3", "Third"), track("D")]
    room.run(*tracks, albums=True, max_per_run=2)
    assert [kind for kind, _ in room.listed()].count("album") == 2
    assert [kind for kind, _ in room.listed()].count("artist") == 2
    room.run(*tracks, albums=True, max_per_run=2)
    assert [kind for kind, _ in room.listed()].count("album") == 3


def test_no_album_of_a_dismissed_artist_is_listed_whoever_is_credited(room: Room) -> None:
    room.who.by_name = {**room.who.by_name, "E": ref(5, "E")}
    dismissed = UserDecision(kind=DecisionKind.ARTIST_DISMISSED, subject=mbid(5), decided_at=room.clock.now())
    room.store.decisions.save([dismissed])
    room.run(track("E", "1", "First"), albums=True)
    assert room.listed() == []


def test_a_dry_run_tells_the_same_and_writes_nothing(room: Room) -> None:
    planned = room.run(track("A"), dry_run=True)
    assert room.store.import_lists.names() == {}
    assert room.run(track("A")).proposed == planned.proposed


def test_old_entries_and_those_that_lidarr_has_leave(room: Room) -> None:
    assert room.catalog is not None
    room.run(track("A"), track("C"))
    room.catalog.take(mbid(1), "A")
    room.clock.advance(timedelta(days=31))
    report = room.run(track("D"))
    assert (report.consumed, report.removed, room.listed()) == (1, 1, [("artist", "D")])


def test_a_cancelled_run_writes_nothing(room: Room) -> None:
    room.catalog = None
    room.cancel.cancel()
    with pytest.raises(RunCancelled):
        room.run(track("A"))
    assert room.listed() == []


def test_tracks_are_grouped_by_the_artist_as_it_is_folded() -> None:
    groups = group_by_artist([track("C"), track("Björk", "1"), track("BJORK", "2")])
    assert [[each.artist for each in group] for group in groups] == [["Björk", "BJORK"], ["C"]]
