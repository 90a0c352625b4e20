"""The kind `playlist_sync`: its options, its result, and what becomes of its playlists."""

from typing import Any

import pytest
from fakes_library import START, FakeClock, FakeServices, song, wish
from fakes_sync import SyncRoom
from pydantic import ValidationError

from cmdarr.commands.playlist_sync import PlaylistSync, delete_orphans
from cmdarr.commands.playlist_sync.options import PlaylistSyncOptions
from cmdarr.config.command import ServiceReference, WrittenPlaylist
from cmdarr.config.fields import Removals
from cmdarr.config.settings import Settings
from cmdarr.config.snapshot import Snapshot
from cmdarr.engine.command import CommandDependencies, Run
from cmdarr.models.execution import Outcome, Status
from cmdarr.models.match import Pin
from cmdarr.models.redaction import Redactor

SMALLEST: dict[str, Any] = {
    "kind": "playlist_sync",
    "source": {"service": "source", "playlist": "x"},
    "targets": ({"server": "fake"},),
}


def options(**values: Any) -> PlaylistSyncOptions:
    return PlaylistSyncOptions.model_validate(SMALLEST | values)


def snapshot(*pins: Pin) -> Snapshot:
    return Snapshot(
        generation="g",
        settings=Settings(),
        commands={},
        pins=pins,
        findings=(),
        redactor=Redactor(),
        loaded_at=START,
    )


def test_it_tells_the_playlists_whose_title_it_names() -> None:
    chosen = options(
        targets=(
            {"server": "plex", "title": " Mix ", "users": ("alice", "bob")},
            {"server": "files"},
            {"server": "attic", "title": "Mix"},
        )
    )
    assert list(chosen.written_playlists()) == [
        WrittenPlaylist(("targets", 0, "title"), "plex", "Mix", "alice"),
        WrittenPlaylist(("targets", 0, "title"), "plex", "Mix", "bob"),
        WrittenPlaylist(("targets", 2, "title"), "attic", "Mix"),
    ]


def test_two_titles_that_differ_in_spaces_are_one_playlist() -> None:
    with pytest.raises(ValidationError, match="two targets write to the same playlist of files"):
        options(targets=({"server": "files", "title": "Mix"}, {"server": "files", "title": "Mix "}))


class CommandRoom(SyncRoom):
    """Runs the command itself."""

    def dependencies(self) -> CommandDependencies:
        return CommandDependencies(
            services=FakeServices(self.source, *self.servers.values()),
            index=self.index,
            bindings=self.bindings,
            revisions=self.revisions,
            held=self.held,
            clock=FakeClock(),
        )

    def run_command(
        self, chosen: PlaylistSyncOptions, *pins: Pin, dry_run: bool = False, accept_removals: bool = False
    ) -> Outcome:
        run = Run(
            name="mix",
            options=chosen,
            execution_id=7,
            dry_run=dry_run,
            accept_removals=accept_removals,
            cancel=self.cancel,
            progress=self.progress,
            clock=self.clock,
            snapshot=snapshot(*pins),
        )
        return PlaylistSync.build(self.dependencies()).run(run)


@pytest.fixture
def room() -> CommandRoom:
    return CommandRoom()


def test_the_smallest_options() -> None:
    chosen = options()
    assert (chosen.mode, chosen.max_removals, chosen.adopt, chosen.on_delete) == (
        "mirror",
        None,
        False,
        "keep",
    )
    written = {"source": {"service": "source"}, "targets": ({"server": "fake"}, {"server": 1}, "x")}
    assert list(chosen.service_references(written)) == [
        ServiceReference(("source", "service"), "source", "source"),
        ServiceReference(("targets", 0, "server"), "fake", "server"),
    ]


@pytest.mark.parametrize(("versions", "matched"), [("strict", 0), ("prefer", 1), ("any", 1)])
def test_versions_say_what_may_stand_for_the_wanted_track(
    room: CommandRoom, versions: str, matched: int
) -> None:
    room.server.sections["Music"] = [song(1, title="Song 1 (Live)")]
    room.want(1)
    chosen = options(versions=versions)
    targets = room.run_command(chosen, dry_run=True).result["targets"]
    assert isinstance(targets, list)
    assert targets[0]["matched"] == matched


