"""The `file` source: paths, and files that stand still."""

import os
import threading
from pathlib import Path

import pytest

from cmdarr.clients.file import SERVICE
from cmdarr.clients.file.settings import FileSettings
from cmdarr.clients.file.source import FileSource
from cmdarr.errors import CommandError, NotFound, RunCancelled, ServiceUnavailable, SourceIncomplete
from cmdarr.library.ports import ClientContext, PlaylistSource
from cmdarr.models.cancel import CancelToken


class WriterToken(CancelToken):
    """Lets a writer go on at each wait, in place of time."""

    def __init__(self, path: Path, pieces: list[str]) -> None:
        super().__init__()
        self.path, self.pieces = path, pieces

    def wait(self, seconds: float) -> None:
        if self.pieces:
            self.path.write_text(self.pieces.pop(0))


@pytest.fixture
def source(tmp_path: Path) -> FileSource:
    return FileSource(ClientContext(name="file", root=tmp_path, data=tmp_path / "data"), pause_s=0)


@pytest.fixture
def playlist(tmp_path: Path) -> Path:
    path = tmp_path / "lists" / "Friday hits.csv"
    path.parent.mkdir()
    path.write_text("title,artist\nA,B\n")
    return path


def test_it_is_a_source_that_needs_no_settings(tmp_path: Path) -> None:
    assert SERVICE.type.works_unconfigured
    assert SERVICE.build is not None
    assert isinstance(
        SERVICE.build(FileSettings(), ClientContext(name="f", root=tmp_path, data=tmp_path)), PlaylistSource
    )


def test_a_path_is_absolute_or_relative_to_the_root(source: FileSource, playlist: Path) -> None:
    for text in (str(playlist), "lists/Friday hits.csv"):
        found = source.fetch_playlist(text, CancelToken())
        assert (found.title, len(found.tracks)) == ("Friday hits", 1)


def test_a_tilde_is_the_home_folder(
    source: FileSource, playlist: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "lists"))
    assert source.fetch_playlist("~/Friday hits.csv", CancelToken()).title == "Friday hits"


def test_errors_name_the_whole_path(source: FileSource, playlist: Path) -> None:
    playlist.write_text("title,artist\nA,\n")
    with pytest.raises(SourceIncomplete) as caught:
        source.fetch_playlist("lists/Friday hits.csv", CancelToken())
    assert str(caught.value).startswith(f"{playlist}, line 2, column 1: the artist of 'A' is empty")


def test_a_missing_file_a_folder_and_an_address_are_told_apart(source: FileSource, playlist: Path) -> None:
    with pytest.raises(
        NotFound, match=r"file: the playlist file .*none\.csv does not exist: correct `playlist`"
    ):
        source.fetch_playlist("none.csv", CancelToken())
    with pytest.raises(NotFound, match="is a folder: name the playlist file in it"):
        source.fetch_playlist("lists", CancelToken())
    for name in ("nul\0.csv", "lists/Friday hits.csv/x"):
        with pytest.raises(NotFound, match="does not exist"):
            source.fetch_playlist(name, CancelToken())
    os.mkfifo(playlist.parent / "pipe")
    with pytest.raises(NotFound, match="is no ordinary file"):
        source.fetch_playlist("lists/pipe", CancelToken())
    with pytest.raises(
        ServiceUnavailable, match=r"cannot be read \(File name too long\): check its permissions"
    ):
        source.fetch_playlist("x" * 300, CancelToken())
    with pytest.raises(
        CommandError, match="reads playlists from files only, not from addresses: download the file"
    ):
        source.fetch_playlist("https://example.org/x.csv", CancelToken())


def test_a_file_that_is_being_written_is_read_when_it_is_complete(source: FileSource, playlist: Path) -> None:
    playlist.write_text("title,artist\nA,B\n")
    token = WriterToken(playlist, ["title,artist\nA,B\nC,D\n", "title,artist\nA,B\nC,D\nE,F\n"])
    assert len(source.fetch_playlist(str(playlist), token).tracks) == 3


def test_a_file_that_never_stands_still_is_not_taken(source: FileSource, playlist: Path) -> None:
    token = WriterToken(playlist, ["title,artist\n" + "A,B\n" * n for n in range(2, 50)])
    with pytest.raises(
        SourceIncomplete, match="is being written all the time: run again when it is complete"
    ):
        source.fetch_playlist(str(playlist), token)


def test_a_cancelled_run_stops(source: FileSource, playlist: Path) -> None:
    token = CancelToken()
    threading.Thread(target=token.cancel).run()
    with pytest.raises(RunCancelled):
        source.fetch_playlist(str(playlist), token)
