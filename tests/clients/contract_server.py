"""What every music server must do, written once: subclass `ServerContract` and give it a server with a library."""

from collections.abc import Sequence
from itertools import chain

import pytest

from cmdarr.errors import RunCancelled
from cmdarr.library.ports import MusicServer, OnlineService, PlaylistChange
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import PlaylistEntry, PlaylistId
from cmdarr.models.track import LibraryTrack, ServerId


def plan(current: Sequence[PlaylistEntry], wanted: Sequence[PlaylistEntry]) -> PlaylistChange:
    """Return the change from one list to the other; entries that both have count as moved when the order differs."""
    held, asked = [e.server_id for e in current], [e.server_id for e in wanted]
    added = tuple(
        e for n, e in enumerate(wanted) if asked[: n + 1].count(e.server_id) > held.count(e.server_id)
    )
    removed = tuple(
        e for n, e in enumerate(current) if held[: n + 1].count(e.server_id) > asked.count(e.server_id)
    )
    kept = [e.server_id for e in current if e not in removed], [e.server_id for e in wanted if e not in added]
    moved = tuple(
        e
        for e, before in zip((e for e in wanted if e not in added), kept[0], strict=False)
        if e.server_id != before
    )
    return PlaylistChange(
        current=tuple(current), wanted=tuple(wanted), added=added, removed=removed, moved=moved
    )


