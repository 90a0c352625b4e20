"""`kill -9` at random moments: both databases open, nothing committed is lost, and the next start is clean."""

import json
import os
import random
import re
import shutil
import signal
import sqlite3
import tarfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from forked import Child, Forks, ForkServer, serving, wait_for_text
from program import free_port

pytestmark = pytest.mark.e2e

TRACKS = 600
OLD_RUNS = 2_000
COMMANDS = 6
PLAYLIST = "playlists/Long list.m3u8"
KNOWN = re.compile(
    r"(config|cache)\.db(-wal|-shm)?|cmdarr\.lock|locks(/[a-z0-9-]+\.lock)?|backups(/\d{8}T\d{6}Z-[a-z]+(-\d+)?\.tar\.gz)?"
    r"|playlists(/Long list\.m3u8)?|music(/.*)?"
)
"""Everything that may lie in the data folder when nothing runs."""
Row = tuple[int, str, str]


@dataclass
class Install:
    """An installation with a long playlist, of which the source has two versions, and a long history."""

    forks: Forks
    root: Path
    wholes: dict[bytes, str] = field(default_factory=dict)
    """What the playlist file may hold -> by which version of the source."""
    committed: set[Row] = field(default_factory=set)

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def config(self) -> Path:
        return self.root / "config"

    @property
    def playlist(self) -> Path:
        return self.data / PLAYLIST

    def copy(self, root: Path) -> "Install":
        shutil.copytree(self.root, root)
        return Install(self.forks, root, dict(self.wholes), set(self.committed))

    def start(self, *arguments: str | Path, kill_at_step: int | None = None) -> Child:
        return self.forks.start(*arguments, kill_at_step=kill_at_step, root=self.root)

    def run(self, *arguments: str | Path) -> Child:
        """Run a verb that must succeed in silence about errors."""
        child = self.start(*arguments)
        assert child.wait() == 0, (arguments, child.returncode, child.stdout[-2000:], child.stderr[-4000:])
        assert "Traceback" not in child.stderr
        return child

    def write(self, name: str, text: str) -> None:
        """Write a file of the configuration as a careful editor does."""
        path = self.config / name
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.new")
        new.write_text(text, encoding="utf-8")
        new.replace(path)

    def choose(self, version: str) -> None:
        """Make one of the two versions of the playlist the source."""
        self.write("list.csv", list_of(version))

    def history(self) -> set[Row]:
        """Read the finished runs from a copy of config.db, as the kill left it."""
        return rows_of(self.data / "config.db")

    def leftovers(self) -> list[str]:
        below = [path.relative_to(self.data).as_posix() for path in self.data.rglob("*")]
        hidden = [f"config/{path.name}" for path in self.config.rglob(".*")]
        return [name for name in below if not KNOWN.fullmatch(name)] + hidden


def rows_of(path: Path) -> set[Row]:
    """Return the finished runs in a database."""
    finished = "SELECT id, command, status FROM execution WHERE status NOT IN ('queued', 'running')"
    with closing(copied(path)) as connection:
        return set(connection.execute(finished).fetchall())


def list_of(version: str) -> str:
    """Return a long playlist; the second version has it in another order, without some of the songs."""
    songs = [
        ("The Paper Lanterns", "Harbour Lights"), ("The Paper Lanterns", "Slow Ferry"),
        ("Ninth Orchard", "Pollen Count"),
        ("Zoë Ångström", "Snöflinga"), ("Velvet Tractor", "Midnight Combine"), ("Nobody", "Not There"),
    ]  # fmt: skip
    if version == "new":
        songs = [songs[2], songs[0], songs[3], songs[0], songs[5]]
    rows = [songs[number % len(songs)] for number in range(TRACKS)]
    return "artist,title\n" + "".join(f"{artist},{title}\n" for artist, title in rows)


def copied(path: Path) -> sqlite3.Connection:
    """Open a copy of a database with its log, so that the original stays as the kill left it."""
    copy = path.parent.parent / f"copy-of-{path.name}"
    for suffix in ("", "-wal", "-shm"):
        Path(f"{copy}{suffix}").unlink(missing_ok=True)
    for suffix in ("", "-wal"):
        with suppress(FileNotFoundError):
            shutil.copyfile(f"{path}{suffix}", f"{copy}{suffix}")
    return sqlite3.connect(copy)


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory, fork_server: ForkServer) -> Iterator[Forks]:
    with Forks(tmp_path_factory.mktemp("crash"), fork_server) as forks:
        yield forks