def test_max_removals_is_a_percentage_or_a_number() -> None:
    assert options(max_removals="30%").max_removals == Removals(30, is_percent=True)
    assert options(max_removals=5).max_removals == Removals(5)


@pytest.mark.parametrize(
    "values",
    [
        {"targets": ()},
        {"mode": "merge"},
        {"versions": "loose"},
        {"max_removals": "101%"},
        {"max_removals": -1},
        {"on_delete": "ask"},
        {"discover_artists": {"import_list": "X y"}},
        {"discover_artists": {}},
        {"source": None},
        {"sources": ({"service": "source", "playlist": "x"},)},
        {"source": None, "sources": ({"service": "source", "playlist": "x", "keep": 2},)},
        {"source": None, "sources": ({"service": "source", "playlist": "x"},) * 2},
        {"source": {"service": "source", "playlist": "x", "limit": 0}},
        {"limit": 0},
        {"merge": "zip"},
        {"min_year": 12},
        {"source": {"service": "source"}},
        {"source": {"service": "source", "playlist": ""}},
        {"targets": ({"server": "fake", "title": ""},)},
        {"targets": ({"server": "fake"}, {"server": "fake"})},
        {"targets": ({"server": "fake", "users": ("a", "a")},)},
    ],
)
def test_wrong_options_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        options(**values)


def test_one_server_for_several_users_and_titles() -> None:
    chosen = options(
        targets=({"server": "fake", "users": ("alice", "bob")}, {"server": "fake", "title": "Two"})
    )
    assert [(target.user, target.title, target.slot) for target in chosen.sync_targets()] == [
        ("alice", "", ""),
        ("bob", "", ""),
        ("", "Two", "Two"),
    ]


def test_the_result_has_the_documented_shape(room: CommandRoom) -> None:
    room.want_tracks(wish(1), wish(2), wish(3, "Somebody"))
    outcome = room.run_command(options())
    assert (outcome.status, outcome.changes, outcome.error) == (Status.SUCCEEDED, 2, None)
    assert outcome.summary == "2 of 3 tracks matched; fake: 2 added, 0 removed."
    assert outcome.result == {
        "source": {"title": "Mix", "tracks": 3},
        "targets": [
            {
                "server": "fake",
                "title": "Mix",
                "playlist_id": "p1",
                "user": None,
                "matched": 2,
                "unmatched": [
                    {
                        "artist": "Somebody",
                        "title": "Song 3",
                        "album": "",
                        "reason": "nearest is “Artist – Song 3”: it is by another artist",
                        "candidates": [
                            {
                                "artist": "Artist",
                                "title": "Song 3",
                                "album": "",
                                "server_id": "id3",
                                "score": 0.45,
                                "reason": "it is by another artist",
                            }
                        ],
                    }
                ],
                "added": 2,
                "removed": 0,
                "moved": 0,
                "unchanged": 0,
                "held": False,
                "writes": 1,
            }
        ],
    }


def test_an_unchanged_playlist_says_so(room: CommandRoom) -> None:
    room.want(1, 2)
    room.run_command(options())
    outcome = room.run_command(options())
    assert (outcome.summary, outcome.changes) == ("2 of 2 tracks matched; fake: unchanged.", 0)


def test_a_dry_run_lists_the_plan(room: CommandRoom) -> None:
    room.want(1, 2, 3, 4)
    room.run_command(options())
    room.want(5, 4, 1, 2)
    outcome = room.run_command(options(), dry_run=True)
    targets = outcome.result["targets"]
    assert isinstance(targets, list)
    assert targets[0]["plan"] == ["- Artist – Song 3", "+ Artist – Song 5 (to 1)", "~ Artist – Song 4 (to 2)"]
    assert (outcome.changes, targets[0]["writes"]) == (3, 0)


