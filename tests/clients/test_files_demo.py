"""The demo library: complete, tagged, small, and never in the way of other files."""

import os
from pathlib import Path

import pytest

from cmdarr.clients.files.demo import make_demo_library, needs_demo_library
from cmdarr.clients.files.demo_tracks import DEMO_TRACKS
from cmdarr.clients.files.scan import Scan
from cmdarr.errors import CommandError, UsageError
from cmdarr.models.cancel import CancelToken


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library") / "new" / "music"
    assert make_demo_library(folder) == 30
    return folder


def test_every_file_has_the_tags_of_its_track(library: Path) -> None:
    tracks = {t.server_id: t for batch in Scan("files", library).fetch_tracks(CancelToken()) for t in batch}
    assert set(tracks) == {track.path for track in DEMO_TRACKS}
    for wanted in DEMO_TRACKS:
        track = tracks[wanted.path]  # type: ignore[index]
        assert (track.artist, track.title, track.album) == (wanted.artist, wanted.title, wanted.album)
        assert (track.album_artist, track.number, track.disc) == (wanted.album_artist, wanted.number, 1)
        assert (track.year, track.isrc) == (wanted.year, wanted.isrc)
        assert (track.recording_mbid, track.release_track_mbid) == (
            wanted.recording_mbid,
            wanted.release_track_mbid,
        )
        assert 1000 < (track.duration_ms or 0) < 3000


def test_it_is_small_and_has_what_matters(library: Path) -> None:
    assert sum(path.stat().st_size for path in library.rglob("*") if path.is_file()) < 2_000_000
    assert len({track.album for track in DEMO_TRACKS}) == 6
    assert {track.ending for track in DEMO_TRACKS} == {"flac", "mp3", "wav"}
    assert "O" in {track.title for track in DEMO_TRACKS}


def test_making_it_again_adds_what_is_missing_and_changes_nothing(tmp_path: Path) -> None:
    make_demo_library(tmp_path)
    first, second, *_ = sorted(tmp_path.rglob("*.mp3"))
    first.unlink()
    second.write_bytes(b"mine now")
    states = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert make_demo_library(tmp_path) == 30
    assert first.exists()
    assert second.read_bytes() == b"mine now"
    assert {path: path.stat().st_mtime_ns for path in states} == states


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/song.mp3").write_bytes(b"x")
    with pytest.raises(UsageError, match=r"holds other files, such as a/song\.mp3: choose an empty folder"):
        make_demo_library(tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "song.mp3"]


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    with pytest.raises(UsageError, match="is not a folder"):
        make_demo_library(tmp_path / "x")
    with pytest.raises(
        CommandError, match=r"cannot be written to .*: Not a directory; choose another folder"
    ):
        make_demo_library(tmp_path / "x" / "y")


def test_only_a_missing_empty_or_half_made_folder_needs_it(tmp_path: Path, library: Path) -> None:
    assert needs_demo_library(tmp_path / "none")
    assert needs_demo_library(tmp_path)
    (tmp_path / ".DS_Store").write_text("")
    assert needs_demo_library(tmp_path)
    half = tmp_path / DEMO_TRACKS[0].path
    half.parent.mkdir(parents=True)
    os.link(library / DEMO_TRACKS[0].path, half)
    assert needs_demo_library(tmp_path)
    (tmp_path / "own.mp3").write_bytes(b"")
    assert not needs_demo_library(tmp_path)
    assert not needs_demo_library(library)
