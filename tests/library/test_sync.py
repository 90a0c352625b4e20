"""The six steps of a sync: read, find, plan, apply, read back, remember."""

import pytest
from fakes_library import FakePlaylist, song, wish
from fakes_sync import SyncRoom, playlist_of

from cmdarr.config.fields import Removals
from cmdarr.errors import (
    ChangeNotApplied,
    CommandError,
    NothingFound,
    PlaylistConflict,
    RunCancelled,
    ServiceUnavailable,
    SourceIncomplete,
    StoreUnavailable,
)
from cmdarr.library.definition import SyncTarget
from cmdarr.models.playlist import Binding, PlaylistId


@pytest.fixture
def room() -> SyncRoom:
    return SyncRoom()


def full_disk() -> None:
    """Refuse a write."""
    raise StoreUnavailable("the disk is full.")


def error_of(room: SyncRoom) -> Exception:
    """Run and return the error of the first target."""
    error = room.run().targets[0].error
    assert error is not None
    return error


def test_a_playlist_is_created_with_order_and_duplicates(room: SyncRoom) -> None:
    room.want(3, 1, 2, 1, 99)
    target = room.run().targets[0]
    assert room.numbers() == [3, 1, 2, 1]
    assert (target.error, target.playlist_id, target.matched, target.writes) == (None, "p1", 4, 1)
    assert room.server.playlists["p1"].title == "Mix"
    binding = room.bindings.find("mix", "fake")
    assert binding is not None
    assert (binding.playlist_id, binding.title) == ("p1", "Mix")
    assert [(kept.reason, len(kept.entries)) for kept in room.revisions.held] == [("after", 4)]


def test_a_second_run_writes_nothing(room: SyncRoom) -> None:
    room.want(3, 1, 2, 1)
    room.run()
    room.server.writes.clear()
    revisions = len(room.revisions.held)
    target = room.run().targets[0]
    assert (room.server.writes, target.writes, len(room.revisions.held)) == ([], 0, revisions)
    assert target.change is not None
    assert (target.change.is_empty, target.change.unchanged) == (True, 4)


def test_a_changed_source_changes_the_same_playlist(room: SyncRoom) -> None:
    room.want(1, 2, 3)
    room.run()
    room.want(3, 4, 1)
    room.run()
    assert room.numbers() == [3, 4, 1]
    assert room.server.writes == ["create Mix", "change p1"]
    reasons = [(kept.reason, [item.server_id for item in kept.entries]) for kept in room.revisions.held[1:]]
    assert reasons == [("before", ["id1", "id2", "id3"]), ("after", ["id3", "id4", "id1"])]
    assert {kept.execution_id for kept in room.revisions.held} == {7}


def test_append_only_adds(room: SyncRoom) -> None:
    room.define(mode="append")
    room.want(1, 2)
    room.run()
    room.want(3, 2)
    room.run()
    assert room.numbers() == [1, 2, 3]
    room.server.writes.clear()
    room.run()
    assert room.server.writes == []


def test_an_empty_source_touches_nothing(room: SyncRoom) -> None:
    room.want(1)
    room.run()
    room.want()
    with pytest.raises(SourceIncomplete):
        room.run()
    assert room.numbers() == [1]


def test_a_failing_source_touches_nothing(room: SyncRoom) -> None:
    room.want(1)
    room.run()
    room.source.error = SourceIncomplete("3 of 9 tracks came.")
    with pytest.raises(SourceIncomplete):
        room.run()
    assert room.numbers() == [1]


@pytest.mark.parametrize("mode", ["mirror", "append"])
def test_a_source_that_matches_nothing_touches_nothing(room: SyncRoom, mode: str) -> None:
    room.want(1)
    room.run()
    room.define(mode="append" if mode == "append" else "mirror")
    room.want(98, 99)
    error = error_of(room)
    assert isinstance(error, CommandError)
    assert str(error) == "None of the 2 tracks is in the library of fake; the playlist was not touched."
    assert room.numbers() == [1]


def test_no_playlist_is_made_of_nothing(room: SyncRoom) -> None:
    room.want(98)
    room.run()
    assert not room.server.playlists
    assert not room.bindings.held


