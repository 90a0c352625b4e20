"""The real program, started in no time: a process that has imported all of it forks a child for every call.

A child is a process of its own with its own files, limits and user, so it can be killed, starved and locked out.
"""

import atexit
import codecs
import ctypes
import gc
import importlib
import json
import os
import pkgutil
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from program import Daemon, port_of, watched

Arguments = Sequence[str | Path]

PATIENCE_S = 30.0
NOBODY = 65534
NO_MOUNT = 199
"""The exit code of a child that was not allowed to mount a disk."""
USED_LATER = (
    "importlib.readers", "importlib.resources.readers",
    "anyio", "httpx2", "httpcore2", "rapidfuzz.distance", "urllib.request",
    "mutagen.flac", "mutagen.id3", "mutagen.mp3", "mutagen.wave", "pydantic.v1",
    "rich.console", "rich.progress", "rich.table", "starlette.applications", "starlette.responses",
    "starlette.routing", "traceback", "uvicorn.lifespan.off", "uvicorn.lifespan.on", "uvicorn.logging",
    "uvicorn.loops.asyncio", "uvicorn.loops.auto", "uvicorn.protocols.http.auto", "uvicorn.protocols.http.h11_impl",
    "uvicorn.protocols.websockets.auto", "watchdog.observers", "watchdog.observers.inotify",
    "watchdog.observers.polling", "zoneinfo",
)  # fmt: skip
ENCODINGS = ("ascii", "cp1252", "idna", "latin-1", "utf-16", "utf-16-be", "utf-16-le", "utf-8", "utf-8-sig")
STEPS = frozenset(
    {
        "open", "os.chmod", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.truncate",
        "shutil.copyfile", "shutil.rmtree", "sqlite3.connect", "fcntl.flock",
    }
)  # fmt: skip
"""The audit events of CPython after which something on the disk may be different."""


class ForkServer:
    """The process that has imported the program and forks the children."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        assert self.ask({}) == "ready"

    def ask(self, request: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


@dataclass
class Child:
    """One call of the program. What it printed so far is in `out` and `err`."""

    server: ForkServer
    pid: int
    out: Path
    err: Path
    returncode: int | None = None

    @property
    def stdout(self) -> str:
        return self.out.read_text(encoding="utf-8", errors="replace")

    @property
    def stderr(self) -> str:
        return self.err.read_text(encoding="utf-8", errors="replace")

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal; None while it runs."""
        if self.returncode is None:
            self.returncode = self.server.ask({"poll": self.pid})
        return self.returncode

    def wait(self, patience_s: float = PATIENCE_S) -> int:
        deadline = time.monotonic() + patience_s
        while self.poll() is None:
            if time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"it still ran after {patience_s} s:\n{self.stdout}\n{self.stderr}")
            time.sleep(0.003)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.send_signal(signal.SIGKILL)
        self.wait()


@dataclass
class Forks:
    """Starts children over the folders of `root`; as a context, it kills those that still run at its end."""

    root: Path
    server: ForkServer
    environ: dict[str, str] = field(default_factory=dict)
    uid: int | None = None
    """Whom the children run as; None for whoever runs the tests."""

    def __post_init__(self) -> None:
        self._children: list[Child] = []
        self._written = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        for child in self._children:
            child.kill()

    @property
    def config(self) -> Path:
        return self.root / "config"

    @property
    def data(self) -> Path:
        return self.root / "data"

    def write(self, name: str, text: str) -> Path:
        path = self.config / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def start(
        self,
        *arguments: str | Path,
        then: Sequence[Arguments] = (),
        file_limit: int | None = None,
        kill_at_step: int | None = None,
        disk_size: int | None = None,
        root: Path | None = None,
    ) -> Child:
        """Start one verb.

        Args:
            arguments: the verb and what follows it.
            then: more calls, made one after the other by the same child; the last one gives the exit code.
            file_limit: the size in bytes that no file may pass; what is beyond fails as on a full disk.
            disk_size: the data folder is a disk of its own, of so many bytes, that ends with the child.
            kill_at_step: the child kills itself when it touches a file for the time after so many others.
            root: other folders than those of the context.
        """
        place = root or self.root
        self._written += 1
        out, err = (self.root / f"{name}.{self._written}" for name in ("stdout", "stderr"))
        out.touch(0o666)
        err.touch(0o666)
        folders = ["--config-dir", str(place / "config"), "--data-dir", str(place / "data")]
        request = {
            "calls": [[*folders, *map(str, call)] for call in (arguments, *then)],
            "out": str(out),
            "err": str(err),
            "folder": str(place),
            "environ": {"TZ": "UTC", **self.environ},
            "file_limit": file_limit,
            "kill_at_step": kill_at_step,
            "disk": (str(place / "data"), disk_size) if disk_size else None,
            "uid": self.uid,
        }
        child = Child(self.server, self.server.ask(request), out, err)
        self._children.append(child)
        return child

    def run(self, *arguments: str | Path, **options: Any) -> Child:
        """Run one verb to its end."""
        child = self.start(*arguments, **options)
        child.wait()
        return child

    def json(self, *arguments: str | Path, code: int = 0, **options: Any) -> Any:
        """Run a verb that prints JSON and return the document; the exit code must be as expected."""
        child = self.run(*arguments, **options)
        assert child.returncode == code, (child.returncode, child.stdout, child.stderr)
        return json.loads(child.stdout)