def test_a_held_change_is_held(room: CommandRoom) -> None:
    room.want(*range(1, 13))
    room.run_command(options())
    room.want(1)
    outcome = room.run_command(options())
    assert (outcome.status, outcome.changes) == (Status.HELD, 0)
    assert "11 of 12 tracks would be removed" in outcome.summary
    targets = outcome.result["targets"]
    assert isinstance(targets, list)
    assert targets[0]["held"] is True
    assert len(targets[0]["plan"]) == 11
    assert room.run_command(options(), accept_removals=True).status is Status.SUCCEEDED


def test_a_partial_failure_is_a_failure_with_the_good_results() -> None:
    room = CommandRoom("fake", "other")
    room.servers["other"].fail_at = 1
    room.want(1)
    outcome = room.run_command(options(targets=({"server": "other"}, {"server": "fake"})))
    assert (outcome.status, outcome.error_class) == (Status.FAILED, "ServiceUnavailable")
    assert outcome.error == "other: list_sections was cut off."
    assert outcome.summary == "1 of 1 tracks matched; other: failed; fake: 1 added, 0 removed."
    targets = outcome.result["targets"]
    assert isinstance(targets, list)
    assert [target.get("error") for target in targets] == ["other: list_sections was cut off.", None]
    assert room.numbers("fake") == [1]


def test_servers_that_match_differently_are_counted_each() -> None:
    room = CommandRoom("fake", "other")
    room.servers["other"].sections["Music"] = room.server.sections["Music"][:1]
    room.want(1, 2)
    outcome = room.run_command(options(targets=({"server": "fake"}, {"server": "other"})))
    assert outcome.summary == (
        "fake: 2 of 2 matched, 2 added, 0 removed; other: 1 of 2 matched, 1 added, 0 removed."
    )


def test_the_pins_of_the_snapshot_count(room: CommandRoom) -> None:
    room.want(1, 2)
    room.run_command(options(), Pin(artist="Artist", title="Song 1"))
    assert room.numbers() == [2]


def test_progress_names_the_steps(room: CommandRoom) -> None:
    room.want(1, 2)
    room.run_command(options())
    assert room.progress.steps == [
        "Reading the playlist from source",
        "Matching 2 tracks on fake",
        "Reading the library of fake: Music",
        "Writing “Mix” on fake",
    ]


def test_a_deleted_file_keeps_the_playlists(room: CommandRoom) -> None:
    room.want(1)
    room.run_command(options())
    assert delete_orphans({"mix": options()}, room.dependencies(), room.cancel) == []
    assert room.server.playlists
    assert room.bindings.held


def test_a_deleted_file_that_says_so_deletes_its_playlists(room: CommandRoom) -> None:
    room.want(1, 2)
    room.run_command(options())
    sentences = delete_orphans({"mix": options(on_delete="delete")}, room.dependencies(), room.cancel)
    assert sentences == ["fake: “Mix” was deleted; its 2 tracks are kept as a revision."]
    assert not room.server.playlists
    assert not room.bindings.held
    assert (room.revisions.held[-1].reason, len(room.revisions.held[-1].entries)) == ("before", 2)


def test_playlists_of_other_commands_are_never_deleted(room: CommandRoom) -> None:
    room.want(1)
    room.run_command(options())
    assert delete_orphans({"other": options(on_delete="delete")}, room.dependencies(), room.cancel) == []
    assert room.server.playlists


def test_a_playlist_that_cannot_be_deleted_keeps_its_binding(room: CommandRoom) -> None:
    room.want(1)
    room.run_command(options())
    room.server.calls.clear()
    room.server.fail_at = 2
    sentences = delete_orphans({"mix": options(on_delete="delete")}, room.dependencies(), room.cancel)
    assert sentences == ["fake: “Mix” was not deleted: fake: delete_playlist was cut off."]
    assert room.bindings.held


def test_a_playlist_that_is_gone_is_forgotten(room: CommandRoom) -> None:
    room.want(1)
    room.run_command(options())
    room.server.playlists.clear()
    sentences = delete_orphans({"mix": options(on_delete="delete")}, room.dependencies(), room.cancel)
    assert sentences == ["fake: “Mix” was gone already."]
    assert not room.bindings.held
