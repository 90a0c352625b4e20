"""A Plex server: the contract against a fake of every habit, and what is particular to the API."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clients.contract_server import ServerContract, plan
from fakes_http import Answer, HttpServer, Seen
from fakes_plex import MACHINE, TOKEN, FakePlex, StoredPlaylist, make_tracks, start

from cmdarr.clients.plex import SERVICE
from cmdarr.clients.plex.server import PlexServer
from cmdarr.clients.plex.settings import PlexSettings
from cmdarr.errors import (
    AuthenticationFailed,
    ChangeNotApplied,
    NotFound,
    PlaylistConflict,
    ServiceError,
    ServiceUnavailable,
    UnexpectedResponse,
)
from cmdarr.library.ports import ClientContext
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import PlaylistEntry, PlaylistId
from cmdarr.models.track import LibraryTrack, ServerId
from cmdarr.transport.surroundings import Surroundings


def make_client(url: str, **settings: Any) -> PlexServer:
    """Return a client that never waits."""
    values = {"url": url, "token": TOKEN, "timeout": "5s", "plex_tv": url} | settings
    return PlexServer(
        PlexSettings.model_validate(values),
        ClientContext(
            name="attic",
            root=Path("/"),
            data=Path("/data"),
            surroundings=Surroundings(wait=lambda cancel, seconds: cancel.check(), chance=lambda: 0.0),
            install_id="install-1",
        ),
    )


@pytest.fixture
def fake() -> FakePlex:
    return FakePlex()


@pytest.fixture
def http(fake: FakePlex) -> Iterator[HttpServer]:
    server = start(fake)
    yield server
    server.stop()


@pytest.fixture
def server(http: HttpServer) -> PlexServer:
    return make_client(http.url)


@pytest.fixture
def cancel() -> CancelToken:
    return CancelToken()


HABITS: dict[str, dict[str, Any]] = {
    "plain": {},
    "hoisted": {"hoists": True, "tracks": make_tracks(4) + make_tracks(4, section="2"), "most": 2, "sections": [
        {"key": "1", "title": "Music", "type": "artist"}, {"key": "2", "title": "Music", "type": "artist"},
    ]},
    "texts": {"numbers_as_text": True, "counts_in_header": True, "most": 7, "says_added": False},
    "uncounted": {"counts": False, "lists_missing": "404", "refuses_empty": False},
    "drops duplicates of a batch": {"drops": "batch"},
}  # fmt: skip


@pytest.mark.parametrize("habit", HABITS)
class TestContract(ServerContract):
    @pytest.fixture
    def fake(self, habit: str) -> FakePlex:
        return FakePlex(**HABITS[habit])

    @pytest.fixture
    def server(self, http: HttpServer) -> PlexServer:
        return make_client(http.url, batch_size=4)


class TestContractOfAUser(ServerContract):
    user = "Alice"

    @pytest.fixture
    def server(self, http: HttpServer) -> PlexServer:
        return make_client(http.url)


def entries(*numbers: int) -> list[PlaylistEntry]:
    return [
        PlaylistEntry(server_id=ServerId(f"{100 + n}"), artist="Artist", title=f"Song {n}") for n in numbers
    ]


def numbers_of(playlist: StoredPlaylist) -> list[int]:
    return [int(key) - 100 for key in playlist.keys]


def change(server: PlexServer, playlist: StoredPlaylist, *wanted: int, user: str = "") -> int:
    current = server.fetch_entries(PlaylistId(playlist.id), user, CancelToken())
    assert current is not None
    planned = plan(current, entries(*wanted))
    return server.apply_change(PlaylistId(playlist.id), planned, user, CancelToken())


def add_mix(fake: FakePlex, *numbers: int, **values: Any) -> StoredPlaylist:
    return fake.add_playlist("Mix", *(str(100 + n) for n in numbers), **values)


def fetch_all(server: PlexServer, section: str = "Music") -> list[LibraryTrack]:
    return [track for batch in server.fetch_tracks(section, CancelToken()) for track in batch]


def test_the_service_announces_itself(tmp_path: Path) -> None:
    assert SERVICE.type.is_server and SERVICE.build is not None
    settings = PlexSettings.model_validate({"url": "http://x", "token": "b"})
    built = SERVICE.build(settings, ClientContext(name="x", root=tmp_path, data=tmp_path))
    assert isinstance(built, PlexServer)


def test_a_check_says_who_answers(server: PlexServer) -> None:
    assert server.check(CancelToken()) == "Plex 1.41.0 “attic”, libraries: Music"


def test_every_call_is_signed_in_its_headers_and_never_in_its_address(
    fake: FakePlex, http: HttpServer, server: PlexServer
) -> None:
    server.create_playlist("Mix", entries(1), "", "Alice", CancelToken())
    fetch_all(server)
    assert len(http.seen) > 6
    for seen in http.seen:
        assert seen.headers["x-plex-client-identifier"] == "install-1"
        assert (seen.headers["x-plex-product"], seen.headers["accept"]) in {
            ("Cmdarr", "application/json"), ("Cmdarr", "application/xml"),
        }  # fmt: skip
        assert not any(token in f"{seen.path}?{seen.query}" for token in fake.tokens)
    assert [call for call in fake.writes if call.startswith("POST")] == ["POST /playlists"]


def test_texts_and_sizes_are_sent_as_every_server_reads_them(http: HttpServer, server: PlexServer) -> None:
    server.create_playlist("Friday hits + more", entries(1), "a b", "", CancelToken())
    writes = [seen for seen in http.seen if seen.method != "GET"]
    assert "title=Friday%20hits%20%2B%20more&" in writes[0].query and writes[1].query == "summary=a%20b"
    assert [seen.headers["content-length"] for seen in writes] == ["0", "0"]


def test_a_track_carries_both_artists_and_the_id_of_the_release_track(
    fake: FakePlex, server: PlexServer
) -> None:
    fake.tracks[0] |= {
        "originalTitle": "Guest",
        "grandparentTitle": "Various Artists",
        "Guid": [{"id": "lastfm://1"}, {"id": "mbid://0C5DF5D1-0AE6-4D60-8F1D-06C5B1A2D8A1"}],
        "parentYear": 1999,
        "parentIndex": 2,
    }
    track = fetch_all(server)[0]
    assert (track.artist, track.album_artist) == ("Guest", "Various Artists")
    assert track.release_track_mbid == "0c5df5d1-0ae6-4d60-8f1d-06c5b1a2d8a1"
    assert track.recording_mbid is None
    assert (track.disc, track.number, track.year, track.duration_ms) == (2, 2, 1999, 200_001)


def test_what_stands_at_the_list_counts_for_every_track(fake: FakePlex, server: PlexServer) -> None:
    plain = fetch_all(server)
    fake.hoists, fake.most = True, 3
    assert fetch_all(server) == plain


def test_odd_values_are_survived(fake: FakePlex, server: PlexServer) -> None:
    fake.tracks = [
        {"ratingKey": 7, "title": 1979, "duration": "x", "year": "0", "index": -1, "section": "1", "Guid": [{}]},
        {"ratingKey": "8", "title": None, "grandparentTitle": "A", "duration": 1e300, "section": "1"},
    ]  # fmt: skip
    first, second = fetch_all(server)
    assert (first.server_id, first.title, first.artist, first.duration_ms) == ("7", "1979", "", None)
    assert (second.title, second.artist, second.duration_ms) == ("", "A", None)


def test_a_library_comes_in_pages_of_a_thousand(fake: FakePlex, server: PlexServer) -> None:
    fake.tracks = make_tracks(2_345)
    assert len(fetch_all(server)) == 2_345 == server.count_tracks("Music", CancelToken())
    assert fake.calls.count("GET /library/sections/1/all") == 4


@pytest.mark.parametrize(
    ("pages", "error"),
    [("repeat", ServiceUnavailable), ("shrink", ServiceUnavailable)],
)
def test_pages_that_do_not_fit_together_fail_the_reading(
    fake: FakePlex, server: PlexServer, pages: str, error: type[ServiceError]
) -> None:
    fake.pages, fake.most = pages, 7
    with pytest.raises(error, match="changed while it was read"):
        fetch_all(server)


def test_a_library_that_comes_short_fails_the_reading(fake: FakePlex, server: PlexServer) -> None:
    fake.pages = "short"
    with pytest.raises(UnexpectedResponse, match="15 of 30 came"):
        fetch_all(server)
    fake.pages, fake.fail_at, fake.fault = "", len(fake.calls) + 1, "short"
    with pytest.raises(UnexpectedResponse, match="15 of 30 came"):
        fetch_all(server)


def test_an_empty_library_is_empty(fake: FakePlex, server: PlexServer) -> None:
    fake.tracks = []
    assert fetch_all(server) == [] and server.count_tracks("Music", CancelToken()) == 0


def test_library_names_one_music_library(fake: FakePlex, http: HttpServer) -> None:
    fake.sections.append({"key": "2", "title": "Kids", "type": "artist"})
    fake.tracks += make_tracks(5, section="2")
    kids = make_client(http.url, library="Kids")
    assert kids.list_sections(CancelToken()) == ["Kids"]
    assert [t.server_id for t in fetch_all(kids, "Kids")] == ["201", "202", "203", "204", "205"]
    with pytest.raises(NotFound, match=r"`services.attic.library` to one of Music, Kids"):
        make_client(http.url, library="Films").list_sections(CancelToken())


def test_a_server_without_music_says_so(fake: FakePlex, server: PlexServer) -> None:
    fake.sections = []
    with pytest.raises(NotFound, match="no music library"):
        server.check(CancelToken())


def test_a_wrong_token_names_the_setting(http: HttpServer) -> None:
    with pytest.raises(AuthenticationFailed, match=r"`services.attic.token`") as caught:
        make_client(http.url, token="falsch").check(CancelToken())
    assert caught.value.setting == "services.attic.token" and "falsch" not in str(caught.value)


def test_an_address_without_plex_is_not_taken_for_an_absent_playlist(http: HttpServer) -> None:
    http.tell = lambda seen: Answer(status=404)
    server = make_client(http.url)
    for ask in (server.fetch_entries, server.delete_playlist):
        with pytest.raises(UnexpectedResponse, match=r"no Plex server .* `services.attic.url`"):
            ask(PlaylistId("5"), "", CancelToken())
    with pytest.raises(UnexpectedResponse, match="no Plex server"):
        server.fetch_titles([ServerId("101")], CancelToken())


def test_playlists_of_others_are_left_out_and_smart_ones_are_read_only(
    fake: FakePlex, server: PlexServer
) -> None:
    fake.add_playlist("Theirs", owner="bob")
    fake.add_playlist("Smart", "101", smart=True)
    fake.add_playlist("Mine", summary="by hand")
    found = server.list_playlists("", CancelToken())
    assert [(info.title, info.read_only, info.description) for info in found] == [
        ("Smart", True, ""), ("Mine", False, "by hand"),
    ]  # fmt: skip


def test_many_playlists_come_in_pages(fake: FakePlex, server: PlexServer) -> None:
    fake.most = 4
    for number in range(10):
        fake.add_playlist(f"Mix {number % 5}")
    assert len(server.list_playlists("", CancelToken())) == 10


def test_the_entries_of_a_smart_playlist_are_not_written(fake: FakePlex, server: PlexServer) -> None:
    playlist = add_mix(fake, 1, 2, smart=True)
    with pytest.raises(PlaylistConflict, match=r"“Mix” is a smart playlist.*another `title`"):
        change(server, playlist, 2, 3)
    assert numbers_of(playlist) == [1, 2] and not fake.writes


def test_a_change_takes_the_fewest_calls_and_keeps_what_the_user_set(
    fake: FakePlex, server: PlexServer
) -> None:
    playlist = add_mix(fake, 1, 2, 3, 4, 5, summary="by hand")
    kept = {key: item for item, key in playlist.items}
    assert change(server, playlist, 1, 3, 4, 2, 6, 7) == 3
    assert numbers_of(playlist) == [1, 3, 4, 2, 6, 7]
    assert [item for item, key in playlist.items if key in kept] == [kept[f"{100 + n}"] for n in (1, 3, 4, 2)]
    assert (playlist.title, playlist.summary, playlist.poster) == ("Mix", "by hand", "made by hand")
    assert [call.partition(" ")[0] for call in fake.writes] == ["PUT", "DELETE", "PUT"]
    assert fake.writes[0] == f"PUT /playlists/{playlist.id}/items"


def test_an_unchanged_playlist_costs_no_call(fake: FakePlex, server: PlexServer) -> None:
    playlist = add_mix(fake, 1, 2)
    assert change(server, playlist, 1, 2) == 0
    assert fake.calls == [f"GET /playlists/{playlist.id}/items"]


def test_a_playlist_that_was_edited_meanwhile_is_left_alone(fake: FakePlex, server: PlexServer) -> None:
    playlist = add_mix(fake, 1, 2, 3)
    with pytest.raises(ServiceUnavailable, match="“Mix” was edited during the run"):
        server.apply_change(PlaylistId(playlist.id), plan(entries(1, 2), entries(2, 9)), "", CancelToken())
    assert numbers_of(playlist) == [1, 2, 3] and not fake.writes


def test_a_playlist_that_is_edited_between_the_calls_is_not_rearranged(
    fake: FakePlex, server: PlexServer
) -> None:
    playlist = add_mix(fake, 1, 2, 3)

    def edit(call: str) -> None:
        if call.startswith("GET") and fake.writes and len(playlist.items) == 4:
            playlist.items.insert(0, ("1", "109"))

    fake.before_call = edit
    with pytest.raises(ServiceUnavailable, match="was edited"):
        change(server, playlist, 3, 4)
    assert numbers_of(playlist) == [9, 1, 2, 3, 4]


@pytest.mark.parametrize("says_added", [True, False])
def test_tracks_that_the_server_drops_are_named_and_nothing_is_removed(
    fake: FakePlex, server: PlexServer, says_added: bool
) -> None:
    fake.says_added, fake.dead = says_added, {"108", "109"}
    playlist = add_mix(fake, 1, 2)
    with pytest.raises(
        ChangeNotApplied, match="2 of 5 tracks did not land: Artist – Song 8, Artist – Song 9;"
    ):
        change(server, playlist, 2, 7, 8, 9)
    assert numbers_of(playlist) == [1, 2, 7]


def test_tracks_that_are_dropped_from_a_new_playlist_are_named(fake: FakePlex, server: PlexServer) -> None:
    fake.dead = {"102"}
    with pytest.raises(ChangeNotApplied, match="1 of 3 tracks did not land: Artist – Song 2;"):
        server.create_playlist("Mix", entries(1, 2, 3), "", "", CancelToken())
    assert len(fake.playlists) == 1


def test_duplicates_that_a_server_never_takes_are_reported(fake: FakePlex, server: PlexServer) -> None:
    fake.drops = "all"
    with pytest.raises(ChangeNotApplied, match="1 of 3 tracks did not land: Artist – Song 1;"):
        server.create_playlist("Mix", entries(1, 2, 1), "", "", CancelToken())


def test_long_playlists_go_in_batches(fake: FakePlex, http: HttpServer) -> None:
    fake.tracks = make_tracks(1_050)
    server = make_client(http.url)
    rows = entries(*range(1, 1_051))
    playlist_id = server.create_playlist("Long", rows, "", "", CancelToken())
    assert fake.playlists[playlist_id].keys == [row.server_id for row in rows]
    assert len(fake.writes) == 11
    assert max(len(seen.query) for seen in http.seen) < 2_000
    assert change(server, fake.playlists[playlist_id], *range(51, 1_051), *range(1, 51)) == 50


def test_the_new_playlist_is_the_one_that_the_server_tells(fake: FakePlex, server: PlexServer) -> None:
    old = add_mix(fake, 1)
    made = server.create_playlist("Mix", entries(2), "", "", CancelToken())
    assert made != old.id and numbers_of(fake.playlists[made]) == [2]


def test_a_description_becomes_the_summary_of_a_new_playlist(fake: FakePlex, server: PlexServer) -> None:
    made = server.create_playlist("Mix", entries(1), "Every Friday — ü & so", "", CancelToken())
    assert fake.playlists[made].summary == "Every Friday — ü & so"
    server.create_playlist("Other", entries(1), "", "", CancelToken())
    assert [call.partition(" ")[0] for call in fake.writes] == ["POST", "PUT", "POST"]


def test_a_summary_that_is_not_taken_costs_no_playlist(
    fake: FakePlex, server: PlexServer, caplog: pytest.LogCaptureFixture
) -> None:
    fake.fail_at, fake.fault = 3, "500"
    made = server.create_playlist("Mix", entries(1), "About it", "", CancelToken())
    assert fake.playlists[made].summary == "" and "description" in caplog.text


def test_renaming_an_unknown_playlist_says_so(server: PlexServer) -> None:
    with pytest.raises(NotFound):
        server.rename_playlist(PlaylistId("77"), "x", "", CancelToken())
    with pytest.raises(NotFound):
        server.describe_playlist(PlaylistId("77"), "x", "", CancelToken())


@pytest.mark.parametrize("lists_missing", ["fewer", "404"])
@pytest.mark.parametrize("most", [3, 1_000])
def test_dead_ids_are_found_in_few_calls(
    fake: FakePlex, server: PlexServer, lists_missing: str, most: int
) -> None:
    fake.tracks = make_tracks(200)
    fake.lists_missing, fake.most = lists_missing, most
    ids = [ServerId(str(100 + n)) for n in (*range(1, 121), *range(1, 121))]
    dead = [ServerId("9999"), ServerId("a/b,c?d")]
    assert set(server.fetch_titles([*ids, *dead], CancelToken())) == set(ids)
    if most == 1_000:
        assert len(fake.calls) < 25


def test_living_ids_are_checked_in_batches(fake: FakePlex, server: PlexServer) -> None:
    fake.tracks = make_tracks(200)
    titles = server.fetch_titles([ServerId(str(n)) for n in range(101, 301)], CancelToken())
    assert titles == {ServerId(track["ratingKey"]): track["title"] for track in fake.tracks}
    assert len(fake.calls) == 2


def test_an_id_that_is_something_else_by_now_is_missing(fake: FakePlex, server: PlexServer) -> None:
    fake.tracks[0]["type"] = "album"
    ids = [ServerId("101"), ServerId("102")]
    assert server.fetch_titles(ids, CancelToken()).keys() == {"102"}


def test_an_outage_is_not_taken_for_missing_tracks(fake: FakePlex, server: PlexServer) -> None:
    fake.fail_at, fake.fault = 1, "500"
    with pytest.raises(ServiceUnavailable):
        server.fetch_titles([ServerId("101")], CancelToken())


def test_an_answer_in_xml_is_refused(http: HttpServer, server: PlexServer) -> None:
    tell = http.tell

    def forget(seen: Seen) -> Any:
        del seen.headers["accept"]
        return tell(seen)

    http.tell = forget
    with pytest.raises(UnexpectedResponse, match=r"a web page or XML instead of JSON; check the address"):
        server.list_sections(CancelToken())


def test_no_token_reaches_a_log_line(
    fake: FakePlex, http: HttpServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        server = make_client(http.url)
        fetch_all(server)
        server.create_playlist("Mix", entries(1), "", "alice", CancelToken())
    assert caplog.records and MACHINE
    assert not any(token in caplog.text + repr(vars(server)) for token in fake.tokens)
