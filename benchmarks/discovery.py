"""What a discovery from 1,000 artists costs: requests, time beside bare requests, and memory.

The services answer at once from a process of their own; the waits of the rate budgets are jumped over, not slept.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from benchmarks import Figure
from cmdarr.app import App
from cmdarr.app.services import Services
from cmdarr.commands.artist_discovery import ArtistDiscovery
from cmdarr.engine.command import CommandDependencies, Run
from cmdarr.library.ports import ClientContext
from cmdarr.models.cancel import CancelToken
from cmdarr.models.execution import Outcome
from cmdarr.models.progress import SilentProgress
from cmdarr.transport.session import Surroundings
from cmdarr.transport.throttle import Throttles

ARTISTS = 1_000
LARGE_LIBRARY = 20_000
_OVERVIEW = "A band from somewhere that made a number of records. " * 80
_SETTINGS = """
timezone: UTC
services:
  lidarr: {{url: '{0}/lidarr', api_key: some-key}}
  large: {{type: lidarr, url: '{0}/large', api_key: some-key}}
  lastfm: {{url: '{1}/lastfm', api_key: some-key}}
  listenbrainz: {{url: '{2}/listenbrainz', labs_url: '{2}/labs', username: alice}}
  musicbrainz: {{url: '{3}/ws/2', contact: me@example.org}}
"""
_COMMAND = """
kind: artist_discovery
similar: [lastfm, listenbrainz]
artists_per_run: 1000
max_per_run: 20
min_match: 0.1
"""


class _JumpingClock:
    """A clock that stands still but for the waits, which it jumps over."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def wait(self, cancel: CancelToken, seconds: float) -> None:
        cancel.check()
        self.seconds += seconds


def figures() -> Iterator[Figure]:
    """Yield the figures of a cold run, of a warm one a day later, and of a large library."""
    with _serving() as urls, tempfile.TemporaryDirectory() as folder:
        url, *_ = urls
        bare_s = _time_bare(url)
        app, clock = _install(Path(folder), urls), _JumpingClock()
        started_s = time.perf_counter()
        _discover(app, clock)
        spent_s = time.perf_counter() - started_s
        cold, budget_s = _counts(url), clock.seconds
        clock.seconds += 86_400
        tracemalloc.start()
        _discover(app, clock)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        warm = _counts(url)
        library = _measure_library(app, clock)
        app.close()
    yield Figure(f"requests for {ARTISTS:,} artists at two services, cold", cold.total(), 2_030, "")
    yield Figure(f"requests for {ARTISTS:,} artists a day later, answers kept", warm.total(), 30, "")
    yield Figure(f"time that the rate budgets ask for, cold ({ARTISTS:,} artists)", budget_s, 600, "s")
    yield Figure(
        "time of the cold run with services that answer at once / as many bare requests",
        spent_s / bare_s,
        12,
        "x",
    )
    yield Figure(f"peak memory of a run over {ARTISTS:,} artists", peak / 1e6, 40, "MB")
    yield Figure(
        f"peak memory of reading {LARGE_LIBRARY:,} artists (110 MB) from Lidarr", library / 1e6, 16, "MB"
    )


def _install(folder: Path, urls: Sequence[str]) -> App:
    (folder / "config/commands").mkdir(parents=True)
    (folder / "config/settings.yaml").write_text(_SETTINGS.format(*urls))
    (folder / "config/commands/finds.yaml").write_text(_COMMAND)
    return App(config_dir=folder / "config", data_dir=folder / "data", environ={})


def _services(app: App, clock: _JumpingClock) -> Services:
    settings = app.read_configuration().settings
    around = Surroundings(clock=clock, wait=clock.wait, answers=app.cache.answers)
    throttles = Throttles(clock.monotonic)

    def context(name: str) -> ClientContext:
        return ClientContext(
            name=name,
            root=app.root,
            data=app.data_dir,
            surroundings=around,
            throttles=throttles,
            ttl_of=settings.cache.ttl_of,
        )

    return Services(settings, app.service_kinds, context)


def _discover(app: App, clock: _JumpingClock) -> Outcome:
    snapshot = app.read_configuration()
    services = _services(app, clock)
    deps = replace(app.dependencies(snapshot), services=services, artists=services, clock=clock)
    run: Run[Any] = Run(
        name="finds",
        options=snapshot.commands["finds"].options,
        execution_id=1,
        dry_run=False,
        accept_removals=False,
        cancel=CancelToken(),
        progress=SilentProgress(),
        clock=clock,
        snapshot=snapshot,
    )
    outcome = _build(deps).run(run)
    assert outcome.changes == 20, outcome
    return outcome


