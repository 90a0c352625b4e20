"""Deezer: what a text names, what Deezer hides, short links, ISRCs, long lists, and its recorded answers."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from clients.contract_source import KeptAnswers
from fakes_deezer import PLAYLIST, QUOTA, FakeDeezer, make_track
from fakes_http import Answer, HttpServer, Seen, Told

from cmdarr.clients.deezer import SERVICE
from cmdarr.clients.deezer.address import Link, Place, parse_address
from cmdarr.clients.deezer.answers import Track
from cmdarr.clients.deezer.settings import DeezerSettings
from cmdarr.clients.deezer.source import DeezerSource
from cmdarr.clients.deezer.tracks import title_of
from cmdarr.errors import NotFound, RateLimited, SourceIncomplete
from cmdarr.library.ports import ClientContext, OnlineService, PlaylistSource
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import SourcePlaylist
from cmdarr.transport.session import Surroundings
from cmdarr.transport.throttle import Throttles

RECORDED = Path(__file__).parents[2].parent / "shared/data/recorded/deezer"


@dataclass
class Room:
    """A fake behind real HTTP, and sources that read from it; time stands still unless somebody waits."""

    fake: FakeDeezer
    url: str
    now_s: float = 0.0

    def __post_init__(self) -> None:
        self.waits_s: list[float] = []
        self.answers = KeptAnswers()
        self.throttles = Throttles(lambda: self.now_s)

    def _wait(self, cancel: CancelToken, seconds: float) -> None:
        cancel.check()
        self.waits_s.append(seconds)
        self.now_s += seconds

    def source(self, **settings: Any) -> DeezerSource:
        around = Surroundings(wait=self._wait, chance=lambda: 0.0, answers=self.answers)
        context = ClientContext(
            name="deezer", root=Path(), data=Path(), surroundings=around, throttles=self.throttles
        )
        return DeezerSource(
            DeezerSettings(url=self.url, **settings), context, url_of=lambda host: f"{self.url}/{host}"
        )

    def read(self, playlist: str, **settings: Any) -> SourcePlaylist:
        return self.source(**settings).fetch_playlist(playlist, CancelToken())


@pytest.fixture
def fake() -> FakeDeezer:
    return FakeDeezer()


@pytest.fixture
def room(fake: FakeDeezer) -> Iterator[Room]:
    server = HttpServer(fake)
    yield Room(fake, server.url)
    server.stop()


def numbers(playlist: SourcePlaylist) -> list[int]:
    return [int(track.title.rpartition(" ")[2]) for track in playlist.tracks]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("908622995", Place("playlist", 908622995)),
        (" playlist:12 ", Place("playlist", 12)),
        ("https://www.deezer.com/playlist/12", Place("playlist", 12)),
        ("https://www.deezer.com/en/playlist/12?host=5&deferredFl=1#x", Place("playlist", 12)),
        ("http://deezer.com/pt-br/playlist/12/", Place("playlist", 12)),
        ("www.deezer.com/us/album/13", Place("album", 13)),
        ("deezer://www.deezer.com/playlist/12", Place("playlist", 12)),
        ("https://api.deezer.com/playlist/12", Place("playlist", 12)),
        ("album:13", Place("album", 13)),
        ("artist:27", Place("artist", 27)),
        ("artist:27/top", Place("artist", 27)),
        ("https://www.deezer.com/fr/artist/27/top_track", Place("artist", 27)),
        ("chart", Place("chart", 0)),
        ("chart:152", Place("chart", 152)),
        (
            "https://link.deezer.com/s/319MrRotHC7J6de6Ziseq",
            Link("link.deezer.com", "/s/319MrRotHC7J6de6Ziseq"),
        ),
        ("https://deezer.page.link/qfomS8twgYA35mgQ7", Link("deezer.page.link", "/qfomS8twgYA35mgQ7")),
    ],
)
def test_what_a_text_names(text: str, place: Place | Link) -> None:
    assert parse_address("deezer", text) == place


def test_it_needs_no_settings(tmp_path: Path) -> None:
    assert SERVICE.type.works_unconfigured and SERVICE.type.is_source
    assert SERVICE.build is not None
    source = SERVICE.build(DeezerSettings(), ClientContext(name="deezer", root=tmp_path, data=tmp_path))
    assert isinstance(source, PlaylistSource) and isinstance(source, OnlineService)
    assert DeezerSettings().url == "https://api.deezer.com"


def test_it_says_what_it_can_do(room: Room, fake: FakeDeezer) -> None:
    fake.tracks[3135556] = make_track(1)
    assert room.source().check(CancelToken()) == (
        "public playlists, albums, top tracks and charts; no account needed"
    )


def test_a_playlist_with_all_that_deezer_tells(room: Room, fake: FakeDeezer) -> None:
    live = make_track(2, title="Song 2 (Live)", title_version="(Live)", duration=0)
    fake.put("/playlist/5", [make_track(1), live], title=" Évening ", description="By me")
    playlist = room.read("5")
    assert (playlist.title, playlist.description) == ("Évening", "By me")
    first, second = playlist.tracks
    assert (first.artist, first.title, first.album, first.duration_ms) == (
        "Artist 1",
        "Song 1",
        "Album",
        201_000,
    )
    assert (first.isrc, first.year) == (None, None)
    assert (second.title, second.duration_ms) == ("Song 2 (Live)", None)


def test_a_version_is_part_of_the_title() -> None:
    assert title_of(Track(title="Soliloquy", title_version="(Remastered)")) == "Soliloquy (Remastered)"
    assert title_of(Track(title="Soliloquy (Remastered)", title_version="(Remastered)")) == (
        "Soliloquy (Remastered)"
    )
    assert title_of(Track(title=None, title_version="(Live)")) == ""


def test_tracks_that_cannot_be_played_are_wanted_all_the_same(room: Room, fake: FakeDeezer) -> None:
    fake.put("/playlist/5", [make_track(1, readable=False)], title="x")
    assert numbers(room.read("5")) == [1]


def test_an_album_has_its_name_and_year_on_every_track(room: Room, fake: FakeDeezer) -> None:
    tracks = [make_track(n, album=None, isrc="GBDUW0000059") for n in (1, 2)]
    fake.put("/album/7", tracks, title="Discovery", release_date="2001-03-07", artist={"name": "Daft Punk"})
    playlist = room.read("https://www.deezer.com/en/album/7")
    assert playlist.title == "Discovery"
    assert {(t.album, t.album_artist, t.year, t.isrc) for t in playlist.tracks} == {
        ("Discovery", "Daft Punk", 2001, "GBDUW0000059")
    }


def test_the_top_tracks_of_an_artist(room: Room, fake: FakeDeezer) -> None:
    fake.put("/artist/27", map(make_track, (3, 1)), name="Daft Punk")
    playlist = room.read("artist:27/top")
    assert (playlist.title, numbers(playlist)) == ("Daft Punk: top tracks", [3, 1])


def test_charts_of_everything_and_of_a_genre(room: Room, fake: FakeDeezer) -> None:
    fake.put("/chart/0", [make_track(1)])
    fake.put("/chart/152", [make_track(2)])
    fake.about["/genre/152"] = {"id": 152, "name": "Rock"}
    assert (room.read("chart").title, numbers(room.read("chart"))) == ("Deezer chart", [1])
    playlist = room.read("chart:152")
    assert (playlist.title, numbers(playlist)) == ("Deezer chart: Rock", [2])


def hide(count: int, *hidden: int) -> list[dict[str, Any] | None]:
    return [None if number in hidden else make_track(number) for number in range(1, count + 1)]


def test_entries_that_deezer_hides_are_counted_and_named(room: Room, fake: FakeDeezer) -> None:
    """A recorded playlist announces 102 tracks and answers with 93."""
    hidden = (1, 17, 18, 60, 99, 100, 150)
    fake.put("/playlist/5", hide(230, *hidden), title="x")
    playlist = room.read("5")
    assert numbers(playlist) == [n for n in range(1, 231) if n not in hidden]
    assert playlist.unavailable == (
        *["an entry between 1 and 100 that Deezer does not show"] * 6,
        "an entry between 101 and 200 that Deezer does not show",
    )
    assert len(fake.calls) == 1 + 3 + 2 * 2, "two halves for each short page"


def test_a_hidden_end_looks_like_a_lost_one_and_needs_leave(room: Room, fake: FakeDeezer) -> None:
    for count, hidden in ((50, (50,)), (101, (101,)), (120, range(101, 121))):
        fake.put("/playlist/5", hide(count, *hidden), title="x")
        with pytest.raises(SourceIncomplete, match=r"`services\.deezer\.allow_hidden_end` to true"):
            room.read("5")
        playlist = room.read("5", allow_hidden_end=True)
        assert len(playlist.tracks) + len(playlist.unavailable) == count


def test_a_lost_page_in_the_middle_is_never_taken_for_hidden(room: Room, fake: FakeDeezer) -> None:
    fake.put("/playlist/5", hide(300, *range(101, 201)), title="x")
    with pytest.raises(SourceIncomplete, match="announces 300 tracks, and none came from 101 on: run again"):
        room.read("5", allow_hidden_end=True)


def altered(fake: FakeDeezer, change: Callable[[dict[str, Any], int], None]) -> Callable[[Seen], Told]:
    """Change each page after the fake has made it; the number counts them from 1."""
    pages = 0

    def tell(seen: Seen) -> Told:
        nonlocal pages
        told = fake(seen)
        assert isinstance(told, Answer)
        body = json.loads(told.body)
        if "data" in body:
            pages += 1
            change(body, pages)
        return Answer(body=json.dumps(body).encode())

    return tell


def _shorten(page: dict[str, Any], number: int) -> None:
    if number == 2:
        del page["data"][40:]


def _grow(page: dict[str, Any], number: int) -> None:
    page["total"] += number // 2


def _edit(page: dict[str, Any], number: int) -> None:
    page["checksum"] = f"state {number // 2}"


def _overfill(page: dict[str, Any], number: int) -> None:
    page["data"] += [make_track(999)]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (_shorten, "gave different tracks for the same places: run again"),
        (_grow, "changed while it was read: run again"),
        (_edit, "changed while it was read: run again"),
        (_overfill, "has more than the 250 tracks that it announces: run again"),
    ],
)
def test_pages_that_contradict_each_other_fail_the_reading(
    fake: FakeDeezer, change: Callable[[dict[str, Any], int], None], sentence: str
) -> None:
    fake.hold(range(1, 251))
    server = HttpServer(altered(fake, change))
    try:
        with pytest.raises(SourceIncomplete, match=sentence):
            Room(fake, server.url).read(str(PLAYLIST))
    finally:
        server.stop()


def test_two_totals_that_differ_fail_the_reading(room: Room, fake: FakeDeezer) -> None:
    fake.put("/playlist/5", map(make_track, (1, 2)), title="x", nb_tracks=3)
    with pytest.raises(SourceIncomplete, match="has 3 tracks by one answer and 2 by another: run again"):
        room.read("5")


def test_smaller_pages_than_asked_for_are_read_too(room: Room, fake: FakeDeezer) -> None:
    fake.hold(range(1, 251))
    fake.most = 25
    assert numbers(room.read(str(PLAYLIST))) == list(range(1, 251))


def test_pages_are_asked_for_also_where_the_next_one_is_not_announced(room: Room, fake: FakeDeezer) -> None:
    fake.hold(range(1, 251))
    fake.has_next = False
    assert numbers(room.read(str(PLAYLIST))) == list(range(1, 251))


def test_the_budget_is_shared_and_kept_and_a_quota_is_waited_for(room: Room, fake: FakeDeezer) -> None:
    fake.hold(range(1, 9801))
    assert numbers(room.read(str(PLAYLIST))) == list(range(1, 9801))
    assert len(fake.calls) == 1 + 98
    room.source().fetch_playlist(str(PLAYLIST), CancelToken())
    arrivals = [sum(room.waits_s[:n]) for n in range(len(room.waits_s))]
    assert len(fake.calls) / 9 - 1 < room.now_s < len(fake.calls) / 9
    assert all(sum(at <= other < at + 5 for other in arrivals) <= 50 for at in arrivals)


def test_an_exhausted_quota_in_the_middle_is_waited_for(fake: FakeDeezer) -> None:
    fake.hold(range(1, 251))
    asked: list[str] = []

    def tell(seen: Seen) -> Told:
        asked.append(seen.path)
        return QUOTA if len(asked) in {3, 4} else fake(seen)

    server = HttpServer(tell)
    try:
        room = Room(fake, server.url)
        assert len(room.read(str(PLAYLIST)).tracks) == 250
        assert room.now_s >= 10
    finally:
        server.stop()


def test_a_quota_that_stays_says_so(room: Room, fake: FakeDeezer) -> None:
    server = HttpServer(lambda seen: QUOTA)
    try:
        with pytest.raises(RateLimited, match="asked too often or busy"):
            Room(fake, server.url).read("5")
    finally:
        server.stop()


def test_isrcs_come_track_by_track_and_are_kept(room: Room, fake: FakeDeezer) -> None:
    fake.put("/playlist/5", map(make_track, (1, 2, 3)), title="x")
    fake.tracks[1001] = make_track(1, isrc="GBDUW0000059", release_date="2001-03-07")
    fake.tracks[1002] = make_track(2, isrc="junk", release_date="0000-00-00")
    for _ in range(2):
        playlist = room.read("5", isrc=True)
        assert [(t.isrc, t.year) for t in playlist.tracks] == [
            ("GBDUW0000059", 2001),
            (None, None),
            (None, None),
        ]
    details = [path for path in fake.calls if path.startswith("/track/")]
    assert details == ["/track/1001", "/track/1002", "/track/1003"], "kept, also that there is none"
    assert not [path for path in fake.calls if path.startswith("/track/")][3:]
    room.read("5")
    assert len(fake.calls) == 3 * 2 + 3, "not asked for unless wanted"


def redirect(*targets: str) -> Callable[[Seen], Told]:
    left = list(targets)
    return lambda seen: Answer(status=302, headers={"Location": left.pop(0)})


@pytest.mark.parametrize(
    "steps",
    [
        ["https://www.deezer.com/en/playlist/5?utm=x"],
        ["/s/second", "https://www.deezer.com/playlist/5"],
        ["https://deezer.page.link/x", "https://link.deezer.com/y", "https://www.deezer.com/playlist/5"],
    ],
)
def test_short_links_are_followed_on_deezers_hosts(steps: Sequence[str]) -> None:
    fake = FakeDeezer()
    fake.put("/playlist/5", [make_track(1)], title="Found")
    follow = redirect(*steps)
    server = HttpServer(lambda seen: follow(seen) if "link" in seen.path else fake(seen))
    try:
        assert Room(fake, server.url).read("https://link.deezer.com/s/abc").title == "Found"
        assert [seen.path for seen in server.seen][: len(steps)][0] == "/link.deezer.com/s/abc"
        assert "cookie" not in server.seen[0].headers
    finally:
        server.stop()


@pytest.mark.parametrize(
    "answers",
    [
        redirect("https://example.org/playlist/5"),
        redirect("http://127.0.0.1/playlist/5"),
        redirect("https://www.deezer.com/en/track/5"),
        redirect(*["https://link.deezer.com/round"] * 5),
        redirect("http://["),
        lambda seen: Answer(status=302),
        lambda seen: Answer(status=404, body=b"<html>gone</html>"),
        lambda seen: Answer(body=b"<html>open the app</html>"),
    ],
)
def test_a_short_link_that_leads_elsewhere_is_not_followed(answers: Callable[[Seen], Told]) -> None:
    server = HttpServer(answers)
    try:
        with pytest.raises(
            NotFound, match="open it in a browser and put the address shown there into `playlist`"
        ):
            Room(FakeDeezer(), server.url).read("https://link.deezer.com/s/abc")
        assert len(server.seen) <= 3
        assert all(seen.path.startswith("/link.deezer.com/") for seen in server.seen)
    finally:
        server.stop()


def recorded(name: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the recorded answers of one file as path and body."""
    if not RECORDED.is_dir():
        pytest.skip("the recorded answers are not beside the repository")
    document = yaml.safe_load((RECORDED / name).read_text(encoding="utf-8"))
    return [
        (
            each["request"]["uri"].removeprefix("https://api.deezer.com"),
            json.loads(each["response"]["body"]["string"]),
        )
        for each in document["interactions"]
    ]


