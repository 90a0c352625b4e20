"""Several sources, and sources of which each edition is kept, through a whole sync."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from fakes_library import FakeSource, wish
from fakes_sync import SyncRoom

from cmdarr.config.fields import Removals
from cmdarr.errors import NotFound, ServiceUnavailable, SourceIncomplete
from cmdarr.library.definition import SyncSource, SyncTarget
from cmdarr.library.ports import EditionSource
from cmdarr.library.selection import Selection
from cmdarr.library.sync_report import outcome_of
from cmdarr.models.cancel import CancelToken
from cmdarr.models.execution import Status
from cmdarr.models.playlist import SourcePlaylist


class Editions(FakeSource):
    """A source whose playlists appear anew each week."""

    def __init__(self) -> None:
        super().__init__(SourcePlaylist(title="Weekly", tracks=()))
        self.weeks: dict[str, tuple[int, ...]] = {}

    def fetch_editions(self, playlist: str, count: int, cancel: CancelToken) -> Sequence[SourcePlaylist]:
        return [self._edition(week) for week in sorted(self.weeks, reverse=True)[:count]]

    def fetch_playlist(self, playlist: str, cancel: CancelToken) -> SourcePlaylist:
        return self._edition(max(self.weeks))

    def _edition(self, week: str) -> SourcePlaylist:
        tracks = tuple(wish(number) for number in self.weeks[week])
        return SourcePlaylist(title=f"Weekly, {week}", tracks=tracks, edition=week)


class Room(SyncRoom):
    """A sync of several sources."""

    def sources(self, **more: FakeSource) -> None:
        self.more = more
        self.define_sources(tuple(SyncSource(service=name, playlist="x") for name in more))

    def define_sources(self, sources: tuple[SyncSource, ...], **values: object) -> None:
        changed = {"sources": sources, **values}
        self.definition = replace(self.definition, **changed)  # type: ignore[arg-type]


def numbers(*wanted: int) -> FakeSource:
    return FakeSource(SourcePlaylist(title="Mix", tracks=tuple(wish(number) for number in wanted)))


@pytest.fixture
def room() -> Room:
    return Room()


def test_several_sources_become_one_playlist(room: Room) -> None:
    room.sources(a=numbers(1, 2), b=numbers(2, 3))
    report = room.run()
    assert room.numbers() == [1, 2, 2, 3]
    room.define_sources(room.definition.sources, selection=Selection(merge="unique", limit=2))
    report = room.run(accept_removals=True)
    assert room.numbers() == [1, 2]
    result = outcome_of(report, dry_run=False).result
    assert result["source"] == {"title": "Mix", "tracks": 2, "left_out": 1}
    assert result["sources"] == [
        {"service": "a", "playlist": "x", "title": "Mix", "tracks": 2},
        {"service": "b", "playlist": "x", "title": "Mix", "tracks": 2},
    ]


def test_each_source_may_have_its_own_limit(room: Room) -> None:
    room.more = {"a": numbers(1, 2, 3), "b": numbers(4, 5, 6)}
    room.define_sources(
        (SyncSource(service="a", playlist="x", limit=1), SyncSource(service="b", playlist="x", limit=2))
    )
    room.run()
    assert room.numbers() == [1, 4, 5]


def test_one_failing_source_of_several_leaves_the_playlist_alone(room: Room) -> None:
    room.sources(a=numbers(1, 2), b=numbers(3))
    room.run()
    room.more["b"].error = ServiceUnavailable("b", "is down.")
    with pytest.raises(ServiceUnavailable):
        room.run()
    assert room.numbers() == [1, 2, 3]


def test_an_appending_sync_goes_on_with_the_others_and_says_what_failed(room: Room) -> None:
    room.sources(a=numbers(1), b=numbers(2))
    room.define_sources(room.definition.sources, mode="append")
    room.more["a"].error = ServiceUnavailable("a", "is down.")
    outcome = outcome_of(room.run(), dry_run=False)
    assert room.numbers() == [2]
    assert (outcome.status, outcome.error) == (Status.FAILED, "a: is down.")
    room.more["b"].error = NotFound("b", "is gone.")
    with pytest.raises(ServiceUnavailable, match="a: is down"):
        room.run()


def test_filters_that_leave_nothing_touch_nothing(room: Room) -> None:
    room.sources(a=numbers(1, 2))
    room.run()
    room.define_sources(room.definition.sources, selection=Selection(exclude_artists=("Artist",)))
    with pytest.raises(SourceIncomplete, match="None of the 2 tracks is left by the filters of 'mix'"):
        room.run()
    assert room.numbers() == [1, 2]


def test_the_year_of_the_library_counts_where_the_source_tells_none(room: Room) -> None:
    room.sources(a=numbers(1, 2, 3))
    tracks = room.server.sections["Music"]
    room.server.sections["Music"] = [
        replace(each, year=1980 if each.title == "Song 2" else 1995) for each in tracks
    ]
    room.define_sources(room.definition.sources, selection=Selection(min_year=1990))
    room.run()
    assert room.numbers() == [1, 3]


def test_a_new_edition_may_replace_everything_once(room: Room) -> None:
    weekly = Editions()
    weekly.weeks["2026-11-09"] = tuple(range(1, 13))
    room.sources(weekly=weekly)
    assert isinstance(weekly, EditionSource)
    room.run()
    weekly.weeks["2026-11-16"] = tuple(range(13, 25))
    assert room.run().targets[0].held == ""
    assert room.numbers() == list(range(13, 25))
    weekly.weeks["2026-11-16"] = (13,)
    assert "11 of 12 tracks would be removed" in room.run().targets[0].held
    weekly.weeks["2026-11-23"] = (1,)
    room.define_sources(room.definition.sources, max_removals=Removals(2))
    assert "12 of 12" in room.run().targets[0].held


def test_each_kept_edition_is_a_playlist_and_the_oldest_goes(room: Room) -> None:
    weekly = Editions()
    weekly.weeks = {"2026-11-02": (1,), "2026-11-09": (2,), "2026-11-16": (3,)}
    room.more = {"weekly": weekly}
    room.define_sources((SyncSource(service="weekly", playlist="x", keep=2),))
    room.run()
    assert held(room) == {"Weekly, 2026-11-16": [3], "Weekly, 2026-11-09": [2]}
    room.server.playlists["mine"] = type(room.server.playlists["p1"])("Weekly, 2026-10-26", [])
    weekly.weeks["2026-11-23"] = (4, 5)
    planned = room.run(dry_run=True)
    assert (planned.retired, len(held(room))) == ((), 3)
    report = room.run()
    assert report.retired == ("fake: “Weekly, 2026-11-09” was deleted; its 1 tracks are kept as a revision.",)
    assert held(room) == {
        "Weekly, 2026-11-16": [3], "Weekly, 2026-11-23": [4, 5], "Weekly, 2026-10-26": [],
    }  # fmt: skip
    room.server.writes.clear()
    room.run()
    assert room.server.writes == []


def test_kept_editions_with_a_title_carry_their_date(room: Room) -> None:
    weekly = Editions()
    weekly.weeks = {"2026-11-09": (2,), "2026-11-16": (3,)}
    room.more = {"weekly": weekly}
    room.define_sources(
        (SyncSource(service="weekly", playlist="x", keep=5),),
        targets=(SyncTarget(server="fake", title="Discover"),),
    )
    room.run()
    assert held(room) == {"Discover, 2026-11-16": [3], "Discover, 2026-11-09": [2]}


def test_a_source_without_editions_says_so(room: Room) -> None:
    room.more = {"a": numbers(1)}
    room.define_sources((SyncSource(service="a", playlist="x", keep=2),))
    with pytest.raises(SourceIncomplete, match="a has no editions of a playlist: remove `keep`"):
        room.run()


def test_a_daily_shuffle_is_written_once_a_day(room: Room) -> None:
    room.sources(a=numbers(*range(1, 21)))
    room.define_sources(room.definition.sources, selection=Selection(shuffle=True, limit=10))
    room.run()
    first = room.numbers()
    room.server.writes.clear()
    room.run()
    assert room.server.writes == []
    room.clock.advance(timedelta(days=1))
    assert room.run().targets[0].held == ""
    assert len(room.numbers()) == 10
    assert room.numbers() != first


def held(room: Room) -> dict[str, list[int]]:
    return {
        playlist.title: [int(entry.server_id.removeprefix("id")) for entry in playlist.entries]
        for playlist in room.server.playlists.values()
    }
