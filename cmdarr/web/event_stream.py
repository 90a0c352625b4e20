"""`/api/events`: what happens, as server-sent events, with reconnect; a slow client is dropped, nobody waits for it."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from cmdarr.app.event_board import Event, EventBoard, Watch
from cmdarr.web.problem import Refused
from cmdarr.web.security.gate import problem_response

HEARTBEAT_S = 15.0
SEND_WITHIN_S = 20.0
_RETRY_MS = 2000
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
_FULL = "too many event streams are open: close a few tabs, or try again later."


def event_route(board: EventBoard) -> Route:
    """Return the route."""

    async def events(request: Request) -> Response:
        wake = asyncio.Event()
        loop = asyncio.get_running_loop()

        def wake_up() -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody listens any more
                loop.call_soon_threadsafe(wake.set)

        after = request.headers.get("last-event-id") or request.query_params.get("after", "")
        found = board.watch(wake_up, after=after)
        if found is None:
            return problem_response(Refused(503, _FULL, retry_after_s=10), str)
        watch, is_whole = found
        return EventStream(board, watch, wake, is_whole=is_whole)

    return Route("/api/events", events)


class EventStream(Response):
    """An answer that goes on until the client leaves, is too slow, or the board is closed."""

    def __init__(self, board: EventBoard, watch: Watch, wake: asyncio.Event, *, is_whole: bool) -> None:
        super().__init__()
        self._board = board
        self._watch = watch
        self._wake = wake
        self._is_whole = is_whole

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the end."""
        gone = asyncio.ensure_future(_wait_until_gone(receive))
        sending = asyncio.ensure_future(self._send_all(send, is_head=scope["method"] == "HEAD"))
        try:
            await asyncio.wait({gone, sending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._board.leave(self._watch)
            for task in (gone, sending):
                task.cancel()
            await asyncio.gather(gone, sending, return_exceptions=True)

    async def _send_all(self, send: Send, *, is_head: bool) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        if not is_head:
            first = f"retry: {_RETRY_MS}\n\n" + ("" if self._is_whole else "event: resync\ndata: {}\n\n")
            await _send_text(send, first or ":\n\n")
            while not self._watch.is_over:
                await self._wait()
                await _send_text(send, encode(self._watch.take()) or ": still here\n\n")
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _wait(self) -> None:
        """Wait for something to send, or until it is time for a sign of life."""
        with suppress(TimeoutError):
            async with asyncio.timeout(HEARTBEAT_S):
                await self._wake.wait()
        self._wake.clear()


def encode(events: Iterable[Event]) -> str:
    """Return events in the form of the stream."""
    return "".join(
        f"id: {event.id}\nevent: {event.kind}\ndata: {msgspec.json.encode(dict(event.data)).decode()}\n\n"
        for event in events
    )


async def _send_text(send: Send, text: str) -> None:
    """Send, or give up: a client that takes nothing is not waited for."""
    async with asyncio.timeout(SEND_WITHIN_S):
        await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
