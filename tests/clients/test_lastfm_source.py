"""Last.fm as a source: the contract for each of its lists, and what is particular to them."""

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from clients.contract_source import FakePlaylist, SourceContract
from fakes_http import Answer, HttpServer, Told, script, serving
from fakes_lastfm import KEY, USER, FakeLastfm, problem

from cmdarr.clients.lastfm import SERVICE
from cmdarr.clients.lastfm.service import Lastfm
from cmdarr.clients.lastfm.settings import LastfmSettings
from cmdarr.clients.lastfm.wish import parse_wish
from cmdarr.errors import (
    AuthenticationFailed,
    CommandError,
    NotFound,
    ServiceError,
    ServiceUnavailable,
    SourceIncomplete,
    UnexpectedResponse,
)
from cmdarr.library.ports import ClientContext, OnlineService, PlaylistSource
from cmdarr.models.cancel import CancelToken
from cmdarr.transport.surroundings import Surroundings


def make_client(url: str, surroundings: Surroundings | None = None, **settings: Any) -> Lastfm:
    """Return a client that never waits."""
    values = {"url": url, "username": USER, "api_key": KEY, "timeout": timedelta(milliseconds=200)} | settings
    around = surroundings or Surroundings(wait=lambda cancel, seconds: cancel.check(), chance=lambda: 0.5)
    context = ClientContext(name="fm", root=Path("/"), data=Path("/data"), surroundings=around)
    return Lastfm(LastfmSettings.model_validate(values), context)


class _Contract(SourceContract):
    page = 4
    secrets = (KEY,)
    wrong = (
        "",
        "loved@",
        "top:decade",
        "tag:",
        "similar:Artist",
        "chart@alice",
        "https://www.last.fm/user/x",
    )
    more_faults: ClassVar[Mapping[str, Callable[[Answer], Told]]] = {
        "error 8": lambda right: problem(8, "no", 500),
        "error 10": lambda right: problem(10, "no", 403),
        "error 29": lambda right: problem(29, "no"),
    }

    def make_fake(self) -> FakePlaylist:
        return FakeLastfm(page=self.page)

    def make_source(self, url: str, surroundings: Surroundings) -> PlaylistSource:
        return make_client(url, surroundings)


class TestLoved(_Contract):
    playlist, missing = "loved", "loved@nobody"


class TestTop(_Contract):
    playlist, missing = "top:7day", "top:overall@nobody"


class TestRecent(_Contract):
    playlist, missing = "recent", "recent@nobody"

    def make_fake(self) -> FakePlaylist:
        return FakeLastfm(page=self.page, is_playing=True)


class TestCountry(_Contract):
    playlist, missing = "country:Germany", "country:Texas"


class TestSimilar(_Contract):
    playlist = "similar:Artist - Song"
    announces_total = False
    page = 1

    def make_fake(self) -> FakePlaylist:
        return FakeLastfm()


@pytest.fixture
def fake() -> FakeLastfm:
    return FakeLastfm()


@pytest.fixture
def http(fake: FakeLastfm) -> Iterator[HttpServer]:
    with serving(fake) as server:
        yield server


@pytest.fixture
def client(http: HttpServer) -> Lastfm:
    return make_client(http.url)


def titles(client: Lastfm, playlist: str) -> list[str]:
    return [track.title for track in client.fetch_playlist(playlist, CancelToken()).tracks]


def test_it_is_every_kind_of_service_that_it_says(client: Lastfm) -> None:
    assert isinstance(client, PlaylistSource) and isinstance(client, OnlineService)
    assert SERVICE.type.is_source and SERVICE.type.knows_similar and SERVICE.type.knows_listens
    assert LastfmSettings.model_validate({"api_key": "x"}).url.startswith("https://")


