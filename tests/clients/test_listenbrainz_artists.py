"""ListenBrainz as the service that knows similar artists and listens; against recorded answers and a fake."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from clients.contract_source import KeptAnswers
from clients.test_listenbrainz_source import make_client
from fakes_http import Answer, HttpServer, Reset, Told, script, serving
from fakes_listenbrainz import TOKEN, FakeListenBrainz, mbid
from hypothesis import given
from hypothesis import strategies as st
from recorded import recorded

from cmdarr.clients.listenbrainz import answers as forms
from cmdarr.clients.listenbrainz.parse import (
    find_editions,
    listened_artists,
    similar_artists,
    track_of,
    track_of_feedback,
    track_of_top,
)
from cmdarr.errors import (
    AuthenticationFailed,
    NotFound,
    ServiceError,
    ServiceUnavailable,
    UnexpectedResponse,
)
from cmdarr.library.artist_ports import ListenedArtists, SimilarArtists
from cmdarr.models.artist import ArtistMbid, ArtistRef
from cmdarr.models.cancel import CancelToken
from cmdarr.models.track import WantedTrack
from cmdarr.transport.decode import decode
from cmdarr.transport.request import Reply
from cmdarr.transport.surroundings import Surroundings

U2 = ArtistRef(name="U2", mbid=ArtistMbid(mbid(1)))


def row(number: int, score: object, name: str = "") -> dict[str, Any]:
    return {
        "artist_mbid": mbid(number), "name": name or f"Artist {number}", "score": score, "reference_mbid": U2.mbid,
        "type": "Group", "gender": None, "comment": "",
    }  # fmt: skip


@pytest.fixture
def fake() -> FakeListenBrainz:
    return FakeListenBrainz()


@pytest.fixture
def http(fake: FakeListenBrainz) -> Iterator[HttpServer]:
    with serving(fake) as server:
        yield server


def around(answers: KeptAnswers) -> Surroundings:
    return Surroundings(wait=lambda cancel, seconds: cancel.check(), chance=lambda: 0.5, answers=answers)


def ask(http: HttpServer, artist: ArtistRef = U2, limit: int = 10, **options: Any) -> list[tuple[str, float]]:
    found = make_client(http.url, **options).fetch_similar(artist, limit, CancelToken())
    return [(one.artist.name, one.score) for one in found]


def test_the_best_come_first_each_once_without_the_artist_itself(
    fake: FakeListenBrainz, http: HttpServer
) -> None:
    client = make_client(http.url)
    assert isinstance(client, SimilarArtists) and isinstance(client, ListenedArtists)
    fake.similar[mbid(1)] = [
        row(3, 200), row(1, 999), row(4, 400), row(2, 200), row(3, 100), row(5, 900, "[unknown]"), row(6, "x"),
    ]  # fmt: skip
    assert ask(http) == [("Artist 4", 1.0), ("Artist 2", 0.5), ("Artist 3", 0.5)]
    assert ask(http, limit=1) == [("Artist 4", 1.0)]


def test_the_data_set_is_a_setting(fake: FakeListenBrainz, http: HttpServer) -> None:
    fake.similar[mbid(1)], fake.algorithms = [row(3, 200)], frozenset({"newest"})
    assert ask(http, algorithm="newest") == [("Artist 3", 1.0)]
    with pytest.raises(UnexpectedResponse, match=r"correct `services\.lb\.algorithm`"):
        ask(http)


def test_an_artist_without_an_mbid_is_not_known(fake: FakeListenBrainz, http: HttpServer) -> None:
    with pytest.raises(NotFound, match="MBID"):
        ask(http, ArtistRef(name="U2"))
    assert not fake.seen


def test_the_token_is_not_sent_to_the_other_host(fake: FakeListenBrainz, http: HttpServer) -> None:
    assert ask(http, token=TOKEN) == []
    assert "authorization" not in fake.seen[0].headers


FAULTS: dict[str, Told] = {
    "500": Answer(status=500),
    "503": Answer(status=503),
    "429": Answer(status=429),
    "404": Answer(status=404),
    "reset": Reset(),
    "page": Answer(body=b"<html></html>"),
    "object": Answer(body=b"{}"),
    "nothing": Answer(body=b""),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_outage_is_never_kept(fake: FakeListenBrainz, http: HttpServer, fault: str) -> None:
    fake.similar[mbid(1)] = [row(3, 200)]
    answers = KeptAnswers()
    http.tell = script(FAULTS[fault])
    with pytest.raises(ServiceError):
        ask(http, surroundings=around(answers))
    assert not answers.kept
    http.tell = fake
    for _ in range(3):
        assert ask(http, surroundings=around(answers)) == [("Artist 3", 1.0)]
    assert len(fake.seen) == 1


def test_the_right_setting_is_named_when_the_host_is_away(http: HttpServer) -> None:
    http.tell = script(Reset())
    with pytest.raises(ServiceUnavailable, match=r"check `services\.lb\.labs_url`"):
        ask(http)


def test_top_artists_come_in_their_order(fake: FakeListenBrainz, http: HttpServer) -> None:
    fake.page = 2
    fake.artists = [
        {"artist_name": f"Artist {n}", "artist_mbid": mbid(n) if n % 2 else None, "listen_count": 90 - n}
        for n in range(1, 8)
    ]
    client = make_client(http.url)
    found = client.fetch_listened("half_year", 5, CancelToken())
    assert [(one.artist.name, one.artist.mbid, one.listens) for one in found][:2] == [
        ("Artist 1", mbid(1), 89),
        ("Artist 2", None, 88),
    ]
    assert len(found) == 5
    assert fake.seen[0].get("range") == "half_yearly"
    assert len(client.fetch_listened("all_time", 100, CancelToken())) == 7


def test_top_artists_that_are_not_there_are_an_error(fake: FakeListenBrainz, http: HttpServer) -> None:
    client = make_client(http.url)
    fake.is_computed = False
    with pytest.raises(NotFound, match="not computed"):
        client.fetch_listened("week", 5, CancelToken())
    http.tell = script(Answer(body=b'{"payload": {"artists": [], "total_artist_count": 9}}'))
    with pytest.raises(UnexpectedResponse, match="0 of 5"):
        client.fetch_listened("week", 5, CancelToken())
    http.tell = script(Answer(status=503))
    with pytest.raises(ServiceUnavailable):
        client.fetch_listened("week", 5, CancelToken())
    with pytest.raises(AuthenticationFailed, match=r"services\.lb\.username"):
        make_client(http.url, username=None).fetch_listened("week", 5, CancelToken())


def test_top_artists_are_kept_for_a_short_time_and_never_when_not_computed(
    fake: FakeListenBrainz, http: HttpServer
) -> None:
    answers = KeptAnswers()
    client = make_client(http.url, around(answers))
    fake.is_computed = False
    with pytest.raises(NotFound):
        client.fetch_listened("week", 5, CancelToken())
    assert not answers.kept
    fake.is_computed, fake.artists = True, [{"artist_name": "A", "listen_count": 1}]
    for _ in range(2):
        assert len(client.fetch_listened("week", 5, CancelToken())) == 1
    assert len(fake.seen) == 2


def test_recorded_similar_artists_are_read(http: HttpServer) -> None:
    http.tell = script(Answer(body=recorded("listenbrainz", "listenbrainz.labs.similar-artists.json")))
    seed = ArtistRef(name="?", mbid=ArtistMbid("db92a151-1ac2-438b-bc43-b82e149ddd50"))
    assert ask(http, seed) == [("Michael Jackson", 1.0), ("a-ha", 0.99)]


def test_recorded_recordings_are_read() -> None:
    body = recorded("listenbrainz", "listenbrainz.popularity.json")
    rows = msgspec.json.decode(body)
    track = track_of_top(
        msgspec.convert({**rows[0], "track_name": rows[0]["recording_name"]}, forms.TopRecording)
    )
    assert isinstance(track, WantedTrack)
    assert (track.artist, track.title, track.album) == ("Mili", "world.execute(me);", "Miracle Milk")
    assert track.recording_mbid == "9980309d-3480-4e7e-89ce-fce971a452be"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["title", "creator", "album", "duration", "identifier", "date", "track", "extension", "track_metadata",
             "score", "artist_mbid", "name", "playlist", "https://musicbrainz.org/doc/jspf#playlist"]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=14,
)  # fmt: skip


@given(st.sampled_from(["playlist", "playlists", "feedback", "similar"]), json_values)
def test_any_json_is_read_or_refused(part: str, value: Any) -> None:
    def read(form: type[Any], shape: object) -> Any:
        return decode("lb", "x", Reply(status=200, body=msgspec.json.encode(shape)), form)

    try:
        if part == "playlist":
            tracks = read(forms.PlaylistAnswer, {"playlist": value}).playlist.track or ()
            assert all(track_of(track) for track in tracks)
        elif part == "playlists":
            found = read(forms.PlaylistsAnswer, {"playlists": [{"playlist": value}], "playlist_count": 1})
            find_editions([one.playlist for one in found.playlists], "daily-jams")
        elif part == "feedback":
            answer = read(forms.FeedbackAnswer, {"feedback": [value], "total_count": 1})
            assert all(track_of_feedback(one) for one in answer.feedback)
        else:
            found = similar_artists(read(list[forms.SimilarRow], [value]), ArtistMbid(mbid(1)))
            assert all(0 < one.score <= 1 for one in found)
            listened_artists(read(list[forms.TopArtist], [value]))
    except UnexpectedResponse:
        return
