"""The HTTP server: /health, what it refuses, and clients that misbehave."""

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from fakes_web import plain

from cmdarr.web.server import CannotListen, WebServer


@contextmanager
def serving(problems: Sequence[str] = (), *, host: str = "127.0.0.1") -> Iterator[str]:
    server = WebServer(host=host, port=0, application=plain(lambda: problems))
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


def ask(url: str, method: str = "GET") -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_health_is_200_when_nothing_is_wrong_and_503_with_reasons_else() -> None:
    with serving() as url:
        status, body = ask(f"{url}/health")
    assert (status, json.loads(body)) == (200, {"status": "ok", "reasons": []})
    with serving(["config.db is damaged."]) as url:
        status, body = ask(f"{url}/health")
    assert (status, json.loads(body)) == (503, {"status": "failing", "reasons": ["config.db is damaged."]})


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("HEAD", "/health", 200),
        ("POST", "/health", 405),
        ("GET", "/", 404),
        ("GET", "/health/../../etc/passwd", 404),
        ("GET", "/%00%ff", 404),
        ("BREW", "/health", 405),
    ],
)
def test_other_methods_and_paths(method: str, path: str, status: int) -> None:
    with serving() as url:
        assert ask(f"{url}{path}", method)[0] == status


def test_a_check_that_fails_is_a_reason_and_no_error() -> None:
    def fail() -> list[str]:
        raise KeyError("secret")

    server = WebServer(host="127.0.0.1", port=0, application=plain(fail))
    server.start()
    status, body = ask(f"{server.url}/health")
    server.stop()
    assert (status, json.loads(body)["reasons"]) == (503, ["the health check met an unexpected KeyError."])


def test_clients_that_say_nothing_or_garbage_keep_nobody_waiting() -> None:
    with serving() as url:
        ask(f"{url}/health")
        host, port = url.removeprefix("http://").split(":")
        silent = [socket.create_connection((host, int(port))) for _ in range(50)]
        garbage = socket.create_connection((host, int(port)))
        garbage.sendall(b"\x16\x03\x01garbage\r\n\r\n")
        assert ask(f"{url}/health")[0] == 200
        assert garbage.recv(100).startswith(b"HTTP/1.1 400")
        for connection in (*silent, garbage):
            connection.close()


def test_a_taken_port_is_told_before_anything_starts() -> None:
    with serving() as url:
        ask(f"{url}/health")
        port = int(url.rpartition(":")[2])
        with pytest.raises(CannotListen, match=f"port {port} on 127.0.0.1 is taken"):
            WebServer(host="127.0.0.1", port=port, application=plain())


@pytest.mark.parametrize("host", ["no.such.host.invalid", "", "x" * 300, "192.0.2.1"])
def test_a_host_that_is_not_here_is_told(host: str) -> None:
    with pytest.raises(CannotListen, match=r"correct it in settings\.yaml"):
        WebServer(host=host, port=0, application=plain())


def test_ipv6() -> None:
    def has_ipv6() -> bool:
        with socket.socket(socket.AF_INET6) as probe:
            try:
                probe.bind(("::1", 0))
            except OSError:
                return False
            return True

    if not has_ipv6():
        pytest.skip("this machine has no IPv6")
    with serving(host="::1") as url:
        assert url.startswith("http://[::1]:")
        assert ask(f"{url}/health")[0] == 200


def test_a_server_that_never_started_stops() -> None:
    server: Any = WebServer(host="127.0.0.1", port=0, application=plain())
    server.stop()