@pytest.mark.parametrize(
    ("text", "method", "params", "title"),
    [
        ("loved", "user.getLovedTracks", {"user": "alice"}, "Loved tracks of alice"),
        (" Top:12month ", "user.getTopTracks", {"period": "12month"}, "Top tracks of alice, last 12 months"),
        ("top:quarter", "user.getTopTracks", {"period": "3month"}, "Top tracks of alice, last 3 months"),
        ("recent", "user.getRecentTracks", {"user": "alice"}, "Recent listens of alice"),
        ("chart", "chart.getTopTracks", {}, "Last.fm chart"),
        ("tag:hip-hop: {old}", "tag.getTopTracks", {"tag": "hip-hop: {old}"}, "Last.fm chart: hip-hop: {old}"),
        ("country:germany", "geo.getTopTracks", {"country": "germany"}, "Last.fm chart: germany"),
        ("similar:AC/DC - T.N.T. - Live", "track.getSimilar", {"artist": "AC/DC", "track": "T.N.T. - Live"},
         "Similar to AC/DC - T.N.T. - Live"),
    ],
)  # fmt: skip
def test_each_text_is_one_call(
    fake: FakeLastfm, client: Lastfm, text: str, method: str, params: dict[str, str], title: str
) -> None:
    fake.hold([1])
    found = client.fetch_playlist(text, CancelToken())
    assert found.title == title
    assert fake.seen[0].get("method") == method
    assert {key: fake.seen[0].get(key) for key in params} == params


def test_a_list_of_one_may_come_as_its_element(fake: FakeLastfm, client: Lastfm) -> None:
    fake.hold([5])
    fake.has_single_elements = True
    assert titles(client, "loved") == ["Song 5"]


def test_what_is_playing_now_is_no_listen(fake: FakeLastfm, client: Lastfm) -> None:
    fake.hold([3, 3, 1])
    fake.is_playing = True
    found = client.fetch_playlist("recent", CancelToken())
    assert [track.title for track in found.tracks] == ["Song 3", "Song 3", "Song 1"]
    assert found.tracks[0].album == "Album"


def test_listens_of_meanwhile_do_not_move_the_pages(fake: FakeLastfm, http: HttpServer) -> None:
    fake.hold(range(1, 30))
    fake.page = 10
    titles(make_client(http.url, chart_length=25), "recent")
    assert len({seen.get("to") for seen in fake.seen}) == 1 and fake.seen[0].get("to").isdigit()
    assert len(fake.seen) == 3


def test_charts_are_read_up_to_the_wished_length(fake: FakeLastfm, http: HttpServer) -> None:
    fake.hold(range(1, 50))
    fake.total, fake.page = 35_034_547, 10
    assert len(titles(make_client(http.url, chart_length=25), "chart")) == 25


def test_ids_and_durations_are_not_trusted(fake: FakeLastfm, client: Lastfm) -> None:
    fake.hold([1])
    track = client.fetch_playlist("loved", CancelToken()).tracks[0]
    assert track.recording_mbid is None and track.duration_ms is None


def test_another_page_than_was_asked_for_is_an_error(fake: FakeLastfm, http: HttpServer) -> None:
    fake.hold([1, 2, 3])
    fake.page = 2
    first: list[Answer] = []

    def repeat(seen: Any) -> Answer:
        first.append(fake(seen))
        return first[0]

    http.tell = repeat
    with pytest.raises(UnexpectedResponse, match="page 2"):
        titles(make_client(http.url), "loved")


def test_an_unknown_seed_is_said(fake: FakeLastfm, client: Lastfm) -> None:
    fake.seed_artist = "[unknown]"
    with pytest.raises(NotFound, match="`playlist`"):
        titles(client, "similar:Nobody - Nothing")


def test_a_user_is_asked_for_where_one_is_needed(fake: FakeLastfm, http: HttpServer) -> None:
    fake.hold([1])
    client = make_client(http.url, username=None)
    assert titles(client, "chart") == titles(client, "loved@alice") == ["Song 1"]
    with pytest.raises(AuthenticationFailed, match=r"set `services\.fm\.username`"):
        titles(client, "loved")


