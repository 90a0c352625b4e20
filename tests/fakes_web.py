"""The web side for tests: a bare application, and the real one over a real daemon on a real socket."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from cmdarr.app import App
from cmdarr.app.control import Control
from cmdarr.app.daemon import Daemon
from cmdarr.app.event_board import EventBoard
from cmdarr.config.command import CommandOptions
from cmdarr.config.snapshot import Snapshot
from cmdarr.engine.command import Command, CommandDependencies, Run
from cmdarr.engine.registry import Registry, scan_commands
from cmdarr.models.execution import Outcome, Status
from cmdarr.web.application import make_application
from cmdarr.web.health import health_route
from cmdarr.web.server import WebServer

SETTINGS = "services: {files: {path: music, playlists: data/playlists}}\n"
DEMO = "services: {files: {path: data/demo-music, playlists: data/playlists, demo: true}}\n"
WAITING = "kind: waiting\ndescription: Waits until a test lets it go\nschedule: manual\n"
REFRESH = "kind: library_refresh\ndescription: Reads the library\nschedule: '0 */6 * * *'\n"
PASSWORD = "correct horse battery"
API_KEY = "a-key-of-16-bytes"
PROTECTED = f"web: {{password: {PASSWORD}, api_key: {API_KEY}}}\n{SETTINGS}"


def plain(
    find_problems: Callable[[], Sequence[str]] = list, *, routes: Sequence[BaseRoute] = ()
) -> Starlette:
    """Return an application with `/health` and the routes given, without the gate."""
    return Starlette(routes=[health_route(find_problems), *routes])


class Waiting(Command[CommandOptions]):
    """Reports steps and waits until the test lets it go, or its run is cancelled."""

    kind = "waiting"
    options_model = CommandOptions
    entered: ClassVar[threading.Event] = threading.Event()
    let_go: ClassVar[threading.Event] = threading.Event()

    @classmethod
    def build(cls, deps: CommandDependencies) -> Self:
        return cls()

    def run(self, run: Run[CommandOptions]) -> Outcome:
        run.progress.step("counting tracks", 10)
        run.progress.advance(3)
        self.entered.set()
        while not self.let_go.wait(0.005):
            run.cancel.check()
        return Outcome(status=Status.SUCCEEDED, summary="it was let go", changes=0)


class AppThatWaits(App):
    """The program with one kind more: `waiting`."""

    @cached_property
    def registry(self) -> Registry:
        return Registry({**scan_commands().kinds, "waiting": Waiting})


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class WebRoom:
    """One daemon with its web side; `ask` is one request as a browser or script would send it."""

    root: Path
    host: str = "127.0.0.1"
    jar: dict[str, str] = field(default_factory=dict)
    app: App = field(init=False)
    control: Control = field(init=False)
    server: WebServer = field(init=False)
    followed: list[Snapshot] = field(default_factory=list)

    @property
    def config(self) -> Path:
        return self.root / "config"

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def write(self, name: str, text: str) -> Path:
        path = self.config / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    @contextmanager
    def serve(self, *, own_port: bool = False) -> Iterator[Self]:
        """Run the daemon and its web side, on the port of the settings or on any free one."""
        Waiting.entered.clear()
        Waiting.let_go.clear()
        (self.root / "music").mkdir(exist_ok=True)
        self.app = AppThatWaits(config_dir=self.config, data_dir=self.root / "data", environ={"TZ": "UTC"})
        board = EventBoard(self.app.clock, self.app.redact)
        daemon = Daemon(
            self.app,
            follow_settings=self.followed.append,
            listeners=[board],
            follow_reload=board.config_followed,
        )
        daemon.prepare()
        self.control = Control(self.app, daemon, board)
        self.server = WebServer(
            host=self.host,
            port=self.control.web_settings.port if own_port else 0,
            application=make_application(self.control),
            before_stop=board.close,
        )
        daemon.start()
        self.server.start()
        try:
            yield self
        finally:
            Waiting.let_go.set()
            self.server.stop()
            daemon.stop_now()
            daemon.stop()
            self.app.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        form: Mapping[str, str] | None = None,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request; `body` is sent as JSON, `form` as a form; cookies are kept as a browser does."""
        sent = dict(headers or {})
        data = raw
        if body is not None:
            data, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        if form is not None:
            data, sent["Content-Type"] = urlencode(form).encode(), "application/x-www-form-urlencoded"
        if self.jar and "Cookie" not in sent:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, data, sent)
            answer = connection.getresponse()
            found = Answer(
                answer.status,
                {name.lower(): value for name, value in answer.getheaders()},
                answer.read(),
                tuple(value for name, value in answer.getheaders() if name.lower() == "set-cookie"),
            )
        finally:
            connection.close()
        self._keep_cookies(found.cookies)
        return found

    def get(self, path: str, **more: Any) -> Answer:
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> Answer:
        return self.ask("POST", path, **more)

    def submit(self, path: str, form: Mapping[str, str] | None = None, **more: Any) -> Answer:
        """Send a form as one of our own pages does."""
        headers = {"Origin": self.url, **more.pop("headers", {})}
        return self.ask("POST", path, form=form or {}, headers=headers, **more)

    def log_in(self, password: str = PASSWORD, username: str = "admin", **more: Any) -> Answer:
        return self.submit("/login", {"username": username, "password": password}, **more)

    def wait_for_run(self, execution_id: int) -> Any:
        """Wait until an execution is over and return it as JSON."""
        found: list[Any] = []

        def is_over() -> bool:
            with self.control.inside():
                execution = self.control.store.history.get(execution_id)
            found[:] = [execution]
            return execution.status.is_final

        wait_until(is_over)
        wait_until(lambda: all(one.id != execution_id for one in self.control.active()))
        return found[0]

    def _keep_cookies(self, cookies: Sequence[str]) -> None:
        for cookie in cookies:
            name, _, rest = cookie.partition("=")
            value = rest.partition(";")[0]
            if value in {"", '""'} or "max-age=0" in cookie.lower():
                self.jar.pop(name, None)
            else:
                self.jar[name] = value


def wait_until(is_so: Callable[[], object], patience_s: float = 20.0) -> None:
    """Wait for something that another thread does."""
    deadline = time.monotonic() + patience_s
    while not is_so():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


def make_room(root: Path, settings: str = SETTINGS, **commands: str) -> WebRoom:
    """Return a room with a configuration; `commands` are files by their stem."""
    room = WebRoom(root)
    room.write("settings.yaml", settings)
    for name, text in (commands or {"waits": WAITING, "refresh": REFRESH}).items():
        room.write(f"commands/{name}.yaml", text)
    return room
