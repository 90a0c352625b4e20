"""The real program as its user runs it: a process over real folders."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

PATIENCE_S = 30.0


def free_port() -> int:
    """Return a TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(is_so: Callable[[], object], what: str, patience_s: float = PATIENCE_S) -> None:
    """Wait for something to become true; fail with what was waited for."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if is_so():
            return
        time.sleep(0.02)
    raise AssertionError(f"waited {patience_s:.0f} s for: {what}")


class Process(Protocol):
    """What is asked of a process, started in whatever way."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float, /) -> int: ...

    def send_signal(self, number: int, /) -> None: ...

    def kill(self) -> None: ...


@dataclass
class Daemon:
    """A `cmdarr serve` that runs."""

    process: Process
    port: int
    log_file: Path

    def log(self) -> str:
        return self.log_file.read_text()

    def wait_for_log(self, text: str, times: int = 1) -> None:
        def is_there() -> bool:
            if self.process.poll() is not None and self.log().count(text) < times:
                raise AssertionError(f"serve ended with {self.process.returncode}:\n{self.log()}")
            return self.log().count(text) >= times

        try:
            wait_until(is_there, f"{text!r} in the log")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log()}") from None

    def health(self) -> tuple[int, dict[str, Any]]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return 0, {}

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)


@dataclass
class Program:
    """The folders of one installation, and the verbs over them."""

    root: Path
    environ: dict[str, str] = field(default_factory=dict)

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

    def arguments(self, *arguments: str | Path) -> list[str]:
        folders = ["--config-dir", str(self.config), "--data-dir", str(self.data)]
        return [sys.executable, "-m", "cmdarr", *folders, *map(str, arguments)]

    def environment(self) -> Mapping[str, str]:
        return {**os.environ, "TZ": "UTC", **self.environ}

    def run(
        self, *arguments: str | Path, stdin: str = "", timeout_s: float = PATIENCE_S
    ) -> subprocess.CompletedProcess[str]:
        """Run one verb to its end."""
        return subprocess.run(
            self.arguments(*arguments),
            input=stdin,
            capture_output=True,
            text=True,
            cwd=self.root,
            env=self.environment(),
            timeout=timeout_s,
            check=False,
        )

    def json(self, *arguments: str | Path, code: int = 0) -> Any:
        """Run a verb that prints JSON and return the document; the exit code must be as expected."""
        done = self.run(*arguments)
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)

    @contextmanager
    def serve(self, *arguments: str, ready: bool = True) -> Iterator[Daemon]:
        """Run `serve` on the port that settings.yaml names; it is always stopped at the end."""
        port = port_of(self.config)
        log_file = self.root / "serve.log"
        with log_file.open("ab") as log:
            process = subprocess.Popen(
                self.arguments("serve", *arguments),
                stdout=log,
                stderr=log,
                cwd=self.root,
                env=self.environment(),
            )
        with watched(Daemon(process, port, log_file), ready=ready) as daemon:
            yield daemon


def port_of(config: Path) -> int:
    """Return the port that settings.yaml names; a free one is written there when it names none."""
    settings = config / "settings.yaml"
    text = settings.read_text(encoding="utf-8") if settings.exists() else ""
    if "\nweb:" not in f"\n{text}":
        text = f"web: {{port: {free_port()}}}\n{text}"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(text, encoding="utf-8")
    found = re.search(r"port: (\d+)", text)
    return int(found.group(1)) if found else 8080


@contextmanager
def watched(daemon: Daemon, *, ready: bool) -> Iterator[Daemon]:
    """Wait until a daemon answers, and make sure that it has ended at the end."""
    process = daemon.process
    try:
        if ready:
            wait_until(lambda: daemon.health()[0] or process.poll() is not None, "serve to answer")
        yield daemon
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE_S)
