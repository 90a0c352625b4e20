"""ListenBrainz as a source: the contract for each of its lists, and what is particular to them."""

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from clients.contract_source import FakePlaylist, SourceContract
from fakes_http import Answer, HttpServer, Told, serving
from fakes_listenbrainz import TOKEN, UNTOLD, USER, FakeListenBrainz, curated, mbid

from cmdarr.clients.listenbrainz import SERVICE
from cmdarr.clients.listenbrainz.service import ListenBrainz
from cmdarr.clients.listenbrainz.settings import ListenBrainzSettings
from cmdarr.errors import (
    AuthenticationFailed,
    CommandError,
    NotFound,
    RateLimited,
    ServiceUnavailable,
    SourceIncomplete,
)
from cmdarr.library.ports import ClientContext, EditionSource, OnlineService, PlaylistSource
from cmdarr.models.cancel import CancelToken
from cmdarr.transport.surroundings import Surroundings


def make_client(url: str, surroundings: Surroundings | None = None, **settings: Any) -> ListenBrainz:
    """Return a client that never waits."""
    values = {"url": url, "labs_url": url, "username": USER, "timeout": "200ms"} | settings
    values["timeout"] = timedelta(milliseconds=200) if values["timeout"] == "200ms" else values["timeout"]
    around = surroundings or Surroundings(wait=lambda cancel, seconds: cancel.check(), chance=lambda: 0.5)
    context = ClientContext(name="lb", root=Path("/"), data=Path("/data"), surroundings=around)
    return ListenBrainz(ListenBrainzSettings.model_validate(values), context)


class _Contract(SourceContract):
    mode: str
    page = 4
    secrets = (TOKEN,)
    wrong = ("", "loved@", "weekly-something", "top-recordings:decade", "https://example.org/x", "loved:week")
    more_faults: ClassVar[Mapping[str, Callable[[Answer], Told]]] = {
        "429 with the time of ListenBrainz": lambda right: Answer(
            status=429, body=b"{}", headers={"X-RateLimit-Reset-In": "3"}
        ),
        "not computed": lambda right: Answer(status=204, body=b""),
        "404": lambda right: Answer(status=404, body=b'{"code": 404, "error": "no"}'),
        "404 of a proxy": lambda right: Answer(status=404, body=b"<html></html>"),
    }

    def make_fake(self) -> FakePlaylist:
        return FakeListenBrainz(mode=self.mode, page=self.page, counts_hated=1 if self.mode == "loved" else 0)

    def make_source(self, url: str, surroundings: Surroundings) -> PlaylistSource:
        return make_client(url, surroundings, token=TOKEN, chart_length=100)


class TestPlaylist(_Contract):
    mode, playlist, missing = "playlist", f"https://listenbrainz.org/playlist/{mbid(1, 7)}/", mbid(99)
    announces_total = False
    page = 1


class TestCurated(_Contract):
    mode, playlist, missing = "curated", "weekly-jams", "weekly-jams@nobody"
    announces_total = False
    page = 1


class TestLoved(_Contract):
    mode, playlist, missing = "loved", "loved", "loved@nobody"


class TestTop(_Contract):
    mode, playlist, missing = "top", "top-recordings:half_year", "top-recordings:month@nobody"


@pytest.fixture
def fake() -> FakeListenBrainz:
    return FakeListenBrainz()


@pytest.fixture
def http(fake: FakeListenBrainz) -> Iterator[HttpServer]:
    with serving(fake) as server:
        yield server


@pytest.fixture
def client(http: HttpServer) -> ListenBrainz:
    return make_client(http.url)


def read(client: ListenBrainz, playlist: str) -> list[int]:
    found = client.fetch_playlist(playlist, CancelToken())
    return [int(track.title.split()[1]) for track in found.tracks]


def test_it_is_every_kind_of_service_that_it_says(http: HttpServer) -> None:
    client = make_client(http.url)
    assert isinstance(client, EditionSource) and isinstance(client, OnlineService)
    assert SERVICE.type.is_source and SERVICE.type.knows_similar and SERVICE.type.knows_listens
    assert ListenBrainzSettings().url.startswith("https://")


