"""A Jellyfin server: the contract against a fake of every habit, and what is particular to the API."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from clients.contract_server import ServerContract, plan
from fakes_http import Answer, HttpServer
from fakes_jellyfin import (
    ALICE,
    BOB,
    KEY,
    PASSWORD,
    TOKEN,
    Child,
    FakeJellyfin,
    StoredPlaylist,
    make_id,
    make_tracks,
    start,
    track_id,
)

from cmdarr.clients.jellyfin import SERVICE
from cmdarr.clients.jellyfin.server import JellyfinServer
from cmdarr.clients.jellyfin.settings import JellyfinSettings, find_problems
from cmdarr.errors import (
    AuthenticationFailed,
    NotFound,
    PlaylistConflict,
    ServiceUnavailable,
    UnexpectedResponse,
)
from cmdarr.library.plan import plan_change
from cmdarr.library.ports import ClientContext, MusicServer
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import PlaylistEntry, PlaylistId
from cmdarr.models.track import LibraryTrack, ServerId
from cmdarr.transport.surroundings import Surroundings

P0 = make_id("p0")


def make_client(url: str, chance: Callable[[], float] = lambda: 0.0, **settings: Any) -> JellyfinServer:
    """Return a client that never waits; without a credential in `settings` it has the token of alice."""
    values = {"url": url, "timeout": "5s"} | settings
    if not {"token", "password", "passwords"} & set(settings):
        values["token"] = TOKEN
    return JellyfinServer(
        JellyfinSettings.model_validate(values),
        ClientContext(
            name="den",
            root=Path("/"),
            data=Path("/data"),
            surroundings=Surroundings(wait=lambda cancel, seconds: cancel.check(), chance=chance),
            install_id="install1",
        ),
    )


@pytest.fixture
def fake() -> FakeJellyfin:
    return FakeJellyfin()


@pytest.fixture
def http(fake: FakeJellyfin) -> Iterator[HttpServer]:
    server = start(fake)
    yield server
    server.stop()


@pytest.fixture
def server(http: HttpServer) -> JellyfinServer:
    return make_client(http.url)


@pytest.fixture
def cancel() -> CancelToken:
    return CancelToken()


AS_KEY: dict[str, Any] = {"token": KEY, "user": "alice"}
BY_PASSWORD: dict[str, Any] = {"user": "alice", "password": PASSWORD}
HABITS: dict[str, dict[str, Any]] = {
    "10.9": {"version": "10.9.11", "entry_ids": "changing", "moves": "plain", "admins": {ALICE}},
    "10.10": {"version": "10.10.7", "moves": "first"},
    "10.11": {},
    "10.11 key that may edit": {"key_can_edit": True},
    "10.11 dashes": {"has_dashes": True, "admins": {ALICE}},
    "10.11 capped": {"most": 2},
    "10.11 password and key": {},
    "12": {"version": "12.0.0", "keeps_duplicates": True, "entry_ids": "own"},
    "12 shared ids": {"version": "12.0.0", "keeps_duplicates": True},
}
SETTINGS = {
    "10.11 key that may edit": AS_KEY,
    "10.11 password and key": {"token": KEY, **BY_PASSWORD},
}


@pytest.mark.parametrize("habit", HABITS)
class TestContract(ServerContract):
    @pytest.fixture
    def fake(self, habit: str) -> FakeJellyfin:
        fake = FakeJellyfin(**HABITS[habit])
        self.keeps_duplicates = fake.keeps_duplicates
        self.keeps_descriptions = bool(fake.admins) or "key" in habit
        return fake

    @pytest.fixture
    def server(self, http: HttpServer, habit: str) -> JellyfinServer:
        return make_client(http.url, **SETTINGS.get(habit, {}))

    def test_a_description_is_set_and_changed_and_nothing_else_is(
        self, server: MusicServer, cancel: CancelToken, entries: list[PlaylistEntry]
    ) -> None:
        if self.keeps_descriptions:
            super().test_a_description_is_set_and_changed_and_nothing_else_is(server, cancel, entries)
            return
        playlist_id = self.create(server, "Mix", entries[:3])
        with pytest.raises(AuthenticationFailed, match=r"no administrator .* remove `description`"):
            server.describe_playlist(playlist_id, "x", "", cancel)


def fetch_all(server: JellyfinServer, section: str = "Music") -> list[LibraryTrack]:
    return [track for batch in server.fetch_tracks(section, CancelToken()) for track in batch]


def entries(*numbers: int) -> list[PlaylistEntry]:
    return [
        PlaylistEntry(server_id=ServerId(track_id(n)), artist="Artist", title=f"Song {n}") for n in numbers
    ]


def change(server: JellyfinServer, *wanted: int, user: str = "") -> int:
    current = server.fetch_entries(PlaylistId(P0), user, CancelToken())
    assert current is not None
    planned = plan_change(current, entries(*wanted))
    return server.apply_change(PlaylistId(P0), planned, user, CancelToken())


def numbers_of(playlist: StoredPlaylist) -> list[int]:
    by_id = {track_id(n): n for n in range(1, 1100)}
    return [by_id[item] for item in playlist.items]


def add_playlist(fake: FakeJellyfin, *numbers: int, **values: Any) -> StoredPlaylist:
    playlist = StoredPlaylist(P0, "Mix", **values)
    for place, number in enumerate(numbers):
        item = track_id(number)
        playlist.children.append(Child(item, item if fake.entry_ids == "item" else make_id(f"e{place}")))
    fake.playlists[P0] = playlist
    return playlist


def test_the_service_announces_itself(tmp_path: Path) -> None:
    assert SERVICE.type.is_server and SERVICE.build is not None
    settings = JellyfinSettings.model_validate({"url": "http://x", "token": "a"})
    assert isinstance(
        SERVICE.build(settings, ClientContext(name="x", root=tmp_path, data=tmp_path)), JellyfinServer
    )


@pytest.mark.parametrize(
    ("written", "keys"),
    [
        ({"token": "a"}, set()),
        ({"user": "a", "password": "b"}, set()),
        ({}, {"token"}),
        ({"password": "b"}, {"user"}),
    ],
)
def test_settings_without_a_way_to_sign_in_are_found(written: dict[str, str], keys: set[str]) -> None:
    settings = JellyfinSettings.model_validate({"url": "http://x", **written})
    assert set(find_problems(settings, Path("/"))) == keys


def test_all_of_a_library_comes_in_pages(fake: FakeJellyfin, server: JellyfinServer) -> None:
    fake.tracks = [*make_tracks(2345), *make_tracks(5, library="Films")]
    assert len(fetch_all(server)) == 2345 == server.count_tracks("Music", CancelToken())
    assert len([call for call in fake.calls if call == "GET /Items"]) == 4


def test_little_is_asked_for(http: HttpServer, server: JellyfinServer) -> None:
    fetch_all(server)
    asked = http.seen[-1]
    assert asked.all("fields") == ["ProviderIds"]
    assert (asked.get("limit"), asked.get("enableImages"), asked.get("enableUserData")) == (
        "1000",
        "false",
        "false",
    )


def test_a_page_that_ends_early_fails_the_reading(fake: FakeJellyfin, server: JellyfinServer) -> None:
    server.list_sections(CancelToken())
    whole = fake._items
    fake._items = lambda seen, caller: (  # type: ignore[method-assign]
        200, {**whole(seen, caller)[1], "TotalRecordCount": 40}
    )  # fmt: skip
    with pytest.raises(UnexpectedResponse, match="gave 30 of 40 items"):
        fetch_all(server)


def test_pages_that_repeat_themselves_fail_the_reading(fake: FakeJellyfin, server: JellyfinServer) -> None:
    fake.most, fake.ignores_start = 20, True
    with pytest.raises(UnexpectedResponse, match="20 of 30 tracks of 'Music' came, others twice"):
        fetch_all(server)


def test_tracks_that_come_twice_are_fine_when_all_came(fake: FakeJellyfin, server: JellyfinServer) -> None:
    whole = fake._items

    def shifted(seen: Any, caller: str) -> tuple[int, Any]:
        if seen.get("startIndex") == "10":
            fake.tracks.insert(0, fake.tracks.pop())  # a track that was at the end comes to the front
        return whole(seen, caller)

    fake.most = 10
    fake._items = shifted  # type: ignore[method-assign]
    with pytest.raises(UnexpectedResponse, match="29 of 30"):
        fetch_all(server)


def test_mbids_keep_their_meaning(fake: FakeJellyfin, server: JellyfinServer) -> None:
    fake.tracks[0]["ProviderIds"] = {
        "MusicBrainzTrack": "0C5DF5D1-0AE6-4D60-8F1D-06C5B1A2D8A1",
        "MusicBrainzRecording": "1c5df5d1-0ae6-4d60-8f1d-06c5b1a2d8a1",
        "MusicBrainzAlbum": "2c5df5d1-0ae6-4d60-8f1d-06c5b1a2d8a1",
        "MusicBrainzArtist": None,
    }
    fake.tracks[1]["ProviderIds"] = {"MusicBrainzTrack": "nonsense"}
    first, second, *_ = fetch_all(server)
    assert first.release_track_mbid == "0c5df5d1-0ae6-4d60-8f1d-06c5b1a2d8a1"
    assert first.recording_mbid == "1c5df5d1-0ae6-4d60-8f1d-06c5b1a2d8a1"
    assert (second.release_track_mbid, second.recording_mbid) == (None, None)


def test_missing_metadata_is_survived(fake: FakeJellyfin, server: JellyfinServer) -> None:
    bare = {"Id": track_id(1), "Name": "Bare", "library": make_id("Music"), "MediaType": "Audio"}
    fake.tracks = [
        bare,
        {**make_tracks(1)[0], "Id": track_id(2), "Artists": [], "RunTimeTicks": -1, "IndexNumber": 0},
        {**make_tracks(1)[0], "Id": track_id(3), "Artists": ["A", "B"], "AlbumArtist": None, "ProviderIds": None},
    ]  # fmt: skip
    first, second, third = fetch_all(server)
    assert (first.title, first.artist, first.album, first.duration_ms) == ("Bare", "", "", None)
    assert (second.artist, second.number, second.duration_ms) == ("Artist", None, None)
    assert (third.artist, third.album_artist, third.duration_ms) == ("A, B", "", 201_000)


def test_library_names_one_music_library(fake: FakeJellyfin, http: HttpServer) -> None:
    fake.libraries[make_id("Kids")] = ("Kids", "music")
    fake.tracks += make_tracks(5, library="Kids")
    kids = make_client(http.url, library="Kids")
    assert kids.list_sections(CancelToken()) == ["Kids"]
    assert len(fetch_all(kids, "Kids")) == 5
    with pytest.raises(NotFound, match=r"`services.den.library` to one of Music, Kids"):
        make_client(http.url, library="Films").list_sections(CancelToken())


def test_libraries_of_one_name_are_told_apart(fake: FakeJellyfin, server: JellyfinServer) -> None:
    fake.libraries[make_id("Kids")] = ("Music", "music")
    sections = server.list_sections(CancelToken())
    assert len(set(sections)) == 2 and all(section.startswith("Music (") for section in sections)


def test_a_server_without_music_says_so(fake: FakeJellyfin, server: JellyfinServer) -> None:
    fake.libraries.pop(make_id("Music"))
    with pytest.raises(NotFound, match="'Alice' sees no music library"):
        server.list_sections(CancelToken())


def test_the_sign_in_stands_in_one_header_only(http: HttpServer, server: JellyfinServer) -> None:
    server.list_sections(CancelToken())
    for seen in http.seen:
        header = seen.headers["authorization"]
        assert header.startswith(
            'MediaBrowser Client="Cmdarr", Device="Cmdarr", DeviceId="install1-den", Version="'
        )
        assert header.endswith(f'Token="{TOKEN}"')
        assert not {"x-emby-token", "x-emby-authorization"} & set(seen.headers)
        assert TOKEN not in seen.query


def test_who_answers_is_said_in_one_line(fake: FakeJellyfin, http: HttpServer, cancel: CancelToken) -> None:
    assert make_client(http.url).check(cancel) == "Jellyfin 10.11.2, user Alice, libraries: Music"
    fake.key_can_edit = True
    line = make_client(http.url, **AS_KEY).check(cancel)
    assert line == "Jellyfin 10.11.2, API key for user Alice, libraries: Music"
    assert not fake.writes


@pytest.mark.parametrize(
    ("settings", "setting"),
    [
        ({"token": "wrong"}, "services.den.token"),
        ({"user": "alice", "password": "falsch"}, "services.den.password"),
        ({"user": "nobody", "password": PASSWORD}, "services.den.password"),
        ({"user": "bob", "passwords": {"Bob": "falsch"}}, "services.den.passwords.Bob"),
    ],
)
def test_wrong_credentials_name_the_setting(http: HttpServer, settings: dict[str, Any], setting: str) -> None:
    with pytest.raises(AuthenticationFailed, match=setting) as caught:
        make_client(http.url, **settings).check(CancelToken())
    assert caught.value.setting == setting and "falsch" not in str(caught.value)


@pytest.mark.parametrize("settings", [{"token": TOKEN}, BY_PASSWORD], ids=["token", "password"])
def test_an_address_without_the_api_says_so(http: HttpServer, settings: dict[str, Any]) -> None:
    http.tell = lambda seen: Answer(status=404, body=b"<html>")
    for ask in ("check", "list_sections"):
        with pytest.raises(NotFound, match=r"no Jellyfin API .* `services.den.url`"):
            getattr(make_client(http.url, **settings), ask)(CancelToken())


def test_a_server_that_is_too_old_is_refused(fake: FakeJellyfin, server: JellyfinServer) -> None:
    fake.version = "10.8.13"
    with pytest.raises(NotFound, match=r"of 10\.9 or later"):
        server.check(CancelToken())


def test_a_server_that_starts_is_tried_again(fake: FakeJellyfin, server: JellyfinServer) -> None:
    fake.starting = 2
    assert server.list_sections(CancelToken()) == ["Music"]
    fake.starting = 9
    with pytest.raises(ServiceUnavailable, match="503"):
        server.list_playlists("", CancelToken())


@pytest.mark.parametrize(
    ("version", "keeps"), [("10.9.0", False), ("10.11.11", False), ("12.0.0", True), ("12", True)]
)
def test_duplicates_are_kept_from_version_12_on(
    fake: FakeJellyfin, server: JellyfinServer, version: str, keeps: bool
) -> None:
    fake.version = version
    assert server.keeps_duplicates(CancelToken()) is keeps


def test_the_token_of_a_password_is_had_once(fake: FakeJellyfin, http: HttpServer) -> None:
    client = make_client(http.url, **BY_PASSWORD)
    client.list_sections(CancelToken())
    client.list_playlists("ALICE", CancelToken())
    assert fake.calls.count("POST /Users/AuthenticateByName") == 1
    assert not any(PASSWORD in seen.query for seen in http.seen)


def test_two_clients_that_end_the_sign_in_of_each_other_go_on(fake: FakeJellyfin, http: HttpServer) -> None:
    add_playlist(fake, 1, 2)
    clients = [make_client(http.url, **BY_PASSWORD) for _ in range(2)]
    for round_ in range(3):
        for number, client in enumerate(clients):
            change(client, 1, 2, 3 + round_ * 2 + number)
    assert fake.calls.count("POST /Users/AuthenticateByName") == 6


def test_runs_side_by_side_get_out_of_the_way_of_each_other(fake: FakeJellyfin, http: HttpServer) -> None:
    chances = iter((0.5, 0.5, 0.9))
    clients = [make_client(http.url, lambda: next(chances), **BY_PASSWORD) for _ in range(2)]
    for _ in range(4):
        for client in clients:
            client.list_playlists("", CancelToken())
    assert fake.calls.count("POST /Users/AuthenticateByName") == 3
    assert {device for _, device in fake.devices} == {"install1-den-4", "install1-den-7"}


def test_an_api_key_names_its_user_without_regard_to_letter_case(
    fake: FakeJellyfin, http: HttpServer
) -> None:
    make_client(http.url, token=KEY, user="ALICE").create_playlist("A", entries(1), "", "", CancelToken())
    make_client(http.url, token=KEY, user="alice").create_playlist("B", entries(1), "", "Bob", CancelToken())
    assert [(p.name, p.owner) for p in fake.playlists.values()] == [("A", ALICE), ("B", BOB)]


@pytest.mark.parametrize(("token", "user"), [(KEY, ALICE.upper()), (TOKEN, ALICE)])
def test_the_id_of_a_user_stands_for_the_name(http: HttpServer, token: str, user: str) -> None:
    assert make_client(http.url, token=token, user=user).list_sections(CancelToken()) == ["Music"]


def test_the_password_of_another_user_is_asked_for_under_that_name(http: HttpServer) -> None:
    client = make_client(http.url, **AS_KEY)
    playlist_id = client.create_playlist("Mix", entries(1, 2), "", "bob", CancelToken())
    planned = plan_change(entries(1, 2), entries(2))
    with pytest.raises(AuthenticationFailed, match=r"as `services.den.passwords.bob`"):
        client.apply_change(playlist_id, planned, "bob", CancelToken())


def test_an_unknown_user_is_told_the_known_ones(http: HttpServer) -> None:
    with pytest.raises(NotFound, match=r"there is no user 'carol': .* to one of Alice, bob"):
        make_client(http.url, token=KEY, user="carol").list_sections(CancelToken())
    with pytest.raises(NotFound, match=r"belongs to no user: set `services.den.user`.* to one of Alice, bob"):
        make_client(http.url, token=KEY).list_sections(CancelToken())
    with pytest.raises(
        AuthenticationFailed, match=r"belongs to 'Alice', not to 'bob': .*`services.den.passwords.bob`"
    ):
        make_client(http.url).list_playlists("bob", CancelToken())
    with pytest.raises(AuthenticationFailed, match=r"`services.den.passwords.bob`"):
        make_client(http.url, **BY_PASSWORD).list_playlists("bob", CancelToken())


def test_the_only_user_of_a_server_need_not_be_named(fake: FakeJellyfin, http: HttpServer) -> None:
    fake.users.pop(BOB)
    assert make_client(http.url, token=KEY).list_sections(CancelToken()) == ["Music"]


def test_every_user_writes_with_a_password_of_its_own(fake: FakeJellyfin, http: HttpServer) -> None:
    client = make_client(http.url, **BY_PASSWORD, passwords={"Bob": "bobs"})
    for user in ("alice", "bob"):
        playlist_id = client.create_playlist("Mix", entries(1, 2), "", user, CancelToken())
        current = client.fetch_entries(playlist_id, user, CancelToken())
        assert current is not None
        client.apply_change(playlist_id, plan(current, entries(2, 3)), user, CancelToken())
        assert [info.playlist_id for info in client.list_playlists(user, CancelToken())] == [playlist_id]
    assert [(p.owner, numbers_of(p)) for p in fake.playlists.values()] == [(ALICE, [2, 3]), (BOB, [2, 3])]


def test_an_api_key_appends_but_removes_nothing_and_says_what_to_do(
    fake: FakeJellyfin, http: HttpServer
) -> None:
    playlist = add_playlist(fake, 1, 2, 3)
    client = make_client(http.url, **AS_KEY)
    assert change(client, 1, 2, 3, 4) == 1
    fake.writes.clear()
    for wanted in ((2, 3, 4), (4, 3, 2, 1), (5, 1, 2, 3, 4)):
        with pytest.raises(AuthenticationFailed, match=r"not remove or move .* `services.den.password`"):
            change(client, *wanted)
    assert numbers_of(playlist) == [1, 2, 3, 4] and not fake.writes
    assert len([call for call in fake.calls if call.startswith("DELETE")]) == 1
    with pytest.raises(AuthenticationFailed, match="not remove or move"):
        client.check(CancelToken())


def test_an_api_key_renames_and_describes(fake: FakeJellyfin, http: HttpServer) -> None:
    playlist = add_playlist(fake, 1, 2)
    client = make_client(http.url, **AS_KEY)
    client.rename_playlist(PlaylistId(P0), "New", "", CancelToken())
    client.describe_playlist(PlaylistId(P0), "Words", "", CancelToken())
    assert (playlist.name, playlist.overview, numbers_of(playlist)) == ("New", "Words", [1, 2])


def test_playlists_of_others_are_left_out_and_those_of_videos_are_read_only(
    fake: FakeJellyfin, server: JellyfinServer
) -> None:
    fake.playlists = {
        make_id("1"): StoredPlaylist(make_id("1"), "Theirs", BOB, is_public=True),
        make_id("2"): StoredPlaylist(make_id("2"), "Clips", media_type="Video"),
        make_id("3"): StoredPlaylist(make_id("3"), "Mine", overview="About it"),
    }
    found = server.list_playlists("", CancelToken())
    assert [(info.title, info.read_only, info.description) for info in found] == [
        ("Clips", True, ""), ("Mine", False, "About it"),
    ]  # fmt: skip


def test_a_playlist_of_somebody_else_is_a_conflict(fake: FakeJellyfin, server: JellyfinServer) -> None:
    playlist = add_playlist(fake, 1, 2, owner=BOB, is_public=True)
    with pytest.raises(PlaylistConflict, match="belongs to another user"):
        change(server, 1, 2, 3)
    with pytest.raises(PlaylistConflict, match="must not delete"):
        server.delete_playlist(PlaylistId(P0), "", CancelToken())
    with pytest.raises(PlaylistConflict, match="belongs to another user"):
        server.rename_playlist(PlaylistId(P0), "x", "", CancelToken())
    assert numbers_of(playlist) == [1, 2] and playlist.name == "Mix"


def test_a_proxy_that_says_404_is_no_missing_playlist(fake: FakeJellyfin, http: HttpServer) -> None:
    add_playlist(fake, 1)
    client = make_client(http.url)
    client.list_playlists("", CancelToken())
    http.tell = lambda seen: Answer(status=404, body=b"<html>")
    with pytest.raises(NotFound):
        client.fetch_entries(PlaylistId(P0), "", CancelToken())
    http.tell = lambda seen: Answer(status=404) if "Playlists" in seen.path else fake(seen)
    with pytest.raises(UnexpectedResponse, match="there and not there"):
        client.fetch_entries(PlaylistId(P0), "", CancelToken())


def test_a_description_that_is_not_allowed_does_not_fail_a_creation(
    fake: FakeJellyfin, server: JellyfinServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        playlist_id = server.create_playlist("Mix", entries(1), "Words", "", CancelToken())
    assert fake.playlists[playlist_id].overview is None
    assert "description of a new playlist was not taken" in caplog.text


def test_a_new_playlist_is_private_and_one_call(fake: FakeJellyfin, server: JellyfinServer) -> None:
    fake.tracks = make_tracks(600)
    playlist_id = server.create_playlist("Long", entries(*range(1, 601)), "", "", CancelToken())
    assert numbers_of(fake.playlists[playlist_id]) == list(range(1, 601))
    assert fake.writes == ["create"] and not fake.playlists[playlist_id].is_public


@pytest.mark.parametrize(
    ("wanted", "writes"),
    [
        ((1, 2, 3, 4, 5, 6, 7), ["add"]),
        ((1, 2, 4, 5), ["remove"]),
        ((1, 2, 4, 5, 6, 8), ["add", "remove"]),
        ((2, 3, 4, 5, 6, 1), ["move"]),
        ((1, 6, 2, 3, 4, 5), ["move"]),
        ((1, 9, 2, 3, 4, 5, 6), ["add", "move"]),
        ((8, 9), ["add", "remove"]),
        ((), ["remove"]),
    ],
)
def test_small_changes_take_few_writes(
    fake: FakeJellyfin, server: JellyfinServer, wanted: tuple[int, ...], writes: list[str]
) -> None:
    playlist = add_playlist(fake, 1, 2, 3, 4, 5, 6, overview="by hand", is_public=True)
    assert change(server, *wanted) == len(writes)
    assert numbers_of(playlist) == list(wanted) and fake.writes == writes
    assert (playlist.name, playlist.overview, playlist.is_public) == ("Mix", "by hand", True)


@pytest.mark.parametrize("entry_ids", ["item", "own", "changing"])
def test_a_long_playlist_in_another_order_takes_few_writes(
    fake: FakeJellyfin, server: JellyfinServer, entry_ids: str
) -> None:
    fake.tracks, fake.entry_ids, fake.most = make_tracks(1000), entry_ids, 300
    playlist = add_playlist(fake, *range(1, 501))
    sizes: list[int] = []
    count = fake._entries
    fake._entries = lambda *args: sizes.append(len(playlist.children)) or count(*args)  # type: ignore[method-assign,func-returns-value]
    wanted = [*range(500, 100, -1), *range(501, 601)]
    assert change(server, *wanted) <= 12
    assert numbers_of(playlist) == wanted
    assert min(sizes) >= 300


def test_a_server_that_moves_wrongly_is_set_right(fake: FakeJellyfin, server: JellyfinServer) -> None:
    fake.moves = "first"
    playlist = add_playlist(fake, 1, 2, 3, 4)
    change(server, 4, 1, 2, 3)
    assert numbers_of(playlist) == [4, 1, 2, 3]


def test_a_track_that_the_server_does_not_take_leaves_the_rest_as_wanted(
    fake: FakeJellyfin, server: JellyfinServer
) -> None:
    fake.tracks[6]["MediaType"] = "Video"
    playlist = add_playlist(fake, 1, 2, 3)
    assert change(server, 8, 7, 3, 1) > 0
    assert numbers_of(playlist) == [8, 3, 1]


def test_nothing_is_removed_when_nothing_new_arrived(fake: FakeJellyfin, server: JellyfinServer) -> None:
    fake.tracks[6]["MediaType"] = "Video"
    playlist = add_playlist(fake, 1, 2, 3)
    assert change(server, 7) == 1
    assert numbers_of(playlist) == [1, 2, 3]


def test_nothing_is_appended_anew_that_was_not_taken_out(fake: FakeJellyfin, server: JellyfinServer) -> None:
    fake.keeps_duplicates, fake.entry_ids = True, "own"
    playlist = add_playlist(fake, *range(1, 15))
    fake._remove = lambda *args: (204, None)  # type: ignore[method-assign]
    assert change(server, *range(14, 0, -1)) == 1
    assert numbers_of(playlist) == list(range(1, 15))


def test_one_of_two_equal_entries_that_went_with_the_other_is_put_back(
    fake: FakeJellyfin, server: JellyfinServer
) -> None:
    playlist = add_playlist(fake, 1, 2, 1, 3)
    change(server, 1, 2, 3)
    assert numbers_of(playlist) == [1, 2, 3]
    assert "add" in fake.writes


def test_a_playlist_that_was_edited_meanwhile_is_left_alone(
    fake: FakeJellyfin, server: JellyfinServer
) -> None:
    playlist = add_playlist(fake, 1, 2, 3)
    planned = plan_change(entries(1, 2), entries(2, 9))
    with pytest.raises(ServiceUnavailable, match="was edited during the run"):
        server.apply_change(PlaylistId(P0), planned, "", CancelToken())
    assert numbers_of(playlist) == [1, 2, 3] and not fake.writes


def test_what_somebody_adds_during_a_change_is_not_removed(
    fake: FakeJellyfin, server: JellyfinServer
) -> None:
    playlist = add_playlist(fake, 1, 2, 3)
    add = fake._add

    def add_twice(*args: Any) -> tuple[int, Any]:
        fake._append(playlist, [track_id(20)])
        return add(*args)

    fake._add = add_twice  # type: ignore[method-assign,assignment]
    with pytest.raises(ServiceUnavailable, match="was edited during the run"):
        change(server, 2, 3, 4)
    assert numbers_of(playlist) == [1, 2, 3, 20, 4]


def test_a_playlist_that_is_gone_is_not_made_anew(fake: FakeJellyfin, server: JellyfinServer) -> None:
    with pytest.raises(NotFound, match="does not exist any more"):
        server.apply_change(PlaylistId(P0), plan_change(entries(1), entries(2)), "", CancelToken())
    assert not fake.writes


def test_ids_are_checked_in_batches(fake: FakeJellyfin, server: JellyfinServer, http: HttpServer) -> None:
    fake.tracks = make_tracks(150)
    known = [ServerId(track["Id"]) for track in fake.tracks]
    dead = ServerId(make_id("dead"))
    titles = server.fetch_titles([*known, dead, dead], CancelToken())
    assert titles == {ServerId(track["Id"]): track["Name"] for track in fake.tracks}
    asked = [seen for seen in http.seen if seen.path == "/Items"]
    assert len(asked) == 2 and all(len(seen.query) < 5000 for seen in asked)


def test_ids_with_and_without_dashes_are_one(fake: FakeJellyfin, server: JellyfinServer) -> None:
    fake.has_dashes = True
    ids = [track.server_id for track in fetch_all(server)]
    fake.has_dashes = False
    assert ids == [track.server_id for track in fetch_all(server)]
    assert all(len(each) == 32 for each in ids)


def test_secrets_stay_out_of_messages_and_logs(
    fake: FakeJellyfin, http: HttpServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        client = make_client(http.url, **BY_PASSWORD, token=KEY)
        client.list_sections(CancelToken())
        client.create_playlist("Mix", entries(1), "Words", "", CancelToken())
        http.tell = lambda seen: replace(Answer(), status=500)
        with pytest.raises(ServiceUnavailable) as caught:
            client.list_playlists("", CancelToken())
    secrets = [PASSWORD, KEY, *fake.tokens]
    assert not any(secret in f"{caplog.text} {caught.value!r} {vars(client)!r}" for secret in secrets)
