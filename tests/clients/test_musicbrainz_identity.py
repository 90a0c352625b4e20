"""MusicBrainz as the service that says who is meant: safe answers, the rate limit, and what is kept."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from clients.contract_source import KeptAnswers
from fakes_http import Answer, HttpServer, Reset, Seen, Told, script, serving
from fakes_library import FakeClock
from fakes_musicbrainz import FakeMusicBrainz, artist, group, mbid, recording
from hypothesis import given
from hypothesis import strategies as st
from recorded import recorded

from cmdarr.clients.musicbrainz import SERVICE
from cmdarr.clients.musicbrainz import answers as forms
from cmdarr.clients.musicbrainz.pick import pick_album, pick_artist, pick_recording_artist
from cmdarr.clients.musicbrainz.query import phrase
from cmdarr.clients.musicbrainz.service import MusicBrainz
from cmdarr.clients.musicbrainz.settings import MusicBrainzSettings
from cmdarr.errors import ServiceError, ServiceUnavailable, UnexpectedResponse
from cmdarr.library.artist_ports import ArtistIdentities
from cmdarr.library.ports import ClientContext, OnlineService
from cmdarr.models.artist import ArtistMbid, ArtistRef
from cmdarr.models.cancel import CancelToken
from cmdarr.models.track import Isrc, RecordingMbid, WantedTrack
from cmdarr.storage.cache_store import CacheStore
from cmdarr.transport.decode import decode
from cmdarr.transport.request import Reply
from cmdarr.transport.surroundings import Surroundings
from cmdarr.transport.throttle import Throttles

NEVER = CancelToken()
Ask = Callable[[MusicBrainz], object]


class Room:
    """A client on a clock that moves only by waiting."""

    def __init__(self, url: str, answers: Any = None) -> None:
        self.url, self.clock, self.waited = url, FakeClock(), 0.0
        self.answers = answers
        self.throttles = Throttles(self.clock.monotonic)

    def wait(self, cancel: CancelToken, seconds: float) -> None:
        cancel.check()
        self.waited += seconds
        self.clock.advance(timedelta(seconds=seconds))

    def client(self, **settings: Any) -> MusicBrainz:
        values = {
            "url": f"{self.url}/ws/2",
            "contact": "me@example.org",
            "timeout": timedelta(seconds=2),
        } | settings
        context = ClientContext(
            name="mb",
            root=Path("/"),
            data=Path("/data"),
            surroundings=Surroundings(
                clock=self.clock, wait=self.wait, chance=lambda: 0.5, answers=self.answers
            ),
            throttles=self.throttles,
            ttl_of=lambda source: timedelta(days=1 if source == "failed" else 30),
        )
        return MusicBrainz(MusicBrainzSettings.model_validate(values), context)

    def named(self, name: str, number: int | None = None) -> str | None:
        ref = ArtistRef(name=name, mbid=ArtistMbid(mbid(number)) if number is not None else None)
        found = self.client().identify_artist(ref, NEVER)
        return found.mbid if found else None

    def artist_of(self, by: str, title: str, **values: Any) -> str | None:
        found = self.client().identify_track_artist(WantedTrack(artist=by, title=title, **values), NEVER)
        return found.mbid if found else None

    def album_of(self, by: str, album: str, **values: Any) -> str | None:
        track = WantedTrack(artist=by, title="Song", album=album, **values)
        found = self.client().identify_album(track, NEVER)
        return found.mbid if found else None


@pytest.fixture
def fake() -> FakeMusicBrainz:
    return FakeMusicBrainz()


@pytest.fixture
def http(fake: FakeMusicBrainz) -> Iterator[HttpServer]:
    with serving(fake) as server:
        yield server


@pytest.fixture
def room(http: HttpServer) -> Room:
    return Room(http.url, KeptAnswers())


def test_it_is_the_service_that_it_says(room: Room) -> None:
    assert isinstance(room.client(), ArtistIdentities) and isinstance(room.client(), OnlineService)
    assert SERVICE.type.is_identity


def test_it_names_itself_and_a_contact(fake: FakeMusicBrainz, room: Room) -> None:
    assert room.client(contact=" Zoë\n<me@example.org> ").check(NEVER) == "contact Zoë <me@example.org>"
    agent = fake.seen[0].headers["user-agent"]
    assert agent.startswith("Cmdarr/") and agent.endswith("(Zo? <me@example.org>)")


@pytest.mark.parametrize(
    ("name", "artists", "wanted"),
    [
        ("Röyksopp", [artist(1, "Röyksopp")], 1),
        ("royksopp", [artist(1, "Röyksopp"), artist(2, "Royksopp Tribute")], 1),
        ("The Beatles", [artist(1, "Beatles"), artist(2, "The Beatles Revival Band")], 1),
        ("Ryuichi Sakamoto", [artist(1, "坂本龍一", "Ryuichi Sakamoto")], 1),
        ("Nirvana", [artist(1, "Nirvana"), artist(2, "Nirvana", score=80)], None),
        ("Prince", [artist(1, "Prince"), artist(2, "Somebody", "Prince")], 1),
        ("Ghost", [artist(1, "One", "Ghost"), artist(2, "Two", "Ghost")], None),
        ("P!nk", [artist(1, "P!nk"), artist(2, "Pink"), artist(3, "Pink")], 1),
        ("Jay-Z", [artist(1, "JAY‐Z"), artist(2, "Jay Z")], 1),  # noqa: RUF001 - as MusicBrainz writes it
        ("Pink", [artist(1, "P!nk", "Pink"), artist(2, "Pink")], None),
        ("Muse", [artist(1, "Muse", score=20)], None),
        ("Muse", [artist(1, "Museum")], None),
        ("[unknown]", [artist(1, "[unknown]")], None),
        ("Various Artists", [artist(1, "Various Artists")], None),
        ('AC/DC: "live" && (more)', [artist(1, 'AC/DC: "live" && (more)')], 1),
        ("!!!", [artist(1, "!!!")], 1),
        ("  ", [artist(1, "Blank")], None),
    ],
)  # fmt: skip
def test_a_name_means_an_artist_only_when_nobody_else_bears_it(
    fake: FakeMusicBrainz, room: Room, name: str, artists: list[dict[str, Any]], wanted: int | None
) -> None:
    fake.artists = artists
    assert room.named(name) == (mbid(wanted) if wanted else None)


CHAIKOVSKIY = artist(2, "Чайковский") | {"sort-name": "Tchaikovsky"}


@pytest.mark.parametrize("redirects", [True, False])
def test_a_merged_artist_is_known_by_the_new_id(fake: FakeMusicBrainz, room: Room, redirects: bool) -> None:
    fake.artists, fake.merged, fake.redirects = [artist(2, "Björk")], {mbid(1): mbid(2)}, redirects
    assert room.named("Bjork", 1) == mbid(2)


def test_a_deleted_artist_is_nobody(fake: FakeMusicBrainz, room: Room) -> None:
    fake.artists = [artist(2, "Björk")]
    assert room.named("Björk", 1) is None


def test_an_id_of_another_artist_gives_way_to_the_name(fake: FakeMusicBrainz, room: Room) -> None:
    fake.artists = [artist(1, "Negativland"), artist(2, "U2")]
    assert room.named("U2", 1) == mbid(2)
    assert room.named("", 1) == mbid(1)
    assert room.named("Unheard Of", 1) is None


def test_an_id_of_another_spelling_is_believed(fake: FakeMusicBrainz, room: Room) -> None:
    fake.artists = [
        artist(1, "坂本龍一", "Ryuichi Sakamoto"),
        CHAIKOVSKIY,
    ]
    assert room.named("Sakamoto, Ryuichi", 1) == mbid(1)
    assert room.named("Tchaikovsky", 2) == mbid(2)


ED, MEEK, OTHER_ED = artist(1, "Ed Sheeran"), artist(2, "Meek Mill"), artist(3, "Ed Sheeran")
EWF, EARTH = artist(4, "Earth, Wind & Fire"), artist(5, "Earth")
NOBODY = artist(9, "[unknown]")


def test_the_recording_says_who_comes_first(fake: FakeMusicBrainz, room: Room) -> None:
    fake.recordings = [recording(20, "1000 Nights", ED, MEEK), recording(21, "x", NOBODY)]
    known = RecordingMbid(mbid(20))
    assert room.artist_of("Meek Mill", "whatever", recording_mbid=known) == mbid(1)
    assert room.artist_of("x", "x", recording_mbid=RecordingMbid(mbid(21))) is None


def test_recordings_of_an_isrc_must_agree(fake: FakeMusicBrainz, room: Room) -> None:
    isrc = Isrc("GBAHS1400099")
    fake.recordings = [recording(20, "A", ED, isrcs=(isrc,)), recording(21, "B", ED, MEEK, isrcs=(isrc,))]
    assert room.artist_of("Ed Sheeran", "Thinking", isrc=isrc) == mbid(1)
    assert room.artist_of("Somebody Else", "Thinking", isrc=isrc) is None
    room.answers.kept.clear()
    fake.recordings.append(recording(22, "C", OTHER_ED, isrcs=(isrc,)))
    assert room.artist_of("Ed Sheeran", "Thinking", isrc=isrc) is None


@pytest.mark.parametrize(
    ("by", "title", "recordings", "wanted"),
    [
        ("Ed Sheeran", "Perfect", [recording(20, "Perfect", ED), recording(21, "Perfect", MEEK)], 1),
        ("Ed Sheeran feat. Meek Mill", "Nights (feat. Meek Mill)", [recording(20, "Nights", ED, MEEK)], 1),
        ("Meek Mill & Ed Sheeran", "Nights", [recording(20, "Nights", ED, MEEK)], None),
        ("Ed Sheeran", "Perfect", [recording(20, "Perfect", ED), recording(21, "Perfect", OTHER_ED)], None),
        ("Ed Sheeran", "Perfect", [recording(20, "Perfect Day", ED)], None),
        ("Earth, Wind & Fire", "September", [recording(20, "September", EWF), recording(21, "September", EARTH)], 4),
        ("Ed Sheeran", "Perfect - 2011 Remaster", [recording(20, "Perfect", ED)], 1),
        ("[unknown]", "Perfect", [recording(20, "Perfect", NOBODY)], None),
    ],
)  # fmt: skip
def test_title_and_name_mean_an_artist_only_when_one_fits(
    fake: FakeMusicBrainz,
    room: Room,
    by: str,
    title: str,
    recordings: list[dict[str, Any]],
    wanted: int | None,
) -> None:
    fake.recordings = recordings
    assert room.artist_of(by, title) == (mbid(wanted) if wanted else None)


ALBUM, SINGLE = group(30, "Divide", ED), group(31, "Divide", ED, kind="Single")
LIVE = group(32, "Divide", ED, secondary=("Live",))


@pytest.mark.parametrize(
    ("by", "album", "groups", "wanted"),
    [
        ("Ed Sheeran", "Divide", [SINGLE, ALBUM, LIVE], 30),
        ("Ed Sheeran feat. Meek Mill", "Divide (Deluxe Edition)", [SINGLE, ALBUM], 30),
        ("Ed Sheeran", "Divide", [SINGLE], 31),
        ("Ed Sheeran", "Divide", [ALBUM, group(33, "Divide", ED)], None),
        ("Ed Sheeran", "Divide", [group(33, "Divide", MEEK)], None),
        ("Ed Sheeran", "Divided", [ALBUM], None),
        ("Various Artists", "Divide", [group(33, "Divide", artist(8, "Various Artists"))], None),
        ("Ed Sheeran", "", [ALBUM], None),
    ],
)
def test_an_album_is_found_only_when_one_fits(
    fake: FakeMusicBrainz, room: Room, by: str, album: str, groups: list[dict[str, Any]], wanted: int | None
) -> None:
    fake.groups = groups
    assert room.album_of(by, album) == (mbid(wanted) if wanted else None)


def test_the_recording_leads_to_its_album(fake: FakeMusicBrainz, room: Room) -> None:
    fake.recordings = [recording(20, "Song", ED, groups=(ALBUM, SINGLE, group(34, "Hits", NOBODY)))]
    assert room.album_of("Ed Sheeran", "Divide", recording_mbid=RecordingMbid(mbid(20))) == mbid(30)
    assert len(fake.seen) == 1
    room.artist_of("Ed Sheeran", "Song", recording_mbid=RecordingMbid(mbid(20)))
    assert len(fake.seen) == 1


def test_one_request_a_second_is_sent_by_everybody_together(fake: FakeMusicBrainz, room: Room) -> None:
    fake.monotonic = room.clock.monotonic
    fake.artists = [artist(n, f"Artist {n}") for n in range(1, 21)]
    assert [room.named(f"Artist {n}") for n in range(1, 21)] == [mbid(n) for n in range(1, 21)]
    assert fake.turned_away == 0
    assert 18 < room.waited < 21
    fake.seen.clear()
    assert [room.named(f"Artist {n}") for n in range(1, 21)] == [mbid(n) for n in range(1, 21)]
    assert not fake.seen


def test_a_busy_service_is_waited_for(fake: FakeMusicBrainz, http: HttpServer, room: Room) -> None:
    fake.artists = [artist(1, "Muse")]
    told: list[Told] = [Answer(status=503), Answer(status=503), Answer(status=503), Answer(status=503)]
    http.tell = lambda seen: told.pop(0) if told else fake(seen)
    assert room.named("Muse") == mbid(1)
    http.tell = script(Answer(status=503))
    with pytest.raises(ServiceUnavailable):
        room.named("Queen")


FAULTS: dict[str, Told] = {
    "503": Answer(status=503),
    "500": Answer(status=500),
    "429": Answer(status=429),
    "403": Answer(status=403),
    "400": Answer(status=400),
    "404 of a proxy": Answer(status=404, body=b"<html></html>"),
    "reset": Reset(),
    "cut": Answer(body=b'{"artists": [', cut=5),
    "page": Answer(body=b"<html></html>"),
    "object": Answer(body=b"{}"),
    "nothing": Answer(body=b""),
}
TRACK = WantedTrack(
    artist="Ed Sheeran",
    title="Song",
    album="Divide",
    isrc=Isrc("GBAHS1400099"),
    recording_mbid=RecordingMbid(mbid(77)),
)


def _identify_artist(client: MusicBrainz) -> object:
    return client.identify_track_artist(TRACK, NEVER)


def _identify_album(client: MusicBrainz) -> object:
    return client.identify_album(TRACK, NEVER)


@pytest.mark.parametrize("fault", FAULTS)
def test_an_outage_at_any_request_is_never_taken_for_unknown(
    fake: FakeMusicBrainz, http: HttpServer, room: Room, fault: str
) -> None:
    fake.recordings, fake.groups, fake.artists = [recording(20, "Song", ED)], [ALBUM], [ED]
    ref = ArtistRef(name="Ed Sheeran")
    by_id = ArtistRef(name="Ed Sheeran", mbid=ArtistMbid(mbid(1)))
    asks: list[tuple[Ask, int]] = [  # each with how many requests come before the one that fails
        (lambda client: client.identify_artist(ref, NEVER), 0),
        (lambda client: client.identify_artist(by_id, NEVER), 0),
        *[(_identify_artist, before) for before in range(3)],
        *[(_identify_album, before) for before in range(2)],
    ]
    for ask, before in asks:
        room.answers.kept.clear()
        fake.seen.clear()

        def tell(seen: Seen, before: int = before) -> Told:
            return fake(seen) if len(fake.seen) < before else FAULTS[fault]

        http.tell = tell
        with pytest.raises(ServiceError):
            ask(room.client())
        http.tell = fake
        assert ask(room.client()) is not None


def test_what_is_unknown_is_asked_again_after_a_day(
    fake: FakeMusicBrainz, http: HttpServer, tmp_path: Path
) -> None:
    clock = FakeClock()
    with CacheStore.open(tmp_path / "cache.db", clock=clock, max_bytes=10_000_000) as store:
        room = Room(http.url, store.answers)
        room.clock = clock
        for _ in range(2):
            assert room.named("Muse") is None
            assert room.named("Queen", 3) is None
        assert len(fake.seen) == 2
        clock.advance(timedelta(days=2))
        fake.artists = [artist(1, "Muse"), artist(3, "Queen")]
        assert (room.named("Muse"), room.named("Queen", 3)) == (mbid(1), mbid(3))
        clock.advance(timedelta(days=20))
        fake.artists = []
        assert (room.named("Muse"), room.named("Queen", 3)) == (mbid(1), mbid(3))


def test_signs_of_the_search_syntax_are_escaped() -> None:
    assert phrase("artist", 'a+b "c" \\ d/e?\n(f)') == r'artist:"a\+b \"c\" \\ d\/e\? \(f\)"'


def test_recorded_answers_are_read(http: HttpServer, room: Room) -> None:
    http.tell = script(Answer(body=recorded("musicbrainz", "artist.json")))
    found = room.client().identify_artist(
        ArtistRef(name="Ed Sheeran", mbid=ArtistMbid("b8a7c51f-362c-4dcb-a259-bc6e0095f0a6")), NEVER
    )
    assert found and (found.mbid, found.name) == ("b8a7c51f-362c-4dcb-a259-bc6e0095f0a6", "Ed Sheeran")
    for name in ("recording.json", "recording_multi_artists_1.json"):
        http.tell = script(Answer(body=recorded("musicbrainz", name)))
        room.answers.kept.clear()
        assert room.artist_of("?", "?", recording_mbid=RecordingMbid(mbid(1))) == found.mbid


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "name",
                    "title",
                    "artist",
                    "artist-credit",
                    "aliases",
                    "sort-name",
                    "score",
                    "primary-type",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=14,
)
rows = st.lists(
    st.fixed_dictionaries({"id": st.text(max_size=4), "name": st.text(max_size=6), "title": st.text()})
    | json_values,
    max_size=3,
)


@given(st.sampled_from(["artists", "recordings", "release-groups"]), rows, st.text(max_size=6))
def test_any_json_is_read_or_refused(part: str, value: Any, name: str) -> None:
    body = msgspec.json.encode({part: value})
    reply = Reply(status=200, body=body)
    try:
        if part == "artists":
            pick_artist(name, decode("mb", "x", reply, forms.ArtistSearch).artists)
        elif part == "recordings":
            pick_recording_artist(name, name, decode("mb", "x", reply, forms.RecordingSearch).recordings)
        else:
            pick_album(name, name, decode("mb", "x", reply, forms.ReleaseGroupSearch).release_groups)
    except UnexpectedResponse:
        return
