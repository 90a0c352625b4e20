"""The whole watcher: real files, real threads, real inotify."""

import os
import pty
import select
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fakes_watch import COMMAND, Configured, run_git

from cmdarr.config.reload import ReloadOutcome
from cmdarr.config.watch.watcher import Watcher
from cmdarr.models.clock import SystemClock

APPLIED, HELD = ReloadOutcome.APPLIED, ReloadOutcome.HELD
NEW = "kind: refresh\ndescription: new\n"
LONGER_THAN_QUIET_S = 0.5


class Live(Configured):
    """A configured folder that a real watcher follows."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, SystemClock(), time.sleep)
        self.write("settings.yaml", "web: {port: 8080}\n")
        self.write_commands(4)

    def watch(self, **options: object) -> None:
        self.reloader.start()
        self.watcher = Watcher(self.path, self.reloader, **options)  # type: ignore[arg-type]
        self.watcher.start()
        self.await_(lambda: self.reloader.status().watch.is_running)
        time.sleep(0.05)  # the first scan

    @property
    def loop_thread(self) -> threading.Thread:
        return next(thread for thread in threading.enumerate() if thread.name == "config-watcher")

    def await_(self, condition: Callable[[], bool], seconds: float = 10) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, (self.results, self.reloader.status())
            time.sleep(0.005)

    def await_reloads(self, *outcomes: ReloadOutcome) -> None:
        """Wait for the reloads, and see that no more follow."""
        self.await_(lambda: len(self.outcomes) >= len(outcomes))
        time.sleep(LONGER_THAN_QUIET_S)
        assert self.outcomes == list(outcomes)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    live = Live(tmp_path)
    live.watch()
    yield live
    live.watcher.stop()


def test_a18_a_save_in_place(live: Live) -> None:
    live.write("commands/c0.yaml", NEW)
    live.await_reloads(APPLIED)
    assert live.description("c0") == "new"
    assert live.reloader.status().watch.mode == "inotify"


def test_w03_a18_a_save_by_rename(live: Live) -> None:
    temporary = live.write("commands/c0.yaml.tmp", NEW)
    temporary.replace(live.path / "commands/c0.yaml")
    live.await_reloads(APPLIED)
    assert live.description("c0") == "new"


def test_w04_a18_a_save_in_vim(live: Live) -> None:
    commands = live.path / "commands"
    swap = commands / ".c0.yaml.swp"
    with swap.open("wb") as open_all_the_time:
        open_all_the_time.write(b"b0VIM")
        open_all_the_time.flush()
        (commands / "4913").touch()
        (commands / "4913").unlink()
        (commands / "c0.yaml").rename(commands / "c0.yaml~")
        live.write("commands/c0.yaml", NEW)
        (commands / "c0.yaml").chmod(0o644)
        (commands / "c0.yaml~").unlink()
        live.await_reloads(APPLIED)
    assert live.description("c0") == "new"
    assert live.reloader.current.findings == ()


@pytest.mark.skipif(shutil.which("vim") is None, reason="vim is not installed")
def test_w04_a18_a_save_in_the_real_vim(live: Live) -> None:
    command = ["vim", "-es", "-u", "NONE", "-N", "-c", "set backup", "-c", "%s/c0/new/", "-c", "wq"]
    subprocess.run(
        [*command, str(live.path / "commands/c0.yaml")], check=True, timeout=20, stdin=subprocess.DEVNULL
    )
    live.await_reloads(APPLIED)
    assert live.description("c0") == "new"


def test_a18_a_save_in_nano(live: Live) -> None:
    """It empties the file and writes it in place, beside a lock file and the backup of before."""
    path = live.path / "commands/c0.yaml"
    lock = live.write("commands/.c0.yaml.swp", "b0nano")
    (live.path / "commands/c0.yaml~").write_bytes(path.read_bytes())
    with path.open("w") as stream:
        time.sleep(0.02)
        stream.write(NEW)
    lock.unlink()
    live.await_reloads(APPLIED)
    assert live.description("c0") == "new"
    assert live.reloader.current.findings == ()


@pytest.mark.skipif(shutil.which("nano") is None, reason="nano is not installed")
def test_a18_a_save_in_the_real_nano(live: Live) -> None:
    keys = ["description: new\r", "\x0b\x0b", "\x0f", "\r", "\x18"]  # cut the two lines below, save, leave
    type_into(["nano", "-I", str(live.path / "commands/c0.yaml")], ["kind: refresh\r", *keys])
    live.await_reloads(APPLIED)
    assert live.description("c0") == "new"


def type_into(command: list[str], keys: list[str]) -> None:
    """Run a program on a terminal of its own and press keys."""
    ours, theirs = pty.openpty()
    try:
        environ = {**os.environ, "TERM": "xterm"}
        with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ) as process:
            for key in ["", *keys]:
                os.write(ours, key.encode())
                while select.select([ours], [], [], 0.3)[0]:
                    os.read(ours, 65_536)
            process.wait(10)
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.mark.parametrize("is_atomic", [False, True])
def test_a18_a_save_in_vs_code(live: Live, *, is_atomic: bool) -> None:
    """It writes in place, or, with atomic saves, a file beside it that it renames."""
    path = live.path / "commands/c0.yaml"
    target = live.path / "commands/c0.yaml.vsctmp" if is_atomic else path
    with target.open("w") as stream:
        stream.flush()
        time.sleep(0.01)
        for part in (NEW[:10], NEW[10:]):
            stream.write(part)
            stream.flush()
        os.fsync(stream.fileno())
    if is_atomic:
        target.rename(path)
    live.await_reloads(APPLIED)
    assert live.description("c0") == "new"


def test_a18_sed_in_place(live: Live) -> None:
    subprocess.run(["sed", "-i", "s/c0/new/", str(live.path / "commands/c0.yaml")], check=True)
    live.await_reloads(APPLIED)
    assert live.description("c0") == "new"


def test_a18_a_copy(live: Live, tmp_path: Path) -> None:
    (tmp_path / "copy.yaml").write_text(NEW)
    subprocess.run(["cp", str(tmp_path / "copy.yaml"), str(live.path / "commands/c9.yaml")], check=True)
    live.await_reloads(APPLIED)
    assert live.description("c9") == "new"


def test_w15_a18_a_git_checkout_of_fifty_files(tmp_path: Path) -> None:
    live = Live(tmp_path)
    live.write_commands(50)
    run_git(live.path, "init", "-q")
    run_git(live.path, "add", "-A")
    run_git(live.path, "commit", "-q", "-m", "first")
    run_git(live.path, "checkout", "-q", "-b", "other")
    for index in range(50):
        live.write(f"commands/c{index}.yaml", f"kind: refresh\ndescription: other {index}\n")
    run_git(live.path, "commit", "-q", "-a", "-m", "second")
    run_git(live.path, "checkout", "-q", "-")
    live.watch()
    counts: list[int] = []
    live.reloader.add_listener(lambda before, after, result: counts.append(len(after.commands)))
    try:
        run_git(live.path, "checkout", "-q", "other")
        live.await_reloads(APPLIED)
        assert counts == [50]
        assert live.description("c49") == "other 49"
        run_git(live.path, "reset", "-q", "--hard", "HEAD~1")
        live.await_reloads(APPLIED, APPLIED)
        assert live.description("c49") == "c49"
        run_git(live.path, "status")
        run_git(live.path, "commit", "-q", "--allow-empty", "-m", "nothing")
        live.await_reloads(APPLIED, APPLIED)
    finally:
        live.watcher.stop()


def test_w08_a18_a_kubernetes_data_swap(tmp_path: Path) -> None:
    live = Live(tmp_path)
    shutil.rmtree(live.path)
    for version, text in (("..2026_1", COMMAND), ("..2026_2", NEW)):
        (live.path / version / "commands").mkdir(parents=True)
        live.write(f"{version}/settings.yaml", "# nothing\n")
        live.write(f"{version}/commands/c0.yaml", text)
    (live.path / "..data").symlink_to("..2026_1")
    (live.path / "settings.yaml").symlink_to("..data/settings.yaml")
    (live.path / "commands").symlink_to("..data/commands")
    live.watch()
    try:
        (live.path / "..data_tmp").symlink_to("..2026_2")
        (live.path / "..data_tmp").rename(live.path / "..data")
        live.await_reloads(APPLIED)
        assert live.description("c0") == "new"
        shutil.rmtree(live.path / "..2026_1")
        live.write("..2026_2/commands/c0.yaml", "kind: refresh\ndescription: newer\n")
        live.await_reloads(APPLIED, APPLIED)
        assert live.reloader.status().watch.events_arrive
    finally:
        live.watcher.stop()


def test_w07_a18_an_exchanged_config_folder(live: Live) -> None:
    old = live.path.parent / "config.old"
    shutil.copytree(live.path, live.path.parent / "config.new")
    (live.path.parent / "config.new/commands/c0.yaml").write_text(NEW)
    live.path.rename(old)
    (live.path.parent / "config.new").rename(live.path)
    live.await_reloads(APPLIED)
    assert live.description("c0") == "new"
    (old / "commands/c1.yaml").write_text(NEW)
    live.write("commands/c2.yaml", NEW)
    live.await_reloads(APPLIED, APPLIED)
    assert (live.description("c1"), live.description("c2")) == ("c1", "new")


def test_w06_a_commands_folder_that_was_removed_and_made_again(live: Live) -> None:
    shutil.rmtree(live.path / "commands")
    live.await_reloads(HELD)
    assert len(live.commands) == 4
    (live.path / "commands").mkdir()
    live.write_commands(4)
    live.await_(lambda: live.reloader.status().is_healthy)
    live.write("commands/c0.yaml", NEW)
    live.await_reloads(HELD, APPLIED)
    assert live.description("c0") == "new"
    assert live.reloader.status().watch.mode == "inotify"


def test_w06_a18_a_commands_folder_that_is_replaced_at_once(live: Live) -> None:
    shutil.rmtree(live.path / "commands")
    (live.path / "commands").mkdir()
    for index in range(4):
        live.write(f"commands/c{index}.yaml", NEW)
    live.await_reloads(APPLIED)
    assert {live.description(name) for name in live.commands} == {"new"}


def test_w18_a19_touch_and_chmod_are_no_reload(live: Live) -> None:
    before, loads = live.reloader.current, live.loader.loads
    for _ in range(3):
        (live.path / "commands/c0.yaml").touch()
        (live.path / "commands/c0.yaml").chmod(0o600)
        time.sleep(0.1)
    live.await_reloads()
    assert live.reloader.current is before
    assert live.loader.loads == loads


def test_w01_reading_the_files_wakes_nobody(tmp_path: Path) -> None:
    live = Live(tmp_path)
    live.watch()
    try:
        wake = live.watcher._wake
        before = wake._events
        for _ in range(100):
            for path in (live.path / "commands").iterdir():
                path.read_text()
        time.sleep(0.2)
        assert wake._events == before
    finally:
        live.watcher.stop()


def test_w02_a_real_observer_that_ends_is_replaced(tmp_path: Path) -> None:
    from cmdarr.config.watch.observer import WatchdogObserver

    made: list[WatchdogObserver] = []

    def observe(folders: object, wake: object) -> WatchdogObserver:
        made.append(WatchdogObserver(folders, wake))  # type: ignore[arg-type]
        return made[-1]

    live = Live(tmp_path)
    live.watch(observe=observe)
    try:
        made[0]._observer.stop()
        live.await_(lambda: len(made) == 2)
        live.write("commands/c0.yaml", NEW)
        live.await_reloads(APPLIED)
        assert live.reloader.status().watch.rebuilt == 1
    finally:
        live.watcher.stop()


def test_w02_w06_a_real_emitter_that_died_with_its_folder_is_noticed(tmp_path: Path) -> None:
    from cmdarr.config.watch.observer import WatchdogObserver
    from cmdarr.config.watch.wakeup import WakeUp

    (tmp_path / "commands").mkdir()
    observer = WatchdogObserver([tmp_path, tmp_path / "commands"], WakeUp())
    observer.start()
    try:
        assert observer.is_alive()
        (tmp_path / "commands").rmdir()
        deadline = time.monotonic() + 5
        while observer.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not observer.is_alive()
    finally:
        observer.stop()


def test_w05_a_file_is_never_watched(tmp_path: Path) -> None:
    from cmdarr.config.watch.observer import WatchdogObserver
    from cmdarr.config.watch.wakeup import WakeUp

    (tmp_path / "x.yaml").touch()
    observer = WatchdogObserver([tmp_path / "x.yaml"], WakeUp())
    with pytest.raises(NotADirectoryError):
        observer.start()
    observer.stop()


def test_w14_a_slow_writer_never_makes_a_prefix_effective(live: Live) -> None:
    text = "kind: refresh\ndescription: slowly\n"
    with (live.path / "commands/c0.yaml").open("w") as stream:
        for letter in text:
            stream.write(letter)
            stream.flush()
            time.sleep(0.02)
        time.sleep(0.4)
        assert live.outcomes == []
    live.await_reloads(APPLIED)
    assert live.description("c0") == "slowly"


def test_w25_nothing_that_the_loop_meets_ends_it(live: Live) -> None:
    live.loader.failure = RuntimeError("a fault of the program")
    thread = live.loop_thread
    live.write("commands/c0.yaml", NEW)
    live.await_(lambda: "could not be finished" in str(live.reloader.status().warnings))
    assert thread.is_alive()
    live.loader.failure = None
    live.write("commands/c1.yaml", NEW)
    live.await_(lambda: live.outcomes == [APPLIED])
    assert live.description("c0") == "new"
    assert live.loop_thread is thread


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_w25_a_thread_that_ended_is_started_again(live: Live) -> None:
    class End(BaseException):
        """What no loop catches."""

    thread = live.loop_thread
    live.loader.failure = End()  # type: ignore[assignment]
    live.write("commands/c0.yaml", NEW)
    live.await_(lambda: not thread.is_alive())
    assert not live.reloader.status().is_healthy
    live.loader.failure = None
    live.await_(lambda: live.outcomes == [APPLIED])
    status = live.reloader.status()
    assert status.is_healthy
    assert status.watch.restarts == 1


def test_stopping_ends_every_thread(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    live = Live(tmp_path)
    live.watch()
    live.watcher.stop()
    left = [thread for thread in set(threading.enumerate()) - before if thread.name.startswith("config-")]
    assert left == []
    assert live.reloader.status().watch.mode == "off"
    assert live.reloader.status().is_healthy
