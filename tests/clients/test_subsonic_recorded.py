"""What Navidrome itself answers, as recorded in its repository; skipped where the recordings are not at hand."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cmdarr.clients.subsonic.answers import Answer, text
from cmdarr.clients.subsonic.parse import entry_of, track_of

RECORDED = Path(__file__).parents[3] / "shared/data/recorded/subsonic"

pytestmark = pytest.mark.skipif(
    not RECORDED.is_dir(), reason="the recorded answers are not beside the repository"
)


def read(name: str) -> dict[str, Any]:
    document = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def answer(document: dict[str, Any]) -> Answer:
    return msgspec.convert(document, Answer)


def test_playlists_with_and_without_data() -> None:
    found = answer(read("playlists-with-data"))
    assert (found.is_ok, found.open_subsonic, text(found.type)) == (True, True, "navidrome")
    assert [(text(each.id), text(each.name), text(each.readonly)) for each in found.all_playlists] == [
        ("111", "aaa", "true"), ("333", "ccc", "false"), ("222", "bbb", ""),
    ]  # fmt: skip
    assert [each.comment for each in found.all_playlists] == ["comment", None, None]
    assert answer(read("playlists-without-data")).all_playlists == []


def test_the_extensions() -> None:
    assert answer(read("opensubsonicextensions-with-data")).extensions == {"template"}


def test_the_songs_of_an_album() -> None:
    album = answer(read("albumwithsongsid3-with-data")).album
    assert album is not None
    first = track_of(album.songs[0])
    assert (first.title, first.artist, first.album, first.year) == (
        "title",
        "artist1 & artist2",
        "album",
        1985,
    )
    assert (first.album_artist, first.duration_ms, first.number) == (
        "album artist1 & album artist2", 146_000, 1,
    )  # fmt: skip
    assert (first.recording_mbid, first.isrc) == (None, None), "the recorded ids are no real ones"
    assert text(album.songs[0].music_brainz_id) == "4321"
    assert entry_of(album.songs[0]).server_id == "1"


def test_an_empty_answer() -> None:
    assert answer(read("emptyresponse")).is_ok
