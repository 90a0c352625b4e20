"""Spotify without an app: public pages through the optional library, over real HTTP to a fake of those pages."""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import pytest
from clients.contract_source import FAULTS, SourceContract, Stage
from fakes_http import Answer, HttpServer, Told
from fakes_spotify import ALBUM, ARTIST, PLAYLIST
from fakes_spotify_pages import FakePages, there

from cmdarr.clients.spotify.pages import PublicPages
from cmdarr.clients.spotify.settings import SpotifySettings
from cmdarr.clients.spotify.source import SpotifySource
from cmdarr.errors import CommandError, ServiceUnavailable, SourceIncomplete
from cmdarr.library.ports import ClientContext, PlaylistSource
from cmdarr.models.cancel import CancelToken
from cmdarr.transport.session import Surroundings

scraper = pytest.importorskip(
    "spotify_scraper.http", reason="the optional library spotifyscraper is not installed"
)


class _Way:
    """The library's own way to the web, turned to the fake; it tries once."""

    def __init__(self, url: str, timeout_s: float) -> None:
        retry = scraper.RetryPolicy(max_attempts=1)
        fast = scraper.RateLimit(per_second=10_000, burst=10_000)
        self.url, self.inner = url, scraper.HttpxTransport(timeout=timeout_s, retry=retry, rate_limit=fast)

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> object:
        return self.inner.get(there(self.url, url), headers=headers)

    def close(self) -> None:
        self.inner.close()


def make_source(url: str, timeout_s: float = 5.0) -> SpotifySource:
    pages = PublicPages("spotify", timeout_s, lambda: _Way(url, timeout_s))  # type: ignore[arg-type,return-value]
    return SpotifySource(
        SpotifySettings(), ClientContext(name="spotify", root=Path(), data=Path()), pages=pages
    )


class TestPages(SourceContract):
    playlist = f"https://open.spotify.com/playlist/{PLAYLIST}"
    wrong = ("", "friday", "https://open.spotify.com/track/3cEYpjA9oz9GiPac4AsH4n")
    missing = "3cEYpjA9oz9GiPac4AsXXX"
    secrets = ("anonymous",)
    page = 100
    more_faults: ClassVar[Mapping[str, Callable[[Answer], Told]]] = {
        "401": lambda right: Answer(status=401, body=b"{}"),
        "nothing there": lambda right: Answer(body=b'{"data": {"playlistV2": null}}'),
        "another question": lambda right: Answer(body=b'{"errors": [{"message": "PersistedQueryNotFound"}]}'),
    }

    def make_fake(self) -> FakePages:
        return FakePages()

    def make_source(self, url: str, surroundings: Surroundings) -> PlaylistSource:
        return make_source(url, self.timeout_s)

    def test_a_short_disturbance_is_waited_for(
        self, stage: Stage, remake: Callable[[], PlaylistSource]
    ) -> None:
        """The library waits by itself; here it tries once."""
        stage.fake.hold([1, 2])
        stage.break_from(1, FAULTS["503"], count=1)
        assert isinstance(self.assert_fails(remake()), ServiceUnavailable)
        assert self.numbers(self.read(remake())) == [1, 2]


@pytest.fixture
def fake() -> FakePages:
    return FakePages()


@pytest.fixture
def source(fake: FakePages) -> Iterator[SpotifySource]:
    server = HttpServer(fake)
    yield make_source(server.url)
    server.stop()


def test_a_playlist_beyond_the_first_hundred(source: SpotifySource, fake: FakePages) -> None:
    fake.hold(range(1, 331))
    playlist = source.fetch_playlist(PLAYLIST, CancelToken())
    assert (playlist.title, playlist.description, len(playlist.tracks)) == ("Friday hits", "By me", 330)
    first = playlist.tracks[0]
    assert (first.artist, first.title, first.album, first.duration_ms) == (
        "Artist 1",
        "Song 1",
        "Album",
        200_001,
    )


def test_an_album(source: SpotifySource, fake: FakePages) -> None:
    fake.hold(range(1, 61))
    album = source.fetch_playlist(f"album:{ALBUM}", CancelToken())
    assert (album.title, len(album.tracks)) == ("Discovery", 60)
    assert {(t.album, t.album_artist, t.year) for t in album.tracks} == {("Discovery", "Daft Punk", 2001)}


def test_a_page_that_gives_only_its_first_tracks_is_not_taken(source: SpotifySource, fake: FakePages) -> None:
    fake.has_player = False
    fake.hold(range(1, 331))
    with pytest.raises(
        SourceIncomplete,
        match=r"gives 100 tracks and does not say how many there are \(often only the first 100 are given\): set "
        r"`client_id`, `client_secret` and `refresh_token` of your own app, or export the list to CSV",
    ):
        source.fetch_playlist(PLAYLIST, CancelToken())


def test_entries_that_the_library_leaves_out_fail_the_reading(source: SpotifySource, fake: FakePages) -> None:
    fake.hold([1, 2, 3])
    fake.tracks[1]["__typename"] = "Episode"
    with pytest.raises(SourceIncomplete, match="announces 3 tracks and gives 2"):
        source.fetch_playlist(PLAYLIST, CancelToken())


def test_top_tracks_are_not_on_the_pages(source: SpotifySource, fake: FakePages) -> None:
    with pytest.raises(CommandError, match="read them from `deezer`"):
        source.fetch_playlist(f"artist:{ARTIST}", CancelToken())
    assert not fake.hosts


def test_it_says_how_it_reads(source: SpotifySource) -> None:
    assert source.check(CancelToken()).startswith("no app: public pages are read with spotifyscraper 3.")


def test_without_the_library_the_cure_is_named(
    source: SpotifySource, fake: FakePages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "spotify_scraper", None)
    cure = r"needs an optional library: install `cmdarr\[spotify\]`, or set `client_id`"
    with pytest.raises(CommandError, match=cure):
        source.fetch_playlist(PLAYLIST, CancelToken())
    with pytest.raises(CommandError, match=cure):
        source.check(CancelToken())
    assert not fake.hosts


def test_the_way_to_the_web_can_be_made() -> None:
    way = PublicPages("spotify", 5)._open_way()
    assert isinstance(way, scraper.HttpxTransport)
    way.close()