def test_the_newest_curated_playlist_is_told_by_its_patch_and_date(
    fake: FakeListenBrainz, client: ListenBrainz
) -> None:
    fake.playlists = [
        curated(1, "weekly-jams", "2026-11-09T00:05:00+00:00", [1]),
        curated(2, "weekly-exploration", "2026-11-16T00:05:00+00:00", [2]),
        curated(3, "weekly-jams", "2026-11-16T00:05:00+00:00", [3], title="Something else"),
        curated(4, "weekly-jams", "2026-11-02T00:05:00+00:00", [4]),
        curated(5, "", "2026-11-20T00:05:00+00:00", [5], title="Weekly Jams of mine"),
    ]
    fake.page = 2
    found = client.fetch_playlist("weekly_jams", CancelToken())
    assert [track.title for track in found.tracks] == ["Song 3"]
    assert (found.title, found.edition) == ("Weekly Jams for alice", "2026-11-16")


def test_the_title_tells_where_no_patch_does(fake: FakeListenBrainz, client: ListenBrainz) -> None:
    fake.playlists = [curated(1, "", "not a date", [1], title=f"Daily Jams for {USER}, 2026-11-20 Fri")]
    assert client.fetch_playlist("daily-jams", CancelToken()).edition == "2026-11-20"


def test_of_two_playlists_of_one_day_the_later_one_counts(
    fake: FakeListenBrainz, client: ListenBrainz
) -> None:
    fake.playlists = [
        curated(1, "daily-jams", "2026-11-20T00:05:00+00:00", [1]),
        curated(2, "daily-jams", "2026-11-20T09:00:00+00:00", [2]),
        curated(3, "daily-jams", "2026-11-19T00:05:00+00:00", [3]),
    ]
    found = client.fetch_editions("daily-jams", 5, CancelToken())
    assert [one.edition for one in found] == ["2026-11-20", "2026-11-19"]
    assert [one.title for one in found] == [
        f"Daily Jams for {USER}, 2026-11-20",
        f"Daily Jams for {USER}, 2026-11-19",
    ]
    assert found[0].tracks[0].title == "Song 2"
    assert len(client.fetch_editions("daily-jams", 1, CancelToken())) == 1


def test_no_curated_playlist_yet_says_so(fake: FakeListenBrainz, client: ListenBrainz) -> None:
    fake.playlists = [curated(1, "weekly-jams", "2026-11-16", [1])]
    for ask in (client.fetch_playlist, lambda text, cancel: client.fetch_editions(text, 2, cancel)):
        with pytest.raises(
            SourceIncomplete, match=r"has made no Daily Jams for alice; what is on the servers stays"
        ):
            ask("daily-jams", CancelToken())
    with pytest.raises(CommandError, match="has no editions"):
        client.fetch_editions("loved", 2, CancelToken())


def test_what_is_not_computed_yet_says_so(fake: FakeListenBrainz, client: ListenBrainz) -> None:
    fake.is_computed = False
    with pytest.raises(SourceIncomplete, match=r"has not computed top-recordings:week for alice yet"):
        client.fetch_playlist("top-recordings:week", CancelToken())


@pytest.mark.parametrize("is_list", [True, False])
def test_a_track_has_its_recording_album_and_duration(
    fake: FakeListenBrainz, client: ListenBrainz, is_list: bool
) -> None:
    fake.hold([7])
    fake.has_lists_of_identifiers = is_list
    fake.playlists[0].annotation = "<p>Made &amp; mixed\n by <b>troi</b></p>"
    found = client.fetch_playlist(mbid(1, 7).upper(), CancelToken())
    track = found.tracks[0]
    assert (track.recording_mbid, track.album, track.duration_ms) == (mbid(7), "Album", 200_000)
    assert found.description == "Made & mixed by troi"


def test_an_untold_recording_is_named_by_its_id(fake: FakeListenBrainz, client: ListenBrainz) -> None:
    fake.hold([1, UNTOLD])
    assert client.fetch_playlist(mbid(1, 7), CancelToken()).unavailable == (f"recording {mbid(UNTOLD)}",)


def test_hated_recordings_are_counted_but_not_taken(fake: FakeListenBrainz, client: ListenBrainz) -> None:
    fake.mode, fake.counts_hated, fake.page = "loved", 3, 2
    fake.hold([1, 2, 3])
    found = client.fetch_playlist("loved", CancelToken())
    assert [track.title for track in found.tracks] == ["Song 1", "Song 2", "Song 3"]
    assert found.tracks[0].recording_mbid == mbid(1)
    assert found.title == "Loved recordings of alice"


def test_only_so_many_top_recordings_are_read(fake: FakeListenBrainz, http: HttpServer) -> None:
    fake.mode, fake.page = "top", 2
    fake.hold(range(1, 30))
    assert read(make_client(http.url, chart_length=5), "top-recordings:all_time@alice") == [1, 2, 3, 4, 5]


