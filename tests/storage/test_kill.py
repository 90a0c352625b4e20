"""`kill -9` at every step that touches a file: afterwards both databases open, and nothing is lost or half done."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from fakes_storage import START, HandClock, batches_of, keyer, open_cache, open_config, record_run

from cmdarr.models.clock import SystemClock
from cmdarr.models.execution import Status
from cmdarr.storage.archive import read_manifest, unpack
from cmdarr.storage.backup import finish_restore, restore_backup, write_backup
from cmdarr.storage.migrations import SCHEMA_NUMBER
from cmdarr.storage.reset import reset_all

STEPS = {
    "open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate", "shutil.copyfile",
    "shutil.rmtree", "sqlite3.connect", "fcntl.flock",
}  # fmt: skip
DAY = timedelta(days=1)


def arm(step: int) -> None:
    """Kill this process when it touches a file for the time after `step` others."""
    left = [step]

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event in STEPS and not str(arguments[:1]).endswith((".py'", ".pyc'")):
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def make_install(folder: Path) -> None:
    """An install with an older backup: `new` in the archive, `old` in place."""
    (folder / "config" / "commands").mkdir(parents=True)
    for word in ("new", "old"):
        (folder / "config" / "settings.yaml").write_text(word)
        (folder / "config" / "commands" / "a.yaml").write_text(word)
        if word == "new":
            with open_config(folder / "data") as store:
                record_run(store, word)
            back_up(folder)
        else:
            with open_config(folder / "data") as store:
                store.empty()
                record_run(store, word)
    (folder / "config" / "commands" / "only_old.yaml").write_text("old")
    with open_cache(folder / "data") as cache:
        cache.library.replace_section("plex", "Music", batches_of(10), keyer, START)


def back_up(folder: Path) -> None:
    write_backup(
        folder / "b.tar.gz", config_dir=folder / "config", data_dir=folder / "data", with_secrets=False,
        version="1", clock=HandClock(),
    )  # fmt: skip


def act_restore(folder: Path) -> None:
    restore_backup(
        folder / "b.tar.gz", config_dir=folder / "config", data_dir=folder / "data", clock=HandClock()
    )


def act_reset(folder: Path) -> None:
    reset_all(folder / "data", clock=HandClock())


def commands(folder: Path) -> list[str]:
    with open_config(folder / "data") as store:
        assert store.problem() is None
        with store._file.reading() as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [run.command for run in store.history.recent()]


def cache_works(folder: Path) -> None:
    with open_cache(folder / "data") as cache:
        cache.answers.put("s", "k", 1, DAY)
        assert cache.answers.get("s", "k") is not None


def check_restore(folder: Path, *, is_done: bool) -> None:
    finish_restore(data_dir=folder / "data", config_dir=folder / "config")
    (word,) = commands(folder)
    texts = {path.name: path.read_text() for path in (folder / "config").rglob("*.yaml")}
    expected = {"settings.yaml": word, "a.yaml": word} | ({"only_old.yaml": "old"} if word == "old" else {})
    assert texts == expected
    assert word == "new" or not is_done
    assert not [path.name for path in (folder / "data").iterdir() if path.name.startswith("restore")]
    cache_works(folder)
    act_restore(folder)
    assert commands(folder) == ["new"]


def check_reset(folder: Path, *, is_done: bool) -> None:
    left = commands(folder)
    assert left in ([], ["old"])
    if not left:
        (backup,) = (folder / "data" / "backups").glob("*.tar.gz")
        unpack(backup, folder / "unpacked")
        assert read_manifest(backup).schema == SCHEMA_NUMBER
    with open_cache(folder / "data") as cache:
        if left:
            assert cache.library.info(), "config.db comes first, the cache last"
        assert not is_done or cache.library.info() == []
    cache_works(folder)
    act_reset(folder)
    assert commands(folder) == []


def check_backup(folder: Path, *, is_done: bool) -> None:
    del is_done
    unpack(folder / "b.tar.gz", folder / "unpacked")  # the former one or the new one, never a part
    assert commands(folder) == ["old"]


def act_cache(folder: Path) -> None:
    with open_cache(folder / "data") as cache:
        cache.reset()
        cache.answers.put("s", "k", 1, DAY)
        cache.library.replace_section("plex", "Music", batches_of(30), keyer, START)


def check_cache(folder: Path, *, is_done: bool) -> None:
    del is_done
    with open_cache(folder / "data") as cache:
        assert [info.tracks for info in cache.library.info()] in ([], [10], [30])
    cache_works(folder)
    assert [path.name for path in (folder / "data").glob("cache*")] == ["cache.db"]


def act_open(folder: Path) -> None:
    (folder / "data" / "config.db").unlink()
    with open_config(folder / "data") as store:
        record_run(store)


def check_open(folder: Path, *, is_done: bool) -> None:
    assert is_done <= (commands(folder) == ["hits"])


ACTIONS: dict[str, tuple[Callable[[Path], None], Callable[..., None]]] = {
    "restore": (act_restore, check_restore),
    "reset": (act_reset, check_reset),
    "backup": (back_up, check_backup),
    "cache": (act_cache, check_cache),
    "open": (act_open, check_open),
}


def walk(folder: Path, name: str, stride: int) -> None:
    """Kill the action after 0, `stride`, … steps, each time in a fresh install, until it comes to its end."""
    act, check = ACTIONS[name]
    make_install(folder / "install")
    step, is_done = 0, False
    while not is_done:
        work = folder / f"{name}-{step}"
        shutil.copytree(folder / "install", work)
        child = os.fork()
        if child == 0:
            arm(step)
            act(work)
            os._exit(0)
        is_done = os.waitpid(child, 0)[1] == 0
        check(work, is_done=is_done)
        shutil.rmtree(work)
        step += stride
    assert step > 3 * stride, "the action was killed at some steps at least"


def run_driver(folder: Path, call: str) -> None:
    code = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
import test_kill
folder = Path(sys.argv[1])
test_kill.{call}
"""
    environment = {"PYTHONPATH": f"{Path(__file__).parents[1]}:{Path(__file__).parents[2]}"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("name", "stride"), [("restore", 7), ("reset", 5), ("backup", 3), ("cache", 3), ("open", 2)]
)
def test_killed_at_many_steps_it_is_whole_or_undone(tmp_path: Path, name: str, stride: int) -> None:
    run_driver(tmp_path, f"walk(folder, {name!r}, {stride})")


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_killed_at_every_step_it_is_whole_or_undone(tmp_path: Path, name: str) -> None:
    run_driver(tmp_path, f"walk(folder, {name!r}, 1)")