def test_a_playlist_of_somebody_else_is_left_alone(room: SyncRoom) -> None:
    room.server.playlists["mine"] = playlist_of(7)
    room.want(1)
    error = error_of(room)
    assert isinstance(error, PlaylistConflict)
    assert "was not made by Cmdarr" in str(error)
    assert "adopt: true" in str(error)
    assert room.server.writes == []


def test_a_playlist_of_another_command_is_left_alone(room: SyncRoom) -> None:
    room.server.playlists["theirs"] = playlist_of(7)
    room.bindings.save(
        Binding(command="other", server="fake", user="", playlist_id=PlaylistId("theirs"), title="Mix")
    )
    room.want(1)
    assert "belongs to the command 'other'" in str(error_of(room))


def test_adopt_takes_the_playlist_over(room: SyncRoom) -> None:
    room.server.playlists["mine"] = playlist_of(7)
    room.define(adopt=True)
    room.want(1)
    assert room.run().targets[0].error is None
    assert room.numbers(playlist_id="mine") == [1]
    assert [item.server_id for item in room.revisions.held[0].entries] == ["id7"]


def test_two_of_that_title_are_both_named(room: SyncRoom) -> None:
    room.server.playlists |= {"one": playlist_of(1), "two": playlist_of(2)}
    room.define(adopt=True)
    room.want(1)
    assert "2 playlists named “Mix” (one, two)" in str(error_of(room))


def test_a_read_only_playlist_is_left_alone(room: SyncRoom) -> None:
    room.server.playlists["mine"] = FakePlaylist("Mix", [], read_only=True)
    room.define(adopt=True)
    room.want(1)
    assert "read-only" in str(error_of(room))


def test_a_renamed_playlist_is_found_by_its_binding(room: SyncRoom) -> None:
    room.want(1)
    room.run()
    room.server.playlists["p1"].title = "My own title"
    room.want(2)
    room.run()
    assert room.numbers() == [2]
    assert list(room.server.playlists) == ["p1"]


def test_a_server_that_holds_a_track_only_once_gets_it_once_and_that_is_told(room: SyncRoom) -> None:
    room.server.drops_duplicates = True
    room.want(1, 2, 1, 3, 2)
    target = room.run().targets[0]
    assert (room.numbers(), target.error) == ([1, 2, 3], None)
    assert (
        target.note
        == "2 repeated tracks are there only once: this version of fake holds a track once in a playlist"
    )
    room.server.writes.clear()
    assert room.run().targets[0].error is None
    assert room.server.writes == []
    room.want(1, 2, 3)
    room.server.calls.clear()
    assert room.run().targets[0].note == ""
    assert "keeps_duplicates" not in room.server.calls


def test_a_new_title_in_the_file_renames_the_playlist(room: SyncRoom) -> None:
    room.want(1)
    room.run()
    room.define(targets=(SyncTarget(server="fake", title="New"),))
    room.server.writes.clear()
    planned = room.run(dry_run=True).targets[0]
    assert (planned.details.title, room.server.writes) == ("New", [])
    target = room.run().targets[0]
    assert (target.writes, room.server.writes) == (1, ["rename p1 New"])
    assert room.run().targets[0].details.is_empty
    assert room.server.writes == ["rename p1 New"]
    assert room.numbers() == [1]


def test_a_title_of_the_user_stays_until_the_one_in_the_file_changes(room: SyncRoom) -> None:
    room.want(1)
    room.run()
    room.server.playlists["p1"].title = "My own"
    room.run()
    assert room.server.playlists["p1"].title == "My own"
    room.define(targets=(SyncTarget(server="fake", title="New"),))
    room.run()
    assert room.server.playlists["p1"].title == "New"


def test_a_playlist_renamed_on_the_server_as_in_the_file_needs_no_write(room: SyncRoom) -> None:
    room.want(1)
    room.run()
    room.server.playlists["p1"].title = "New"
    room.define(targets=(SyncTarget(server="fake", title="New"),))
    room.server.writes.clear()
    room.run()
    calls = len(room.server.calls)
    room.run()
    assert room.server.writes == []
    assert "list_playlists" not in room.server.calls[calls:]


