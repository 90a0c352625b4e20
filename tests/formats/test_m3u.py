"""M3U and M3U8: extended, plain, and written by us."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.errors import SourceIncomplete
from cmdarr.library.formats import M3uEntry, format_m3u8, parse_playlist, read_m3u


def parse_one(text: str) -> tuple[str, str, str, int | None]:
    (track,) = parse_playlist(text.encode(), "x.m3u8").tracks
    return track.artist, track.title, track.album, track.duration_ms


def error(text: str | bytes) -> str:
    with pytest.raises(SourceIncomplete) as caught:
        parse_playlist(text if isinstance(text, bytes) else text.encode(), "x.m3u8")
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "track"),
    [
        ("#EXTM3U\n#EXTINF:225,Zoë - Été\nx.mp3\n", ("Zoë", "Été", "", 225_000)),
        ("#EXTM3U\r\n#EXTINF:12.5,Zoë – Été\r\nx.mp3\r\n", ("Zoë", "Été", "", 12_500)),
        ("#EXTINF:-1,A - B - C\nx.mp3\n", ("A", "B - C", "", None)),
        ("#EXTINF:0,A - B\nx.mp3\n", ("A", "B", "", None)),
        ('#EXTM3U\n#EXTINF:5 tvg-id="a,b",A - B\nx.mp3\n', ("A", "B", "", 5_000)),
        ('#EXTINF:5,"Odd" Name, Jr. - B\nx.mp3\n', ('"Odd" Name, Jr.', "B", "", 5_000)),
        ("#EXTINF:5,B\n#EXTART:A\n#EXTALB:C\nx.mp3\n", ("A", "B", "C", 5_000)),
        ("#EXTART:A - Z\n#EXTINF:5,A - Z - B\nx.mp3\n", ("A - Z", "B", "", 5_000)),
        (
            "/music/The Paper Lanterns/Harbour Lights (2019)/02 - Slow Ferry.flac\n",
            ("The Paper Lanterns", "Slow Ferry", "Harbour Lights", None),
        ),
        ("C:\\Music\\A\\B\\1-03. T.mp3\n", ("A", "T", "B", None)),
        ("Downloads/stuff/A - T.mp3\n", ("A", "T", "stuff", None)),
        (
            "#EXTM3U\n#EXTINF:7,Slow Ferry\nX/The Paper Lanterns/H/02 Slow.mp3\n",
            ("The Paper Lanterns", "Slow Ferry", "H", 7_000),
        ),
    ],
)
def test_an_entry_is_read(text: str, track: tuple[str, str, str, int | None]) -> None:
    assert parse_one(text) == track


def test_the_title_of_the_playlist_is_read() -> None:
    assert (
        parse_playlist(b"\xef\xbb\xbf#EXTM3U\n#PLAYLIST:Friday\n#EXTINF:1,A - B\nx\n", "x.m3u8").title
        == "Friday"
    )


def test_an_old_m3u_in_the_windows_code_page_is_read() -> None:
    assert (
        parse_playlist("#EXTM3U\n#EXTINF:1,Zoë - Été\nx\n".encode("cp1252"), "x.m3u").tracks[0].title == "Été"
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "#EXTM3U\n#EXTINF:1,A - B\nx\n#EXTINF:2,C - D",
            (
                "x.m3u8, line 4, column 1: no path follows this #EXTINF; "
                "add the path in the next line, or export the file again."
            ),
        ),
        (
            "#EXTM3U\n#EXTINF:1,A - B\n#EXTINF:2,C - D\nx\n",
            (
                "x.m3u8, line 2, column 1: no path follows this #EXTINF; "
                "add the path in the next line, or export the file again."
            ),
        ),
        (
            "#EXTM3U\nsong.mp3\n",
            (
                "x.m3u8, line 2, column 1: neither #EXTINF nor the path tells the artist; "
                "write '#EXTINF:-1,Artist - Title' above the line."
            ),
        ),
        ("#EXTM3U\n", "x.m3u8: the playlist holds no tracks; export it again."),
    ],
)
def test_a_broken_m3u_names_place_and_cure(text: str, sentence: str) -> None:
    assert error(text) == sentence


def test_comment_lines_keep_their_place() -> None:
    document = read_m3u(
        "#EXTM3U\n#EXTIMG:cover.jpg\n#EXTINF:1,A - B\n#EXTVLCOPT:x=1\na\n# between\nb\n# last\n"
    )
    assert document.head == ("#EXTIMG:cover.jpg",)
    assert [entry.comments for entry in document.entries] == [("#EXTVLCOPT:x=1",), ("# between",)]
    assert document.tail == ("# last",)


LINE = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Zs", "Zl", "Zp", "Cs"]), min_size=1, max_size=20
)


@st.composite
def entries(draw: st.DrawFn) -> M3uEntry:
    artist = draw(LINE) + draw(st.sampled_from(["", " - ", " – "])) + draw(LINE)
    path = draw(LINE.filter(lambda text: not text.startswith("#")))
    return M3uEntry(
        path=path,
        artist=artist,
        title=draw(LINE),
        album=draw(st.one_of(st.just(""), LINE)),
        duration_ms=draw(st.one_of(st.none(), st.integers(1, 9999).map(lambda s: s * 1000))),
    )


@settings(deadline=None, max_examples=80)
@given(title=LINE, written=st.lists(entries(), min_size=1, max_size=5))
def test_what_is_written_is_read_back(title: str, written: list[M3uEntry]) -> None:
    playlist = parse_playlist(format_m3u8(written, title=title), "x.m3u8")
    assert playlist.title == title
    assert [(t.artist, t.title, t.duration_ms) for t in playlist.tracks] == [
        (e.artist, e.title, e.duration_ms) for e in written
    ]
    assert [t.album for t, e in zip(playlist.tracks, written, strict=True) if e.album] == [
        e.album for e in written if e.album
    ]


@settings(deadline=None, max_examples=60)
@given(texts=st.tuples(st.text(), st.text(), st.text(), st.text()))
def test_no_text_can_break_a_line(texts: tuple[str, str, str, str]) -> None:
    title, artist, song, album = texts
    data = format_m3u8([M3uEntry(path="a/b.mp3", artist=artist, title=song, album=album)] * 2, title=title)
    assert [entry.path for entry in read_m3u(data.decode()).entries] == ["a/b.mp3", "a/b.mp3"]
