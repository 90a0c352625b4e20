"""The contract, and the whole program, against real Subsonic servers: supysonic and maneki."""

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from clients.contract_server import ServerContract
from fakes_http import HttpServer, Reset, Seen, Told, serving
from fakes_subsonic import WRITES
from forked import Child, Forks, ForkServer
from real_subsonic import RealServer, forward, run_maneki, run_supysonic

from cmdarr.clients.files.demo import make_demo_library
from cmdarr.clients.subsonic.server import SubsonicServer
from cmdarr.clients.subsonic.settings import SubsonicSettings
from cmdarr.errors import AuthenticationFailed
from cmdarr.library.ports import ClientContext
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import PlaylistId

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
RUNNERS: dict[str, Callable[[Path, Path], AbstractContextManager[RealServer]]] = {
    "supysonic": run_supysonic,
    "maneki": run_maneki,
}


@pytest.fixture(scope="module", params=RUNNERS)
def real(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """A server with the demo library, for the tests of this module."""
    folder = tmp_path_factory.mktemp(request.param)
    music = folder / "demo"
    make_demo_library(music)
    with RUNNERS[request.param](folder, music) as server:
        yield server


def make_client(real: RealServer, **settings: str) -> SubsonicServer:
    values = {"url": real.url, "username": real.username, "password": real.password} | settings
    context = ClientContext(name="nas", root=Path("/"), data=Path("/data"))
    return SubsonicServer(SubsonicSettings.model_validate(values), context)


@pytest.fixture
def server(real: RealServer) -> SubsonicServer:
    """A client of the server, which has no playlist."""
    client, cancel = make_client(real), CancelToken()
    for info in client.list_playlists("", cancel):
        client.delete_playlist(info.playlist_id, "", cancel)
    return client


class TestContract(ServerContract):
    @pytest.fixture
    def server(self, server: SubsonicServer) -> SubsonicServer:
        return server


def test_the_whole_demo_library_comes(server: SubsonicServer) -> None:
    (section,) = server.list_sections(CancelToken())
    tracks = [track for batch in server.fetch_tracks(section, CancelToken()) for track in batch]
    assert len(tracks) == 30 == server.count_tracks(section, CancelToken())
    assert {"夜明けカモメ", "Zoë Ångström feat. DJ Otter"} <= {track.artist for track in tracks}
    assert all(track.album and track.duration_ms for track in tracks)


def test_a_wrong_password_names_the_setting(real: RealServer) -> None:
    with pytest.raises(AuthenticationFailed, match=r"`services.nas.password`"):
        make_client(real, password="wrong").list_sections(CancelToken())


TRACKS = {
    "a": '"Harbour Lights","Harbour Lights","The Paper Lanterns"',
    "b": '"Slow Ferry","Harbour Lights","The Paper Lanterns"',
    "c": '"Snöflinga","Été à Malmö","Zoë Ångström"',
    "d": '"雨の電車","灯台の歌","夜明けカモメ"',
    "e": '"Crème Brûlée Disco","Été à Malmö","Zoë Ångström feat. DJ Otter"',
    "f": '"Tin Horizon","First Signal","The Quiet Engines"',
}
COMMAND = """kind: playlist_sync
description: Songs for a test
max_removals: 2
source: {service: file, playlist: config/playlists/mix.csv}
targets: [{server: nas, title: Mix für alle}]
"""


class Sync:
    """The program with one command to a real server, through a proxy that counts."""

    def __init__(self, program: Forks, real: RealServer, proxy: HttpServer) -> None:
        self.program, self.proxy, self.client = program, proxy, make_client(real)
        path = "/audio" if real.url.endswith("/audio") else ""
        program.write(
            "settings.yaml",
            f"services:\n  nas:\n    type: subsonic\n    url: {proxy.url}{path}\n"
            f"    username: {real.username}\n    password: {real.password}\n",
        )
        program.write("commands/mix.yaml", COMMAND)
        self.by_title: dict[str, str] = {}

    def want(self, letters: str) -> None:
        rows = ['"Track Name","Album Name","Artist Name(s)"', *(TRACKS[letter] for letter in letters)]
        self.program.write("playlists/mix.csv", "\n".join(rows))

    def run(self, letters: str, *options: str, code: int = 0) -> int:
        """Sync and return how many writes arrived at the server."""
        self.want(letters)
        before = len(self.writes())
        self.program.json("run", "mix", "--json", *options, code=code)
        return len(self.writes()) - before

    def writes(self) -> list[str]:
        methods = (seen.path.rpartition("/")[2] for seen in self.proxy.seen)
        return [method for method in methods if method in WRITES]

    def playlist_id(self) -> PlaylistId:
        (info,) = self.client.list_playlists("", CancelToken())
        assert info.title == "Mix für alle"
        return info.playlist_id

    def state(self) -> str:
        entries = self.client.fetch_entries(self.playlist_id(), "", CancelToken())
        assert entries is not None
        titles = {row.split('"')[1]: letter for letter, row in TRACKS.items()}
        return "".join(titles[entry.title.partition(" - ")[0]] for entry in entries)


@pytest.fixture
def sync(real: RealServer, server: SubsonicServer, tmp_path: Path, fork_server: ForkServer) -> Iterator[Sync]:
    origin = real.url.removesuffix("/audio")
    with serving(lambda seen: forward(origin, seen)) as proxy, Forks(tmp_path, fork_server) as program:
        yield Sync(program, real, proxy)


def test_a_playlist_through_its_life(sync: Sync) -> None:
    assert sync.run("abcde") > 0
    assert sync.state() == "abcde"
    playlist_id = sync.playlist_id()
    assert sync.run("abcde") == 0, "an unchanged source writes nothing"
    assert sync.run("abcdef", "--dry-run", code=3) == 0
    for wanted in ("abcdef", "fabcde", "fabcdeaa", "fbcdea", "bcdeaf"):
        assert sync.run(wanted) > 0
        assert (sync.state(), sync.playlist_id()) == (wanted, playlist_id)
        assert sync.run(wanted) == 0
    assert sync.run("be", code=75) == 0, "removing four is held"
    assert sync.state() == "bcdeaf"
    assert sync.run("be", "--accept-removals") > 0
    assert sync.state() == "be"
    revisions = sync.program.json("playlists", "revisions", "mix", "--json")["revisions"]
    wanted = next(revision["id"] for revision in revisions if len(revision["entries"]) == 8)
    restored = sync.program.run("playlists", "restore", str(wanted), "--yes")
    assert restored.returncode == 0, restored.stderr
    assert (sync.state(), sync.playlist_id()) == ("fabcdeaa", playlist_id)


def test_the_cache_may_vanish_and_the_binding_keeps_the_playlist(sync: Sync) -> None:
    sync.run("abc")
    playlist_id = sync.playlist_id()
    for file in sync.program.data.glob("cache.db*"):
        file.unlink()
    assert sync.run("abcd") > 0
    assert (sync.state(), sync.playlist_id()) == ("abcd", playlist_id)


@pytest.mark.parametrize("is_done", [False, True], ids=["before the write", "after the write"])
@pytest.mark.parametrize("method", ["createPlaylist", "updatePlaylist"])
def test_a_kill_at_a_write_leaves_one_playlist_that_the_next_run_completes(
    sync: Sync, method: str, is_done: bool
) -> None:
    if method == "updatePlaylist":
        sync.run("abc")
    sync.want("bcda")
    answer = sync.proxy.tell
    children: list[Child] = []

    def tell(seen: Seen) -> Told:
        if not seen.path.endswith(method):
            return answer(seen)
        if is_done:
            answer(seen)
        children[0].send_signal(signal.SIGKILL)
        return Reset()

    sync.proxy.tell = tell
    children.append(sync.program.start("run", "mix"))
    assert children[0].wait(60) == -signal.SIGKILL
    sync.proxy.tell = answer
    sync.run("bcda")
    assert sync.state() == "bcda"
    assert sync.run("bcda") == 0


def test_a_playlist_of_somebody_else_is_left_alone(sync: Sync) -> None:
    sync.run("ab")
    other = sync.program.write("commands/other.yaml", COMMAND)
    assert sync.program.run("run", "other").returncode == 1
    other.write_text(COMMAND + "adopt: true\n", encoding="utf-8")
    assert sync.state() == "ab"


def test_the_check_signs_in_and_names_the_folders(sync: Sync) -> None:
    sync.want("a")
    done = sync.program.run("config", "check", "--online")
    assert done.returncode == 0 and "nas: ok (" in done.stdout + done.stderr, done.stdout + done.stderr
