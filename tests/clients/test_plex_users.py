"""The users of a Plex server: whose token is used, and what is said when there is none."""

from collections.abc import Iterator

import pytest
from clients.test_plex_server import add_mix, change, entries, make_client, numbers_of
from fakes_http import Answer, HttpServer, Seen, Told
from fakes_plex import MACHINE, FakePlex, start

from cmdarr.clients.plex.server import PlexServer
from cmdarr.clients.plex.shared_servers import SharedServer, UnreadableXml, parse_shared_servers
from cmdarr.errors import (
    AuthenticationFailed,
    ChangeNotApplied,
    NotFound,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
    UnexpectedResponse,
)
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import PlaylistId

SHARES = f"GET /api/servers/{MACHINE}/shared_servers"


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


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("Alice", "alice"), (" aLICE", "alice"), ("mum", "alice"), ("BOB@net", "bob"),
        ("Owner", "owner"), ("", "owner"),
        ("2", "alice"), ("3", "bob"), ("1", "owner"),
    ],
)  # fmt: skip
def test_a_playlist_is_made_with_the_token_of_its_user(
    fake: FakePlex, server: PlexServer, name: str, owner: str
) -> None:
    made = server.create_playlist("Mix", entries(1, 2), "", name, CancelToken())
    assert fake.playlists[made].owner == owner
    assert change(server, fake.playlists[made], 2, 3, user=name) == 2
    others = {"", "alice", "bob@net"} - ({""} if owner == "owner" else {f"{owner}@net", owner})
    for other in others:
        assert server.fetch_entries(made, other, CancelToken()) is None
        assert server.list_playlists(other, CancelToken()) == ()


def test_plex_tv_is_asked_once_and_not_at_all_without_users(fake: FakePlex, server: PlexServer) -> None:
    server.list_playlists("", CancelToken())
    assert fake.calls == ["GET /playlists"]
    for _ in range(2):
        server.list_playlists("alice", CancelToken())
        server.list_playlists("bob@net", CancelToken())
    assert fake.calls.count(SHARES) == fake.calls.count("GET /identity") == 1


def test_an_unknown_user_fails_alone_and_the_names_are_given(fake: FakePlex, server: PlexServer) -> None:
    with pytest.raises(
        NotFound, match=r"no user 'carol': write one of Owner, Alice, Nobody, bob@net into `users`"
    ):
        server.list_playlists("carol", CancelToken())
    assert server.list_playlists("alice", CancelToken()) == ()


def test_a_user_without_a_share_fails_alone(server: PlexServer) -> None:
    with pytest.raises(
        NotFound, match=r"not shared with the user 'Nobody': share its music library .* `users`"
    ):
        server.list_playlists("Nobody", CancelToken())


def test_tracks_that_a_user_must_not_see_are_named_with_the_cure(fake: FakePlex, server: PlexServer) -> None:
    fake.dead = {"102"}
    with pytest.raises(
        ChangeNotApplied, match=r"Artist – Song 2; .* share the music library with the user 'mum'"
    ):
        server.create_playlist("Mix", entries(1, 2), "", "mum", CancelToken())


def test_a_name_that_two_users_have_is_refused_with_both(fake: FakePlex, server: PlexServer) -> None:
    fake.home["users"].append({"id": 9, "title": "Al", "username": "alice", "friendlyName": None})
    with pytest.raises(
        NotFound, match=r"2 users are called 'alice': Alice \(Mum\); Al \(alice\); write a name"
    ):
        server.list_playlists("alice", CancelToken())
    assert server.list_playlists("Mum", CancelToken()) == ()


def test_a_home_may_come_as_a_bare_list(fake: FakePlex, server: PlexServer) -> None:
    fake.home = fake.home["users"]
    assert server.list_playlists("alice", CancelToken()) == ()


def test_a_token_that_is_not_the_owners_is_named(fake: FakePlex, server: PlexServer) -> None:
    fake.is_owned = False
    with pytest.raises(
        AuthenticationFailed, match=r"`services.attic.token` does not own this server.*'alice'"
    ):
        server.list_playlists("alice", CancelToken())


def test_a_share_that_the_server_refuses_names_the_user(fake: FakePlex, server: PlexServer) -> None:
    fake.shares[0]["accessToken"] = "withdrawn"
    with pytest.raises(AuthenticationFailed, match="refuses the user 'alice': share") as caught:
        server.list_playlists("alice", CancelToken())
    assert "withdrawn" not in str(caught.value)


QUESTIONS = ("/api/v2/user", "/api/v2/resources", "/api/v2/home/users", SHARES.removeprefix("GET "))


FAULTS: dict[str, type[ServiceError]] = {
    "reset": ServiceUnavailable, "500": ServiceUnavailable, "429": RateLimited, "401": AuthenticationFailed,
    "page": ServiceError, "404": ServiceUnavailable,
}  # fmt: skip
OUTAGES = [
    (path, fault) for path in QUESTIONS for fault in FAULTS if not ("/home/" in path and fault == "404")
]


@pytest.mark.parametrize(("path", "fault"), OUTAGES)
def test_an_outage_of_plex_tv_fails_the_user_and_no_other(
    fake: FakePlex, http: HttpServer, path: str, fault: str
) -> None:
    mix = add_mix(fake, 1, owner="alice")
    tell = http.tell

    def break_one(seen: Seen) -> Told:
        if seen.path == path:
            fake.fail_at, fake.fault = len(fake.calls) + 1, fault
        return tell(seen)

    http.tell = break_one
    server = make_client(http.url)
    with pytest.raises(FAULTS[fault]) as caught:
        change(server, mix, 2, user="alice")
    assert "services.attic" in str(caught.value) or fault in {"429", "page"}
    assert numbers_of(mix) == [1] and not fake.writes
    assert server.list_playlists("", CancelToken()) == ()


def test_an_account_without_a_home_has_its_shares(http: HttpServer) -> None:
    tell = http.tell
    http.tell = lambda seen: Answer(status=404) if "/home/" in seen.path else tell(seen)
    assert make_client(http.url).list_playlists("bob@net", CancelToken()) == ()


def test_the_address_of_plex_tv_is_named_when_it_does_not_answer(http: HttpServer) -> None:
    server = make_client(http.url, plex_tv="http://127.0.0.1:9")
    with pytest.raises(ServiceUnavailable, match=r"'alice' is not known: check `services.attic.plex_tv`"):
        server.fetch_entries(PlaylistId("1"), "alice", CancelToken())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_with_a_document_type_is_refused(http: HttpServer, encoding: str) -> None:
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        '<x><SharedServer userID="2" username="&b;" accessToken="t"/></x>'
    )
    with pytest.raises(UnreadableXml):
        parse_shared_servers(bomb.encode(encoding))
    tell = http.tell
    http.tell = lambda seen: (
        Answer(body=bomb.encode(encoding)) if "shared_servers" in seen.path else tell(seen)
    )
    with pytest.raises(UnexpectedResponse, match=r"unknown form \(a document type\)"):
        make_client(http.url).list_playlists("alice", CancelToken())


def test_shares_are_read_from_xml() -> None:
    body = (
        b'<MediaContainer><SharedServer userID="3" username="bob &amp; co" accessToken="t"><Section key="1"/>'
        b"</SharedServer><SharedServer/></MediaContainer>"
    )
    assert parse_shared_servers(body) == [SharedServer("3", "bob & co", "t"), SharedServer("", "", "")]
    assert "geheim" not in repr(SharedServer("3", "bob", "geheim"))
    with pytest.raises(UnreadableXml):
        parse_shared_servers(body[:-4])