def _build(deps: CommandDependencies) -> ArtistDiscovery:
    return ArtistDiscovery.build(deps)


def _measure_library(app: App, clock: _JumpingClock) -> int:
    """Return the peak of memory while a large library is read."""
    catalog = _services(app, clock).catalog("large")
    tracemalloc.start()
    count = len(catalog.list_artists(CancelToken()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == LARGE_LIBRARY
    return peak


def _time_bare(url: str) -> float:
    """Return the seconds that as many requests take over one connection, their answers read as JSON."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port)
    started_s = time.perf_counter()
    for number in range(2 * ARTISTS):
        connection.request("GET", f"/labs/similar-artists/json?artist_mbids={_mbid(number + 1)}")
        json.loads(connection.getresponse().read())
    connection.close()
    spent_s = time.perf_counter() - started_s
    _counts(url)
    return spent_s


def _counts(url: str) -> Counter[str]:
    """Return how often each service was asked since the last time."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port)
    connection.request("GET", "/counts")
    counts = Counter(json.loads(connection.getresponse().read()))
    connection.close()
    return counts


@contextmanager
def _serving() -> Iterator[list[str]]:
    """Run the services in a process of their own, at several addresses: each has its rate budget."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.discovery"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield [f"http://127.0.0.1:{port}" for port in process.stdout.readline().split()]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _mbid(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-{number:012x}"


def _neighbours(mbid: str) -> list[tuple[str, float]]:
    number = int(mbid[:8], 16)
    return [(_mbid(100_000 + (number * 7 + step * 13) % 4_000), 0.95 - step / 30) for step in range(20)]


def _lastfm(query: dict[str, list[str]]) -> object:
    near = _neighbours(query["mbid"][0])
    rows = [
        {"name": f"Artist {int(mbid[:8], 16)}", "mbid": mbid, "match": f"{match}"} for mbid, match in near
    ]
    return {
        "similarartists": {"artist": rows, "@attr": {"artist": f"Artist {int(query['mbid'][0][:8], 16)}"}}
    }


def _labs(query: dict[str, list[str]]) -> object:
    near = _neighbours(query["artist_mbids"][0])
    return [
        {"artist_mbid": mbid, "name": f"Artist {int(mbid[:8], 16)}", "score": int(match * 1000)}
        for mbid, match in near
    ]


def _artists(count: int, overview: str) -> bytes:
    """Return artists in the form and about the size of Lidarr's answer."""
    return json.dumps(
        [
            {
                "id": number,
                "artistName": f"Artist {number}",
                "foreignArtistId": _mbid(number),
                "overview": overview,
                "links": [{"url": "https://example.org/a-page", "name": "lastfm"}] * 10,
                "images": [{"url": "/MediaCover/1/poster.jpg", "coverType": "poster"}] * 4,
                "monitored": True,
                "tags": [],
            }
            for number in range(1, count + 1)
        ]
    ).encode()


class _Services(BaseHTTPRequestHandler):
    """Lidarr, Last.fm, ListenBrainz and MusicBrainz below one address."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    seen: ClassVar[Counter[str]] = Counter()
    library = _artists(ARTISTS, "")

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        service, _, path = parts.path.strip("/").partition("/")
        if service == "counts":
            body = json.dumps(self.seen).encode()
            self.seen.clear()
        else:
            self.seen[service] += 1
            body = self._answer(service, path, parse_qs(parts.query))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:  # noqa: ARG002 - its own would write a line for each request
        return

    def _answer(self, service: str, path: str, query: dict[str, list[str]]) -> bytes:
        if path.endswith("/artist") and service in {"lidarr", "large"}:
            return self.library if service == "lidarr" else _artists(LARGE_LIBRARY, _OVERVIEW)
        mbid = path.rpartition("/")[2]
        answers: dict[str, Callable[[], object]] = {
            "lastfm": lambda: _lastfm(query),
            "labs": lambda: _labs(query),
            "ws": lambda: {"id": mbid, "name": f"Artist {int(mbid[:8], 16)}", "aliases": []},
        }
        return json.dumps(answers.get(service, list)()).encode()


if __name__ == "__main__":
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), _Services) for _ in range(4)]
    for server in servers:
        threading.Thread(target=server.serve_forever).start()
    print(*(server.server_address[1] for server in servers), flush=True)