def test_a_title_that_another_playlist_has_is_not_taken(room: SyncRoom) -> None:
    room.want(1)
    room.run()
    room.server.playlists["other"] = FakePlaylist("New", [])
    room.define(targets=(SyncTarget(server="fake", title="New"),))
    target = room.run().targets[0]
    assert target.details.note == (
        "the playlist keeps its title “Mix”, because another one is named “New”: rename or remove that one."
    )
    assert room.server.playlists["p1"].title == "Mix"


def test_a_rename_that_fails_is_told_and_done_by_the_next_run(room: SyncRoom) -> None:
    room.want(1)
    room.run()
    room.want(1, 2)
    room.define(targets=(SyncTarget(server="fake", title="New"),))
    room.server.calls.clear()
    room.server.fail_at, room.server.fault = 0, "before"
    room.server.on_call = lambda call: setattr(
        room.server, "fail_at", len(room.server.calls) if call == "rename_playlist" else 0
    )
    target = room.run().targets[0]
    assert "rename_playlist was cut off" in str(target.error)
    assert room.numbers() == [1, 2]
    room.server.on_call = lambda call: None
    room.server.fail_at = 0
    assert room.run().targets[0].error is None
    assert room.server.playlists["p1"].title == "New"


def test_one_of_two_playlists_on_a_server_is_renamed_not_doubled(room: SyncRoom) -> None:
    def define(first: str, second: str) -> None:
        titles = (first, second)
        room.define(targets=tuple(SyncTarget(server="fake", title=t, slot=t) for t in titles))

    room.want(1)
    define("One", "Two")
    room.run()
    define("One", "Zwei")
    room.run()
    assert [held.title for held in room.server.playlists.values()] == ["One", "Zwei"]
    assert sorted(binding.slot for binding in room.bindings.list("mix")) == ["One", "Zwei"]
    room.define(targets=(SyncTarget(server="fake", title="Zwei"),))
    room.run()
    assert [held.title for held in room.server.playlists.values()] == ["One", "Zwei"]


@pytest.mark.parametrize(
    ("made_by_us", "on_server", "expected"),
    [(True, "first", "second"), (True, "", "second"), (True, "mine", "mine"), (False, "first", "first")],
)
def test_a_description_is_written_only_over_our_own(
    room: SyncRoom, made_by_us: bool, on_server: str, expected: str
) -> None:
    room.want(1)
    if not made_by_us:
        room.server.playlists["p1"] = FakePlaylist("Mix", [])
    room.define(description="first", adopt=True)
    room.run()
    room.server.playlists["p1"].description = on_server
    room.define(description="second", adopt=True)
    room.run()
    assert room.server.playlists["p1"].description == expected
    room.server.writes.clear()
    room.run()
    assert room.server.writes == []
    assert room.server.playlists["p1"].description == expected


def test_a_playlist_under_a_new_id_is_found_by_its_title(room: SyncRoom) -> None:
    room.want(1, 2)
    room.run()
    room.server.playlists["new"] = room.server.playlists.pop("p1")
    room.server.writes.clear()
    assert room.run().targets[0].error is None
    assert room.server.writes == []
    binding = room.bindings.find("mix", "fake")
    assert binding is not None
    assert binding.playlist_id == "new"


def test_a_deleted_playlist_is_made_again(room: SyncRoom) -> None:
    room.want(1, 2)
    room.run()
    room.server.playlists.clear()
    assert room.run().targets[0].error is None
    assert room.numbers() == [1, 2]


def test_a_rekeyed_library_makes_no_second_copy(room: SyncRoom) -> None:
    room.want(1, 2)
    room.run()
    new = {number: song(number + 100, title=f"Song {number}") for number in range(1, 31)}
    room.server.sections["Music"] = list(new.values())
    playlist = room.server.playlists.pop("p1")
    room.server.playlists["rekeyed"] = FakePlaylist("Mix", [])
    room.server.playlists["rekeyed"].entries = [
        type(item)(server_id=new[number].server_id) for number, item in enumerate(playlist.entries, 1)
    ]
    assert room.run().targets[0].error is None
    assert list(room.server.playlists) == ["rekeyed"]
    assert room.numbers(playlist_id="rekeyed") == [101, 102]


def test_a_track_that_died_since_the_refresh_is_looked_for_again(room: SyncRoom) -> None:
    room.want(1, 2)
    room.run()
    room.server.sections["Music"] = [song(3, title="Song 3", server_id="new3")]
    room.want(3)
    assert room.run().targets[0].error is None
    assert room.server.ids("p1") == ["new3"]