def main() -> None:
    """Be the parent: fork a child for each request, and tell how children ended."""
    _import_all()
    gc.freeze()  # what was imported stays shared with the children
    for line in sys.stdin:
        request = json.loads(line)
        if not request:
            _answer("ready")
        elif "poll" in request:
            pid, status = os.waitpid(request["poll"], os.WNOHANG)
            _answer(os.waitstatus_to_exitcode(status) if pid else None)
        elif child := os.fork():
            _answer(child)
        else:
            _become(request)


def _import_all() -> None:
    """Import what a verb may import later: a child that runs as somebody else may not be able to read it."""
    cmdarr = importlib.import_module("cmdarr")
    for module in pkgutil.walk_packages(cmdarr.__path__, "cmdarr."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in USED_LATER:
        importlib.import_module(name)
    for name in ENCODINGS:
        codecs.lookup(name)


def _become(request: dict[str, Any]) -> None:
    """Turn this child into the program and end it as the program ends."""
    os.chdir(request["folder"])
    os.environ.update(request["environ"])
    for number, name in ((0, os.devnull), (1, request["out"]), (2, request["err"])):
        os.dup2(os.open(name, os.O_RDWR | os.O_APPEND), number)
    sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115 - it lives as long as the process
    if request["disk"] and not _mount(*request["disk"]):
        os._exit(NO_MOUNT)
    if request["uid"] is not None:
        os.setgroups([])
        os.setgid(request["uid"])
        os.setuid(request["uid"])
    if request["file_limit"] is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["file_limit"], resource.RLIM_INFINITY))
    if request["kill_at_step"] is not None:
        _kill_at(request["kill_at_step"])
    from cmdarr.cli import run

    code = 0
    for call in request["calls"]:
        code = run(call)
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # taking everything down that was imported would take longer than the verb


def _mount(folder: str, size: int) -> bool:
    """Mount a small disk that only this process sees; False where that is not allowed."""
    libc = ctypes.CDLL(None, use_errno=True)
    apart, private = 0x00020000, 0x44000  # CLONE_NEWNS, MS_REC | MS_PRIVATE
    done = libc.unshare(apart) or libc.mount(None, b"/", None, ctypes.c_ulong(private), None)
    options = f"size={size},mode=777".encode()
    return not (done or libc.mount(b"tmpfs", folder.encode(), b"tmpfs", ctypes.c_ulong(0), options))


def _kill_at(step: int) -> None:
    left = [step]

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event in STEPS and not str(arguments[:1]).endswith((".py'", ".pyc'", "/stat'", "boot_id'")):
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def _answer(value: object) -> None:
    print(json.dumps(value), flush=True)


class ForkedProgram(Forks):
    """The verbs and the daemon over the folders of one installation, as `program.Program` has them."""

    @contextmanager
    def serve(self, *arguments: str, ready: bool = True) -> Iterator[Daemon]:
        """Run `serve` on the port that settings.yaml names; it is always stopped at the end."""
        port = port_of(self.config)
        child = self.start("serve", *arguments)
        with watched(Daemon(child, port, child.err), ready=ready) as daemon:
            yield daemon


@contextmanager
def serving(forks: Forks, *arguments: str, **options: Any) -> Iterator[Child]:
    """Run `serve`; it is killed at the end when it still runs."""
    child = forks.start("serve", *arguments, **options)
    try:
        yield child
    finally:
        child.kill()


def wait_for_text(child: Child, text: str, times: int = 1, patience_s: float = PATIENCE_S) -> None:
    """Wait until the child has written a text to stderr so many times."""
    deadline = time.monotonic() + patience_s
    while child.stderr.count(text) < times:
        if child.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"no {text!r} ({child.returncode}) in:\n{child.stdout}\n{child.stderr}")
        time.sleep(0.005)


if __name__ == "__main__":
    main()