ERRORS: list[tuple[int, type[ServiceError], str]] = [
    (2, ServiceUnavailable, "try again later"),
    (3, UnexpectedResponse, "error 3"),
    (5, UnexpectedResponse, "error 5"),
    (6, NotFound, "`playlist`"),
    (7, NotFound, "`playlist`"),
    (8, ServiceUnavailable, "try again later"),
    (10, AuthenticationFailed, r"services\.fm\.api_key"),
    (11, ServiceUnavailable, "try again later"),
    (16, ServiceUnavailable, "try again later"),
    (17, AuthenticationFailed, "private"),
    (26, AuthenticationFailed, r"services\.fm\.api_key"),
    (29, ServiceUnavailable, "try again later"),
]


@pytest.mark.parametrize(("code", "kind", "words"), ERRORS)
@pytest.mark.parametrize("status", [200, 400, 403])
def test_an_error_means_what_its_code_says(
    http: HttpServer, code: int, kind: type[ServiceError], words: str, status: int
) -> None:
    http.tell = script(problem(code, f"no, not with {KEY}", status))
    with pytest.raises(kind, match=words) as caught:
        titles(make_client(http.url), "loved")
    assert KEY not in repr(caught.value)
    assert "user.getLovedTracks" in str(caught.value)


def test_a_momentary_error_is_asked_again(fake: FakeLastfm, http: HttpServer) -> None:
    fake.hold([1])
    told = [problem(29, "slow down"), problem(8, "failed", 500)]
    http.tell = lambda seen: told.pop(0) if told else fake(seen)
    assert titles(make_client(http.url), "loved") == ["Song 1"]


def test_an_answer_without_its_number_is_an_error(http: HttpServer) -> None:
    http.tell = script(Answer(body=b'{"lovedtracks": {"track": [{"name": "a", "artist": "b"}]}}'))
    with pytest.raises(UnexpectedResponse, match="without their number"):
        titles(make_client(http.url), "loved")


def test_an_empty_list_in_the_old_form_is_empty(http: HttpServer) -> None:
    http.tell = script(
        Answer(body=b'{"lovedtracks": {"track": "\\n", "@attr": {"total": "0", "page": "0"}}}')
    )
    with pytest.raises(SourceIncomplete, match="it is empty"):
        titles(make_client(http.url), "loved")


def test_the_check_says_who_it_is(http: HttpServer) -> None:
    ask = CancelToken()
    assert make_client(http.url).check(ask) == "the key holds, user Alice"
    assert make_client(http.url, username=None).check(ask) == "the key holds, no user is named"
    with pytest.raises(AuthenticationFailed, match=r"correct `services\.fm\.api_key`"):
        make_client(http.url, api_key="not-the-key").check(ask)
    with pytest.raises(NotFound):
        make_client(http.url, username="nobody").check(ask)


@pytest.mark.parametrize(
    "told",
    [
        Answer(status=500, body=KEY.encode()),
        Answer(status=302, headers={"Location": f"https://elsewhere.example/?api_key={KEY}"}),
        Answer(body=f"<html>{KEY}</html>".encode()),
        problem(10, f"Invalid API key {KEY}", 403),
        Answer(body=f'{{"lovedtracks": {{"track": {{"name": {{"{KEY}": 1}}}}}}}}'.encode()),
    ],
)
def test_the_key_stays_out_of_logs_and_messages(
    http: HttpServer, caplog: pytest.LogCaptureFixture, told: Answer
) -> None:
    caplog.set_level(logging.DEBUG, logger="cmdarr")
    http.tell = script(told)
    with pytest.raises(ServiceError) as caught:
        titles(make_client(http.url), "loved")
    error: BaseException | None = caught.value
    while error is not None:
        assert KEY not in f"{error!r}{error}"
        error = error.__cause__ or error.__context__
    assert KEY not in caplog.text


def test_a_wrong_text_lists_the_choices() -> None:
    with pytest.raises(CommandError, match=r"similar:<artist> - <title>"):
        parse_wish("fm", "hated")