@pytest.fixture(scope="module")
def template(quick: Forks) -> Install:
    """An installation that has run both versions."""
    install = Install(quick, quick.root / "template")
    (install.root).mkdir()
    install.write(
        "settings.yaml",
        f"web: {{port: {free_port()}}}\nservices:\n  files: {{path: data/music, demo: true}}\n"
        "executor: {shutdown_grace: 20s}\n",
    )
    install.write(
        "commands/long.yaml",
        "kind: playlist_sync\nrun_at_start: true\nschedule: manual\nmax_removals: 100%\n"
        "source: {service: file, playlist: config/list.csv}\ntargets: [{server: files, title: Long list}]\n",
    )
    for number in range(COMMANDS):
        install.write(f"commands/refresh-{number}.yaml", refresh("old"))
    for version in ("new", "old"):
        install.choose(version)
        install.run("run", "long", "refresh-1")
        install.wholes[install.playlist.read_bytes()] = version
    assert len(install.wholes) == 2
    add_history(install)
    install.run("list")
    install.committed = install.history()
    assert len(install.committed) > OLD_RUNS
    return install


def refresh(word: str) -> str:
    return f"kind: library_refresh\ndescription: {word}\nschedule: manual\n"


def add_history(install: Install) -> None:
    with closing(sqlite3.connect(install.data / "config.db")) as connection, connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(execution)") if row[1] != "id"]
        names = ", ".join(f'"{name}"' for name in columns)
        connection.execute(
            f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {OLD_RUNS}) "
            f"INSERT INTO execution ({names}) SELECT {names} FROM execution, n WHERE id = 2"
        )


@pytest.fixture
def install(template: Install, tmp_path: Path) -> Install:
    return template.copy(tmp_path / "install")


def check_files(install: Install) -> None:
    """Look at what a kill left, before anybody else does."""
    for name in ("config.db", "cache.db"):
        if name == "config.db" or (install.data / name).exists():
            with closing(copied(install.data / name)) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",), name
    found = install.history()
    assert install.committed <= found, sorted(install.committed - found)[:5]
    install.committed = found
    assert install.playlist.read_bytes() in install.wholes, "the playlist is one version as a whole"


def check_next_use(install: Install, version: str) -> None:
    """See that the next verbs are clean, and that nothing piles up."""
    rows = json.loads(install.run("list", "--json").stdout)["commands"]
    assert [row["state"] for row in rows] == ["ok"] * (COMMANDS + 1)
    install.run("cache", "stats", "--json")
    age(install.playlist.parent)
    (execution,) = json.loads(install.run("run", "long", "--json").stdout)["executions"]
    assert execution["status"] == "succeeded", execution
    assert install.wholes[install.playlist.read_bytes()] == version
    check_files(install)
    assert install.leftovers() == []


def kill_after(child: Child, seconds: float) -> None:
    time.sleep(seconds)
    child.kill()


def measured(act: Callable[[], object]) -> float:
    before = time.monotonic()
    act()
    return time.monotonic() - before


def test_run(install: Install) -> None:
    kill_runs(install, seed=1, rounds=7)


def kill_runs(install: Install, seed: int, rounds: int) -> None:
    chance = random.Random(seed)
    install.choose("new")
    takes_s = measured(lambda: install.run("run", "long"))
    for number in range(rounds):
        version = ("old", "new")[number % 2]
        install.choose(version)
        kill_after(install.start("run", "long", "refresh-1"), chance.uniform(0, 1.2 * takes_s))
        check_files(install)
        check_next_use(install, version)


def test_first_run_between_its_steps(template: Install, tmp_path: Path) -> None:
    kill_first_runs(template, tmp_path, range(11, 2_000, 110))


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_first_run_at_every_step(template: Install, tmp_path: Path) -> None:
    kill_first_runs(template, tmp_path, range(2_000))


def kill_first_runs(template: Install, folder: Path, steps: Iterable[int]) -> None:
    """Kill the run that makes both databases and the playlist; the next one takes up what is there as its own."""
    for step in steps:
        install = template.copy(folder / f"step-{step}")
        for name in ("config.db", "cache.db", "locks", "playlists"):
            path = install.data / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        install.committed = set()
        is_done = install.start("run", "long", kill_at_step=step).wait() == 0
        install.run("run", "long")
        assert [path.name for path in install.playlist.parent.glob("*.m3u8")] == [install.playlist.name]
        install.choose("new")
        check_next_use(install, "new")
        shutil.rmtree(install.root)
        if is_done:
            return
    raise AssertionError("it never came to its end")


def test_cache_reset(install: Install) -> None:
    kill_cache_resets(install, seed=1, rounds=4)


def kill_cache_resets(install: Install, seed: int, rounds: int) -> None:
    chance = random.Random(seed)
    for number in range(rounds):
        verb = (("cache", "reset", "--yes"), ("cache", "reset", "--source", "files"))[number % 2]
        install.run("run", "refresh-1")
        takes_s = 0.05
        version = ("old", "new")[number % 2]
        install.choose(version)
        kill_after(install.start(*verb), chance.uniform(0, takes_s))
        check_files(install)
        check_next_use(install, version)


