"""The program as a process: how soon it serves, what it costs while nothing happens, and how quick its verbs are."""

import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks import Figure

ROUNDS = 7
IDLE_S = 20.0
SETTLE_S = 10.0
GIVE_UP_S = 30.0
CMDARR = (sys.executable, "-m", "cmdarr")
BARE_START = (
    sys.executable,
    "-c",
    "import starlette.applications, starlette.routing, uvicorn, peewee, watchdog.observers, yaml, pydantic, click",
)
"""What no daemon of these libraries can do without: they are imported, nothing else happens."""
PYDANTIC = (sys.executable, "-c", "import pydantic")
COMMAND = """\
kind: playlist_sync
description: Favourites number {number}
schedule: "{minute} 4 1 1 *"
time_limit: 30m
source: {{service: file, playlist: config/playlists/demo-favourites.csv}}
targets:
  - {{server: files, title: Favourites {number}}}
"""


class Home:
    """A root folder with the starter configuration, and more commands when asked for."""

    def __init__(self, root: Path, more_commands: int = 0) -> None:
        self._root = root
        self.port = _free_port()
        subprocess.run(self.verb("config", "init"), cwd=root, check=True, capture_output=True)
        with (root / "config/settings.yaml").open("a", encoding="utf-8") as settings:
            settings.write(f"web:\n  port: {self.port}\n")
        for number in range(more_commands):
            self.write(f"commands/c{number}.yaml", COMMAND.format(number=number, minute=number % 60))

    def write(self, name: str, text: str) -> None:
        """Write a file of the configuration."""
        (self._root / "config" / name).write_text(text, encoding="utf-8")

    def verb(self, *words: str) -> list[str]:
        """Return the arguments that start one verb in this folder."""
        return [*CMDARR, *words]

    def start(self) -> subprocess.Popen[bytes]:
        """Start the daemon."""
        return subprocess.Popen(
            self.verb("serve"), cwd=self._root, env=_environment(), stderr=subprocess.DEVNULL
        )

    def forget(self) -> None:
        """Make the next start a first start."""
        shutil.rmtree(self._root / "data", ignore_errors=True)

    def wall_s(self, *words: str) -> float:
        """Return how long one verb takes."""
        return _wall_s(self.verb(*words), self._root)


@contextmanager
def home(more_commands: int = 0) -> Iterator[Home]:
    """Yield a fresh folder."""
    with tempfile.TemporaryDirectory() as root:
        yield Home(Path(root), more_commands)


@contextmanager
def running(place: Home) -> Iterator[tuple[int, float]]:
    """Start the daemon; yield its process id and the seconds until /health answered 200."""
    started = time.perf_counter()
    process = place.start()
    try:
        _wait_until_healthy(process, place.port)
        yield process.pid, time.perf_counter() - started
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(GIVE_UP_S)


def figures() -> list[Figure]:
    """Measure and return every figure of this module."""
    _compile_everything()
    return [*_start_figures(), *_idle_figures(), *_verb_figures()]


def _compile_everything() -> None:
    """Start once, so that every module that the figures import has its compiled form, as after an installation."""
    with home() as place:
        with running(place):
            pass
        place.wall_s("config", "check")
        place.wall_s("list")
    _wall_s(BARE_START)


def _environment() -> dict[str, str]:
    """Return the environment without what keeps Python from storing compiled modules."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _start_figures() -> list[Figure]:
    found = []
    for count, title in ((0, "starter configuration"), (50, "50 commands more")):
        with home(count) as place:
            first, ratio = _start_s(place)
        found += [
            Figure(f"serve to the first 200 of /health, {title}", first, 0.45, "s"),
            Figure(f"the same / importing the bare libraries, {title}", ratio, 2.5, "x"),
        ]
    return found


def _start_s(place: Home) -> tuple[float, float]:
    """Return the median seconds of a start, and its ratio to the bare start measured in turns."""
    own, bare = [], []
    for _ in range(ROUNDS):
        with running(place) as (_, seconds):
            own.append(seconds)
        bare.append(_wall_s(BARE_START))
    ratios = [mine / theirs for mine, theirs in zip(own, bare, strict=True)]
    return statistics.median(own), statistics.median(ratios)


def _idle_figures() -> list[Figure]:
    found = []
    for count, title in ((0, "starter configuration"), (2000, "2,000 commands more")):
        with home(count) as place, running(place) as (pid, _):
            time.sleep(SETTLE_S)
            resident, before = rss_mb(pid), _cpu_s(pid)
            time.sleep(IDLE_S)
            share = (_cpu_s(pid) - before) / IDLE_S * 100
        if not count:
            found.append(Figure(f"memory of the idle daemon, {title}", resident, 60, "MB"))
        found.append(Figure(f"CPU of the idle daemon, {title}", share, 0.2, "%"))
    return found


def _verb_figures() -> list[Figure]:
    with home() as place:
        ratio = statistics.median(place.wall_s("version") / _wall_s(PYDANTIC) for _ in range(3 * ROUNDS))
        check, listing = (
            statistics.median(place.wall_s(*words) for _ in range(ROUNDS))
            for words in (("config", "check"), ("list",))
        )
    return [
        Figure("cmdarr version / python -c 'import pydantic'", ratio, 3, "x"),
        Figure("cmdarr config check, starter configuration", check, 0.4, "s"),
        Figure("cmdarr list, starter configuration", listing, 0.4, "s"),
    ]


def _wall_s(arguments: Sequence[str], folder: Path | None = None) -> float:
    started = time.perf_counter()
    subprocess.run(arguments, cwd=folder, env=_environment(), check=True, capture_output=True)
    return time.perf_counter() - started


def _wait_until_healthy(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + GIVE_UP_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"The daemon ended with {process.returncode}.")
        if _health_status(port) == b"200":
            return
        time.sleep(0.005)
    raise TimeoutError("The daemon did not become healthy.")


def _health_status(port: int) -> bytes | None:
    """Return the status of /health; by hand, as an HTTP library here would take its share of the two cores."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            line = connection.recv(64)
    except OSError:
        return None
    return line.split(b" ")[1] if line.startswith(b"HTTP/1.1 ") else None


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _cpu_s(pid: int) -> float:
    """Return the CPU seconds of a process so far, by the scheduler's own clock of nanoseconds, all threads."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def rss_mb(pid: int) -> float:
    """Return the resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("No VmRSS.")
