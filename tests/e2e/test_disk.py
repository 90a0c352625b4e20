"""A full disk, and folders that cannot be written: one sentence with a cure, nothing lost, and work afterwards."""

import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import stat
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from forked import NO_MOUNT, NOBODY, Child, Forks, ForkServer, serving, wait_for_text
from program import free_port, wait_until

pytestmark = pytest.mark.e2e

TRACKS = 800
PLAYLIST = "playlists/Long list.m3u8"
OLD = "The Paper Lanterns,Harbour Lights\nNinth Orchard,Pollen Count\n"
NEW = "Ninth Orchard,Pollen Count\nThe Paper Lanterns,Slow Ferry\n"
COMMAND = (
    "kind: playlist_sync\nrun_at_start: true\nschedule: manual\nmax_removals: 100%\n"
    "source: {service: file, playlist: config/list.csv}\ntargets: [{server: files, title: Long list}]\n"
)


def choose(forks: Forks, songs: str) -> Path:
    return forks.write("list.csv", "artist,title\n" + songs * (TRACKS // 2))


def install(forks: Forks) -> int:
    """Write a configuration and make the music; return the port."""
    port = free_port()
    forks.write(
        "settings.yaml",
        f"web: {{port: {port}}}\nexecutor: {{shutdown_grace: 20s}}\n"
        "services:\n  files: {path: music, playlists: data/playlists, demo: true}\n",
    )
    forks.write("commands/long.yaml", COMMAND)
    forks.write("commands/refresh.yaml", "kind: library_refresh\nschedule: manual\n")
    choose(forks, OLD)
    return port


def health(port: int) -> tuple[int, list[str]]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=10) as answer:
            return answer.status, json.load(answer)["reasons"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)["reasons"]
    except (urllib.error.URLError, ConnectionError):
        return 0, []


def refused(child: Child, code: int, *parts: str) -> None:
    """See that a verb ended with one sentence that says these things, in its exit code, without a traceback."""
    told = [line for line in child.stderr.splitlines() if line.startswith("cmdarr: ")]
    assert len(told) == 1, child.stderr
    for part in parts:
        assert re.search(part, told[0]), told[0]
    assert told[0].endswith("."), told[0]
    assert child.returncode == code, (child.returncode, child.stderr)
    assert "Traceback" not in child.stderr
    assert "unexpected" not in child.stderr


def history(forks: Forks) -> list[tuple[int, str]]:
    return [(row["id"], row["status"]) for row in forks.json("history", "--json")["executions"]]


def names_below(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.fixture(scope="module")
def made(fork_server: ForkServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation that has run once, to be copied."""
    root = tmp_path_factory.mktemp("made") / "install"
    root.mkdir()
    with Forks(root, fork_server) as forks:
        install(forks)
        assert forks.run("run", "long").returncode == 0
    return root


@pytest.fixture
def full(made: Path, forks: Forks) -> Forks:
    """An installation that has run once, and whose disk a test may fill."""
    for name in ("config", "data", "music"):
        shutil.copytree(made / name, forks.root / name)
    return forks


SPACE = "free space|free some space|check space"


def test_full_at_the_first_run_nothing_half_made_stays(full: Forks) -> None:
    shutil.rmtree(full.data)
    refused(full.run("run", "long", file_limit=8_192), 75, "config.db", SPACE)
    assert full.run("list", file_limit=8_192).returncode == 0
    assert names_below(full.data) == []
    assert full.json("run", "long", "--json")["executions"][0]["status"] == "succeeded"


@pytest.mark.parametrize("limit", [8_192, 24_000, 40_000, 64_000, 100_000, 160_000])
def test_full_in_a_run_the_playlist_and_the_history_stay_whole(full: Forks, limit: int) -> None:
    playlist = full.data / PLAYLIST
    before, runs = playlist.read_bytes(), history(full)
    choose(full, NEW)
    child = full.run("run", "long", file_limit=limit)
    if child.returncode:
        refused(child, 75, SPACE)
        assert playlist.read_bytes() == before
    assert history(full)[-len(runs) :] == runs
    assert names_below(playlist.parent) == [playlist.name]
    assert full.json("run", "long", "--json")["executions"][0]["status"] == "succeeded"
    assert b"Slow Ferry" in playlist.read_bytes()
    assert full.json("playlists", "revisions", "long", "--json")["revisions"][0]["entries"]


def test_full_where_the_playlist_is_written_the_old_one_stays_and_the_run_is_recorded(full: Forks) -> None:
    """The folder lies so deep that the paths in the playlist make it larger than what config.db takes."""
    folder = "data/" + "d/" * 200
    settings = (full.config / "settings.yaml").read_text()
    full.write("settings.yaml", settings.replace("data/playlists", folder))
    playlist = full.root / folder / "Long list.m3u8"
    refused(full.run("run", "long", file_limit=400_000), 75, "File too large", "no playlist was made", SPACE)
    assert list(playlist.parent.iterdir()) == []
    assert full.run("run", "long").returncode == 0
    before = playlist.read_bytes()
    choose(full, NEW)
    refused(full.run("run", "long", file_limit=400_000), 75, "Long list", "the old one is unchanged", SPACE)
    assert playlist.read_bytes() == before
    assert list(playlist.parent.iterdir()) == [playlist]
    assert [status for _, status in history(full)] == ["failed", "succeeded", "failed", "succeeded"]
    assert full.run("run", "long").returncode == 0
    assert b"Slow Ferry" in playlist.read_bytes()


def test_full_for_the_cache_no_run_fails(full: Forks) -> None:
    more_music(full.root / "music")
    assert full.run("cache", "reset", "--yes").returncode == 0
    child = full.run("run", "long", "--json", file_limit=400_000)
    assert json.loads(child.stdout)["executions"][0]["status"] == "succeeded", child.stderr
    assert child.stderr.count("cache.db cannot be used") == 1
    assert full.json("cache", "stats", "--json")["libraries"] == []
    assert full.run("run", "refresh").returncode == 0
    assert full.json("cache", "stats", "--json")["libraries"][0]["tracks"] > 1_000


def more_music(folder: Path) -> None:
    """Make the library so large that the cache is larger than config.db."""
    song = next(folder.rglob("*.wav"))
    for number in range(1_500):
        song.with_name(f"{number:05} {'x' * 60}.wav").hardlink_to(song)


@pytest.mark.parametrize(
    ("verb", "code", "part"),
    [
        (("backup", "saved.tar.gz"), 75, "config.db cannot be copied|saved.tar.gz cannot be written"),
        (("restore", "saved.tar.gz", "--yes"), 75, "nothing was changed"),
        (("reset", "--all", "--yes"), 75, "config.db|backup"),
        (("cache", "reset", "--yes"), 75, "cache.db"),
        (("demo", "more"), 1, "more.*another folder"),
        (("config", "schema", "--write"), 1, "schema/settings.json"),
    ],
)
def test_full_for_upkeep_nothing_is_lost(full: Forks, verb: tuple[str, ...], code: int, part: str) -> None:
    assert full.run("backup", "saved.tar.gz").returncode == 0
    runs, archive = history(full), (full.root / "saved.tar.gz").read_bytes()
    config = {path: path.read_bytes() for path in full.config.rglob("*") if path.is_file()}
    refused(full.run(*verb, file_limit=4_096), code, part)
    assert history(full) == runs
    assert (full.root / "saved.tar.gz").read_bytes() == archive
    assert {path: path.read_bytes() for path in full.config.rglob("*") if path.is_file()} == config
    assert [name for name in names_below(full.root) if "part" in name or "/." in name or ".new" in name] == []
    assert full.run(*verb).returncode == 0
    assert full.run("run", "refresh").returncode == 0


def test_full_at_init_no_half_file_stands_in_the_way(full: Forks) -> None:
    shutil.rmtree(full.config)
    refused(full.run("config", "init", file_limit=1_000), 1, "config/.*free space")
    assert full.run("config", "init").returncode == 0
    assert full.run("config", "check").returncode == 0
    assert full.run("run", "demo-favourites").returncode == 0


@contextmanager
def source_in_motion(path: Path) -> Iterator[None]:
    """Keep a playlist file growing, so that a run waits for it to stand still."""
    done = threading.Event()

    def grow() -> None:
        while not done.wait(0.01):
            with path.open("a") as file:
                file.write("Nobody,Not There\n")

    growing = threading.Thread(target=grow)
    growing.start()
    try:
        yield
    finally:
        done.set()
        growing.join()


def fill_disk(child: Child, limit: int = 8_192) -> None:
    resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))


def test_full_while_the_daemon_runs_the_outcome_waits_and_is_written(full: Forks) -> None:
    port = install(full)
    with serving(full) as daemon:
        with source_in_motion(full.config / "list.csv"):
            wait_for_text(daemon, "long started")
            fill_disk(daemon)
        wait_until(lambda: health(port)[0] == 503, "health to turn red")
        assert any("config.db" in reason for reason in health(port)[1])
        wait_for_text(daemon, "long succeeded")
        assert history(full)[0][1] == "running"
        fill_disk(daemon, resource.RLIM_INFINITY)
        full.write("commands/refresh.yaml", "kind: library_refresh\nschedule: manual\ndescription: again\n")
        wait_until(lambda: health(port)[0] == 200, "health to turn green")
        assert history(full)[0][1] == "succeeded"
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait() == 0
    assert daemon.stderr.count("config.db cannot be used") <= 2, daemon.stderr  # once a part, not once a try
    assert "config.db works again" in daemon.stderr
    assert "Traceback" not in daemon.stderr


def test_full_until_the_daemon_ends_it_says_what_is_lost(full: Forks) -> None:
    install(full)
    with serving(full) as daemon:
        with source_in_motion(full.config / "list.csv"):
            wait_for_text(daemon, "long started")
            fill_disk(daemon)
        wait_for_text(daemon, "long succeeded")
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait() == 0
    assert "config.db does not take the outcome of a run" in daemon.stderr
    assert "Traceback" not in daemon.stderr
    with serving(full) as daemon:
        wait_for_text(daemon, "long succeeded")
    assert [status for _, status in history(full)] == ["succeeded", "interrupted", "succeeded"]


@pytest.mark.parametrize("size", [50_000, 100_000, 200_000, 300_000, 400_000, 600_000])
def test_a_small_disk_of_its_own(full: Forks, size: int) -> None:
    """The same with a disk that really is full: every verb ends with a sentence, whatever fails in which order."""
    runs = [
        ("run", "long"),
        ("history",),
        ("run", "refresh"),
        ("backup", "data/saved.tar.gz"),
        ("cache", "stats"),
    ]
    child = full.run("list", disk_size=size, then=[*runs, ("reset", "--all", "--yes"), ("list",)])
    if child.returncode == NO_MOUNT:
        pytest.skip("this user may not mount a disk")
    assert child.returncode in {0, 75}
    assert re.search(f"{SPACE}|the disk is full", child.stderr)
    assert "Traceback" not in child.stderr
    assert "unexpected" not in child.stderr


# Folders that cannot be written


@pytest.fixture
def guest(made: Path, fork_server: ForkServer) -> Iterator[Forks]:
    """An installation of which a test takes rights away; root, who has them all, runs it as somebody else."""
    root = Path(tempfile.mkdtemp(prefix="cmdarr-guest-"))
    root.chmod(0o755)
    try:
        with Forks(root, fork_server, uid=NOBODY if os.geteuid() == 0 else None) as forks:
            install(forks)
            shutil.copytree(made / "music", root / "music")
            forks.data.mkdir()
            unlock(forks.data)
            yield forks
    finally:
        unlock(root)
        shutil.rmtree(root)


def lock(path: Path) -> None:
    """Take the right to write away, for a folder with all that is below it."""
    _give(path, is_ours=False)


def unlock(path: Path) -> None:
    _give(path, is_ours=True)


def _give(path: Path, *, is_ours: bool) -> None:
    for each in (path, *path.rglob("*")):
        if os.geteuid() == 0:
            os.chown(each, *(2 * [NOBODY if is_ours else 0]))
        writable = stat.S_IWUSR if is_ours or os.geteuid() == 0 else 0
        each.chmod((0o555 if each.is_dir() else 0o444) | writable)


def edit(path: Path, text: str) -> None:
    """Write into a locked file as its owner does: in place."""
    path.chmod(0o644)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o444)


def test_a_read_only_config_folder_is_enough(guest: Forks) -> None:
    port = install(guest)
    lock(guest.config)
    names = names_below(guest.config)
    with serving(guest) as daemon:
        wait_for_text(daemon, "long succeeded")
        assert health(port) == (200, [])
        edit(guest.config / "commands/long.yaml", COMMAND + "description: edited\n")
        wait_for_text(daemon, "Configuration reloaded: 1 changed (long)")
        edit(guest.config / "commands/long.yaml", COMMAND + "enabled: perhaps\n")
        wait_for_text(daemon, "Configuration rejected")
        edit(guest.config / "commands/long.yaml", COMMAND)
        wait_for_text(daemon, "Configuration reloaded", times=2)
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait() == 0
    for verb in (
        ("list",),
        ("config", "check"),
        ("config", "explain", "schedule"),
        ("run", "long"),
        ("config", "diff"),
    ):
        assert guest.run(*verb).returncode == 0, verb
    assert guest.run("backup", "data/saved.tar.gz").returncode == 0
    refused(guest.run("restore", "data/saved.tar.gz", "--yes"), 75, "config", "nothing was changed")
    refused(guest.run("config", "schema", "--write"), 1, "schema", "permissions")
    assert names_below(guest.config) == names
    assert (guest.config / "commands/long.yaml").read_text() == COMMAND
    assert "Traceback" not in daemon.stderr


def test_a_data_folder_that_cannot_be_made_is_named(guest: Forks) -> None:
    guest.data.rmdir()
    lock(guest.root)
    for verb in (
        ("run", "long"),
        ("serve",),
        ("cache", "stats"),
        ("match", "a", "b"),
        ("reset", "--all", "--yes"),
    ):
        refused(guest.run(*verb), 2, str(guest.data), "--data-dir")
    for verb in (("list",), ("history",), ("config", "check"), ("playlists",)):
        assert guest.run(*verb).returncode == 0, verb


def test_an_empty_data_folder_that_cannot_be_written(guest: Forks) -> None:
    lock(guest.data)
    for verb in (("run", "long"), ("serve",), ("reset", "--all", "--yes"), ("cache", "reset", "--yes")):
        refused(
            guest.run(*verb),
            75,
            "Permission denied",
            "permissions of the data folder|make the data folder writable",
        )
    for verb in (("list",), ("history",), ("cache", "stats"), ("playlists",)):
        assert guest.run(*verb).returncode == 0, verb
    assert names_below(guest.data) == []


def test_a_data_folder_that_became_read_only_loses_nothing(guest: Forks) -> None:
    assert guest.run("run", "long").returncode == 0
    runs = history(guest)
    lock(guest.data)
    before = {path: path.read_bytes() for path in guest.data.rglob("*") if path.is_file()}
    for looking in ("list", "history", "playlists"):
        child = guest.run(looking)
        if child.returncode:
            refused(child, 75, "config.db", "data folder")
    for verb in (("run", "long"), ("serve",), ("reset", "--all", "--yes"), ("cache", "reset", "--yes")):
        refused(guest.run(*verb), 75, "data folder")
    assert {path: path.read_bytes() for path in guest.data.rglob("*") if path.is_file()} == before
    unlock(guest.data)
    assert history(guest) == runs
    assert guest.run("run", "long").returncode == 0


def test_a_config_db_that_cannot_be_written_turns_health_red(guest: Forks) -> None:
    assert guest.run("run", "long").returncode == 0
    lock(guest.data / "config.db")
    port = install(guest)
    with serving(guest) as daemon:
        wait_until(lambda: health(port)[0] == 503, "health to turn red")
        assert any("config.db" in reason and "data folder" in reason for reason in health(port)[1])
        unlock(guest.data / "config.db")
        guest.write("commands/refresh.yaml", "kind: library_refresh\nschedule: manual\ndescription: again\n")
        wait_for_text(daemon, "long succeeded")
        wait_until(lambda: health(port)[0] == 200, "health to turn green")
    assert [status for _, status in history(guest)] == ["succeeded", "succeeded"]


def test_a_playlist_folder_that_cannot_be_written_fails_the_run_alone(guest: Forks) -> None:
    assert guest.run("run", "long").returncode == 0
    playlist = guest.data / PLAYLIST
    before = playlist.read_bytes()
    lock(playlist.parent)
    choose(guest, NEW)
    refused(guest.run("run", "long"), 75, re.escape(str(playlist)), "the old one is unchanged", "permissions")
    assert playlist.read_bytes() == before
    assert history(guest)[0][1] == "failed"
    assert guest.run("run", "refresh").returncode == 0
    unlock(playlist.parent)
    assert guest.run("run", "long").returncode == 0
    assert b"Slow Ferry" in playlist.read_bytes()


def test_a_cache_that_cannot_be_written_fails_no_run(guest: Forks) -> None:
    assert guest.run("run", "refresh").returncode == 0
    with closing(sqlite3.connect(guest.data / "cache.db")) as connection, connection:
        connection.execute("UPDATE library SET refreshed_at = 0")  # so that the next run wants to renew it
    unlock(guest.data)
    lock(guest.data / "cache.db")
    child = guest.run("run", "long", "--json")
    assert json.loads(child.stdout)["executions"][0]["status"] == "succeeded", child.stderr
    assert child.stderr.count("cache.db cannot be used") == 1
    assert history(guest)[0][1] == "succeeded"


def test_backups_that_cannot_be_written_stop_what_would_destroy(guest: Forks) -> None:
    assert guest.run("run", "long").returncode == 0
    assert guest.run("backup", "data/saved.tar.gz").returncode == 0
    runs = history(guest)
    (guest.data / "backups").mkdir()
    lock(guest.data / "backups")
    unlock(guest.config)
    refused(guest.run("reset", "--all", "--yes"), 75, "backups", "nothing was changed", "permissions")
    refused(
        guest.run("restore", "data/saved.tar.gz", "--yes"),
        75,
        "backups",
        "nothing was changed",
        "permissions",
    )
    refused(guest.run("backup", "/nowhere/saved.tar.gz"), 2, "/nowhere")
    assert history(guest) == runs


def test_a_locks_folder_that_cannot_be_written_is_named(guest: Forks) -> None:
    (guest.data / "locks").mkdir()
    lock(guest.data / "locks")
    refused(guest.run("run", "long"), 75, "locks/long.lock", "make the data folder writable")
    assert history(guest)[0][1] == "failed"
