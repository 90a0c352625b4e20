"""A Subsonic server: the contract against a fake of every habit, and what is particular to the API."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clients.contract_server import ServerContract, plan
from fakes_http import Answer, HttpServer
from fakes_subsonic import PASSWORD, USER, FakeSubsonic, Refused, StoredPlaylist, make_songs, start

from cmdarr.clients.subsonic import SERVICE
from cmdarr.clients.subsonic.server import SubsonicServer
from cmdarr.clients.subsonic.settings import SubsonicSettings
from cmdarr.errors import (
    AuthenticationFailed,
    NotFound,
    PlaylistConflict,
    ServiceUnavailable,
    UnexpectedResponse,
)
from cmdarr.library.ports import ClientContext
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import PlaylistEntry, PlaylistId
from cmdarr.models.track import LibraryTrack, ServerId
from cmdarr.transport.surroundings import Surroundings


def make_client(url: str, **settings: Any) -> SubsonicServer:
    """Return a client that never waits."""
    values = {"url": url, "username": USER, "password": PASSWORD, "timeout": "5s"} | settings
    return SubsonicServer(
        SubsonicSettings.model_validate(values),
        ClientContext(
            name="nas",
            root=Path("/"),
            data=Path("/data"),
            surroundings=Surroundings(wait=lambda cancel, seconds: cancel.check(), chance=lambda: 0.0),
        ),
    )


@pytest.fixture
def fake() -> FakeSubsonic:
    return FakeSubsonic()


@pytest.fixture
def http(fake: FakeSubsonic) -> Iterator[HttpServer]:
    server = start(fake)
    yield server
    server.stop()


@pytest.fixture
def server(http: HttpServer) -> SubsonicServer:
    return make_client(http.url)


@pytest.fixture
def cancel() -> CancelToken:
    return CancelToken()


HABITS: dict[str, dict[str, Any]] = {
    "navidrome": {},
    "addresses": {"has_forms": False},
    "maneki": {"search": "nothing"},
    "supysonic": {
        "auth": "code 10", "version": "1.12.0", "is_open": False, "answers_create": False, "has_forms": False,
    },
    "ldap": {"auth": "code 41", "has_forms": False},
    "oldest": {
        "auth": "old 40", "version": "1.8.0", "is_open": False, "needs_view": True, "answers_create": False,
        "has_forms": False,
    },
    "capped": {"most": 7},
    "half": {"search": "half", "most": 4},
    "endless": {"search": "endless", "most": 9},
    "uncounted": {"counts_songs": False, "search": "nothing"},
    "folders": {
        "folders": {"1": "Music", "2": "Music", "3": "Kids"}, "numbers_as_ids": True,
        "songs": [*make_songs(12), *make_songs(7, folder="2"), *make_songs(5, folder="3")],
    },
    "short addresses": {"has_forms": False, "longest_address": 4094, "songs": [
        {**song, "id": song["id"] + "x" * 1000} for song in make_songs(8)
    ]},
}  # fmt: skip


@pytest.mark.parametrize("habit", HABITS)
class TestContract(ServerContract):
    @pytest.fixture
    def fake(self, habit: str) -> FakeSubsonic:
        return FakeSubsonic(**HABITS[habit])

    @pytest.fixture
    def server(self, http: HttpServer) -> SubsonicServer:
        return make_client(http.url)


def fetch_all(server: SubsonicServer, section: str = "Music") -> list[LibraryTrack]:
    return [track for batch in server.fetch_tracks(section, CancelToken()) for track in batch]


def entries(*numbers: int) -> list[PlaylistEntry]:
    return [PlaylistEntry(server_id=ServerId(f"s1-{n}"), artist="Artist", title=f"Song {n}") for n in numbers]


def change(server: SubsonicServer, playlist_id: str, *wanted: int) -> int:
    current = server.fetch_entries(PlaylistId(playlist_id), "", CancelToken())
    assert current is not None
    return server.apply_change(PlaylistId(playlist_id), plan(current, entries(*wanted)), "", CancelToken())


def numbers_of(playlist: StoredPlaylist) -> list[int]:
    return [int(song.partition("-")[2]) for song in playlist.songs]


def add_playlist(fake: FakeSubsonic, *numbers: int, **values: Any) -> StoredPlaylist:
    playlist = StoredPlaylist("p0", "Mix", [f"s1-{n}" for n in numbers], **values)
    fake.playlists["p0"] = playlist
    return playlist


def test_the_service_announces_itself(tmp_path: Path) -> None:
    assert SERVICE.type.is_server and SERVICE.build is not None
    settings = SubsonicSettings.model_validate({"url": "http://x", "username": "a", "password": "b"})
    built = SERVICE.build(settings, ClientContext(name="x", root=tmp_path, data=tmp_path))
    assert isinstance(built, SubsonicServer)


def test_all_of_a_library_comes_in_pages(fake: FakeSubsonic, server: SubsonicServer) -> None:
    fake.songs = make_songs(1234, per_album=10)
    assert len(fetch_all(server)) == 1234 == server.count_tracks("Music", CancelToken())
    assert fake.calls.count("search3") == 4
    assert "getAlbum" not in fake.calls


def test_songs_outside_of_albums_come_by_the_search(fake: FakeSubsonic, server: SubsonicServer) -> None:
    fake.songs = make_songs(20)
    fake._album_list = lambda seen: {"albumList2": {}}  # type: ignore[method-assign]
    assert len(fetch_all(server)) == 20


def test_an_album_that_comes_short_fails_the_reading(fake: FakeSubsonic, server: SubsonicServer) -> None:
    fake.search = "nothing"
    whole = fake._album
    fake._album = lambda seen: {"album": {**whole(seen)["album"], "song": []}}  # type: ignore[method-assign]
    with pytest.raises(UnexpectedResponse, match="0 of 4 songs of the album 'Album 0' came"):
        fetch_all(server)


def test_a_library_that_stays_short_fails_the_reading(fake: FakeSubsonic, server: SubsonicServer) -> None:
    whole = fake._album
    fake.search = "half"
    fake._album = lambda seen: {"album": {"id": whole(seen)["album"]["id"]}}  # type: ignore[method-assign]
    with pytest.raises(UnexpectedResponse, match="15 of 30 songs of 'Music' came"):
        fetch_all(server)


def test_a_song_carries_its_identifiers_and_both_artists(fake: FakeSubsonic, server: SubsonicServer) -> None:
    fake.songs[0] |= {
        "musicBrainzId": "0C5DF5D1-0AE6-4D60-8F1D-06C5B1A2D8A1",
        "isrc": ["nonsense", "GBAYE0601498"],
        "displayArtist": "Artist • Guest",
        "displayAlbumArtist": "Various Artists",
        "discNumber": 2,
        "year": 1999,
        "duration": 201.4,
    }
    track = fetch_all(server)[0]
    assert track.recording_mbid == "0c5df5d1-0ae6-4d60-8f1d-06c5b1a2d8a1"
    assert track.release_track_mbid is None
    assert (track.isrc, track.artist, track.album_artist) == (
        "GBAYE0601498",
        "Artist • Guest",
        "Various Artists",
    )
    assert (track.disc, track.number, track.year, track.duration_ms) == (2, 2, 1999, 201400)


def test_odd_values_are_survived(fake: FakeSubsonic, server: SubsonicServer) -> None:
    fake.songs = [
        {"id": 7, "title": 1979, "artist": True, "albumId": "a", "album": 3.5, "year": "0", "track": "x",
         "duration": -1, "isrc": "GBAYE0601498", "folder": "1", "musicBrainzId": ""},
        {"id": "8", "path": "A/B/01 Only a path.mp3", "albumId": "a", "album": None, "folder": "1", "duration": 1e300},
    ]  # fmt: skip
    first, second = fetch_all(server)
    assert (first.server_id, first.title, first.artist, first.year, first.number) == (
        "7",
        "1979",
        "true",
        None,
        None,
    )
    assert first.isrc == "GBAYE0601498" and first.duration_ms is None
    assert second.title == "01 Only a path" and second.duration_ms is None


def test_a_list_of_one_may_come_as_its_element(fake: FakeSubsonic, server: SubsonicServer) -> None:
    fake._search3 = lambda seen: {"searchResult3": {"song": fake.songs[0]}}  # type: ignore[method-assign]
    fake.songs = make_songs(1)
    fake._folders = lambda seen: {"musicFolders": {"musicFolder": {"id": 1, "name": "M"}}}  # type: ignore[method-assign]
    assert server.list_sections(CancelToken()) == ["M"]
    assert len(fetch_all(server, "M")) == 1


def test_library_names_one_music_folder(fake: FakeSubsonic, http: HttpServer) -> None:
    fake.folders = {"1": "Music", "2": "Kids"}
    fake.songs += make_songs(5, folder="2")
    kids = make_client(http.url, library="Kids")
    assert kids.list_sections(CancelToken()) == ["Kids"]
    assert [t.server_id for t in fetch_all(kids, "Kids")] == [f"s2-{n}" for n in range(1, 6)]
    with pytest.raises(NotFound, match=r"`services.nas.library` to one of Music, Kids"):
        make_client(http.url, library="Jazz").list_sections(CancelToken())


def test_the_password_is_sent_as_a_salted_token(http: HttpServer, server: SubsonicServer) -> None:
    server.list_sections(CancelToken())
    for seen in http.seen:
        assert seen.get("u") == USER and not seen.get("p") and len(seen.get("s")) >= 6
    assert len({seen.get("s") for seen in http.seen}) == len(http.seen)


def test_with_forms_nothing_of_the_sign_in_stands_in_an_address(
    http: HttpServer, server: SubsonicServer
) -> None:
    server.list_playlists("", CancelToken())
    assert [seen.method for seen in http.seen] == ["GET", "GET", "POST"]
    assert http.seen[2].body


@pytest.mark.parametrize("auth", ["token", "code 10", "code 41"])
def test_a_wrong_password_names_the_setting(fake: FakeSubsonic, http: HttpServer, auth: str) -> None:
    fake.auth = auth
    with pytest.raises(AuthenticationFailed, match=r"`services.nas.password`") as caught:
        make_client(http.url, password="falsch").list_sections(CancelToken())
    assert caught.value.setting == "services.nas.password" and "falsch" not in str(caught.value)


def test_a_new_server_never_gets_the_password_itself(fake: FakeSubsonic, http: HttpServer) -> None:
    with pytest.raises(AuthenticationFailed):
        make_client(http.url, password="falsch").list_sections(CancelToken())
    assert not any(seen.get("p") for seen in http.seen)


def test_an_address_without_the_api_says_so(http: HttpServer) -> None:
    http.tell = lambda seen: Answer(status=404)
    with pytest.raises(UnexpectedResponse, match=r"no Subsonic API .* `services.nas.url`"):
        make_client(http.url).list_sections(CancelToken())


def test_the_address_may_end_with_rest(http: HttpServer) -> None:
    assert make_client(f"{http.url}/rest/").list_sections(CancelToken()) == ["Music"]


def test_the_user_may_be_named_but_no_other(server: SubsonicServer) -> None:
    assert server.list_playlists("Alice", CancelToken()) == ()
    with pytest.raises(NotFound, match="'bob'"):
        server.list_playlists("bob", CancelToken())


def test_playlists_of_others_are_left_out_and_smart_ones_are_read_only(
    fake: FakeSubsonic, server: SubsonicServer
) -> None:
    fake.playlists = {
        "1": StoredPlaylist("1", "Theirs", [], owner="bob", public=True),
        "2": StoredPlaylist("2", "Smart", [], readonly=True),
        "3": StoredPlaylist("3", "Mine", []),
    }
    found = server.list_playlists("", CancelToken())
    assert [(info.title, info.read_only) for info in found] == [("Smart", True), ("Mine", False)]


def test_a_playlist_that_must_not_be_written_is_a_conflict(
    fake: FakeSubsonic, server: SubsonicServer
) -> None:
    playlist = add_playlist(fake, 1, 2, readonly=True)
    with pytest.raises(PlaylistConflict, match="smart playlist"):
        change(server, "p0", 2, 3)
    assert numbers_of(playlist) == [1, 2]


@pytest.mark.parametrize("has_forms", [True, False])
def test_a_description_becomes_the_comment_of_a_new_playlist(
    fake: FakeSubsonic, server: SubsonicServer, has_forms: bool
) -> None:
    fake.has_forms = has_forms
    server.create_playlist("Mix", entries(1), "Every Friday — ü", "", CancelToken())
    assert fake.playlists["p1"].comment == "Every Friday — ü"
    server.create_playlist("Other", entries(1), "", "", CancelToken())
    assert [method for method, _ in fake.writes] == ["createPlaylist", "updatePlaylist", "createPlaylist"]


def test_a_change_keeps_title_comment_and_sharing(fake: FakeSubsonic, server: SubsonicServer) -> None:
    playlist = add_playlist(fake, 1, 2, 3, 4, comment="by hand", public=True)
    assert change(server, "p0", 4, 1, 5) == 1
    assert numbers_of(playlist) == [4, 1, 5]
    assert (playlist.name, playlist.comment, playlist.public) == ("Mix", "by hand", True)


def test_a_playlist_that_was_edited_meanwhile_is_left_alone(
    fake: FakeSubsonic, server: SubsonicServer
) -> None:
    playlist = add_playlist(fake, 1, 2, 3)
    planned = plan(entries(1, 2), entries(2, 9))
    with pytest.raises(ServiceUnavailable, match="was edited during the run"):
        server.apply_change(PlaylistId("p0"), planned, "", CancelToken())
    assert numbers_of(playlist) == [1, 2, 3] and not fake.writes


def test_hidden_entries_make_the_change_a_replacement(fake: FakeSubsonic, server: SubsonicServer) -> None:
    playlist = add_playlist(fake, 1, 2, 3, hidden=["s1-30", "s1-29"])
    assert change(server, "p0", 1, 3, 4) == 1
    assert (numbers_of(playlist), playlist.hidden) == ([1, 3, 4], [])
    assert fake.writes[0][0] == "createPlaylist"


@pytest.mark.parametrize(("has_forms", "writes"), [(True, 3), (False, 43)])
def test_long_playlists_go_in_calls_that_fit(
    fake: FakeSubsonic, server: SubsonicServer, has_forms: bool, writes: int
) -> None:
    fake.songs = [{**song, "id": f"s1-{song['track']}{n:040}"} for n, song in enumerate(make_songs(2200))]
    fake.has_forms = has_forms
    ids = [song["id"] for song in fake.songs]
    rows = [PlaylistEntry(server_id=ServerId(i)) for i in ids]
    server.create_playlist("Long", rows, "", "", CancelToken())
    assert fake.playlists["p1"].songs == ids and len(fake.writes) == writes
    current = server.fetch_entries(PlaylistId("p1"), "", CancelToken())
    assert current is not None
    server.apply_change(PlaylistId("p1"), plan(current, current[::-1]), "", CancelToken())
    assert fake.playlists["p1"].songs == ids[::-1]


def test_ids_are_checked_once_each(fake: FakeSubsonic, server: SubsonicServer) -> None:
    ids = [ServerId(i) for i in ("s1-1", "gone", "s1-1", "gone")]
    assert server.fetch_titles(ids, CancelToken()) == {"s1-1": "Song 1"}
    assert fake.calls.count("getSong") == 2


@pytest.mark.parametrize(
    ("message", "is_missing"),
    [("ValueError: badly formed hexadecimal UUID string", True), ("Invalid ID", True), ("database is locked", False)],
)  # fmt: skip
def test_an_outage_is_not_taken_for_a_missing_song(
    fake: FakeSubsonic, server: SubsonicServer, message: str, is_missing: bool
) -> None:
    def refuse(song_id: str) -> dict[str, Any]:
        raise Refused(0, message)

    fake._song = refuse  # type: ignore[method-assign]
    if is_missing:
        assert server.fetch_titles([ServerId("x")], CancelToken()) == {}
    else:
        with pytest.raises(ServiceUnavailable, match=message):
            server.fetch_titles([ServerId("x")], CancelToken())


def test_a_created_playlist_that_is_not_told_is_found_beside_one_of_the_same_title(
    fake: FakeSubsonic, server: SubsonicServer
) -> None:
    add_playlist(fake, 1)
    fake.answers_create = False
    assert server.create_playlist("Mix", entries(2), "", "", CancelToken()) == "p1"


def test_no_secret_reaches_a_log_line(
    fake: FakeSubsonic, http: HttpServer, caplog: pytest.LogCaptureFixture
) -> None:
    fake.auth, fake.has_forms = "code 10", False
    with caplog.at_level(logging.DEBUG):
        fetch_all(make_client(http.url))
    secrets = [
        value for seen in http.seen for value in (seen.get("t"), seen.get("s"), seen.get("p")) if value
    ]
    assert secrets and caplog.records
    assert not any(secret in caplog.text for secret in [*secrets, PASSWORD])