def test_a_recorded_playlist_is_read(fake: FakeDeezer) -> None:
    """It announces 102 tracks; the answers hold 93, the nine others are hidden."""
    (_, about), *_ = recorded("TestPlaylist.test_attributes.yaml")
    shown = about.pop("tracks")["data"]
    fake.put("/playlist/9200461", [*shown[:80], *[None] * 9, *shown[80:]])
    fake.about["/playlist/9200461"] = about
    server = HttpServer(fake)
    try:
        playlist = Room(fake, server.url).read("https://www.deezer.com/fr/playlist/9200461")
    finally:
        server.stop()
    assert playlist.title == "Lounge Soirée"
    assert (len(playlist.tracks), len(playlist.unavailable)) == (93, 9)
    first = playlist.tracks[0]
    assert (first.artist, first.title, first.album, first.duration_ms) == (
        "Morcheeba",
        "Otherwise",
        "Charango",
        222_000,
    )


def test_recorded_top_tracks_and_a_recorded_chart_are_read(fake: FakeDeezer) -> None:
    (_, artist), (_, top) = recorded("TestArtist.test_get_top.yaml")
    _, (_, chart) = recorded("TestChart.test_get_tracks.yaml")
    answers = {"/artist/27": artist, "/artist/27/top": top | {"total": 5}, "/chart/0/tracks": chart}
    server = HttpServer(lambda seen: Answer(body=json.dumps(answers[seen.path]).encode()))
    try:
        room = Room(fake, server.url)
        playlist = room.read("artist:27")
        assert playlist.title == "Daft Punk: top tracks"
        assert [t.title for t in playlist.tracks][:1] == ["Instant Crush"] and len(playlist.tracks) == 5
        assert room.read("chart").tracks[0].title == "LA FAMA"
    finally:
        server.stop()
