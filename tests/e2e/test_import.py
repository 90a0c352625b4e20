"""`cmdarr import` as its user runs it: killed between its steps, on a full disk, over locked folders."""

import json
import os
import re
import shutil
import sqlite3
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fakes_importing import write_lists
from fakes_legacy import NEW, Legacy, a_whole_life, execution, files_below, fingerprint, setting
from forked import NO_MOUNT, NOBODY, Forks, ForkServer, serving, wait_for_text
from program import free_port, wait_until

pytestmark = pytest.mark.e2e

MBID = "a74b1b7f-71a5-4011-9441-d0b5e4122711"
MINE = "kind: library_refresh\nschedule: manual\n"
SMALL = re.compile(r"cmdarr\.lock|locks.*|cache\.db.*|config\.db(-wal|-shm)?|backups(/.*\.(md|tar\.gz))?")


@dataclass
class Install:
    """A legacy install, a new one that has run before, and what an import makes of it."""

    root: Path
    forks: Forks

    @property
    def old(self) -> Path:
        return self.root / "old"

    def config(self) -> dict[str, bytes]:
        config = self.root / "config"
        return {path.relative_to(config).as_posix(): path.read_bytes() for path in files_below(config)}

    def executions(self) -> int:
        """Count the executions, in a copy, so that what a kill left stays as it is."""
        database, copy = self.root / "data/config.db", self.root / "copy.db"
        if not database.exists():
            return 0
        for suffix in ("", "-wal"):
            Path(f"{copy}{suffix}").unlink(missing_ok=True)
            if Path(f"{database}{suffix}").exists():
                shutil.copyfile(f"{database}{suffix}", f"{copy}{suffix}")
        with closing(sqlite3.connect(copy)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            return int(connection.execute("SELECT count(*) FROM execution").fetchone()[0])

    def copy(self, root: Path) -> "Install":
        shutil.copytree(self.root, root)
        return Install(root, self.forks)

    def start(self, *arguments: str | Path, **options: Any) -> Any:
        return self.forks.start(*arguments, root=self.root, **options)

    def run(self, *arguments: str | Path, **options: Any) -> Any:
        child = self.start(*arguments, **options)
        child.wait()
        return child


@pytest.fixture(scope="module")
def module_forks(tmp_path_factory: pytest.TempPathFactory, fork_server: ForkServer) -> Iterator[Forks]:
    with Forks(tmp_path_factory.mktemp("import"), fork_server) as forks:
        yield forks


@pytest.fixture(scope="module")
def template(module_forks: Forks) -> Install:
    """An own command that has run once, and a legacy install with a little of everything."""
    install = Install(module_forks.root / "template", module_forks)
    (install.root / "config/commands").mkdir(parents=True)
    (install.root / "config/commands/mine.yaml").write_text(MINE)
    assert install.run("run", "mine").wait() == 0
    legacy = a_whole_life()
    legacy.executions = [execution(number) for number in range(1, 40)]
    legacy.write(install.old)
    write_lists(
        install.old / "import_lists",
        {"discovery_lastfm.json": [{"MusicBrainzId": MBID, "ArtistName": "Sigur Rós"}]},
    )
    return install


@pytest.fixture
def install(template: Install, tmp_path: Path) -> Install:
    return template.copy(tmp_path / "install")


FIRST_VERBS = [("list",), ("history",), ("config", "check"), ("config", "diff")]


def kill_by_step(template: Install, folder: Path, steps: Iterable[int]) -> None:
    """Kill an import where it touches a file, at one place after the other, until it comes to its end."""
    whole: dict[str, bytes] = {}
    finished = template.copy(folder / "finished")
    assert finished.run("import", finished.old).returncode == 0
    whole = finished.config()
    for step in steps:
        install = template.copy(folder / f"step-{step}")
        before, source = install.config(), fingerprint(install.old)
        child = install.start("import", install.old, kill_at_step=step)
        is_done = child.wait() == 0
        assert fingerprint(install.old) == source
        assert install.run(*FIRST_VERBS[step % len(FIRST_VERBS)]).returncode in {0, 3}
        is_imported = "settings.yaml" in install.config()
        assert install.config() == (whole if is_imported else before), step
        assert (install.executions() > 30) is is_imported
        assert is_imported or not is_done
        check_again(install, whole)
        shutil.rmtree(install.root)
        if is_done:
            return
    raise AssertionError("it never came to its end")


def check_again(install: Install, whole: dict[str, bytes]) -> None:
    """See that the next import completes everything, and that nothing piles up."""
    again = install.run("import", install.old, "--json")
    assert again.returncode == 0, again.stderr
    assert install.config() == whole
    assert install.executions() in {40, 41}
    left = [path.relative_to(install.root / "data").as_posix() for path in files_below(install.root / "data")]
    assert [name for name in left if not SMALL.fullmatch(name) and ".cmdarr-part-" not in name] == []
    assert json.loads(install.run("import", install.old, "--json").stdout)["changed"] is False


def test_an_import_killed_between_its_steps_leaves_nothing_or_everything(
    template: Install, tmp_path: Path
) -> None:
    kill_by_step(template, tmp_path, range(5, 1_000, 29))


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_an_import_killed_at_every_step_leaves_nothing_or_everything(
    template: Install, tmp_path: Path
) -> None:
    kill_by_step(template, tmp_path, range(1_000))


@pytest.mark.parametrize("limit", [2_000, 20_000, 100_000])
def test_a_disk_that_is_full_leaves_everything_as_it_was(install: Install, limit: int) -> None:
    before = install.config()
    child = install.run("import", install.old, file_limit=limit)
    assert child.returncode in {1, 75}
    assert child.stderr.count("Traceback") == 0
    assert "nothing was changed" in child.stderr or "cannot be" in child.stderr
    assert (install.config(), install.executions()) == (before, 1)
    assert install.run("import", install.old).returncode == 0
    assert install.executions() == 40


@pytest.mark.parametrize("folder", ["config", "config/commands", "data", "data/backups"])
def test_a_folder_that_cannot_be_written_is_named_and_nothing_is_written(
    install: Install, folder: str
) -> None:
    if os.geteuid():
        pytest.skip("only root can run a verb as somebody else")
    (install.root / folder).mkdir(exist_ok=True)
    for path in (install.root, *install.root.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    for above in install.root.parents:
        if above.stat().st_uid == 0 and str(above).startswith("/tmp/"):
            above.chmod(0o755)
    install.forks.uid = NOBODY
    (install.root / folder).chmod(0o555)
    before = install.config()
    try:
        child = install.run("import", install.old)
        assert child.returncode in {1, 2, 75}, child.stderr
        assert "Traceback" not in child.stderr
        assert install.config() == before
        assert install.executions() == 1
    finally:
        install.forks.uid = None
        (install.root / folder).chmod(0o755)


@pytest.mark.parametrize("can_read", [True, False])
def test_a_source_that_belongs_to_somebody_else_is_read_where_that_is_allowed(
    install: Install, can_read: bool
) -> None:
    if os.geteuid():
        pytest.skip("only root can run a verb as somebody else")
    database = install.old / "cmdarr_config.db"
    with closing(sqlite3.connect(database)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("UPDATE config_settings SET value = 'http://in-the-log:1' WHERE key = 'LIDARR_URL'")
        writer.commit()
        shutil.copytree(install.old, install.root / "mounted")
    source = install.root / "mounted"
    for path in (source, *source.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444 if can_read else 0o400)
    for path in (install.root, *(install.root / "config").rglob("*"), *(install.root / "data").rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    for name in ("config", "data"):
        os.chown(install.root / name, NOBODY, NOBODY)
    for above in install.root.parents:
        if above.stat().st_uid == 0 and str(above).startswith("/tmp/"):
            above.chmod(0o755)
    before = fingerprint(source)
    install.forks.uid = NOBODY
    try:
        child = install.run("import", source)
    finally:
        install.forks.uid = None
    assert fingerprint(source) == before
    assert "Traceback" not in child.stderr
    if can_read:
        assert child.returncode == 0, child.stderr
        assert b"in-the-log" in install.config()["settings.yaml"]
    else:
        assert child.returncode == 1
        assert "give this user permission to read it" in child.stderr


def test_a_small_disk_for_the_data_is_told_and_the_config_stays(install: Install) -> None:
    legacy = Legacy(executions=[execution(number, output_summary="x" * 2_000) for number in range(400)])
    shutil.rmtree(install.root / "old")
    legacy.write(install.old)
    before = install.config()
    child = install.run("import", install.old, disk_size=400_000)
    if child.returncode == NO_MOUNT:
        pytest.skip("mounting a disk is not allowed here")
    assert child.returncode == 75
    assert install.config() == before


def test_a_daemon_that_runs_stands_in_the_way(install: Install) -> None:
    (install.root / "config/settings.yaml").write_text(f"web: {{port: {free_port()}}}\n")
    with serving(install.forks, root=install.root) as daemon:
        wait_for_text(daemon, "Cmdarr is running")
        child = install.run("import", install.old, "--force")
    assert child.returncode == 1
    assert "in use by another Cmdarr" in child.stderr


def test_a_first_start_beside_a_legacy_database_says_the_command_which_then_works(forks: Forks) -> None:
    port = free_port()
    a_whole_life().write(forks.data, NEW)
    write_lists(
        forks.data / "import_lists",
        {"discovery_lastfm.json": [{"MusicBrainzId": MBID, "ArtistName": "Sigur Rós"}]},
    )
    for path in files_below(forks.data / "import_lists"):
        os.utime(path)  # what is old leaves a list by itself
    before = fingerprint(forks.data)
    refused = forks.run("serve")
    assert refused.returncode == 2
    assert fingerprint(forks.data) == before
    found = re.search(r"`cmdarr --config-dir \S+ --data-dir \S+ (import \S+)`", refused.stderr)
    assert found is not None
    assert forks.run(*found[1].split()).returncode == 0
    with (forks.config / "settings.yaml").open("a") as stream:
        stream.write(f"web: {{port: {port}}}\n")
    with serving(forks) as daemon:
        wait_for_text(daemon, "Cmdarr is running")
        assert ask(port, "discovery_lastfm") == [{"MusicBrainzId": MBID, "ArtistName": "Sigur Rós"}]
        assert ask(port, "discovery_playlistsync") == []
    assert {name: state for name, state in fingerprint(forks.data).items() if name in before} == before


def ask(port: int, name: str) -> object:
    answers: list[object] = []

    def is_there() -> bool:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/import_lists/{name}", timeout=10) as answer:
            answers.append(json.load(answer))
        return True

    wait_until(is_there, f"the list {name}")
    return answers[-1]


def test_what_is_printed_is_one_document_or_lines_and_never_a_secret(install: Install) -> None:
    printed = install.run("import", install.old, "--dry-run", "--json")
    document = json.loads(printed.stdout)
    assert document["dry_run"] is True
    assert document["changed"] is False
    assert {"file": "settings.yaml", "state": "created"} in document["files"]
    assert document["executions"] == {"found": 39, "added": 39}
    assert {line["fate"] for line in document["lines"]} >= {"carried_over", "not_carried_over"}
    lines = install.run("import", install.old)
    for text in (printed.stdout, printed.stderr, lines.stdout, lines.stderr):
        assert "canary" not in text.replace("canary-custom", "")
    assert "Carried over:" in lines.stdout
    assert "the report is kept in" in lines.stdout
    again = install.run("import", install.old)
    assert "everything was there already: nothing was written." in again.stdout
    (install.root / "config/settings.yaml").write_text("log: {level: error}\n")
    refused = install.run("import", install.old, "--json")
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["error"]["class"] == "FilesExist"
    assert install.run("import", install.old, "--force").returncode == 0


def test_what_was_imported_is_there_for_every_verb(install: Install) -> None:
    assert install.run("import", install.old).returncode == 0
    assert install.run("config", "check").returncode == 0
    listed = json.loads(install.run("list", "--json").stdout)["commands"]
    assert {row["name"] for row in listed} == {"deezer-friday-hits-plex", "discovery-lastfm", "mine"}
    found = json.loads(install.run("history", "playlist_sync_00001", "--limit", "3", "--json").stdout)[
        "executions"
    ]
    assert [row["command"] for row in found] == ["deezer-friday-hits-plex"] * 3
    assert (
        json.loads(install.run("history", "--limit", "1", "--json").stdout)["executions"][0]["command"]
        == "mine"
    )


@pytest.mark.parametrize("what", ["nothing", "a page of text"])
def test_what_is_nothing_legacy_ends_in_one_sentence(forks: Forks, what: str) -> None:
    path = forks.root / "old"
    if what != "nothing":
        path.write_text(what * 100)
    child = forks.run("import", path)
    assert child.returncode == (2 if what == "nothing" else 1)
    assert [line.startswith("cmdarr: ") for line in child.stderr.splitlines() if "Reading" not in line] == [
        True
    ]


def test_the_env_file_is_named_on_the_line(install: Install) -> None:
    shutil.rmtree(install.old)
    Legacy(settings=[setting("LASTFM_API_KEY", None, is_sensitive=1)]).write(install.old)
    env = install.root / "legacy.env"
    env.write_text("LASTFM_API_KEY=canary\n")
    assert install.run("import", install.old, "--env-file", env).returncode == 0
    assert b'"${env:LASTFM_API_KEY}"' in install.config()["settings.yaml"]