def test_serve(install: Install) -> None:
    kill_daemons(install, seed=1, rounds=3)


def kill_daemons(install: Install, seed: int, rounds: int) -> None:
    """Kill the daemon while it starts, runs and writes; what it said is done stays done."""
    chance = random.Random(seed)
    install.choose("new")
    with serving(install.forks, root=install.root) as daemon:
        takes_s = measured(lambda: wait_for_text(daemon, "long succeeded"))
    for number in range(rounds):
        version = ("old", "new")[number % 2]
        install.choose(version)
        daemon = install.start("serve")
        kill_after(daemon, chance.uniform(0, 1.5 * takes_s))
        assert "Traceback" not in daemon.stderr
        said = daemon.stderr.count("long succeeded")
        before = len(install.committed)
        check_files(install)
        assert len(install.committed) >= before + said
        stop_cleanly(install)
        assert install.wholes[install.playlist.read_bytes()] == version
        check_next_use(install, version)


def stop_cleanly(install: Install) -> Child:
    """Start the daemon, let it do its work, and stop it; whatever was cut off is marked as such."""
    with serving(install.forks, root=install.root) as daemon:
        wait_for_text(daemon, "long succeeded")
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait() == 0, daemon.stderr
    assert "Traceback" not in daemon.stderr
    with closing(copied(install.data / "config.db")) as connection:
        open_runs = "SELECT count(*) FROM execution WHERE status IN ('queued', 'running')"
        assert connection.execute(open_runs).fetchone() == (0,)
    return daemon


def test_serve_that_reloads(install: Install) -> None:
    kill_reloads(install, seed=1, rounds=3)


def kill_reloads(install: Install, seed: int, rounds: int) -> None:
    """Kill the daemon while it takes over new files; the last good ones are those of before or of now, all of them."""
    chance = random.Random(seed)
    for number in range(rounds):
        words = {f"before {number}", f"now {number}"}
        rewrite(install, f"before {number}")
        with serving(install.forks, root=install.root) as daemon:
            wait_for_text(daemon, "long succeeded")
            rewrite(install, f"now {number}")
            if number % 2:
                daemon.send_signal(signal.SIGHUP)
            kill_after(daemon, chance.uniform(0, 0.5))
        assert "Traceback" not in daemon.stderr
        check_files(install)
        assert len(kept_words(install)) == 1
        assert kept_words(install) < words
        assert install.start("config", "diff").wait() in {0, 3}
        stop_cleanly(install)
        assert kept_words(install) == {f"now {number}"}
        assert install.leftovers() == []


def rewrite(install: Install, word: str) -> None:
    for number in range(COMMANDS):
        install.write(f"commands/refresh-{number}.yaml", refresh(word))


def kept_words(install: Install) -> set[str]:
    """Return the descriptions in the last good documents."""
    with closing(copied(install.data / "config.db")) as connection:
        texts = connection.execute(
            "SELECT document FROM good_document WHERE file LIKE '%refresh%'"
        ).fetchall()
    assert len(texts) == COMMANDS
    return {json.loads(text)["description"] for (text,) in texts}


def test_reset_all(template: Install, tmp_path: Path) -> None:
    kill_resets(template, tmp_path, seed=1, rounds=4)


def kill_resets(template: Install, folder: Path, seed: int, rounds: int) -> None:
    """Kill a reset: either nothing is lost, or all of it lies in a backup."""
    chance = random.Random(seed)
    for number in range(rounds):
        install = template.copy(folder / f"reset-{number}")
        kill_after(install.start("reset", "--all", "--yes"), chance.uniform(0, 0.25))
        if install.history():
            check_files(install)
        else:
            (archive,) = (install.data / "backups").glob("*.tar.gz")
            assert install.committed <= rows_in(archive)
        install.run("list")
        age(install.data / "backups")
        install.run("reset", "--all", "--yes")
        install.committed = install.history()
        assert install.committed == set()
        (install.data / PLAYLIST).unlink()  # nobody knows any more that it is ours
        check_next_use(install, "old")


def rows_in(archive: Path) -> set[Row]:
    """Return the history in an archive."""
    folder = archive.parent.parent.parent / "unpacked"
    with tarfile.open(archive) as tar:
        tar.extract("config.db", folder / "data", filter="data")
    return rows_of(folder / "data" / "config.db")


def test_backup(template: Install, tmp_path: Path) -> None:
    kill_backups(template.copy(tmp_path / "install"), seed=1, rounds=6)