def test_an_id_that_names_another_track_by_now_is_looked_for_again(room: SyncRoom) -> None:
    room.want(1, 2)
    room.run()
    room.server.sections["Music"] = [
        song(3, title="Song 4", server_id="id3"), song(4, title="Song 3", server_id="id4"),
        *(song(number, title=f"Song {number}") for number in (1, 2)),
    ]  # fmt: skip
    room.want(1, 2, 3)
    assert room.run().targets[0].error is None
    assert room.server.ids("p1") == ["id1", "id2", "id4"]


def test_a_title_that_is_only_told_in_another_way_stops_nothing(room: SyncRoom) -> None:
    room.server.title_suffix = " (told in full)"
    room.want(1, 2)
    assert room.run().targets[0].error is None
    assert room.numbers() == [1, 2]


def test_an_id_that_names_another_playlist_by_now_is_left_alone(room: SyncRoom) -> None:
    room.want(1, 2)
    room.run()
    room.server.playlists["p1"] = FakePlaylist("Somebody's own", playlist_of(7, 8).entries)
    assert room.run().targets[0].error is None
    assert room.numbers() == [7, 8]
    (made,) = [key for key in room.server.playlists if key != "p1"]
    assert room.numbers(playlist_id=made) == [1, 2]


def test_a_playlist_that_the_user_filled_anew_is_still_the_one(room: SyncRoom) -> None:
    room.want(1, 2)
    room.run()
    room.server.playlists["p1"].entries = playlist_of(7, 8).entries
    room.run()
    assert room.numbers() == [1, 2]
    assert list(room.server.playlists) == ["p1"]


def test_a_held_change_removes_nothing_and_is_kept(room: SyncRoom) -> None:
    room.want(*range(1, 13))
    room.run()
    room.want(1, 2)
    target = room.run().targets[0]
    assert "10 of 12 tracks would be removed" in target.held
    assert room.numbers() == list(range(1, 13))
    change = room.held.find("mix", "fake")
    assert change is not None
    assert (len(change.removed), [item.server_id for item in change.wanted]) == (10, ["id1", "id2"])


def test_accepted_removals_are_applied_and_forgotten(room: SyncRoom) -> None:
    room.want(*range(1, 13))
    room.run()
    room.want(1, 2)
    room.run()
    assert room.run(accept_removals=True).targets[0].held == ""
    assert room.numbers() == [1, 2]
    assert not room.held.held


def test_a_hold_that_is_over_is_forgotten(room: SyncRoom) -> None:
    room.want(*range(1, 13))
    room.run()
    room.want(1, 2)
    room.run()
    room.want(*range(1, 13))
    room.run()
    assert not room.held.held


def test_unmatched_tracks_count_as_removals(room: SyncRoom) -> None:
    room.want(*range(1, 13))
    room.run()
    room.want_tracks(*(wish(number, "Somebody" if number > 4 else "Artist") for number in range(1, 13)))
    assert room.run().targets[0].held


def test_max_removals_of_its_own(room: SyncRoom) -> None:
    room.define(max_removals=Removals(0))
    room.want(1, 2)
    room.run()
    room.want(1)
    assert room.run().targets[0].held
    assert room.numbers() == [1, 2]


@pytest.mark.parametrize("numbers", [(1, 2), (3, 4, 1), (1,)])
def test_a_dry_run_plans_the_same_and_writes_nothing(room: SyncRoom, numbers: tuple[int, ...]) -> None:
    room.want(1, 2)
    room.run()
    room.want(*numbers)
    room.server.writes.clear()
    stores = (dict(room.bindings.held), list(room.revisions.held), dict(room.held.held))
    planned = room.run(dry_run=True).targets[0].change
    assert stores == (room.bindings.held, room.revisions.held, room.held.held)
    assert room.server.writes == []
    assert room.run().targets[0].change == planned


def test_a_dry_run_of_a_new_playlist_writes_nothing(room: SyncRoom) -> None:
    room.want(1, 2)
    change = room.run(dry_run=True).targets[0].change
    assert change is not None
    assert len(change.added) == 2
    assert not room.server.playlists
    assert not room.bindings.held


