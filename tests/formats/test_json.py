"""JSPF and Soundiiz JSON."""

import json

import pytest

from cmdarr.errors import SourceIncomplete
from cmdarr.library.formats import format_jspf, parse_playlist
from cmdarr.models.playlist import SourcePlaylist
from cmdarr.models.track import Isrc, RecordingMbid, WantedTrack

MBID = "61873f1e-f7aa-5279-815c-697a1948b542"
LISTENBRAINZ = {
    "playlist": {
        "title": "Weekly Exploration",
        "annotation": "made for alice",
        "identifier": "https://listenbrainz.org/playlist/7d1d8d0d-0000-4000-8000-000000000000",
        "track": [
            {
                "title": "Slow Ferry",
                "creator": "The Paper Lanterns",
                "album": "Harbour Lights",
                "duration": 210226,
                "identifier": [f"https://musicbrainz.org/recording/{MBID}"],
                "extension": {"https://musicbrainz.org/doc/jspf#track": {"artist_identifiers": []}},
            }
        ],
    }
}
TRACK = WantedTrack(
    artist="The Paper Lanterns",
    title="Slow Ferry",
    album="Harbour Lights",
    duration_ms=210226,
    recording_mbid=RecordingMbid(MBID),
)
SOUNDIIZ = [
    {
        "platform": "deezer",
        "type": "track",
        "id": "1",
        "title": "Slow Ferry",
        "artist": "The Paper Lanterns",
        "album": "Harbour Lights",
        "isrc": "ZZCMD1900002",
        "duration": "225",
        "position": "2",
    }
]


def error(text: str) -> str:
    with pytest.raises(SourceIncomplete) as caught:
        parse_playlist(text.encode(), "x.json")
    return str(caught.value)


def test_jspf_of_listenbrainz_gives_the_recording() -> None:
    playlist = parse_playlist(json.dumps(LISTENBRAINZ).encode(), "x.jspf")
    assert playlist == SourcePlaylist(
        title="Weekly Exploration", description="made for alice", tracks=(TRACK,)
    )


@pytest.mark.parametrize(
    ("identifier", "recording_mbid"),
    [
        (f"https://musicbrainz.org/recording/{MBID}", MBID),
        (["urn:x", f"http://musicbrainz.org/recording/{MBID.upper()}/"], MBID),
        (f"https://musicbrainz.org/track/{MBID}", None),
        (MBID, None),
        ("https://musicbrainz.org/recording/123", None),
        (7, None),
        (None, None),
    ],
)
def test_only_an_address_of_a_recording_is_a_recording_mbid(
    identifier: object, recording_mbid: str | None
) -> None:
    document = {"playlist": {"track": [{"title": "A", "creator": "B", "identifier": identifier}]}}
    assert parse_playlist(json.dumps(document).encode(), "x").tracks[0].recording_mbid == recording_mbid


def test_jspf_that_is_written_is_read_back() -> None:
    playlist = SourcePlaylist(
        title="Été", description="d", tracks=(TRACK, WantedTrack(artist="A", title="B"), TRACK)
    )
    assert parse_playlist(format_jspf(playlist), "x") == playlist


def test_soundiiz_json_is_read() -> None:
    playlist = parse_playlist(json.dumps(SOUNDIIZ).encode("utf-16"), "/lists/Friday.json")
    assert playlist.title == "Friday"
    assert playlist.tracks == (
        WantedTrack(
            artist="The Paper Lanterns",
            title="Slow Ferry",
            album="Harbour Lights",
            duration_ms=225_000,
            isrc=Isrc("ZZCMD1900002"),
        ),
    )


def test_an_object_with_tracks_is_read_and_its_count_checked() -> None:
    document: dict[str, object] = {"title": "Mix", "tracks": SOUNDIIZ, "count": 1}
    assert parse_playlist(json.dumps(document).encode(), "x").title == "Mix"
    document["count"] = 2
    assert error(json.dumps(document)) == "x.json: the file announces 2 tracks and holds 1; export it again."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            '{"playlist": {"track": [\n  {"title": "A", "creator": "B"},\n  {"title": "C", "creator": ""}\n]}}',
            "x.json, line 3, column 3: the artist of 'C' is empty; fill it in or delete the entry.",
        ),
        (
            '{"playlist": {"track": [{"title": "A", "creator": "B"}, 5]}}',
            "x.json, line 1, column 57: the track is no JSON object; export it again.",
        ),
        (
            '[\n {"title": "A", "artist": "B"},\n {"artist": "B"}]',
            "x.json, line 3, column 2: the title of 'B' is empty; fill it in or delete the entry.",
        ),
        (
            '{"playlist": {"track": [\n{"title": "A", "crea',
            "x.json, line 2, column 21: the JSON ends too early, so the file looks cut off; export it again.",
        ),
        (
            '[{"title": "A", "artist": "B"},',
            "x.json, line 1, column 32: the JSON ends too early, so the file looks cut off; export it again.",
        ),
        (
            '{"playlist": {"track": [\n{"title": "A" "creator": "B"}]}}',
            "x.json, line 2, column 15: the JSON is broken (expecting ',' delimiter); correct it, or export it again.",
        ),
        (
            '{"playlist": {"title": "x"}}',
            "x.json, line 1, column 14: the JSPF has no list 'playlist.track'; export it again.",
        ),
        (
            '{"songs": []}',
            (
                "x.json, line 1, column 1: the JSON is neither JSPF nor a list of tracks; "
                "export the playlist as JSPF, CSV or Soundiiz JSON."
            ),
        ),
        ("[]", "x.json: the playlist holds no tracks; export it again."),
        ("[" * 100_000, "x.json, line 1, column 1: the JSON is nested too deeply; export it again."),
        (
            '[{"title": ' + "9" * 5000 + "}]",
            "x.json, line 1, column 1: the JSON holds a number that is too long; export it again.",
        ),
    ],
)
def test_broken_json_names_place_and_cure(text: str, sentence: str) -> None:
    assert error(text) == sentence


def test_odd_values_never_reach_a_track() -> None:
    item = {"title": "A\u0000\nB\ud800", "artist": 5, "album": ["x"], "duration": 1e400, "isrc": {"a": 1}}
    (track,) = parse_playlist(json.dumps([item]).encode(), "x").tracks
    assert track == WantedTrack(artist="5", title="A B\ufffd")
