"""The `files` server: the contract of every server, and what is particular to folders."""

import logging
import os
import stat
from pathlib import Path

import pytest
from clients.contract_server import ServerContract, plan

from cmdarr.clients.files import SERVICE
from cmdarr.clients.files.demo import make_demo_library
from cmdarr.clients.files.server import FilesServer
from cmdarr.clients.files.settings import FilesSettings
from cmdarr.errors import NotFound, ServiceUnavailable
from cmdarr.library.ports import ClientContext
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import PlaylistEntry, PlaylistId
from cmdarr.models.track import LibraryTrack, ServerId


def make_server(root: Path, **settings: object) -> FilesServer:
    values = {"path": "music", "playlists": "data/playlists"} | settings
    context = ClientContext(name="files", root=root, data=root / "data")
    assert SERVICE.build is not None
    server = SERVICE.build(FilesSettings.model_validate(values), context)
    assert isinstance(server, FilesServer)
    return server


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo library that no test changes."""
    folder = tmp_path_factory.mktemp("library") / "music"
    make_demo_library(folder)
    return folder


class TestContract(ServerContract):
    @pytest.fixture
    def server(self, library: Path, tmp_path: Path) -> FilesServer:
        return make_server(tmp_path, path=str(library))


@pytest.fixture
def server(library: Path, tmp_path: Path) -> FilesServer:
    return make_server(tmp_path, path=str(library))


@pytest.fixture
def playlists(tmp_path: Path) -> Path:
    folder = tmp_path / "data/playlists"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def cancel() -> CancelToken:
    return CancelToken()


def tracks_of(server: FilesServer) -> list[LibraryTrack]:
    token = CancelToken()
    return [track for s in server.list_sections(token) for b in server.fetch_tracks(s, token) for track in b]


def entries_of(server: FilesServer, count: int) -> list[PlaylistEntry]:
    return [
        PlaylistEntry(server_id=t.server_id, artist=t.artist, title=t.title, album=t.album)
        for t in tracks_of(server)[:count]
    ]


def apply(server: FilesServer, playlist_id: str, wanted: list[PlaylistEntry]) -> int:
    current = server.fetch_entries(PlaylistId(playlist_id), "", CancelToken())
    assert current is not None
    return server.apply_change(PlaylistId(playlist_id), plan(current, wanted), "", CancelToken())


def test_the_file_has_the_promised_form(
    server: FilesServer, playlists: Path, library: Path, cancel: CancelToken
) -> None:
    (entry,) = entries_of(server, 1)
    name = server.create_playlist("Friday\nhits", [entry], "every\nweek", "", cancel)
    relative = os.path.relpath(library / entry.server_id, playlists)
    assert (playlists / name).read_text("utf-8") == (
        "#EXTM3U\n#PLAYLIST:Friday hits\n# every week\n#EXTINF:1,The Paper Lanterns - Harbour Lights\n"
        f"#EXTALB:Harbour Lights\n{relative}\n"
    )


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Friday hits", "Friday hits.m3u8"),
        ("AC/DC: best?", "AC-DC- best-.m3u8"),
        ("../../etc/passwd", "-..-etc-passwd.m3u8"),
        (".hidden", "hidden.m3u8"),
        ("What...", "What.m3u8"),
        ("CON", "CON_.m3u8"),
        ("lpt1.txt", "lpt1.txt_.m3u8"),
        ("", "playlist.m3u8"),
        ("...", "playlist.m3u8"),
        ("夜" * 100, "夜" * 66 + ".m3u8"),
        ("E\u0301te\u0301", "Été.m3u8"),
        ("a\ud800b", "a-b.m3u8"),
    ],
)
def test_a_title_becomes_a_safe_file_name(
    server: FilesServer, cancel: CancelToken, title: str, name: str
) -> None:
    assert server.create_playlist(title, [], "", "", cancel) == name


def test_names_that_differ_only_by_case_do_not_collide(server: FilesServer, cancel: CancelToken) -> None:
    names = [
        server.create_playlist(title, [], "", "", cancel)
        for title in ("Mix", "MIX", "mix", "Été", "E\u0301TÉ")
    ]
    assert names == ["Mix.m3u8", "MIX (2).m3u8", "mix (3).m3u8", "Été.m3u8", "ÉTÉ (2).m3u8"]


def test_a_playlist_of_somebody_else_is_listed_with_its_title(
    server: FilesServer, playlists: Path, cancel: CancelToken
) -> None:
    (playlists / "mine.m3u8").write_text("#EXTM3U\n#PLAYLIST:My songs\n")
    (playlists / "Other.M3U8").write_bytes(b"a.mp3\r\n")
    (playlists / ".hidden.m3u8").write_text("")
    (playlists / "old.m3u").write_text("a.mp3\n")
    (playlists / "folder.m3u8").mkdir()
    os.mkfifo(playlists / "pipe.m3u8")
    infos = server.list_playlists("", cancel)
    assert {(info.playlist_id, info.title) for info in infos} == {
        ("mine.m3u8", "My songs"),
        ("Other.M3U8", "Other"),
    }


def test_what_the_user_put_into_the_file_is_kept(
    server: FilesServer, playlists: Path, cancel: CancelToken
) -> None:
    first, second, third = entries_of(server, 3)
    name = server.create_playlist("Mix", [first, second], "", "", cancel)
    text = (playlists / name).read_text()
    lines = text.splitlines()
    lines[2:2] = ["#EXTIMG:cover.jpg", "#EXTGENRE:Folk"]
    lines.insert(8, "#EXTVLCOPT:start-time=5")
    (playlists / name).write_text("\n".join([*lines, "# the end"]) + "\n")
    apply(server, name, [third, second, first])
    document = (playlists / name).read_text()
    assert document.startswith("#EXTM3U\n#PLAYLIST:Mix\n#EXTIMG:cover.jpg\n#EXTGENRE:Folk\n#EXTINF:")
    assert document.endswith("# the end\n")
    assert document.index("#EXTVLCOPT:start-time=5") < document.rindex(second.server_id.rsplit("/", 1)[1])
    assert document.index("#EXTVLCOPT:start-time=5") > document.index(third.server_id.rsplit("/", 1)[1])


def test_each_place_of_a_track_keeps_its_own_comment(
    server: FilesServer, playlists: Path, cancel: CancelToken
) -> None:
    (playlists / "x.m3u8").write_text("#EXTINF:1,A - B\n# one\na.mp3\n# two\na.mp3\n")
    a = (server.fetch_entries(PlaylistId("x.m3u8"), "", cancel) or ())[0]
    apply(server, "x.m3u8", [a, *entries_of(server, 1), a, a, a])
    lines = (playlists / "x.m3u8").read_text().splitlines()
    assert [line for line in lines if line[:2] == "# " or line == "a.mp3"] == [
        *["# one", "a.mp3"],
        *["# two", "a.mp3"],
        "a.mp3",
        "a.mp3",
    ]


def test_entries_outside_and_missing_files_are_kept_as_they_are(
    server: FilesServer, playlists: Path, library: Path, tmp_path: Path, cancel: CancelToken
) -> None:
    (playlists / "mine.m3u8").write_text(
        f"#EXTM3U\n/elsewhere/Artist/Album/01 - Song.mp3\nhttp://radio.example/stream\n{library}/gone/x.mp3\n../up.mp3\n"
    )
    entries = server.fetch_entries(PlaylistId("mine.m3u8"), "", cancel)
    assert entries is not None
    assert [entry.server_id for entry in entries] == [
        "/elsewhere/Artist/Album/01 - Song.mp3",
        "http://radio.example/stream",
        "gone/x.mp3",
        f"{tmp_path}/data/up.mp3",
    ]
    assert (entries[0].artist, entries[0].title) == ("Artist", "Song")
    assert set(server.fetch_titles([entry.server_id for entry in entries], cancel)) == {entries[1].server_id}
    apply(server, "mine.m3u8", [*entries_of(server, 1), *reversed(entries)])
    lines = [line for line in (playlists / "mine.m3u8").read_text().splitlines() if not line.startswith("#")]
    assert lines[1:] == [
        "../up.mp3",
        f"{library}/gone/x.mp3",
        "http://radio.example/stream",
        "/elsewhere/Artist/Album/01 - Song.mp3",
    ]


@pytest.mark.parametrize("form", ["absolute", "relative", "address", "backslashes", "through a link"])
def test_other_ways_to_name_a_file_give_its_id(
    server: FilesServer, playlists: Path, library: Path, tmp_path: Path, cancel: CancelToken, form: str
) -> None:
    entry = entries_of(server, 1)[0]
    path, relative = library / entry.server_id, os.path.relpath(library / entry.server_id, playlists)
    (tmp_path / "link").symlink_to(library)
    line = {
        "absolute": str(path),
        "relative": relative,
        "address": path.as_uri(),
        "backslashes": relative.replace("/", "\\"),
        "through a link": str(path),
    }[form]
    if form == "through a link":
        server = make_server(tmp_path, path="link")
        line = str(tmp_path / "link" / entry.server_id)
    (playlists / "x.m3u8").write_text(f"{line}\n")
    assert [e.server_id for e in server.fetch_entries(PlaylistId("x.m3u8"), "", cancel) or ()] == [
        entry.server_id
    ]


def test_a_playlist_in_the_windows_code_page_becomes_utf_8(
    server: FilesServer, playlists: Path, cancel: CancelToken
) -> None:
    (playlists / "x.m3u8").write_bytes("#EXTM3U\n#EXTINF:1,Zoë - Été\nZoë.mp3\n".encode("cp1252"))
    apply(
        server,
        "x.m3u8",
        [*(server.fetch_entries(PlaylistId("x.m3u8"), "", cancel) or ()), *entries_of(server, 1)],
    )
    assert "#EXTINF:1,Zoë - Été\nZoë.mp3\n" in (playlists / "x.m3u8").read_text("utf-8")


def test_a_file_name_that_looks_like_a_comment_survives(
    tmp_path: Path, library: Path, cancel: CancelToken
) -> None:
    music = tmp_path / "music"
    music.mkdir()
    source = next(library.rglob("*.mp3"))
    names = ["#1 hit.mp3", " leading.mp3", "trailing .mp3", "100% [x] (y).mp3"]
    for name in names:
        (music / name).write_bytes(source.read_bytes())
    server = make_server(tmp_path, playlists="music")
    entries = entries_of(server, 4)
    name = server.create_playlist("Mix", entries, "", "", cancel)
    read = server.fetch_entries(name, "", cancel)
    assert read is not None
    assert [entry.server_id for entry in read] == [entry.server_id for entry in entries]
    assert {entry.server_id for entry in read} == set(names)


def test_a_link_stays_a_link_and_the_mode_is_kept(
    server: FilesServer, playlists: Path, tmp_path: Path, cancel: CancelToken
) -> None:
    real = tmp_path / "real.m3u8"
    real.write_text("#EXTM3U\n")
    real.chmod(0o640)
    (playlists / "x.m3u8").symlink_to(real)
    assert apply(server, "x.m3u8", entries_of(server, 2)) == 1
    assert (playlists / "x.m3u8").is_symlink()
    assert real.read_text().count("#EXTINF") == 2
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_a_new_file_has_the_usual_mode(server: FilesServer, playlists: Path, cancel: CancelToken) -> None:
    (playlists / "usual").write_text("")
    name = server.create_playlist("Mix", [], "", "", cancel)
    assert (playlists / name).stat().st_mode == (playlists / "usual").stat().st_mode


def test_an_edit_during_the_run_is_not_overwritten(
    server: FilesServer, playlists: Path, cancel: CancelToken
) -> None:
    entries = entries_of(server, 4)
    name = server.create_playlist("Mix", entries[:2], "", "", cancel)
    current = server.fetch_entries(name, "", cancel)
    assert current is not None
    with (playlists / name).open("a") as file:
        file.write("added-by-hand.mp3\n")
    before = (playlists / name).read_bytes()
    with pytest.raises(
        ServiceUnavailable, match=r"Mix\.m3u8 was edited during the run: it was left alone, run again"
    ):
        server.apply_change(name, plan(current, entries[2:]), "", cancel)
    assert (playlists / name).read_bytes() == before


def test_a_full_disk_leaves_the_old_file(server: FilesServer, playlists: Path, cancel: CancelToken) -> None:
    import resource
    import signal

    entries = entries_of(server, 20)
    name = server.create_playlist("Mix", entries[:1], "", "", cancel)
    before = (playlists / name).read_bytes()
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, limits[1]))
    try:
        with pytest.raises(ServiceUnavailable, match=r"cannot be written .* and the old one is unchanged"):
            apply(server, name, entries)
        with pytest.raises(ServiceUnavailable, match=r"cannot be written .* and no playlist was made"):
            server.create_playlist("Other", entries, "", "", cancel)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert (playlists / name).read_bytes() == before
    assert [path.name for path in playlists.iterdir()] == [name]


@pytest.mark.parametrize(
    "playlist_id", ["../x.m3u8", "sub/x.m3u8", "/etc/x.m3u8", "..", "", ".m3u8", "x.txt", "a\x00b.m3u8"]
)
def test_an_id_never_leaves_the_folder(
    server: FilesServer, playlists: Path, cancel: CancelToken, playlist_id: str
) -> None:
    (playlists.parent / "x.m3u8").write_text("a.mp3\n")
    (playlists / "sub").mkdir()
    (playlists / "sub/x.m3u8").write_text("a.mp3\n")
    assert server.fetch_entries(PlaylistId(playlist_id), "", cancel) is None
    server.delete_playlist(PlaylistId(playlist_id), "", cancel)
    with pytest.raises(NotFound):
        server.apply_change(PlaylistId(playlist_id), plan([], []), "", cancel)
    assert (playlists.parent / "x.m3u8").exists()
    assert (playlists / "sub/x.m3u8").exists()


def test_users_and_unknown_sections_are_refused(server: FilesServer, cancel: CancelToken) -> None:
    with pytest.raises(
        NotFound, match="files: there is no user 'alice': a folder has no users, remove `users`"
    ):
        server.list_playlists("alice", cancel)
    with pytest.raises(NotFound, match="there is no section 'x'"):
        list(server.fetch_tracks("x", cancel))


def test_fetch_titles_fails_when_the_library_itself_is_gone(tmp_path: Path, cancel: CancelToken) -> None:
    (tmp_path / "music").mkdir()
    names = [ServerId("x" * 300), ServerId("a\0b"), ServerId("https://radio.example/x")]
    assert make_server(tmp_path).fetch_titles(names, cancel) == {names[2]: ""}
    (tmp_path / "music").rmdir()
    with pytest.raises(ServiceUnavailable, match="is missing: check that it is mounted"):
        make_server(tmp_path).fetch_titles([ServerId("a.mp3")], cancel)


def test_demo_makes_the_library_when_there_is_none_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    server = make_server(tmp_path, demo=True)
    assert len(tracks_of(server)) == 30
    assert [record.message for record in caplog.records] == [
        f"files: made a demo library of 30 tracks in {tmp_path / 'music'}"
    ]
    next((tmp_path / "music").rglob("*.mp3")).unlink()
    assert len(tracks_of(server)) == 29


def test_demo_leaves_a_folder_with_music_alone(tmp_path: Path, library: Path) -> None:
    (tmp_path / "music").mkdir()
    (tmp_path / "music/own.mp3").write_bytes(next(library.rglob("*.mp3")).read_bytes())
    assert len(tracks_of(make_server(tmp_path, demo=True))) == 1


def test_problems_of_the_settings_are_sentences(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    find = SERVICE.type.find_problems
    assert find is not None
    missing = FilesSettings(path="none")
    assert find(missing, tmp_path) == {
        "path": f"the folder {tmp_path}/none does not exist: create or mount it, or set `demo: true`."
    }
    assert find(FilesSettings(path="none", demo=True), tmp_path) == {}
    assert find(FilesSettings(path="file", playlists="file"), tmp_path) == {
        "path": f"{tmp_path}/file is not a folder: name the folder that holds the music.",
        "playlists": f"{tmp_path}/file is not a folder: name a folder for the playlists.",
    }
    assert find(FilesSettings(path=str(tmp_path)), tmp_path) == {}
    assert find(FilesSettings(path="file/x", playlists="x" * 300), tmp_path) == {
        "path": f"{tmp_path}/file/x is not a folder: name the folder that holds the music.",
        "playlists": f"the folder {tmp_path}/{'x' * 300} cannot be written: give this user permission, "
        "or name another folder.",
    }