def test_a_dry_run_of_a_held_change_keeps_nothing(room: SyncRoom) -> None:
    room.want(*range(1, 13))
    room.run()
    room.want(1)
    assert room.run(dry_run=True).targets[0].held
    assert not room.held.held


def test_what_did_not_land_is_named(room: SyncRoom) -> None:
    room.server.drops_silently = frozenset({"id2"})
    room.want(1, 2, 3)
    target = room.run().targets[0]
    assert isinstance(target.error, ChangeNotApplied)
    assert str(target.error) == "fake: “Mix”: 1 of 3 tracks did not land: Artist – Song 2."
    assert target.writes == 1
    assert room.revisions.held[-1].reason == "after"


def test_one_failing_target_never_stops_the_others() -> None:
    room = SyncRoom("one", "two", "three")
    room.servers["two"].fail_at = 1
    room.want(1, 2)
    reports = room.run().targets
    assert [type(report.error) for report in reports] == [type(None), ServiceUnavailable, type(None)]
    assert room.numbers("one") == room.numbers("three") == [1, 2]


def test_an_unknown_server_fails_its_own_target() -> None:
    room = SyncRoom("one")
    room.define(targets=(SyncTarget(server="gone"), SyncTarget(server="one")))
    room.want(1)
    assert [type(report.error) for report in room.run().targets] == [NothingFound, type(None)]


def test_several_users_share_the_matching(room: SyncRoom) -> None:
    room.define(targets=(SyncTarget(server="fake", user="alice"), SyncTarget(server="fake", user="bob")))
    room.want(1, 2)
    room.run()
    assert [(held.user, len(held.entries)) for held in room.server.playlists.values()] == [
        ("alice", 2),
        ("bob", 2),
    ]
    assert room.server.calls.count("list_sections") == 2, "one look at the sections, and one refresh"


def test_two_titles_on_one_server(room: SyncRoom) -> None:
    room.define(
        targets=(
            SyncTarget(server="fake", title="One", slot="One"),
            SyncTarget(server="fake", title="Two", slot="Two"),
        )
    )
    room.want(1)
    room.run()
    room.want(2)
    room.run()
    assert [(held.title, held.entries[0].server_id) for held in room.server.playlists.values()] == [
        ("One", "id2"),
        ("Two", "id2"),
    ]


def test_a_second_title_later_keeps_the_first_playlist(room: SyncRoom) -> None:
    room.define(targets=(SyncTarget(server="fake", title="One"),))
    room.want(1)
    room.run()
    room.define(
        targets=(
            SyncTarget(server="fake", title="One", slot="One"),
            SyncTarget(server="fake", title="Two", slot="Two"),
        )
    )
    assert [report.error for report in room.run().targets] == [None, None]
    assert [held.title for held in room.server.playlists.values()] == ["One", "Two"]


def test_the_description_goes_to_a_new_playlist_only(room: SyncRoom) -> None:
    room.define(description="Friday's hits")
    room.want(1)
    room.run()
    room.server.playlists["p1"].description = "mine"
    room.want(2)
    room.run()
    assert room.server.playlists["p1"].description == "mine"


def test_without_a_revision_nothing_is_changed(room: SyncRoom) -> None:
    room.want(1)
    room.run()
    room.want(2)
    room.revisions.on_write = full_disk
    assert isinstance(error_of(room), StoreUnavailable)
    assert room.numbers() == [1]


def test_without_a_binding_nothing_is_created(room: SyncRoom) -> None:
    room.want(1)
    room.bindings.on_write = full_disk
    assert isinstance(error_of(room), StoreUnavailable)
    assert not room.server.playlists


def test_a_cancelled_run_stops_before_the_next_target() -> None:
    room = SyncRoom("one", "two")
    room.want(1)
    room.servers["one"].on_call = lambda call: room.cancel.cancel() if call == "create_playlist" else None
    with pytest.raises(RunCancelled):
        room.run()
    assert not room.servers["two"].playlists


def test_deleting_the_cache_in_the_middle_changes_nothing(room: SyncRoom) -> None:
    room.want(*range(1, 11))
    room.run()
    room.index.before_find = room.index.vanish
    room.server.writes.clear()
    assert room.run().targets[0].error is None
    assert room.server.writes == []
    assert room.numbers() == list(range(1, 11))
