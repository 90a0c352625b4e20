"""CSV and its cousins: real headers, every delimiter, and errors that name the place."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.errors import SourceIncomplete
from cmdarr.library.formats import parse_playlist
from cmdarr.models.track import Isrc, WantedTrack

EXPORTIFY = (
    '"Track URI","Track Name","Artist URI(s)","Artist Name(s)","Album URI","Album Name","Album Artist URI(s)",'
    '"Album Artist Name(s)","Album Release Date","Album Image URL","Disc Number","Track Number",'
    '"Track Duration (ms)","Track Preview URL","Explicit","Popularity","ISRC","Added By","Added At"\n'
    '"spotify:track:1","Crème Brûlée Disco","u1;u2","Zoë Ångström;DJ Otter","a","Été à Malmö","u1","Zoë Ångström",'
    '"2016-05-01","","1","4","210226","","false","3","ZZ-CMD-16-00001","","2024-01-01T00:00:00Z"\n'
)
EXPORTIFY_NEW = (
    "Track URI,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,Explicit,Added By,Added At\n"
    'spotify:track:1,"Hello, Ferry",Harbour Lights,The Paper Lanterns,2019,208000,1,false,,\n'
)
SOUNDIIZ = (
    "title;artist;album;isrc;addedDate;addedBy;duration;url\n"
    "Slow Ferry;The Paper Lanterns;Harbour Lights;zzcmd1900002;;;225s;\n"
)
SOUNDIIZ_COMMA = (
    "title,artist,album,isrc,platform,trackId,duration,addedDate,url\n"
    "Slow Ferry,The Paper Lanterns,,,tidal,5,225,,\n"
)
TUNEMYMUSIC = (
    "Track name,Artist name,Album,Playlist name,Type,ISRC,Spotify - id\n"
    "Moth,Ninth Orchard,Static Blossoms,Night Drive,Playlist,ZZCMD1400005,abc\n"
)


def parse(text: str | bytes, name: str = "lists/mix.csv") -> list[WantedTrack]:
    data = text.encode() if isinstance(text, str) else text
    return list(parse_playlist(data, name).tracks)


def error(text: str | bytes) -> str:
    with pytest.raises(SourceIncomplete) as caught:
        parse(text, "mix.csv")
    return str(caught.value)


def test_exportify_columns_are_read_and_its_artist_list_is_joined() -> None:
    assert parse(EXPORTIFY) == [
        WantedTrack(
            artist="Zoë Ångström, DJ Otter",
            title="Crème Brûlée Disco",
            album="Été à Malmö",
            album_artist="Zoë Ångström",
            duration_ms=210226,
            isrc=Isrc("ZZCMD1600001"),
        )
    ]


@pytest.mark.parametrize(
    ("text", "title", "duration_ms"),
    [
        (EXPORTIFY_NEW, "Hello, Ferry", 208000),
        (SOUNDIIZ, "Slow Ferry", 225000),
        (SOUNDIIZ_COMMA, "Slow Ferry", 225000),
        (TUNEMYMUSIC, "Moth", None),
        ("Name\tArtist\tAlbum\tTime\r\nMoth\tNinth Orchard\tX\t3:45\r\n", "Moth", 225000),
        ("sep=;\nARTIST;TITLE\nA;B\n", "B", None),
        ("artist,title,duration_s\nA,B,3.5\n", "B", 3500),
    ],
)
def test_known_headers_are_read(text: str, title: str, duration_ms: int | None) -> None:
    (track,) = parse(text)
    assert (track.title, track.duration_ms) == (title, duration_ms)


def test_the_playlist_name_column_is_the_title_else_the_file_name() -> None:
    assert parse_playlist(TUNEMYMUSIC.encode(), "x.csv").title == "Night Drive"
    assert parse_playlist(SOUNDIIZ.encode(), "/lists/Friday hits.csv").title == "Friday hits"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_spreadsheet_encodings_and_line_ends_are_read(encoding: str, newline: str) -> None:
    text = "title,artist\nÉté,Zoë\n灯台の歌,夜明けカモメ\n".replace("\n", newline)
    assert [track.title for track in parse(text.encode(encoding))] == ["Été", "灯台の歌"]


def test_a_quoted_field_may_hold_line_breaks_and_delimiters() -> None:
    (first, second) = parse('title,artist\n"One,\ntwo","The ""Quoted"""\nB,C\n')
    assert (first.title, first.artist, second.title) == ("One, two", 'The "Quoted"', "B")


