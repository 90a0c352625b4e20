"""A contract mock: Prism reads the published description of an API and refuses every request that breaks it.

Prism is installed once into a cache folder, only with CMDARR_INSTALL_TEST_SERVERS=1; without it, tests that need it
are skipped and say so. Its answers have the right form and no meaning: let a client talk to a fake, then replay what
it sent (`refusals`).
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from fakes_http import Seen
from program import free_port, wait_until

INSTALL = "CMDARR_INSTALL_TEST_SERVERS"
VERSION = "5.14.2"
SPECS = Path(__file__).parents[2] / "shared/data/specs"
_PATIENCE_S = 60.0
_UNSENT = frozenset({"host", "content-length", "connection", "accept-encoding", "transfer-encoding"})


@dataclass(frozen=True)
class Prism:
    """A mock that runs at `url`."""

    url: str

    def refusals(self, requests: Iterable[Seen]) -> list[str]:
        """Send requests again and return a line for each that breaks the description."""
        return [line for seen in requests if (line := self.refusal(seen))]

    def refusal(self, seen: Seen) -> str:
        """Send one request again and return why it breaks the description; empty when it does not."""
        headers = {name: value for name, value in seen.headers.items() if name not in _UNSENT}
        target = f"{self.url}{seen.path}" + (f"?{seen.query}" if seen.query else "")
        again = urllib.request.Request(target, data=seen.body or None, method=seen.method, headers=headers)
        try:
            with urllib.request.urlopen(again, timeout=_PATIENCE_S):
                return ""
        except urllib.error.HTTPError as error:
            with error:
                return _breach(seen, error.code, error.read())


def find_spec(name: str) -> Path:
    """Return a description from the folder of shared data beside the repository; skip the test where it is absent."""
    place = SPECS / name
    if not place.exists():
        pytest.skip(f"the description {name} is not at {SPECS}")
    return place


@contextmanager
def run_prism(spec: Path, folder: Path) -> Iterator[Prism]:
    """Serve the mock of a description on loopback; its log goes to a file in `folder`."""
    program, port = _find_program(), free_port()
    log_file = folder / "prism.log"
    command = [program, "mock", spec, "-h", "127.0.0.1", "-p", port, "--errors"]
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        wait_until(lambda: _answers(port) or process.poll() is not None, "Prism to answer", _PATIENCE_S)
        assert process.poll() is None, log_file.read_text()
        yield Prism(f"http://127.0.0.1:{port}")
    finally:
        _stop(process)


def _breach(seen: Seen, status: int, body: bytes) -> str:
    """Say what Prism found; left to itself it answers with success, so an error of the 400s is always its refusal."""
    if status >= 500:  # it could not make up an answer: nothing is wrong with the request
        return ""
    try:
        problem = json.loads(body)
    except ValueError:
        problem = {}
    found = problem.get("validation", []) if isinstance(problem, dict) else []
    reasons = [f"{'.'.join(map(str, each.get('location', [])))}: {each.get('message')}" for each in found]
    said = "; ".join(reasons) or body.decode(errors="replace")[:300]
    return f"{seen.method} {seen.path}?{seen.query}: {status}: {said}"


def _find_program() -> Path:
    """Return the program, installed when that is allowed; skip the test when it cannot be had."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "cmdarr-test-servers"
    place = cache / f"prism-{VERSION}"
    program = place / "node_modules/.bin/prism"
    if not shutil.which("node"):
        pytest.skip("the contract mock Prism needs Node.js, and this machine has none")
    if (place / "complete").exists():
        return program
    if os.environ.get(INSTALL) != "1":
        pytest.skip(f"the contract mock Prism is not installed: set {INSTALL}=1 to let the tests install it")
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("the contract mock Prism is installed with npm, and this machine has none")
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "prism.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "complete").exists():
            _install(npm, place)
    return program


def _install(npm: str, place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    quiet = ["--no-audit", "--no-fund", "--no-progress", "--loglevel=error"]
    package = f"@stoplight/prism-cli@{VERSION}"
    subprocess.run(
        [npm, "install", "--prefix", str(place), *quiet, package],
        check=True,
        capture_output=True,
        timeout=900,
    )
    (place / "complete").touch()


def _environment(folder: Path) -> Mapping[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {**kept, "HOME": str(folder)}


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5):
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
