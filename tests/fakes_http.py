"""A small real HTTP server that answers as it is told, rightly or wrongly."""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One request as it arrived; `params` of address and form together, in order."""

    method: str
    path: str
    params: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes
    connection: int
    query: str = ""

    def get(self, name: str, default: str = "") -> str:
        return next((value for key, value in self.params if key == name), default)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.params if key == name]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is sent back; `cut` sends only so many bytes of the body, `pause_s` waits between pieces of `piece`."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    piece: int = 0
    pause_s: float = 0.0


class Reset:
    """The connection is reset without an answer."""


class Silence:
    """Nothing is answered until the server stops."""


Told = Answer | Reset | Silence


class HttpServer:
    """Listens on a port of its own and asks `tell` for every answer; keeps what it saw."""

    def __init__(self, tell: Callable[[Seen], Told], *, tls: ssl.SSLContext | None = None) -> None:
        self.tell = tell
        self.seen: list[Seen] = []
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        with self._lock:
            for connection in self._open:
                connection.close()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 10
            disable_nagle_algorithm = True

            def setup(self) -> None:
                with outer._lock:
                    outer._open.add(self.request)
                super().setup()

            def finish(self) -> None:
                try:
                    super().finish()
                except OSError:
                    pass
                finally:
                    with outer._lock:
                        outer._open.discard(self.request)

            def handle(self) -> None:
                try:
                    super().handle()
                except (OSError, ValueError):
                    self.close_connection = True

            def log_message(self, *args: object) -> None:
                return

            def _respond(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                is_form = self.headers.get("Content-Type", "").startswith("application/x-www-form")
                form = parse_qsl(body.decode(), keep_blank_values=True) if is_form else []
                seen = Seen(
                    method=self.command,
                    path=parts.path,
                    params=[*parse_qsl(parts.query, keep_blank_values=True), *form],
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=body,
                    connection=self.client_address[1],
                    query=parts.query,
                )
                outer.seen.append(seen)
                outer._send(self, outer.tell(seen))

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _respond  # noqa: N815 - the names that the library calls

        return Handler

    def _send(self, handler: BaseHTTPRequestHandler, told: Told) -> None:
        if isinstance(told, Silence):
            self.stopping.wait(20)
        if not isinstance(told, Answer):
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.close_connection = True
            handler.connection.close()
            return
        handler.send_response(told.status)
        for name, value in {"Content-Length": str(len(told.body)), **told.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        body = told.body if told.cut is None else told.body[: told.cut]
        for start in range(0, len(body), told.piece or len(body) or 1):
            handler.wfile.write(body[start : start + (told.piece or len(body))])
            handler.wfile.flush()
            if told.pause_s:
                time.sleep(told.pause_s)
        if told.cut is not None:
            handler.close_connection = True


@contextmanager
def serving(tell: Callable[[Seen], Told], *, tls: ssl.SSLContext | None = None) -> Iterator[HttpServer]:
    """Run a server that is stopped at the end."""
    server = HttpServer(tell, tls=tls)
    try:
        yield server
    finally:
        server.stop()


def script(*told: Told) -> Callable[[Seen], Told]:
    """Answer one after the other; the last one stays."""
    left = list(told)

    def tell(seen: Seen) -> Told:
        return left.pop(0) if len(left) > 1 else left[0]

    return tell
