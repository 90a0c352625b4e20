"""The examples of the documentation are playlists that can be read, and its table of columns is true."""

import re
from pathlib import Path

import pytest

from cmdarr.library.formats import parse_playlist

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = [
    (page.name, language, example)
    for page in (DOCS / "formats.md", DOCS / "services/files.md")
    for language, example in re.findall(
        r"```(csv|m3u|json|xml)\n(.*?)```", page.read_text("utf-8"), re.DOTALL
    )
]


def test_there_is_an_example_of_every_format() -> None:
    assert [language for page, language, _ in EXAMPLES if page == "formats.md"] == [
        *["csv"] * 4,
        *["m3u"] * 2,
        "json",
        "xml",
        "json",
    ]


@pytest.mark.parametrize(("page", "language", "example"), EXAMPLES)
def test_an_example_is_read(page: str, language: str, example: str) -> None:
    tracks = parse_playlist(example.encode(), "Friday hits.x").tracks
    assert {(track.artist, track.title, track.album) for track in tracks} == {
        ("The Paper Lanterns", "Slow Ferry", "Harbour Lights")
    }


def test_the_error_of_the_page_is_the_real_one() -> None:
    (sentence,) = re.findall(r"```\n(playlists/.*)\n```", (DOCS / "formats.md").read_text("utf-8"))
    with pytest.raises(Exception, match=re.escape(sentence)):
        parse_playlist(b"title,artist\nMoth,Ninth Orchard\n,Ninth Orchard\n", "playlists/mix.csv")


def columns() -> list[tuple[str, str]]:
    """Return field and column name for every name in the table of the page."""
    rows = re.findall(r"^\| ([\w ]+) \| (`.+) \|$", (DOCS / "formats.md").read_text("utf-8"), re.MULTILINE)
    return [(field, name) for field, names in rows for name in re.findall(r"`([^`]+)`", names)]


@pytest.mark.parametrize(("field", "name"), columns())
def test_every_column_name_of_the_table_is_known(field: str, name: str) -> None:
    values = {
        "title": "T",
        "artist": "A",
        "album": "B",
        "album artist": "C",
        "duration in milliseconds": "210226",
        "duration": "3:30",
        "ISRC": "ZZCMD1900002",
        "recording MBID": "61873f1e-f7aa-5279-815c-697a1948b542",
        "title of the playlist": "P",
    }
    others = {"title": "title", "artist": "artist"} | {field: name}
    rows = [",".join(others.values()), ",".join(values[key] for key in others)]
    playlist = parse_playlist(("\n".join(rows) + "\n").encode(), "x")
    (track,) = playlist.tracks
    read = {
        "title": track.title,
        "artist": track.artist,
        "album": track.album,
        "album artist": track.album_artist,
        "duration in milliseconds": str(track.duration_ms),
        "duration": "3:30" if track.duration_ms == 210_000 else "",
        "ISRC": track.isrc,
        "recording MBID": track.recording_mbid,
        "title of the playlist": playlist.title,
    }
    assert read[field] == values[field]