class ServerContract:
    """Subclasses define the fixture `server`: a fresh server without playlists, its library of at least 6 tracks."""

    user = ""
    keeps_duplicates = True
    keeps_descriptions = True
    dead_id = ServerId("no-such-item")

    @pytest.fixture
    def server(self) -> MusicServer:
        raise NotImplementedError

    @pytest.fixture
    def cancel(self) -> CancelToken:
        return CancelToken()

    @pytest.fixture
    def tracks(self, server: MusicServer, cancel: CancelToken) -> list[LibraryTrack]:
        sections = server.list_sections(cancel)
        return list(chain.from_iterable(batch for s in sections for batch in server.fetch_tracks(s, cancel)))

    @pytest.fixture
    def entries(self, tracks: list[LibraryTrack]) -> list[PlaylistEntry]:
        return [
            PlaylistEntry(server_id=t.server_id, artist=t.artist, title=t.title, album=t.album)
            for t in tracks[:6]
        ]

    def create(self, server: MusicServer, title: str, entries: Sequence[PlaylistEntry]) -> PlaylistId:
        return server.create_playlist(title, entries, "made by a test", self.user, CancelToken())

    def ids(self, server: MusicServer, playlist_id: PlaylistId) -> list[ServerId] | None:
        entries = server.fetch_entries(playlist_id, self.user, CancelToken())
        return None if entries is None else [entry.server_id for entry in entries]

    def change(self, server: MusicServer, playlist_id: PlaylistId, wanted: Sequence[PlaylistEntry]) -> int:
        current = server.fetch_entries(playlist_id, self.user, CancelToken())
        assert current is not None
        return server.apply_change(playlist_id, plan(current, wanted), self.user, CancelToken())

    def test_it_is_a_music_server(self, server: MusicServer) -> None:
        assert isinstance(server, MusicServer)
        assert server.name

    def test_sections_give_tracks_in_batches_with_unique_ids(
        self, server: MusicServer, cancel: CancelToken, tracks: list[LibraryTrack]
    ) -> None:
        sections = server.list_sections(cancel)
        assert sections
        assert len(set(sections)) == len(sections)
        assert len(tracks) >= 6
        assert len({track.server_id for track in tracks}) == len(tracks)
        assert all(track.title and track.artist for track in tracks)

    def test_an_announced_number_of_tracks_is_the_number_that_comes(
        self, server: MusicServer, cancel: CancelToken, tracks: list[LibraryTrack]
    ) -> None:
        counts = [server.count_tracks(section, cancel) for section in server.list_sections(cancel)]
        assert None in counts or sum(count or 0 for count in counts) == len(tracks)

    def test_a_second_reading_gives_the_same_tracks(
        self, server: MusicServer, cancel: CancelToken, tracks: list[LibraryTrack]
    ) -> None:
        again = [
            t for s in server.list_sections(cancel) for batch in server.fetch_tracks(s, cancel) for t in batch
        ]
        assert again == tracks

    def test_a_fresh_server_has_no_playlist(self, server: MusicServer, cancel: CancelToken) -> None:
        assert [info.title for info in server.list_playlists(self.user, cancel) if not info.read_only] == []

    def test_an_unknown_playlist_has_no_entries(self, server: MusicServer) -> None:
        assert self.ids(server, PlaylistId("no-such-playlist")) is None

    def test_a_created_playlist_is_listed_and_read_back(
        self, server: MusicServer, cancel: CancelToken, entries: list[PlaylistEntry]
    ) -> None:
        playlist_id = self.create(server, "Été / Ночь: 夜?", entries[:4])
        infos = {info.playlist_id: info.title for info in server.list_playlists(self.user, cancel)}
        assert infos == {playlist_id: "Été / Ночь: 夜?"}
        read = server.fetch_entries(playlist_id, self.user, cancel)
        assert read is not None
        assert [(e.server_id, e.artist, e.title) for e in read] == [
            (e.server_id, e.artist, e.title) for e in entries[:4]
        ]

    def test_an_empty_playlist_exists(self, server: MusicServer) -> None:
        assert self.ids(server, self.create(server, "Empty", [])) == []

    def test_two_playlists_of_one_title_are_two(
        self, server: MusicServer, entries: list[PlaylistEntry]
    ) -> None:
        first, second = self.create(server, "Same", entries[:1]), self.create(server, "Same", entries[1:3])
        assert first != second
        assert self.ids(server, first) == [entries[0].server_id]
        assert self.ids(server, second) == [e.server_id for e in entries[1:3]]

    @pytest.mark.parametrize(
        "wanted", [(0, 1, 2, 3), (3, 2, 1, 0), (0, 2), (4, 0, 1, 2, 5), (), (5, 3, 0), (1, 2, 3, 0)], ids=str
    )
    def test_a_change_gives_exactly_the_wanted_order(
        self, server: MusicServer, entries: list[PlaylistEntry], wanted: tuple[int, ...]
    ) -> None:
        playlist_id = self.create(server, "Mix", entries[:4])
        self.change(server, playlist_id, [entries[i] for i in wanted])
        assert self.ids(server, playlist_id) == [entries[i].server_id for i in wanted]

    def test_duplicates_are_kept(self, server: MusicServer, entries: list[PlaylistEntry]) -> None:
        a, b, c = entries[:3]
        assert server.keeps_duplicates(CancelToken()) == self.keeps_duplicates
        playlist_id = self.create(server, "Twice", [a, b, a])
        if not self.keeps_duplicates:
            assert self.ids(server, playlist_id) == [a.server_id, b.server_id]
            return
        assert self.ids(server, playlist_id) == [a.server_id, b.server_id, a.server_id]
        self.change(server, playlist_id, [c, a, a, a, b])
        assert self.ids(server, playlist_id) == [e.server_id for e in (c, a, a, a, b)]
        self.change(server, playlist_id, [a, b])
        assert self.ids(server, playlist_id) == [a.server_id, b.server_id]

    def test_a_change_stays_in_place(
        self, server: MusicServer, cancel: CancelToken, entries: list[PlaylistEntry]
    ) -> None:
        playlist_id = self.create(server, "Mix", entries[:2])
        assert self.change(server, playlist_id, entries[2:5]) > 0
        assert [(i.playlist_id, i.title) for i in server.list_playlists(self.user, cancel)] == [
            (playlist_id, "Mix")
        ]

    def test_a_renamed_playlist_keeps_its_entries(
        self, server: MusicServer, cancel: CancelToken, entries: list[PlaylistEntry]
    ) -> None:
        playlist_id, other = (
            self.create(server, "Old", entries[:3]),
            self.create(server, "Other", entries[:1]),
        )
        renamed = server.rename_playlist(playlist_id, "New / neu: 新", self.user, cancel)
        infos = {info.playlist_id: info.title for info in server.list_playlists(self.user, cancel)}
        assert infos == {renamed: "New / neu: 新", other: "Other"}
        assert self.ids(server, renamed) == [e.server_id for e in entries[:3]]
        assert server.rename_playlist(renamed, "New / neu: 新", self.user, cancel) == renamed

    def test_a_description_is_set_and_changed_and_nothing_else_is(
        self, server: MusicServer, cancel: CancelToken, entries: list[PlaylistEntry]
    ) -> None:
        playlist_id = self.create(server, "Mix", entries[:3])
        before = [info.description for info in server.list_playlists(self.user, cancel)]
        server.describe_playlist(playlist_id, "weiß & größer", self.user, cancel)
        infos = list(server.list_playlists(self.user, cancel))
        assert [(info.playlist_id, info.title) for info in infos] == [(playlist_id, "Mix")]
        if self.keeps_descriptions:
            assert before in (["made by a test"], [None])
            assert infos[0].description in {"weiß & größer", None}
        assert self.ids(server, playlist_id) == [e.server_id for e in entries[:3]]

    def test_a_server_says_who_it_is(self, server: MusicServer, cancel: CancelToken) -> None:
        assert isinstance(server, OnlineService)
        about = server.check(cancel)
        assert about
        assert "\n" not in about

    def test_an_empty_change_writes_nothing(self, server: MusicServer, entries: list[PlaylistEntry]) -> None:
        playlist_id = self.create(server, "Mix", entries[:3])
        current = server.fetch_entries(playlist_id, self.user, CancelToken())
        assert current is not None
        assert self.change(server, playlist_id, current) == 0

    def test_a_deleted_playlist_is_gone_and_deleting_it_again_is_fine(
        self, server: MusicServer, cancel: CancelToken, entries: list[PlaylistEntry]
    ) -> None:
        playlist_id, other = (
            self.create(server, "Gone", entries[:2]),
            self.create(server, "Stays", entries[:2]),
        )
        for _ in range(2):
            server.delete_playlist(playlist_id, self.user, cancel)
        assert self.ids(server, playlist_id) is None
        assert [info.playlist_id for info in server.list_playlists(self.user, cancel)] == [other]

    def test_dead_ids_are_found(
        self, server: MusicServer, cancel: CancelToken, tracks: list[LibraryTrack]
    ) -> None:
        alive = [track.server_id for track in tracks[:3]]
        titles = server.fetch_titles([*alive, self.dead_id], cancel)
        assert set(titles) == set(alive)
        assert all(titles[track.server_id] in {"", track.title} for track in tracks[:3])
        assert server.fetch_titles([], cancel) == {}

    def test_a_cancelled_run_stops_before_any_write(
        self, server: MusicServer, entries: list[PlaylistEntry]
    ) -> None:
        playlist_id = self.create(server, "Mix", entries[:2])
        current = server.fetch_entries(playlist_id, self.user, CancelToken())
        assert current is not None
        stopped = CancelToken()
        stopped.cancel()
        with pytest.raises(RunCancelled):
            server.apply_change(playlist_id, plan(current, entries[2:4]), self.user, stopped)
        with pytest.raises(RunCancelled):
            server.create_playlist("New", entries, "", self.user, stopped)
        with pytest.raises(RunCancelled):
            server.delete_playlist(playlist_id, self.user, stopped)
        with pytest.raises(RunCancelled):
            list(server.fetch_tracks(server.list_sections(CancelToken())[0], stopped))
        assert self.ids(server, playlist_id) == [e.server_id for e in entries[:2]]
