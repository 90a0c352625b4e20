"""Tags of every family give the same track, and the MusicBrainz names are not mixed up."""

import contextlib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from clients.audio_files import MAKERS
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.clients.files.tags import BrokenAudio, _read_texts, read_track
from cmdarr.models.track import Isrc, LibraryTrack, RecordingMbid, ReleaseTrackMbid, ServerId

RECORDING = "61873f1e-f7aa-5279-815c-697a1948b542"
RELEASE_TRACK = "9d0b208c-f8b4-5d1d-99ae-015dd58007b4"
WHOLE = LibraryTrack(
    server_id=ServerId("x"),
    title="Été",
    artist="Zoë & 夜",
    album="Album",
    album_artist="Zoë",
    disc=2,
    number=7,
    duration_ms=1440,
    year=2016,
    recording_mbid=RecordingMbid(RECORDING),
    release_track_mbid=ReleaseTrackMbid(RELEASE_TRACK),
    isrc=Isrc("ZZCMD1600001"),
)


def tag_id3(tags: Any) -> None:
    id3 = import_module("mutagen.id3")
    texts = {
        "TIT2": "Été",
        "TPE1": "Zoë & 夜",
        "TPE2": "Zoë",
        "TALB": "Album",
        "TPOS": "2/3",
        "TRCK": "07/12",
    }
    for frame, text in {**texts, "TDRC": "2016-05-01", "TSRC": "zz-cmd-16-00001"}.items():
        tags.add(getattr(id3, frame)(encoding=3, text=[text]))
    tags.add(id3.UFID(owner="http://musicbrainz.org", data=RECORDING.encode()))
    tags.add(id3.TXXX(encoding=3, desc="MusicBrainz Release Track Id", text=[RELEASE_TRACK]))
    tags.add(id3.PRIV(owner="x", data=bytes(5000)))


def tag_vorbis(tags: Any) -> None:
    tags["TITLE"], tags["Artist"], tags["ALBUMARTIST"], tags["album"] = "Été", "Zoë & 夜", "Zoë", "Album"
    tags["discnumber"], tags["tracknumber"], tags["date"], tags["isrc"] = (
        "2",
        "7",
        "2016-05-01",
        "ZZCMD1600001",
    )
    tags["MUSICBRAINZ_TRACKID"], tags["MUSICBRAINZ_RELEASETRACKID"] = RECORDING, RELEASE_TRACK


def tag_mp4(tags: Any) -> None:
    tags["\xa9nam"], tags["\xa9ART"], tags["aART"], tags["\xa9alb"] = "Été", "Zoë & 夜", "Zoë", "Album"
    tags["disk"], tags["trkn"], tags["\xa9day"] = [(2, 3)], [(7, 12)], "2016-05-01T00:00:00Z"
    free = "----:com.apple.iTunes:"
    tags[f"{free}ISRC"] = b"ZZCMD1600001"
    tags[f"{free}MusicBrainz Track Id"], tags[f"{free}MusicBrainz Release Track Id"] = (
        RECORDING.encode(),
        RELEASE_TRACK.encode(),
    )


TAGGERS = {
    "mp3": tag_id3,
    "wav": tag_id3,
    "aiff": tag_id3,
    "flac": tag_vorbis,
    "ogg": tag_vorbis,
    "opus": tag_vorbis,
}


def write(path: Path, kind: str, *, tagged: bool = True) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(MAKERS[kind](1440))
    if tagged:
        audio = import_module("mutagen").File(path)
        if audio.tags is None:
            audio.add_tags()
        TAGGERS.get(kind, tag_mp4)(audio.tags)
        audio.save()
    return path


@pytest.mark.parametrize("kind", MAKERS)
def test_every_format_gives_the_same_track(tmp_path: Path, kind: str) -> None:
    assert read_track(write(tmp_path / f"x.{kind}", kind), "x") == WHOLE


@pytest.mark.parametrize("kind", ["m4a", "flac", "ogg", "wav"])
def test_an_ending_that_lies_does_not_matter(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path / f"x.{kind}", kind).rename(tmp_path / "y.mp3")
    assert read_track(path, "x") == WHOLE
    assert read_track(path.rename(tmp_path / "y.oga"), "x") == WHOLE


@pytest.mark.parametrize("kind", MAKERS)
def test_an_untagged_file_is_told_by_its_path(tmp_path: Path, kind: str) -> None:
    name = f"Zoë/Album (2016)/2-07 - Été.{kind}"
    assert read_track(write(tmp_path / name, kind, tagged=False), name) == LibraryTrack(
        server_id=ServerId(name),
        title="Été",
        artist="Zoë",
        album="Album",
        album_artist="Zoë",
        disc=2,
        number=7,
        duration_ms=1440,
        year=2016,
    )


def test_the_recording_in_a_user_text_frame_counts_after_the_ufid(tmp_path: Path) -> None:
    id3 = import_module("mutagen.id3")
    path = write(tmp_path / "x.mp3", "mp3", tagged=False)
    tags = id3.ID3()
    tags.add(id3.TXXX(encoding=3, desc="MusicBrainz Track Id", text=[RECORDING.upper()]))
    tags.save(path)
    assert read_track(path, "x").recording_mbid == RECORDING
    tags.add(id3.UFID(owner="http://musicbrainz.org", data=RELEASE_TRACK.encode()))
    tags.add(id3.UFID(owner="http://other.example", data=b"5"))
    tags.save(path)
    assert read_track(path, "x").recording_mbid == RELEASE_TRACK
    assert read_track(path, "x").release_track_mbid is None


@pytest.mark.parametrize("names", [("date", "year"), ("year", "date")])
def test_of_two_tags_for_one_field_the_usual_one_wins(names: tuple[str, str]) -> None:
    assert _read_texts({name: [{"date": "2016", "year": "1999"}[name]] for name in names}) == {"year": "2016"}


def test_several_artists_are_joined_and_control_characters_go(tmp_path: Path) -> None:
    path = write(tmp_path / "x.flac", "flac")
    audio = import_module("mutagen").File(path)
    audio["artist"], audio["title"], audio["tracknumber"] = ["A", "B\nC"], "One\r\n\x00two", "A1"
    audio["musicbrainz_trackid"], audio["isrc"] = "nonsense", "nonsense"
    audio.save()
    track = read_track(path, "x")
    assert (track.artist, track.title, track.number) == ("A, B C", "One two", None)
    assert (track.recording_mbid, track.isrc) == (None, None)


@pytest.mark.parametrize(
    "data", [b"", b"no audio at all" * 100, b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f", b"fLaC", b"RIFF"]
)
@pytest.mark.parametrize("kind", ["mp3", "flac", "wav", "m4a", "ogg", "wma", "aac", "ape", "dsf"])
def test_what_is_no_audio_is_broken(tmp_path: Path, kind: str, data: bytes) -> None:
    path = tmp_path / f"x.{kind}"
    path.write_bytes(data)
    with pytest.raises(BrokenAudio):
        read_track(path, "x")


@settings(deadline=None, max_examples=150)
@given(data=st.data(), kind=st.sampled_from(sorted(MAKERS)))
def test_damaged_files_are_read_or_broken_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, kind: str
) -> None:
    whole = bytearray(MAKERS[kind](200))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, min(len(whole), 300) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / f"damaged.{kind}"
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    with contextlib.suppress(BrokenAudio):
        read_track(path, "x")