def kill_backups(install: Install, seed: int, rounds: int) -> None:
    """Kill a backup over an older one: a whole archive lies there always, and no half one beside it for long."""
    chance = random.Random(seed)
    archive = install.root / "saved" / "cmdarr.tar.gz"
    archive.parent.mkdir()
    install.choose("old")
    takes_s = measured(lambda: install.run("backup", archive))
    for _ in range(rounds):
        kill_after(install.start("backup", archive), chance.uniform(0, 1.2 * takes_s))
        assert install.committed <= rows_in(archive)
        age(archive.parent)
        install.run("backup", archive)
        assert [path.name for path in archive.parent.iterdir()] == [archive.name]
    check_files(install)
    check_next_use(install, "old")


def age(folder: Path) -> None:
    """Make everything below a folder, if there is one, two hours old: what a kill left there is left over then."""
    then = time.time() - 7_200
    for path in folder.rglob("*"):
        os.utime(path, (then, then))


@pytest.fixture(scope="module")
def restorable(template: Install) -> Install:
    """An installation with a backup, and with another configuration and a longer history since."""
    install = template.copy(template.root.with_name("restorable"))
    rewrite(install, "then")
    install.run("backup", install.root / "then.tar.gz")
    rewrite(install, "now")
    install.write("commands/only-now.yaml", refresh("now"))
    install.run("run", "only-now")
    install.committed = install.history()
    return install


def test_restore(restorable: Install, tmp_path: Path) -> None:
    kill_restores(restorable, tmp_path, seed=1, rounds=5)


def kill_restores(restorable: Install, folder: Path, seed: int, rounds: int) -> None:
    chance = random.Random(seed)
    for number in range(rounds):
        install = restorable.copy(folder / f"restore-{number}")
        child = install.start("restore", install.root / "then.tar.gz", "--yes")
        kill_after(child, chance.uniform(0, 0.3))
        check_restore(install, chance.choice(FIRST_VERBS), is_done=child.returncode == 0)


def test_restore_between_its_steps(restorable: Install, tmp_path: Path) -> None:
    kill_restores_by_step(restorable, tmp_path, range(5, 1_000, 31))


@pytest.mark.slow
def test_restore_at_every_step(restorable: Install, tmp_path: Path) -> None:
    kill_restores_by_step(restorable, tmp_path, range(1_000))


def kill_restores_by_step(restorable: Install, folder: Path, steps: Iterable[int]) -> None:
    """Kill a restore where it touches a file, at one place after the other, until it comes to its end."""
    for step in steps:
        install = restorable.copy(folder / f"step-{step}")
        child = install.start("restore", install.root / "then.tar.gz", "--yes", kill_at_step=step)
        is_done = child.wait() == 0
        check_restore(install, FIRST_VERBS[step % len(FIRST_VERBS)], is_done=is_done)
        shutil.rmtree(install.root)
        if is_done:
            return
    raise AssertionError("it never came to its end")


FIRST_VERBS = [("list",), ("history",), ("config", "check"), ("run", "long"), ("config", "diff"), ("serve",)]


def check_restore(install: Install, verb: tuple[str, ...], *, is_done: bool) -> None:
    """See that whatever runs first finds the folders of then or of now, and nothing in between."""
    if verb == ("serve",):
        stop_cleanly(install)
    else:
        assert install.start(*verb).wait() in {0, 3}, verb
    words = {path.name: path.read_text() for path in (install.config / "commands").glob("refresh-*.yaml")}
    is_restored = words == {name: refresh("then") for name in words}
    assert is_restored or words == {name: refresh("now") for name in words}
    assert is_restored or not is_done
    assert len(words) == COMMANDS
    assert (install.config / "commands/only-now.yaml").exists() is not is_restored
    found = install.history()
    assert (len([row for row in found if row[1] == "only-now"]) == 1) is not is_restored
    install.committed = (
        {row for row in install.committed if row[1] != "only-now"} if is_restored else install.committed
    )
    check_files(install)
    age(install.data / "backups")
    install.run("restore", install.root / "then.tar.gz", "--yes")
    install.run("list")
    assert install.leftovers() == []


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("seed", range(100, 104))
def test_soak(template: Install, restorable: Install, tmp_path: Path, seed: int) -> None:
    """The same for longer, at other moments."""
    install = template.copy(tmp_path / "install")
    kill_runs(install, seed, rounds=100)
    kill_cache_resets(install, seed, rounds=50)
    kill_daemons(install, seed, rounds=40)
    kill_reloads(install, seed, rounds=40)
    kill_backups(install, seed, rounds=50)
    kill_resets(template, tmp_path, seed, rounds=40)
    kill_restores(restorable, tmp_path, seed, rounds=60)