def write_for_ever(folder: Path) -> None:
    """Record runs, fill the cache and refresh the index; say each run that was recorded."""
    clock = SystemClock()
    with open_config(folder) as store, open_cache(folder) as cache:
        for number in range(1_000_000):
            recorded = record_run(store, f"c{number % 5}", clock.now())
            os.write(1, f"{recorded}\n".encode())
            cache.answers.put_many("s", [(str(index), b"x" * 3_000) for index in range(20)], DAY)
            if number % 10 == 0:
                cache.library.replace_section("plex", "Music", batches_of(100 + number % 7), keyer, START)
                store.history.prune(365, 10_000, clock.now(), pause=lambda: None)


def kill_writers(folder: Path, rounds: int, seed: int) -> None:
    """Kill a writer at a random moment, again and again; whatever it said stays recorded."""
    chance = random.Random(seed)
    said: set[int] = set()
    for _ in range(rounds):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.dup2(writer, 1)
            write_for_ever(folder)
        os.close(writer)
        time.sleep(chance.uniform(0.02, 0.3))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with os.fdopen(reader, "rb") as pipe:
            said.update(int(line) for line in pipe.read().split(b"\n")[:-1])
        check_stores(folder, said)
    assert said


def check_stores(folder: Path, said: set[int]) -> None:
    with open_config(folder) as store:
        with store._file.reading() as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found = {run.id: run.status for run in store.history.recent(limit=1_000_000)}
        assert {number: found.get(number) for number in said} == dict.fromkeys(said, Status.SUCCEEDED)
        store.history.mark_interrupted(START)
        assert not {Status.QUEUED, Status.RUNNING} & {run.status for run in store.history.recent(limit=10)}
    with open_cache(folder) as cache:
        found_answer = cache.answers.get("s", "3")
        assert found_answer is None or found_answer.value == b"x" * 3_000
        for info in cache.library.info():
            assert sum(1 for _ in cache.library.iter_tracks("plex")) == info.tracks
        assert not list(folder.glob("*corrupt*"))


@pytest.mark.e2e
def test_a_writer_killed_at_random_moments_loses_nothing_that_it_said(tmp_path: Path) -> None:
    run_driver(tmp_path, "kill_writers(folder, 10, 1)")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_soak_killed_writers(tmp_path: Path, seed: int) -> None:
    run_driver(tmp_path, f"kill_writers(folder, 100, {seed})")
