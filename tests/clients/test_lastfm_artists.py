"""Last.fm as the service that knows similar artists and listens; against recorded answers and a fake."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from clients.contract_source import KeptAnswers
from clients.test_lastfm_source import make_client
from fakes_http import Answer, HttpServer, Reset, Told, script, serving
from fakes_lastfm import FakeLastfm, problem
from fakes_library import FakeClock
from hypothesis import given
from hypothesis import strategies as st
from recorded import recorded

from cmdarr.clients.lastfm import answers as forms
from cmdarr.clients.lastfm.parse import listened_artists, similar_artists, track_of
from cmdarr.errors import AuthenticationFailed, NotFound, ServiceError, ServiceUnavailable, UnexpectedResponse
from cmdarr.library.artist_ports import ListenedArtists, SimilarArtists
from cmdarr.models.artist import ArtistMbid, ArtistRef
from cmdarr.models.cancel import CancelToken
from cmdarr.storage.cache_store import CacheStore
from cmdarr.transport.decode import decode
from cmdarr.transport.request import Reply
from cmdarr.transport.surroundings import Surroundings

U2 = ArtistRef(name="U2", mbid=ArtistMbid("a3cb23fc-acd3-4ce0-8f36-1e5aa6a18432"))
ROWS = [
    {"name": "INXS", "mbid": "481bf5f9-2e7c-4c44-b08a-05b32bc7c00d", "match": "0.5"},
    {"name": "Passengers", "match": "1"},
    {"name": "U2", "mbid": "", "match": "1"},
    {"name": "[unknown]", "mbid": "", "match": "0.9"},
    {"name": "INXS", "mbid": "481bf5f9-2e7c-4c44-b08a-05b32bc7c00d", "match": "0.4"},
    {"name": "Simple Minds", "mbid": "no mbid", "match": "nan"},
]


@pytest.fixture
def fake() -> FakeLastfm:
    return FakeLastfm(similar={"U2": ROWS})


@pytest.fixture
def http(fake: FakeLastfm) -> Iterator[HttpServer]:
    with serving(fake) as server:
        yield server


@pytest.fixture
def answers() -> KeptAnswers:
    return KeptAnswers()


def around(answers: KeptAnswers | None = None) -> Surroundings:
    return Surroundings(wait=lambda cancel, seconds: cancel.check(), chance=lambda: 0.5, answers=answers)


def ask(http: HttpServer, artist: ArtistRef, limit: int = 10, **options: Any) -> list[tuple[str, float]]:
    client = make_client(http.url, **options)
    return [(one.artist.name, one.score) for one in client.fetch_similar(artist, limit, CancelToken())]


def test_the_best_come_first_each_once_without_the_artist_itself(http: HttpServer) -> None:
    client = make_client(http.url)
    assert isinstance(client, SimilarArtists) and isinstance(client, ListenedArtists)
    assert ask(http, ArtistRef(name="U2")) == [("Passengers", 1.0), ("INXS", 0.5), ("Simple Minds", 0.0)]
    assert ask(http, ArtistRef(name="U2"), limit=1) == [("Passengers", 1.0)]


def test_an_element_in_place_of_a_list_is_read(fake: FakeLastfm, http: HttpServer) -> None:
    fake.similar["U2"], fake.has_single_elements = ROWS[:1], True
    assert ask(http, ArtistRef(name="U2")) == [("INXS", 0.5)]


@pytest.mark.parametrize("taken_for", ["[unknown]", "Negativland", "somebody unheard of"])
def test_an_mbid_that_names_nobody_or_somebody_else_gives_way_to_the_name(
    fake: FakeLastfm, http: HttpServer, taken_for: str
) -> None:
    fake.names[str(U2.mbid)] = taken_for
    fake.similar["Negativland"] = [{"name": "Wrong", "match": "1"}]
    assert ask(http, U2)[0] == ("Passengers", 1.0)
    assert [seen.get("mbid") for seen in fake.seen] == [U2.mbid, ""]


def test_a_known_mbid_is_enough(fake: FakeLastfm, http: HttpServer) -> None:
    fake.names[str(U2.mbid)] = "U2"
    assert ask(http, U2)[0] == ("Passengers", 1.0)
    assert len(fake.seen) == 1


def test_a_correction_to_another_artist_is_not_followed(fake: FakeLastfm, http: HttpServer) -> None:
    fake.similar["Nirvana"] = [{"name": "Wrong", "match": "1"}]
    fake.corrections["Nirwana"] = "Nirvana"
    assert ask(http, ArtistRef(name="Nirwana")) == [("Wrong", 1.0)]
    fake.corrections["Nir 1965"] = "Nirvana"
    fake.similar["Nir 1965"] = [{"name": "Right", "match": "1"}]
    assert ask(http, ArtistRef(name="Nir 1965")) == [("Right", 1.0)]


@pytest.mark.parametrize("name", ["Nobody At All", "[unknown]", "Various Artists", ""])
def test_an_unknown_artist_is_not_found(http: HttpServer, name: str) -> None:
    with pytest.raises(NotFound, match="is not known"):
        ask(http, ArtistRef(name=name))


def test_an_artist_without_similar_ones_is_known_all_the_same(fake: FakeLastfm, http: HttpServer) -> None:
    fake.similar["Hermit"] = []
    assert ask(http, ArtistRef(name="Hermit")) == []


def test_answers_are_kept_without_the_key_and_serve_every_limit(
    fake: FakeLastfm, http: HttpServer, answers: KeptAnswers
) -> None:
    for limit in (1, 2, 3):
        assert len(ask(http, ArtistRef(name="U2"), limit=limit, surroundings=around(answers))) == limit
    assert len(fake.seen) == 1
    assert len(answers.kept) == 1 and "api_key" not in str(list(answers.kept))


FAULTS: dict[str, Told] = {
    "500": Answer(status=500),
    "503": Answer(status=503),
    "429": Answer(status=429),
    "reset": Reset(),
    "offline": problem(11, "offline"),
    "failed": problem(8, "failed", 500),
    "limit": problem(29, "limit"),
    "404 of a proxy": Answer(status=404, body=b"<html></html>"),
    "page": Answer(body=b"<html></html>"),
    "object": Answer(body=b"{}"),
    "key": problem(10, "key", 403),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_an_outage_is_never_taken_for_unknown(
    fake: FakeLastfm, http: HttpServer, answers: KeptAnswers, fault: str, at: int
) -> None:
    """At each of the requests for an artist that neither MBID nor correction find."""
    fake.corrections["U2"] = "Negativland"
    fake.similar["Negativland"] = []
    before = list(range(at))
    http.tell = lambda seen: fake(seen) if before and before.pop() + 1 else FAULTS[fault]
    with pytest.raises(ServiceError) as caught:
        ask(http, U2, surroundings=around(answers))
    assert not isinstance(caught.value, NotFound)
    http.tell = fake
    assert ask(http, U2, surroundings=around(answers))[0] == ("Passengers", 1.0)


def test_what_is_unknown_is_remembered_for_a_short_time(
    fake: FakeLastfm, http: HttpServer, tmp_path: Path
) -> None:
    clock = FakeClock()
    with CacheStore.open(tmp_path / "cache.db", clock=clock, max_bytes=10_000_000) as store:
        kept = Surroundings(clock=clock, wait=lambda cancel, seconds: None, answers=store.answers)
        for _ in range(2):
            with pytest.raises(NotFound):
                ask(http, ArtistRef(name="New Band"), surroundings=kept)
        assert len(fake.seen) == 2  # with and without correction
        clock.advance(timedelta(days=2))
        fake.similar["New Band"] = ROWS
        assert ask(http, ArtistRef(name="New Band"), surroundings=kept)


def test_top_artists_come_in_their_order(fake: FakeLastfm, http: HttpServer) -> None:
    fake.page = 2
    fake.artists = [{"name": f"Artist {n}", "mbid": "", "playcount": str(90 - n)} for n in range(1, 8)]
    client = make_client(http.url)
    found = client.fetch_listened("half_year", 5, CancelToken())
    assert [(one.artist.name, one.listens) for one in found] == [(f"Artist {n}", 90 - n) for n in range(1, 6)]
    assert fake.seen[0].get("period") == "6month"
    assert len(client.fetch_listened("all_time", 100, CancelToken())) == 7
    with pytest.raises(AuthenticationFailed, match=r"services\.fm\.username"):
        make_client(http.url, username=None).fetch_listened("week", 5, CancelToken())


def test_top_artists_that_come_short_are_an_error(fake: FakeLastfm, http: HttpServer) -> None:
    short = b'{"topartists": {"artist": [], "@attr": {"page": "1", "total": "9"}}}'
    http.tell = script(Answer(body=short))
    with pytest.raises(UnexpectedResponse, match="0 of 5"):
        make_client(http.url).fetch_listened("week", 5, CancelToken())
    http.tell = script(Answer(status=503))
    with pytest.raises(ServiceUnavailable):
        make_client(http.url).fetch_listened("week", 5, CancelToken())


def test_recorded_similar_artists_are_read(http: HttpServer) -> None:
    http.tell = script(Answer(body=recorded("lastfm", "lastfm.artist.getsimilar.json")))
    assert ask(http, U2) == [("Passengers", 1.0), ("INXS", 0.511468)]


def test_the_recorded_answer_about_nobody_is_recognised(http: HttpServer) -> None:
    http.tell = script(Answer(body=recorded("lastfm", "lastfm.artist.getsimilar.unknown.json")))
    with pytest.raises(NotFound):
        ask(http, U2)


def test_recorded_top_tracks_are_read() -> None:
    body = recorded("lastfm", "lastfm.artist.gettoptracks.json")
    page = decode("fm", "x", Reply(status=200, body=body), forms.Answer).some_tracks
    assert page and [forms.name_of(track.artist) for track in page.rows] == ["U2", "U2"]
    assert page.mark and forms.whole(page.mark.total) == 332_234


def test_recorded_similar_tracks_are_read(http: HttpServer) -> None:
    http.tell = script(Answer(body=recorded("lastfm", "lastfm.track.getsimilar.json")))
    found = make_client(http.url).fetch_playlist(
        "similar:Depeche Mode - Just Can't Get Enough", CancelToken()
    )
    assert [track.title for track in found.tracks][:2] == ["Dreaming of Me", "Everything Counts"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["name", "#text", "@attr", "artist", "track", "match", "mbid", "total", "nowplaying"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.sampled_from(["lovedtracks", "recenttracks", "similarartists", "topartists", "user"]), json_values)
def test_any_json_is_read_or_refused(part: str, value: Any) -> None:
    body = msgspec.json.encode({part: value})
    try:
        answer = decode("fm", "GET /2.0/", Reply(status=200, body=body), forms.Answer)
    except UnexpectedResponse:
        return
    for track in answer.some_tracks.rows if answer.some_tracks else ():
        assert track_of(track)
        assert track.is_playing in {True, False}
    for artists in (answer.similarartists, answer.topartists):
        rows = artists.rows if artists else []
        assert all(0 <= one.score <= 1 for one in similar_artists(rows, U2))
        assert all(one.artist.name for one in listened_artists(rows))
