"""XSPF, with the traps of XML."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.errors import SourceIncomplete
from cmdarr.library.formats import format_xspf, parse_playlist
from cmdarr.models.playlist import SourcePlaylist
from cmdarr.models.track import RecordingMbid, WantedTrack

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<playlist version="1" xmlns="http://xspf.org/ns/0/">\n'
MBID = "61873f1e-f7aa-5279-815c-697a1948b542"


def error(text: str | bytes) -> str:
    with pytest.raises(SourceIncomplete) as caught:
        parse_playlist(text if isinstance(text, bytes) else text.encode(), "x.xspf")
    return str(caught.value)


def test_a_playlist_is_read() -> None:
    text = (
        f"{HEAD}<title>Friday</title><trackList>"
        "<track><title>Salt &amp; Copper</title><creator>The Paper Lanterns</creator><album>Harbour Lights</album>"
        f"<duration>210226</duration><identifier>https://musicbrainz.org/recording/{MBID}</identifier>"
        "<extension application='x'><title>not this</title></extension></track>"
        "<track><location>file:///music/A/B/01%20-%20T%C3%A9.mp3</location></track>"
        "</trackList></playlist>"
    )
    assert parse_playlist(text.encode(), "x") == SourcePlaylist(
        title="Friday",
        tracks=(
            WantedTrack(
                artist="The Paper Lanterns",
                title="Salt & Copper",
                album="Harbour Lights",
                duration_ms=210226,
                recording_mbid=RecordingMbid(MBID),
            ),
            WantedTrack(artist="A", title="Té"),
        ),
    )


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "ISO-8859-1", "windows-1252"])
def test_the_declared_encoding_counts(encoding: str) -> None:
    track = "<track><title>Été</title><creator>Zoë</creator></track>"
    text = f"<?xml version='1.0' encoding='{encoding}'?><playlist><trackList>{track}</trackList></playlist>"
    assert parse_playlist(text.encode(encoding), "x").tracks[0] == WantedTrack(artist="Zoë", title="Été")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            '<?xml version="1.0"?>\n<!DOCTYPE p [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n<playlist>&b;</playlist>',
            "x.xspf, line 2, column 13: the XML has a DOCTYPE, which is refused; delete that declaration.",
        ),
        (
            f"{HEAD}<trackList>\n<track><title>A</title></track></trackList></playlist>",
            "x.xspf, line 4, column 1: the artist of 'A' is empty; fill it in or delete the entry.",
        ),
        (
            f"{HEAD}<trackList>\n<track><title>A</ti",
            "x.xspf, line 4, column 16: the XML ends too early, so the file looks cut off; export it again.",
        ),
        (
            f"{HEAD}<trackList>\n<track><title>A</title></trackList></playlist>",
            "x.xspf, line 4, column 26: the XML is broken (mismatched tag); correct it, or export it again.",
        ),
        (
            "<rss></rss>",
            "x.xspf, line 1, column 1: the XML is a 'rss', not an XSPF playlist; export it as XSPF.",
        ),
        (f"{HEAD}<trackList/></playlist>", "x.xspf: the playlist holds no tracks; export it again."),
        (
            "<?xml version='1.0' encoding='x-none'?><playlist/>",
            "x.xspf, line 1, column 1: the XML declares an encoding that is not known; save it as UTF-8.",
        ),
    ],
)
def test_broken_xml_names_place_and_cure(text: str, sentence: str) -> None:
    assert error(text) == sentence


def test_deep_nesting_costs_no_more_than_its_length() -> None:
    assert "ends too early" in error("<playlist>" + "<a>" * 300_000)


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Zs", "Zl", "Zp", "Cn"]), min_size=1, max_size=20
)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(TEXT, TEXT, TEXT, st.integers(1, 10**7)), min_size=1, max_size=4))
def test_xspf_that_is_written_is_read_back(rows: list[tuple[str, str, str, int]]) -> None:
    tracks = tuple(WantedTrack(artist=a, title=t, album=b, duration_ms=d) for a, t, b, d in rows)
    playlist = SourcePlaylist(title="T", description="D", tracks=tracks)
    assert parse_playlist(format_xspf(playlist), "x") == playlist
