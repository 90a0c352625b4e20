"""The scan: complete or failed, in a stable order, past broken files, loops and odd names."""

import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cmdarr.clients.files.scan import BATCH, Scan
from cmdarr.clients.files.tone import make_mp3
from cmdarr.errors import RunCancelled, ServiceUnavailable
from cmdarr.models.cancel import CancelToken

AUDIO = make_mp3(100, 440.0)


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    return folder


def add(music: Path, *names: str) -> None:
    for name in names:
        (music / name).parent.mkdir(parents=True, exist_ok=True)
        (music / name).write_bytes(AUDIO)


def scan(music: Path) -> list[str]:
    return [track.server_id for batch in Scan("files", music).fetch_tracks(CancelToken()) for track in batch]


def test_every_audio_file_comes_once_by_name(music: Path) -> None:
    add(music, "b/2.mp3", "b/1.MP3", "a/x/1.mp3", "a/1.mp3", "z.mp3", "a/cover.jpg", "a/list.m3u8")
    assert scan(music) == ["z.mp3", "a/1.mp3", "a/x/1.mp3", "b/1.MP3", "b/2.mp3"]


def test_batches_are_bounded(music: Path) -> None:
    add(music, *(f"{n:04}.mp3" for n in range(BATCH + 1)))
    assert [len(batch) for batch in Scan("files", music).fetch_tracks(CancelToken())] == [BATCH, 1]


def test_hidden_and_system_folders_are_skipped(music: Path) -> None:
    add(music, "a.mp3", ".hidden.mp3", ".git/a.mp3", "@eaDir/a.mp3", "lost+found/a.mp3", "$RECYCLE.BIN/a.mp3")
    assert scan(music) == ["a.mp3"]


def test_broken_files_are_counted_and_logged_in_one_line(
    music: Path, caplog: pytest.LogCaptureFixture
) -> None:
    add(music, "good.mp3")
    for name in ("a.mp3", "b.mp3", "c.flac", "d.wav", "e.m4a"):
        (music / name).write_bytes(b"nothing")
    assert scan(music) == ["good.mp3"]
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.message.startswith("files: 5 files could not be read as audio: a.mp3 (")
    assert record.message.endswith("; …")


def test_links_are_followed_once_and_loops_end(music: Path, tmp_path: Path) -> None:
    add(music, "a/1.mp3")
    add(tmp_path, "other/2.mp3")
    (music / "a/up").symlink_to(music)
    (music / "self").symlink_to("self")
    (music / "Self.mp3").symlink_to("Self.mp3")
    (music / "0other").symlink_to(tmp_path / "other")
    (music / "again").symlink_to(tmp_path / "other")
    (music / "3.mp3").symlink_to(tmp_path / "other/2.mp3")
    (music / "dead.mp3").symlink_to("nowhere")
    assert scan(music) == ["3.mp3", "a/1.mp3", "0other/2.mp3"]


def test_a_pipe_is_not_opened(music: Path) -> None:
    add(music, "a.mp3")
    os.mkfifo(music / "b.mp3")
    assert scan(music) == ["a.mp3"]


def test_names_that_no_playlist_can_hold_are_reported(music: Path, caplog: pytest.LogCaptureFixture) -> None:
    add(music, "Zoë 夜.mp3", "line\nbreak.mp3")
    (music / os.fsdecode(b"caf\xe9.mp3")).write_bytes(AUDIO)
    assert scan(music) == ["Zoë 夜.mp3"]
    (record,) = caplog.records
    assert "2 files left out, to be renamed" in record.message
    assert r"'caf\udce9.mp3'" in record.message
    assert r"'line\nbreak.mp3'" in record.message


def test_a_missing_folder_fails(music: Path) -> None:
    music.rmdir()
    with pytest.raises(
        ServiceUnavailable, match=r"files: .*music cannot be read \(No such file or directory\)"
    ):
        scan(music)


def test_a_folder_without_audio_fails(music: Path) -> None:
    (music / "readme.txt").write_text("x")
    with pytest.raises(
        ServiceUnavailable, match=r"holds no audio file .*: check that it is mounted, or correct `path`"
    ):
        scan(music)


def test_a_subfolder_that_vanishes_fails(music: Path) -> None:
    add(music, "1.mp3", "a/2.mp3", "b/3.mp3")
    walk = Scan("files", music)._walk(CancelToken())
    next(walk)
    shutil.rmtree(music / "b")
    with pytest.raises(ServiceUnavailable, match="b cannot be read"):
        list(walk)


@pytest.mark.parametrize("is_replaced", [True, False])
def test_a_root_that_goes_away_fails(music: Path, is_replaced: bool) -> None:
    add(music, *(f"{n:04}.mp3" for n in range(BATCH + 1)))
    batches = Scan("files", music).fetch_tracks(CancelToken())
    assert len(next(batches)) == BATCH
    music.rename(music.with_name("old"))
    if is_replaced:
        add(music, *(f"{n:04}.mp3" for n in range(BATCH + 1)))
    with pytest.raises(ServiceUnavailable):
        list(batches)


def test_a_folder_without_permission_fails(music: Path) -> None:
    add(music, "a/1.mp3", "b/2.mp3")
    (music / "b").chmod(0)
    code = (
        "import os, sys, mutagen.mp3; from pathlib import Path\n"  # later it could not read the interpreter's folder
        "from cmdarr.clients.files.scan import Scan; from cmdarr.models.cancel import CancelToken\n"
        "from cmdarr.errors import ServiceUnavailable\n"
        "if os.geteuid() == 0: os.setresuid(65534, 65534, 65534)\n"  # root reads everything
        f"try: list(Scan('files', Path({str(music)!r})).fetch_tracks(CancelToken()))\n"
        "except ServiceUnavailable as error: print(error)"
    )
    for parent in music.parents[:4]:
        if parent.owner() == music.owner():
            parent.chmod(0o755)
    try:
        answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    finally:
        (music / "b").chmod(0o700)
    assert "b cannot be read" in answer.stdout
    assert "check the mount and its permissions" in answer.stdout


def test_a_file_that_vanishes_is_no_failure(music: Path) -> None:
    add(music, *(f"{n:04}.mp3" for n in range(BATCH + 2)))
    batches = Scan("files", music).fetch_tracks(CancelToken())
    next(batches)
    (music / f"{BATCH:04}.mp3").unlink()
    assert [track.server_id for batch in batches for track in batch] == [f"{BATCH + 1:04}.mp3"]


def test_the_scan_stops_between_batches(music: Path) -> None:
    add(music, *(f"{n:04}.mp3" for n in range(BATCH + 1)))
    token = CancelToken()
    batches = Scan("files", music).fetch_tracks(token)
    next(batches)
    token.cancel()
    with pytest.raises(RunCancelled):
        next(batches)
