"""Formats are recognised by their content, and nothing but SourceIncomplete ever leaves a parser."""

import contextlib
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cmdarr.errors import SourceIncomplete
from cmdarr.library.formats import MAX_BYTES, parse_playlist
from cmdarr.models.playlist import SourcePlaylist

BEGINNINGS = [
    b"",
    b"title,artist\n",
    b'"Track Name";"Artist Name(s)"\r\n',
    b"#EXTM3U\n#EXTINF:",
    b'{"playlist": {"track": [',
    b'{"playlist":{"track":[{"title":"a","creator":"b","identifier":',
    b'[{"title": "a", ',
    b'{"tracks": [{"title":"a","artist":"b"}], "count": ',
    b"<playlist><trackList><track><title>",
    b'<?xml version="1.0" encoding="',
    b"\xff\xfe",
    b"\xfe\xff\x00t",
    b"\xef\xbb\xbf",
]


@settings(deadline=None, max_examples=300)
@given(
    beginning=st.sampled_from(BEGINNINGS),
    rest=st.one_of(st.binary(max_size=80), st.text(max_size=60).map(str.encode)),
)
@example(beginning=b"t,\0,\r", rest=b'"')
@example(beginning=b"sep=", rest=b'"\n"a')
def test_nothing_but_source_incomplete_is_raised(beginning: bytes, rest: bytes) -> None:
    with contextlib.suppress(SourceIncomplete):
        playlist = parse_playlist(beginning + rest, "x")
        assert isinstance(playlist, SourcePlaylist)
        assert all(track.artist and track.title for track in playlist.tracks)
        "".join([playlist.title, *(t.artist + t.title + t.album for t in playlist.tracks)]).encode("utf-8")


@settings(deadline=None, max_examples=150)
@given(
    beginning=st.sampled_from(BEGINNINGS),
    rest=st.text('ab",;\t\r\n{}[]<>:/# -\\=&x0', max_size=60),
)
def test_nothing_but_source_incomplete_is_raised_for_broken_syntax(beginning: bytes, rest: str) -> None:
    with contextlib.suppress(SourceIncomplete):
        parse_playlist(beginning + rest.encode(), "x")


@pytest.mark.parametrize("name", ["x.csv", "x.m3u", "x.json", "x.xspf", "x", "x.mp3"])
def test_the_ending_of_the_name_does_not_count(name: str) -> None:
    for data in (
        b"title,artist\nA,B\n",
        b"#EXTM3U\n#EXTINF:1,B - A\nx\n",
        b'{"playlist":{"track":[{"title":"A","creator":"B"}]}}',
        b'[{"title":"A","artist":"B"}]',
        b"<playlist><trackList><track><title>A</title><creator>B</creator></track></trackList></playlist>",
        b"B/C/01 - A.mp3\n",
    ):
        (track,) = parse_playlist(data, name).tracks
        assert (track.artist, track.title) == ("B", "A")


def test_a_path_in_brackets_is_no_json() -> None:
    (track,) = parse_playlist(b"[Odd] Artist/Album/01 - T.mp3\n", "x").tracks
    assert (track.artist, track.title) == ("[Odd] Artist", "T")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "x: the file is empty; export it again."),
        (b" \r\n\t", "x: the file is empty; export it again."),
        (
            b"PK\x03\x04rest",
            (
                "x: the file is a zip archive or an Excel workbook, not a playlist that Cmdarr reads; "
                "unpack it, or save the sheet as CSV."
            ),
        ),
        (
            b"[playlist]\nFile1=a\n",
            (
                "x: the file is a PLS playlist, not a playlist that Cmdarr reads; "
                "export the playlist as CSV, M3U, JSPF, XSPF or Soundiiz JSON."
            ),
        ),
        (
            b"<!DOCTYPE html><html>",
            "x, line 1, column 1: the file is a web page, not a playlist; download the playlist file itself.",
        ),
        (
            b"just some words\n",
            (
                "x, line 1, column 1: the format is not known; "
                "export the playlist as CSV, M3U, JSPF, XSPF or Soundiiz JSON."
            ),
        ),
    ],
)
def test_what_is_no_playlist_is_named(data: bytes, sentence: str) -> None:
    with pytest.raises(SourceIncomplete) as caught:
        parse_playlist(data, "x")
    assert str(caught.value) == sentence


def test_a_file_above_the_cap_is_refused() -> None:
    with pytest.raises(SourceIncomplete, match="a playlist may have 50 MB"):
        parse_playlist(b"x" * (MAX_BYTES + 1), "x")


@pytest.mark.parametrize(
    "data",
    [
        b"#EXTM3U\n#EXTINF:" + b" " * 300_000 + b"\nx\n",
        b"#EXTM3U\n#EXTINF:" + b'"' * 300_000 + b"\nx\n",
        b"#EXTM3U\n" + b"A/B" + b" " * 300_000 + b"/cd" + b" " * 300_000 + b"x/T.mp3\n",
        b"#EXTM3U\n1" + b" " * 300_000 + b".mp3\n",
        b"#EXTM3U\nA/" + b"(" * 300_000 + b"/T.mp3\n",
        b"<!-- a -->" * 3_000 + b"<playlist/>",
        b"title,artist\n" + b'"' * 300_000,
        b"title,artist\n" + b'A,"B\n' * 60_000,
        b"title,artist,duration,isrc\nA,B," + b"1:" * 30_000 + b"," + b"A" * 60_000 + b"\n",
        b"[" * 300_000,
        b'[{"title": "A", "artist": "B"},' + b" " * 300_000 + b"5]",
    ],
    ids=range(11),
)
def test_hostile_files_take_no_time(data: bytes) -> None:
    start = time.perf_counter()
    with contextlib.suppress(SourceIncomplete):
        parse_playlist(data, "x")
    assert time.perf_counter() - start < 2
