"""The web pages of a busy daemon: 50 open event streams, 100 requests a second, and commands that run all the while."""

import asyncio
import json
import math
import re
import socket
import statistics
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Any

from benchmarks import Figure
from benchmarks.daemon import Home, home, rss_mb, running

STREAMS, DEAF_STREAMS = 50, 20
"""Streams that are read, and others that are left unread."""
VISITORS, EVERY_S = 10, 0.1
LASTS_S = 16.0
SETTLE_S = 5.0
PUNCTUAL = 20
LINK = re.compile(rb'<a href="(/[^"#?]*)"')
CALLS = ("/api/commands", "/api/history", "/api/runs", "/api/config/status", "/api/cache")
RUN = b'{"dry_run": false}'
DUE = "kind: library_refresh\ndescription: Reads the demo music\nschedule: '{minute} * * * *'\n"
WARM_UP_S = 12.0
"""From the start of the daemon to the load, at least."""


def figures() -> list[Figure]:
    """Measure and return every figure of this module."""
    minute = math.ceil((time.time() + WARM_UP_S + LASTS_S / 2) / 60)
    with busy_home(minute) as place, running(place) as (pid, _):
        time.sleep(SETTLE_S)
        before = rss_mb(pid)
        load = Load(place.port)
        asyncio.run(load.last(begins=minute * 60 - LASTS_S / 2))
        late_s = load.lateness_s()
        time.sleep(SETTLE_S)
        after = rss_mb(pid)
    pages, calls = load.waited_s["page"], load.waited_s["call"]
    return [
        Figure("requests that failed", load.failures, 0, ""),
        Figure(f"a page, median of {len(pages)} requests", statistics.median(pages) * 1000, 30, "ms"),
        Figure("a page, 99th of 100 requests", percentile(pages, 99) * 1000, 100, "ms"),
        Figure(
            f"an answer of the API, 99th of 100 requests, of {len(calls)}",
            percentile(calls, 99) * 1000,
            100,
            "ms",
        ),
        Figure(f"latest of {len(late_s)} due runs", max(late_s), 0.5, "s"),
        Figure("memory of the idle daemon before anybody came", before, 60, "MB"),
        Figure("memory of the idle daemon after all that", after, 80, "MB"),
    ]


def percentile(values: Sequence[float], of_100: int) -> float:
    """Return the value that so many of a hundred do not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[of_100 - 1]


@contextmanager
def busy_home(minute: int) -> Iterator[Home]:
    """Yield a starter configuration with commands that are due at a minute, counted since 1970."""
    with home() as place:
        for number in range(PUNCTUAL):
            place.write(f"commands/punctual-{number}.yaml", DUE.format(minute=minute % 60))
        yield place


class Load:
    """Clients of one daemon. A request counts from when it should have been sent, so a stall is not forgotten."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.waited_s: dict[str, list[float]] = {"page": [], "call": []}
        self.failures = 0

    async def last(self, *, begins: float) -> None:
        """Make the daemon busy for a while from a time on."""
        paths = await self._existing_paths()
        await asyncio.sleep(begins - time.time())
        ends = time.monotonic() + LASTS_S
        streams = [asyncio.create_task(self._follow()) for _ in range(STREAMS)]
        with deaf_streams(self._port):
            visitors = (self._visit(number, paths, ends) for number in range(VISITORS))
            await asyncio.gather(self._run_again(ends), *visitors)
        for stream in streams:
            self.failures += stream.done()  # it should have gone on
            stream.cancel()
        await asyncio.gather(*streams, return_exceptions=True)

    def lateness_s(self) -> list[float]:
        """Return by how much the runs that were due began to wait too late."""
        history = asyncio.run(self._history())
        due = [run for run in history if run["due_at"] and run["command"].startswith("punctual")]
        assert len(due) >= PUNCTUAL, "too few were due"
        return [_moment(run["queued_at"]) - _moment(run["due_at"]) for run in due]

    async def _existing_paths(self) -> list[tuple[str, str]]:
        """Return where the first page leads, and some of the API; each was asked for once, and so is built."""
        async with self._connection() as connection:
            _, page = await _ask(connection, "/")
            links = {link.decode() for link in LINK.findall(page) if b"punctual" not in link}
            pages = sorted({"/", "/commands/punctual-0", *links})
            found = [*(("page", path) for path in pages), *(("call", path) for path in CALLS)]
            for _, path in found:
                status, _ = await _ask(connection, path)
                assert status == 200, f"{path} answers {status}"
        return found

    async def _visit(self, number: int, paths: Sequence[tuple[str, str]], ends: float) -> None:
        due = time.monotonic() + number * EVERY_S / VISITORS
        turn = number
        async with self._connection() as connection:
            while due < ends:
                await asyncio.sleep(due - time.monotonic())
                kind, path = paths[turn % len(paths)]
                status, _ = await _ask(connection, path)
                self.waited_s[kind].append(time.monotonic() - due)
                self.failures += status != 200
                due += EVERY_S
                turn += 1

    async def _run_again(self, ends: float) -> None:
        async with self._connection() as connection:
            while time.monotonic() < ends:
                status, _ = await _ask(connection, "/api/commands/demo-favourites/run", RUN)
                self.failures += status not in {202, 409}  # 409: it still goes on
                await asyncio.sleep(0.2)

    async def _follow(self) -> None:
        """Read an event stream until it ends."""
        async with self._connection() as (reader, writer):
            writer.write(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            while await reader.read(4096):
                pass

    async def _history(self) -> list[dict[str, Any]]:
        async with self._connection() as connection:
            _, body = await _ask(connection, "/api/history?limit=200")
        found: list[dict[str, Any]] = json.loads(body)["executions"]
        return found

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            yield reader, writer
        finally:
            writer.close()


async def _ask(
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], path: str, body: bytes | None = None
) -> tuple[int, bytes]:
    """Send one request, by hand: an HTTP library would take its share of the two cores."""
    reader, writer = connection
    verb = "GET" if body is None else "POST"
    head = f"{verb} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: {len(body or b'')}\r\n\r\n".encode() + (body or b""))
    answer = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(answer.partition(b"content-length:")[2].partition(b"\r\n")[0])
    return int(answer.split(b" ")[1]), await reader.readexactly(length)


@contextmanager
def deaf_streams(port: int) -> Iterator[None]:
    """Open event streams that nobody reads."""
    deaf = [socket.socket() for _ in range(DEAF_STREAMS)]
    try:
        for one in deaf:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            one.connect(("127.0.0.1", port))
            one.sendall(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        yield
    finally:
        for one in deaf:
            one.close()


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