def test_a_list_that_changes_while_it_is_read_is_read_again(fake: FakeListenBrainz, http: HttpServer) -> None:
    fake.mode, fake.page = "loved", 2
    fake.hold([1, 2, 3, 4])

    def grow(seen: Any) -> Answer:
        answer = fake(seen)
        if len(fake.seen) == 1:
            fake.hold([9, 1, 2, 3, 4])
        return answer

    http.tell = grow
    assert read(make_client(http.url), "loved") == [9, 1, 2, 3, 4]


def test_a_list_that_always_changes_fails(fake: FakeListenBrainz, http: HttpServer) -> None:
    fake.mode, fake.page = "loved", 2

    def grow(seen: Any) -> Answer:
        fake.hold(range(1, 10 + len(fake.seen)))
        return fake(seen)

    http.tell = grow
    with pytest.raises(SourceIncomplete, match="changed while it was read"):
        read(make_client(http.url), "loved")


def test_a_private_playlist_needs_the_token(fake: FakeListenBrainz, http: HttpServer) -> None:
    fake.hold([1])
    fake.playlists[0].is_private = True
    with pytest.raises(AuthenticationFailed, match=r"services\.lb\.token"):
        read(make_client(http.url), mbid(1, 7))
    assert read(make_client(http.url, token=TOKEN), mbid(1, 7)) == [1]
    with pytest.raises(NotFound, match=r"or set `services\.lb\.token` if it is private"):
        read(make_client(http.url), mbid(2, 7))


def test_the_token_names_the_user_where_no_name_is_set(fake: FakeListenBrainz, http: HttpServer) -> None:
    fake.mode = "loved"
    fake.hold([1])
    assert read(make_client(http.url, username=None, token=TOKEN), "loved") == [1]
    with pytest.raises(AuthenticationFailed, match=r"set `services\.lb\.username`"):
        read(make_client(http.url, username=None), "loved")
    assert read(make_client(http.url, username=None), "loved@alice") == [1]


def test_the_limit_that_answers_state_is_kept(fake: FakeListenBrainz, http: HttpServer) -> None:
    waits: list[float] = []
    around = Surroundings(wait=lambda cancel, seconds: waits.append(seconds), chance=lambda: 0.5)
    fake.hold([1])
    fake.headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-In": "7"}
    client = make_client(http.url, around)
    read(client, mbid(1, 7))
    assert not waits
    read(client, mbid(1, 7))
    assert waits and 6 < waits[0] <= 7


def test_a_refusal_is_waited_for_as_long_as_it_says(fake: FakeListenBrainz, http: HttpServer) -> None:
    waits: list[float] = []
    around = Surroundings(wait=lambda cancel, seconds: waits.append(seconds), chance=lambda: 0.5)
    http.tell = lambda seen: Answer(status=429, body=b"{}", headers={"X-RateLimit-Reset-In": "9"})
    with pytest.raises(RateLimited, match="asked again in 9 s"):
        read(make_client(http.url, around), mbid(1, 7))
    assert 9 in waits


def test_the_check_says_who_it_is(fake: FakeListenBrainz, http: HttpServer) -> None:
    ask = CancelToken()
    assert make_client(http.url).check(ask) == "user alice, without a token"
    assert make_client(http.url, username=None, token=TOKEN).check(ask) == "user alice, token of alice"
    assert "no user is named" in make_client(http.url, username=None).check(ask)
    with pytest.raises(AuthenticationFailed, match=r"correct `services\.lb\.token`"):
        make_client(http.url, token="wrong-token").check(ask)
    with pytest.raises(NotFound):
        make_client(http.url, username="nobody").check(ask)


def test_the_token_stays_out_of_logs_and_messages(http: HttpServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="cmdarr")
    http.tell = lambda seen: Answer(status=500, body=seen.headers.get("authorization", "").encode())
    with pytest.raises(ServiceUnavailable) as caught:
        read(make_client(http.url, token=TOKEN), "loved")
    assert TOKEN not in caplog.text and TOKEN not in repr(caught.value)


@pytest.mark.parametrize(
    "token", ["gehe€im-0123", "geheim-0123\nX-Other: y", "gehe\0im-0123", "geheim-0123 "]
)
def test_a_token_that_no_header_can_carry_is_refused_unseen(
    fake: FakeListenBrainz, http: HttpServer, token: str
) -> None:
    with pytest.raises(AuthenticationFailed, match=r"`services\.lb\.token` holds a sign") as caught:
        read(make_client(http.url, token=token), "loved")
    assert "0123" not in str(caught.value) and caught.value.__cause__ is None and not fake.seen