def test_a_recording_mbid_column_is_read_and_checked() -> None:
    mbid = "61873F1E-F7AA-5279-815C-697A1948B542"
    good, bad = parse(f"title,artist,recording_mbid,isrc\nA,B,{mbid},bad\nC,D,nonsense,\n")
    assert good.recording_mbid == mbid.lower()
    assert (good.isrc, bad.recording_mbid) == (None, None)


def test_blank_lines_and_trailing_delimiters_are_no_tracks() -> None:
    assert len(parse("title;artist;\n\nA;B;\n;;\nC;D;\n")) == 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "title,artist\nA,B\n,C\n",
            "mix.csv, line 3, column 1: the title of 'C' is empty; fill it in or delete the entry.",
        ),
        (
            "title,artist\nA,  \n",
            "mix.csv, line 2, column 1: the artist of 'A' is empty; fill it in or delete the entry.",
        ),
        (
            "title,album\nA,B\n",
            (
                "mix.csv, line 1, column 1: the header has no column for artist, it has 'title', 'album'; "
                "name the columns title, artist and album."
            ),
        ),
        (
            "title,artist\nA,B,C\n",
            (
                "mix.csv, line 2, column 1: the row has 3 fields and the header 2; "
                'put a field that holds the delimiter into double quotes ("…").'
            ),
        ),
        (
            'title,artist\nA,B\nC,"D\nE,F\n',
            (
                "mix.csv, line 3, column 3: a quote that opens in this row never closes; "
                'add the missing ", or export the file again if it was cut off.'
            ),
        ),
        (
            'title,artist\n"A" x,B\n',
            (
                "mix.csv, line 2, column 4: text follows a closing quote; "
                'write a quote inside a quoted field twice ("").'
            ),
        ),
        (
            'title,artist\n"A,B\n"C","D"\n',
            (
                "mix.csv, line 2, column 1: the quote that opens here closes only in line 3, where text follows it; "
                'close it in its own row, or write a quote inside a quoted field twice ("").'
            ),
        ),
        (
            "title,artist,album\nA,B,C\nD,E",
            (
                "mix.csv, line 3, column 1: the last row has 2 of 3 fields and no line end, so the file looks cut off; "
                "export it again, or end the row with a new line."
            ),
        ),
        ("title,artist\n", "mix.csv: the playlist holds no tracks; export it again."),
        (
            "Track name,Artist name,Playlist name\nA,B,One\nC,D,Two\n",
            (
                "mix.csv, line 3, column 1: the file holds 2 playlists, 'One' and 'Two' among them; "
                "keep one playlist a file."
            ),
        ),
        (
            b"title,artist\nA,B\nCaf\xe9,D\n",
            "mix.csv, line 3, column 4: byte 0xE9 is not UTF-8; save the file as UTF-8 (in Excel: 'CSV UTF-8').",
        ),
    ],
)
def test_a_broken_table_names_place_and_cure(text: str | bytes, sentence: str) -> None:
    assert error(text) == sentence


def test_a_huge_field_is_an_unclosed_quote_and_not_a_crash() -> None:
    assert "line 2, column 1: a quote that opens in this row never closes" in error(
        'title,artist\n"' + "x" * 300_000
    )


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=20
)


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(st.tuples(TEXT, TEXT, TEXT.filter(lambda text: ";" not in text)), min_size=1, max_size=6),
    delimiter=st.sampled_from(",;\t"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    terminator=st.sampled_from(["\n", "\r\n"]),
)
def test_what_the_csv_module_writes_is_read_back(
    rows: list[tuple[str, str, str]], delimiter: str, quoting: int, terminator: str
) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, quoting=quoting, lineterminator=terminator)  # type: ignore[arg-type]
    writer.writerow(["Album", "Title", "Performer"])
    writer.writerows(rows)
    assert [(t.album, t.title, t.artist) for t in parse(buffer.getvalue())] == rows


@pytest.mark.parametrize(
    ("written", "artist"), [("A;B", "A, B"), ("A ; B;", "A, B"), (";", ";"), ("A, B", "A, B")]
)
def test_an_artist_list_becomes_one_credit(written: str, artist: str) -> None:
    assert parse(f'title,artist\nT,"{written}"\n')[0].artist == artist
