"""The HTTP server: an ASGI application on a socket, in a thread of its own."""

import asyncio
import errno
import logging
import socket
import threading
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from cmdarr.errors import CmdarrError

logger = logging.getLogger(__name__)
STOP_WITHIN_S = 5.0
_TICK_S = 1.0
_BACKLOG = 100
_MOST_CONNECTIONS = 400


class CannotListen(CmdarrError):
    """The address in settings.yaml cannot be listened on."""


class _CalmServer(uvicorn.Server):
    """Looks around once a second, for the Date header, where uvicorn does so ten times: idle must cost nothing."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._alarm = asyncio.Event()

    async def main_loop(self) -> None:
        """Tick until `should_exit`; `ask_to_stop` ends the wait between two ticks."""
        self._loop = asyncio.get_running_loop()
        while not await self.on_tick(0):  # every tick is one at which uvicorn renews the Date header
            timer = self._loop.call_later(_TICK_S, self._alarm.set)
            await self._alarm.wait()
            self._alarm.clear()
            timer.cancel()

    def ask_to_stop(self) -> None:
        """End the main loop; from any thread, also before or after it."""
        self.should_exit = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._alarm.set)


class WebServer:
    """Listens from `start` to `stop`; the daemon's other threads never wait for it."""

    def __init__(
        self, *, host: str, port: int, application: ASGIApp, before_stop: Callable[[], None] = lambda: None
    ) -> None:
        """Bind the address, so that a taken port is one sentence before anything else has started.

        `before_stop` ends what would otherwise go on for ever: event streams.

        Raises:
            CannotListen: the address cannot be listened on.
        """
        self._socket = _bind(host, port)
        self._before_stop = before_stop
        config = uvicorn.Config(
            application,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # `security.visitor` decides whom to believe
            timeout_graceful_shutdown=2,
            limit_concurrency=_MOST_CONNECTIONS,
            backlog=_BACKLOG,
        )
        config.load()  # its imports now: once runs have started they would share the processor
        self._server = _CalmServer(config)
        self._thread = threading.Thread(target=self._serve, name="web", daemon=True)

    @property
    def url(self) -> str:
        """Where it really listens (for port 0)."""
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Finish open requests for a moment, then close; not started is fine."""
        self._before_stop()
        self._server.ask_to_stop()
        if self._thread.is_alive():
            self._thread.join(STOP_WITHIN_S)
        self._socket.close()

    def _serve(self) -> None:
        self._server.run(sockets=[self._socket])


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise CannotListen(
            f"web.host '{host}' is not an address of this machine: correct it in settings.yaml."
        ) from error
    try:
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise CannotListen(_why_not(host, port, error)) from error
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
        listening.listen(_BACKLOG)  # whoever asks before the application runs waits instead of being refused
    except OSError as error:
        listening.close()
        raise CannotListen(_why_not(host, port, error)) from error
    return listening


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is taken by another program: set another web.port in settings.yaml."
    if error.errno == errno.EACCES:
        return f"port {port} needs more rights: set web.port in settings.yaml to 1024 or above."
    return f"web.host '{host}' cannot be listened on ({error.strerror}): correct it in settings.yaml."
