"""Spotify with an app: what a text names, sign-in, refusals since 2026, entries that are no tracks, long lists."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from clients.contract_source import KeptAnswers
from fakes_http import Answer, HttpServer, Seen, Told
from fakes_spotify import (
    ACCESS,
    ALBUM,
    ARTIST,
    CLIENT_ID,
    CLIENT_SECRET,
    PLAYLIST,
    REFRESH_TOKEN,
    FakeSpotify,
    make_track,
    refusal,
)
from prism import find_spec, run_prism
from pydantic import SecretStr

from cmdarr.clients.spotify import SERVICE
from cmdarr.clients.spotify.address import Place, parse_address
from cmdarr.clients.spotify.settings import SpotifySettings, find_problems
from cmdarr.clients.spotify.source import SpotifySource
from cmdarr.errors import (
    AuthenticationFailed,
    NotFound,
    RateLimited,
    ServiceError,
    SourceIncomplete,
    UnexpectedResponse,
)
from cmdarr.library.ports import ClientContext, OnlineService, PlaylistSource
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import SourcePlaylist
from cmdarr.transport.session import Surroundings
from cmdarr.transport.throttle import Throttles


@dataclass
class Room:
    """A fake behind real HTTP, and sources that read from it; time stands still unless somebody waits."""

    fake: FakeSpotify
    server: HttpServer
    now_s: float = 0.0
    answers: KeptAnswers = field(default_factory=KeptAnswers)

    def __post_init__(self) -> None:
        self.throttles = Throttles(lambda: self.now_s)

    def _wait(self, cancel: CancelToken, seconds: float) -> None:
        cancel.check()
        self.now_s += seconds

    def source(self, *, secret: str = CLIENT_SECRET, refresh_token: str = REFRESH_TOKEN) -> SpotifySource:
        around = Surroundings(wait=self._wait, chance=lambda: 0.0, answers=self.answers)
        context = ClientContext(
            name="spotify", root=Path(), data=Path(), surroundings=around, throttles=self.throttles
        )
        settings = SpotifySettings(
            url=f"{self.server.url}/v1",
            accounts_url=self.server.url,
            client_id=CLIENT_ID,
            client_secret=SecretStr(secret),
            refresh_token=SecretStr(refresh_token) if refresh_token else None,
        )
        return SpotifySource(settings, context)

    def read(self, playlist: str = PLAYLIST, **settings: str) -> SourcePlaylist:
        return self.source(**settings).fetch_playlist(playlist, CancelToken())


@pytest.fixture
def fake() -> FakeSpotify:
    return FakeSpotify()


@pytest.fixture
def room(fake: FakeSpotify) -> Iterator[Room]:
    server = HttpServer(fake)
    yield Room(fake, server)
    server.stop()


def numbers(playlist: SourcePlaylist) -> list[int]:
    return [int(track.title.rpartition(" ")[2]) for track in playlist.tracks]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (PLAYLIST, Place("playlist", PLAYLIST)),
        (f" spotify:playlist:{PLAYLIST} ", Place("playlist", PLAYLIST)),
        (f"spotify:user:alice:playlist:{PLAYLIST}", Place("playlist", PLAYLIST)),
        (f"https://open.spotify.com/playlist/{PLAYLIST}?si=x", Place("playlist", PLAYLIST)),
        (f"https://open.spotify.com/intl-de/album/{ALBUM}", Place("album", ALBUM)),
        (f"https://open.spotify.com/embed/playlist/{PLAYLIST}", Place("playlist", PLAYLIST)),
        (f"https://open.spotify.com/user/alice/playlist/{PLAYLIST}/", Place("playlist", PLAYLIST)),
        (f"open.spotify.com/artist/{ARTIST}", Place("artist", ARTIST)),
        (f"album:{ALBUM}", Place("album", ALBUM)),
    ],
)
def test_what_a_text_names(text: str, place: Place) -> None:
    assert parse_address("spotify", text) == place


def test_it_is_a_source_that_may_do_without_settings(tmp_path: Path) -> None:
    assert SERVICE.type.works_unconfigured and SERVICE.build is not None
    source = SERVICE.build(SpotifySettings(), ClientContext(name="spotify", root=tmp_path, data=tmp_path))
    assert isinstance(source, PlaylistSource) and isinstance(source, OnlineService)


def test_half_an_app_is_a_problem_of_the_settings(tmp_path: Path) -> None:
    secret = SecretStr("x")
    assert list(find_problems(SpotifySettings(client_id="a"), tmp_path)) == ["client_id"]
    assert list(find_problems(SpotifySettings(client_secret=secret), tmp_path)) == ["client_secret"]
    assert list(find_problems(SpotifySettings(refresh_token=secret), tmp_path)) == ["refresh_token"]
    assert not find_problems(SpotifySettings(client_id="a", client_secret=secret), tmp_path)


def test_a_track_with_all_that_spotify_tells(room: Room, fake: FakeSpotify) -> None:
    several = make_track(2, artists=[{"name": "A"}, {"name": "B, C"}], external_ids=None, album=None)
    fake.put(PLAYLIST, [make_track(1), several], name=" Mix ", description="By me")
    playlist = room.read()
    assert (playlist.title, playlist.description) == ("Mix", "By me")
    first, second = playlist.tracks
    assert (first.artist, first.title, first.album, first.album_artist) == (
        "Artist 1",
        "Song 1",
        "Album",
        "Artists",
    )
    assert (first.duration_ms, first.isrc, first.year) == (200_001, "GBDUW0000001", 2019)
    assert (second.artist, second.isrc, second.year, second.album) == ("A, B, C", None, None, "")


def test_local_files_episodes_and_what_is_gone_are_counted_and_named(room: Room, fake: FakeSpotify) -> None:
    local = make_track(7, id=None, artists=[{"name": "Me"}], name="Demo")
    nameless = make_track(8, is_local=True, artists=[{"name": ""}], name="")
    episode = make_track(9, type="episode", name="Talk 12", artists=None)
    untitled = make_track(10, name="", artists=[{"name": "Somebody"}])
    fake.put(PLAYLIST, [None, make_track(1), local, nameless, episode, untitled])
    playlist = room.read()
    assert numbers(playlist) == [1]
    assert playlist.unavailable == (
        "entry 1 (Spotify has it no longer)",
        "Me – Demo (local file)",
        "entry 4 (local file)",
        "Talk 12 (episode)",
        "Somebody (artist or title is missing)",
    )


def test_an_album_has_its_name_and_year_on_every_track(room: Room, fake: FakeSpotify) -> None:
    about = {
        "name": "Discovery",
        "release_date": "2001",
        "total_tracks": 60,
        "artists": [{"name": "Daft Punk"}],
    }
    fake.albums[ALBUM] = about, [make_track(n, album=None) for n in range(1, 61)]
    playlist = room.read(f"album:{ALBUM}", refresh_token="")
    assert (playlist.title, numbers(playlist)) == ("Discovery", list(range(1, 61)))
    assert {(t.album, t.album_artist, t.year) for t in playlist.tracks} == {("Discovery", "Daft Punk", 2001)}
    fake.gives = 55
    with pytest.raises(
        SourceIncomplete, match="'Discovery' announces 60 entries, and only 55 came: run again"
    ):
        room.read(f"album:{ALBUM}")


def test_top_tracks_where_an_app_still_gets_them(room: Room, fake: FakeSpotify) -> None:
    with pytest.raises(NotFound, match=r"to few apps since 2026: read them from `deezer`"):
        room.read(f"artist:{ARTIST}")
    fake.top[ARTIST] = [make_track(2), make_track(1)]
    playlist = room.read(f"artist:{ARTIST}")
    assert (playlist.title, numbers(playlist)) == ("Pitbull: top tracks", [2, 1])


def test_contents_of_others_are_refused_plainly_with_the_cure(room: Room, fake: FakeSpotify) -> None:
    fake.hold([1, 2])
    fake.foreign.add(PLAYLIST)
    with pytest.raises(
        AuthenticationFailed,
        match=r"since 2026 Spotify gives the contents of a playlist only to its owner and to those who work on it: set "
        r"`services\.spotify\.refresh_token` of its owner, or export it to CSV and read that with the service `file`\.",
    ) as caught:
        room.read()
    assert caught.value.setting == "services.spotify.refresh_token"
    with pytest.raises(AuthenticationFailed, match="only to signed-in users: set"):
        room.read(refresh_token="")


@pytest.mark.parametrize(
    ("form", "paths"), [("item", {"items"}), ("track", {"items", "tracks"}), ("both", {"items"})]
)
def test_both_forms_of_the_api_are_read(room: Room, fake: FakeSpotify, form: str, paths: set[str]) -> None:
    fake.form = form
    fake.hold(range(1, 121))
    assert numbers(room.read()) == list(range(1, 121))
    used = [path.rpartition("/")[2] for path in fake.calls if path.count("/") == 3]
    assert set(used) == paths
    assert len(used) == 3 + (form == "track"), "the older path is tried once"


def test_it_says_who_is_signed_in(room: Room) -> None:
    assert room.source().check(CancelToken()) == "app signed in, user Alice"
    assert (
        room.source(refresh_token="")
        .check(CancelToken())
        .startswith("app signed in, without a user: albums only")
    )


def test_the_user_is_signed_in_with_the_refresh_token_and_the_app_without(
    room: Room, fake: FakeSpotify
) -> None:
    room.source().check(CancelToken())
    room.source(refresh_token="").check(CancelToken())
    assert fake.grants == [
        {"grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN},
        {"grant_type": "client_credentials"},
    ]


@pytest.mark.parametrize(
    ("settings", "setting"),
    [
        ({"secret": "wr0ng-secret-value"}, "services.spotify.client_secret"),
        ({"refresh_token": "wr0ng-secret-value"}, "services.spotify.refresh_token"),
    ],
)
def test_a_wrong_secret_is_named_and_never_shown(room: Room, settings: dict[str, str], setting: str) -> None:
    with pytest.raises(AuthenticationFailed) as caught:
        room.read(**settings)
    assert caught.value.setting == setting
    assert f"`{setting}`" in str(caught.value)
    error: BaseException | None = caught.value
    while error is not None:
        assert not any(secret in repr(error) for secret in (CLIENT_SECRET, REFRESH_TOKEN, ACCESS, "wr0ng"))
        error = error.__cause__ or error.__context__


def test_a_sign_in_without_a_token_is_no_sign_in(fake: FakeSpotify) -> None:
    server = HttpServer(lambda seen: Answer(body=b"{}"))
    try:
        with pytest.raises(UnexpectedResponse, match="answered without a token"):
            Room(fake, server).read()
    finally:
        server.stop()


def test_a_token_that_runs_out_is_renewed_in_the_middle(room: Room, fake: FakeSpotify) -> None:
    fake.hold(range(1, 501))
    fake.lasts = 4
    assert numbers(room.read()) == list(range(1, 501))
    assert len(fake.tokens) == 3
    assert not room.answers.kept, "neither tokens nor contents are kept"


def test_a_token_is_in_no_address(room: Room, fake: FakeSpotify) -> None:
    fake.hold([1])
    room.read()
    assert not any(ACCESS in seen.query or CLIENT_SECRET in seen.query for seen in room.server.seen)


def test_a_long_playlist_is_read_by_pages_within_the_budget(room: Room, fake: FakeSpotify) -> None:
    fake.hold(range(1, 9801))
    assert numbers(room.read()) == list(range(1, 9801))
    assert len(fake.calls) == 1 + 196
    assert 187 / 3 - 1 <= room.now_s <= 197 / 3


def test_a_ban_of_hours_ends_the_reading_at_once(room: Room, fake: FakeSpotify) -> None:
    fake.hold(range(1, 201))
    told: list[str] = []

    def tell(seen: Seen) -> Told:
        told.append(seen.path)
        if len(told) == 4:
            return Answer(status=429, headers={"Retry-After": "83412"}, body=b"{}")
        return fake(seen)

    server = HttpServer(tell)
    try:
        with pytest.raises(RateLimited) as caught:
            Room(fake, server).read()
    finally:
        server.stop()
    assert caught.value.retry_after_s == 83_412
    assert len(told) == 4


@pytest.mark.parametrize(
    ("answer", "error", "sentence"),
    [
        (refusal(403, "Active premium subscription required"), AuthenticationFailed, "owner needs Premium"),
        (refusal(404, "Not found"), NotFound, "editorial and personal playlists are not given to apps"),
        (refusal(401, "No"), AuthenticationFailed, r"correct `services\.spotify\.client_secret`"),
        (Answer(status=403, body=b"<html>"), AuthenticationFailed, "no reason was given"),
        (Answer(status=400, body=b"{}"), UnexpectedResponse, "HTTP 400"),
    ],
)
def test_refusals_of_the_playlist_itself_name_the_cure(
    fake: FakeSpotify, answer: Answer, error: type[ServiceError], sentence: str
) -> None:
    server = HttpServer(lambda seen: fake(seen) if seen.path == "/api/token" else answer)
    try:
        with pytest.raises(error, match=sentence):
            Room(fake, server).read()
    finally:
        server.stop()


def test_a_list_that_changes_while_it_is_read_fails_the_reading(fake: FakeSpotify) -> None:
    fake.hold(range(1, 121))

    def tell(seen: Seen) -> Told:
        told = fake(seen)
        if seen.path.endswith("/items"):
            fake.items[PLAYLIST].append(make_track(999))
        return told

    server = HttpServer(tell)
    try:
        with pytest.raises(SourceIncomplete, match="'Friday hits' changed while it was read: run again"):
            Room(fake, server).read()
    finally:
        server.stop()


def test_two_totals_that_differ_fail_the_reading(fake: FakeSpotify) -> None:
    fake.hold([1, 2, 3])

    def tell(seen: Seen) -> Told:
        if seen.path.endswith(PLAYLIST):
            fake.calls.append(seen.path)
            return Answer(body=b'{"name": "Friday hits", "items": {"total": 4}}')
        return fake(seen)

    server = HttpServer(tell)
    try:
        with pytest.raises(SourceIncomplete, match="has 4 entries by one answer and 3 by another: run again"):
            Room(fake, server).read()
    finally:
        server.stop()


def test_the_older_path_is_not_taken_up_in_the_middle(fake: FakeSpotify) -> None:
    fake.form = "both"
    fake.hold(range(1, 121))

    def tell(seen: Seen) -> Told:
        is_refused = seen.path.endswith("/items") and seen.get("offset") == "50"
        return refusal(403, "Forbidden") if is_refused else fake(seen)

    server = HttpServer(tell)
    try:
        with pytest.raises(AuthenticationFailed, match="since 2026"):
            Room(fake, server).read()
        assert not any(seen.path.endswith("/tracks") for seen in server.seen)
    finally:
        server.stop()


def test_more_entries_than_announced_fail_the_reading(fake: FakeSpotify) -> None:
    fake.hold([1, 2, 3])

    def tell(seen: Seen) -> Told:
        told = fake(seen)
        assert isinstance(told, Answer)
        return Answer(status=told.status, body=told.body.replace(b'"total": 3', b'"total": 2'))

    server = HttpServer(tell)
    try:
        with pytest.raises(SourceIncomplete, match="more than the 2 entries that it announces"):
            Room(fake, server).read()
    finally:
        server.stop()


def test_every_request_keeps_to_the_published_description(
    room: Room, fake: FakeSpotify, tmp_path: Path
) -> None:
    fake.form = "track"
    fake.hold(range(1, 61))
    fake.albums[ALBUM] = {"name": "Discovery", "total_tracks": 1}, [make_track(1)]
    fake.top[ARTIST] = [make_track(1)]
    for playlist in (PLAYLIST, f"album:{ALBUM}", f"artist:{ARTIST}"):
        room.read(playlist)
    room.source().check(CancelToken())
    asked = [seen for seen in room.server.seen if seen.path != "/api/token"]
    kinds = {seen.path: replace(seen, path=seen.path.removeprefix("/v1")) for seen in asked}
    without_token = replace(asked[0], path="/me", query="", headers={})
    with run_prism(find_spec("spotify.yml"), tmp_path) as prism:
        assert prism.refusals(kinds.values()) == []
        assert prism.refusal(without_token), "the mock does look"
