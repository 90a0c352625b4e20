"""Real Subsonic servers for tests, each in an environment of its own, on loopback, with a home in a temporary folder.

They are installed once into a cache folder, only with CMDARR_INSTALL_TEST_SERVERS=1; without it, tests of a server
that is not there yet are skipped and say so.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from fakes_http import Answer, Seen
from program import free_port, wait_until

INSTALL = "CMDARR_INSTALL_TEST_SERVERS"
_SUPYSONIC = ("supysonic==0.7.9", "gunicorn>=23")
_MANEKI = ("maneki==0.29.0",)
_CONFIGURATION = """[base]
database_uri = sqlite:///{folder}/supysonic.db
[webapp]
cache_dir = {folder}/cache
log_file = {folder}/web.log
[daemon]
socket = {folder}/daemon.sock
"""


@dataclass(frozen=True)
class RealServer:
    """A server that runs."""

    url: str
    username: str
    password: str


def forward(url: str, seen: Seen) -> Answer:
    """Ask a real server what was asked of a proxy."""
    query = urllib.request.Request(
        f"{url}{seen.path}?{seen.query}", data=seen.body or None, method=seen.method
    )
    if seen.body:
        query.add_header("Content-Type", seen.headers["content-type"])
    try:
        with urllib.request.urlopen(query, timeout=20) as answer:
            return Answer(status=answer.status, body=answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(status=error.code, body=error.read())


@contextmanager
def run_supysonic(folder: Path, music: Path) -> Iterator[RealServer]:
    """Scan a music folder and serve it; only loopback, only this folder."""
    binaries = _environment("supysonic", _SUPYSONIC, ("python3",))
    (folder / "supysonic.conf").write_text(_CONFIGURATION.format(folder=folder))
    home, port = _home(folder), free_port()
    _call([binaries / "supysonic-cli", "user", "add", "cmdarr", "-p", "s3cret"], folder, home)
    _call([binaries / "supysonic-cli", "folder", "add", "Demo", music], folder, home)
    _call([binaries / "supysonic-cli", "folder", "scan", "-f", "--foreground", "Demo"], folder, home)
    command = [binaries / "supysonic-server", "-S", "gunicorn", "-h", "127.0.0.1", "-p", str(port)]
    with _running(command, folder, home, port):
        yield RealServer(f"http://127.0.0.1:{port}", "cmdarr", "s3cret")


@contextmanager
def run_maneki(folder: Path, music: Path) -> Iterator[RealServer]:
    """Serve a copy of a music folder: the server keeps its files beside the music."""
    binaries = _environment("maneki", _MANEKI, _new_pythons())
    own = folder / "music"
    shutil.copytree(music, own)
    home, port = _home(folder), free_port()
    _call([binaries / "maneki", "config", "init"], folder, home)
    command = [binaries / "maneki", "serve", own, "--host", "127.0.0.1", "--port", str(port), "--no-ui"]
    with _running(command, folder, home, port):
        yield RealServer(f"http://127.0.0.1:{port}/audio", "admin", "admin")


def _new_pythons() -> tuple[str, ...]:
    """Return the interpreters of 3.13 and later that this machine has, by name or path."""
    names = ["python3.14", "python3.13", "python3"]
    versions = Path("~/.pyenv/versions").expanduser()
    return (*names, *(str(path) for path in sorted(versions.glob("3.1[3-9]*/bin/python"), reverse=True)))


def _environment(name: str, packages: Sequence[str], pythons: Sequence[str]) -> Path:
    """Return the folder of the programs of a server; skip the test when it cannot be had."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "cmdarr-test-servers"
    place = cache / f"{name}-{packages[0].rpartition('=')[2]}"
    if (place / "complete").exists():
        return place / "bin"
    if os.environ.get(INSTALL) != "1":
        pytest.skip(f"{name} is not installed: set {INSTALL}=1 to let the tests install it")
    python = _find_python(pythons, newest=name == "maneki")
    if python is None:
        pytest.skip(f"{name} needs Python 3.13 or newer, and this machine has none")
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "complete").exists():
            shutil.rmtree(place, ignore_errors=True)
            subprocess.run([python, "-m", "venv", place], check=True, capture_output=True, timeout=120)
            pip = [str(place / "bin/python"), "-m", "pip", "--disable-pip-version-check", "-q", "install"]
            subprocess.run([*pip, *packages], check=True, capture_output=True, timeout=600)
            (place / "complete").touch()
    return place / "bin"


def _find_python(pythons: Sequence[str], *, newest: bool) -> str | None:
    code = f"import sys, venv; sys.exit(sys.version_info < {(3, 13) if newest else (3, 11)})"
    for python in filter(None, map(shutil.which, pythons)):
        if subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0:
            return python
    return None


def _home(folder: Path) -> Mapping[str, str]:
    """Return an environment whose home and XDG folders lie in a temporary folder."""
    home = folder / "home"
    home.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    own = {
        "XDG_CONFIG_HOME": "config",
        "XDG_DATA_HOME": "data",
        "XDG_CACHE_HOME": "cache",
        "XDG_STATE_HOME": "state",
    }
    return {**kept, "HOME": str(home), **{name: str(home / sub) for name, sub in own.items()}}


def _call(command: Sequence[object], folder: Path, environ: Mapping[str, str]) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, (command, done.stdout, done.stderr)


@contextmanager
def _running(
    command: Sequence[object], folder: Path, environ: Mapping[str, str], port: int
) -> Iterator[None]:
    """Run a server until the end; it and its children are always stopped."""
    log_file = folder / "server.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env=environ,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        wait_until(lambda: _answers(port) or process.poll() is not None, "the server to answer")
        assert process.poll() is None, log_file.read_text()
        yield
    finally:
        _stop(process)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2):
            return True
    except urllib.error.HTTPError as error:
        error.close()
        return True
    except OSError:
        time.sleep(0.1)
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(10)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
