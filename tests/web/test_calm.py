"""The HTTP server while nobody asks: it wakes up rarely, and still knows the time and stops at once."""

import time
import urllib.request
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from fakes_web import plain

from cmdarr.web.server import WebServer


def start() -> WebServer:
    server = WebServer(host="127.0.0.1", port=0, application=plain())
    server.start()
    return server


def date_of_answer(server: WebServer) -> datetime:
    with urllib.request.urlopen(f"{server.url}/health", timeout=20) as answer:
        return parsedate_to_datetime(answer.headers["Date"])


def test_an_answer_carries_its_time() -> None:
    server = start()
    first = date_of_answer(server)
    time.sleep(2.2)  # the header has whole seconds
    second = date_of_answer(server)
    server.stop()
    assert second > first
    assert abs(datetime.now(UTC) - second) < timedelta(seconds=10)


def test_an_idle_server_stops_at_once() -> None:
    server = start()
    date_of_answer(server)
    begun = time.monotonic()
    server.stop()
    assert time.monotonic() - begun < 0.9  # a tick is a second


def test_a_server_that_was_not_started_stops() -> None:
    WebServer(host="127.0.0.1", port=0, application=plain()).stop()
