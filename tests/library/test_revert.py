"""Putting a revision back: in place, or made again; never to nothing."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from fakes_library import FakeClock, FakePlaylist, song
from fakes_sync import SyncRoom

from cmdarr.errors import ChangeNotApplied, CommandError, PlaylistConflict, StoreUnavailable
from cmdarr.library.revert import RevertReport, revert_playlist
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import PlaylistEntry, Revision
from cmdarr.models.track import ServerId


@pytest.fixture
def room() -> SyncRoom:
    """A playlist that held 1, 2, 3 and holds 4 now."""
    room = SyncRoom()
    room.want(1, 2, 3)
    room.run()
    room.want(4)
    room.run()
    room.server.writes.clear()
    return room


def first(room: SyncRoom) -> Revision:
    return room.revisions.held[0]


def revert(room: SyncRoom, revision: Revision | None = None) -> RevertReport:
    return revert_playlist(
        revision or first(room),
        room.server,
        revisions=room.revisions,
        bindings=room.bindings,
        clock=FakeClock(),
        cancel=CancelToken(),
    )


def test_a_revision_comes_back_in_place_and_the_state_of_before_is_kept(room: SyncRoom) -> None:
    report = revert(room)
    assert room.numbers() == [1, 2, 3]
    assert (len(report.change.added), len(report.change.removed), report.missing) == (3, 1, ())
    before, after = room.revisions.held[-2:]
    assert (before.reason, [entry.server_id for entry in before.entries]) == ("before", ["id4"])
    assert (after.reason, [entry.server_id for entry in after.entries]) == ("restore", ["id1", "id2", "id3"])
    room.server.writes.clear()
    assert revert(room).change.is_empty
    assert room.server.writes == []


def test_tracks_under_new_ids_are_found_again_in_the_playlist_under_its_new_id(room: SyncRoom) -> None:
    room.server.sections["Music"] = [
        song(number, title=f"Song {number}", server_id=f"new{number}") for number in (1, 3, 4)
    ]
    room.server.playlists["rekeyed"] = room.server.playlists.pop("p1")
    room.server.playlists["rekeyed"].entries = [PlaylistEntry(server_id=ServerId("new4"))]
    room.run()
    by_title = {f"Song {number}": f"new{number}" for number in (1, 3)}

    def find_again(lost: Sequence[PlaylistEntry]) -> list[PlaylistEntry | None]:
        return [
            replace(entry, server_id=ServerId(by_title[entry.title])) if entry.title in by_title else None
            for entry in lost
        ]

    report = revert_playlist(
        first(room),
        room.server,
        revisions=room.revisions,
        bindings=room.bindings,
        clock=FakeClock(),
        cancel=CancelToken(),
        find_again=find_again,
    )
    assert [entry.title for entry in report.missing] == ["Song 2"]
    assert (list(room.server.playlists), room.server.ids("rekeyed")) == (["rekeyed"], ["new1", "new3"])


def test_what_the_server_no_longer_has_is_named(room: SyncRoom) -> None:
    room.server.sections["Music"] = [song(number) for number in (1, 3, 4)]
    assert [entry.server_id for entry in revert(room).missing] == ["id2"]
    assert room.numbers() == [1, 3]


def test_a_revision_without_any_track_left_empties_nothing(room: SyncRoom) -> None:
    room.server.sections["Music"] = [song(4)]
    with pytest.raises(CommandError, match="no longer has any of the 3 tracks"):
        revert(room)
    assert room.numbers() == [4]
    assert room.server.writes == []


def test_a_deleted_playlist_is_made_again_and_belongs_to_its_command(room: SyncRoom) -> None:
    room.server.playlists.clear()
    revert(room)
    (playlist_id,) = room.server.playlists
    assert room.numbers(playlist_id=playlist_id) == [1, 2, 3]
    binding = room.bindings.find("mix", "fake")
    assert binding is not None
    assert binding.playlist_id == playlist_id
    room.want(1, 2, 3)
    assert room.run().targets[0].error is None
    assert list(room.server.playlists) == [playlist_id]


def test_a_playlist_that_was_deleted_with_its_command_is_made_again(room: SyncRoom) -> None:
    (binding,) = room.bindings.list("mix")
    room.bindings.remove(binding)
    room.server.playlists.clear()
    revert(room)
    assert [again.title for again in room.bindings.list("mix")] == ["Mix"]
    assert len(room.server.playlists) == 1


def test_another_playlist_of_that_title_is_left_alone(room: SyncRoom) -> None:
    room.server.playlists = {"other": FakePlaylist("Mix", [])}
    with pytest.raises(PlaylistConflict, match="another playlist named “Mix”"):
        revert(room)
    assert list(room.server.playlists) == ["other"]


def test_without_a_place_for_the_revision_of_now_nothing_is_written(room: SyncRoom) -> None:
    def refuse() -> None:
        raise StoreUnavailable("the disk is full.")

    room.revisions.on_write = refuse
    with pytest.raises(StoreUnavailable):
        revert(room)
    assert room.numbers() == [4]


def test_what_did_not_land_is_said(room: SyncRoom) -> None:
    room.server.drops_silently = frozenset({"id2"})
    with pytest.raises(ChangeNotApplied, match="does not hold “Mix” as it was written"):
        revert(room)
    assert [entry.server_id for entry in room.revisions.held[-1].entries] == ["id1", "id3"]


def test_an_empty_revision_may_be_put_back(room: SyncRoom) -> None:
    revert(room, replace(first(room), entries=()))
    assert room.numbers() == []
