"""Probes of the whole web side: every route there is, asked by somebody who means no good."""

import re
import socket
import time

import pytest
from fakes_web import API_KEY, WebRoom

from cmdarr.web.api.table import ENDPOINTS
from cmdarr.web.security.gate import SECURITY_HEADERS
from cmdarr.web.site import scan_pages

KEY = {"X-API-Key": API_KEY}
PARTS = {"name": "waits", "file": "commands/waits.yaml"}
CANARY = "cnry5e0f7a"


def _filled(path: str) -> str:
    """Return the path of a route with its parts filled in."""
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda part: PARTS.get(part[1], "1"), path)


PAGES = [(route.method, _filled(route.path)) for route in scan_pages()[1]]
CALLS = [(endpoint.method, _filled(endpoint.path)) for endpoint in ENDPOINTS]
OTHERS = [
    ("GET", path)
    for path in ("/health", "/metrics", "/login", "/favicon.ico", "/import_lists/x", "/static/x/main.js", "/nothing")
]  # fmt: skip
ROUTES = sorted({*PAGES, *CALLS, *OTHERS})
LOOKS = [path for method, path in ROUTES if method == "GET" and path != "/api/events"]
CHANGES = [(method, path) for method, path in ROUTES if method != "GET"]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_answer_of_every_route_has_the_security_headers(
    guarded: WebRoom, method: str, path: str
) -> None:
    """Whether it is allowed, refused or wrong; the answer of an event stream begins before its end."""
    if path == "/api/events":
        method = "HEAD"
    asked = [guarded.ask(method, path), guarded.ask("PATCH", path, headers=KEY)]
    if method == "GET":
        asked += [guarded.get(path, headers=KEY), guarded.get(f"{path}?x=%00&limit=-1", headers=KEY)]
    else:
        asked += [guarded.ask(method, path, raw=b"\xff{", headers=KEY)]
    for answer in asked:
        assert answer.status < 500
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers[name.lower()] == value


def test_no_change_is_made_for_another_site(guarded: WebRoom) -> None:
    guarded.log_in()
    for method, path in CHANGES:
        for headers in (
            {"Origin": "http://evil.example"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Origin": "null"},
        ):
            assert guarded.ask(method, path, raw=b"", headers=headers).status == 403, (path, headers)


@pytest.mark.parametrize(("method", "path"), sorted({*PAGES, *CALLS}))
def test_no_route_answers_to_nobody(guarded: WebRoom, method: str, path: str) -> None:
    answer = guarded.ask(method, path, headers={"Origin": guarded.url})
    is_page = (method, path) in PAGES
    assert (answer.status, answer.headers.get("location", "")[:6]) == (
        (303, "/login") if is_page else (401, "")
    )


@pytest.mark.parametrize("path", LOOKS)
def test_a_name_that_was_made_to_point_here_reads_nothing(shared: WebRoom, path: str) -> None:
    if path.startswith(("/health", "/login", "/favicon", "/static", "/import_lists/")):
        return
    assert shared.get(path, headers={"Host": "evil.example"}).status == 403


UPWARDS = (
    "../settings.yaml", "..%2fsecrets.yaml", "%2e%2e/%2e%2e/etc/passwd", "/etc/passwd", "//etc/passwd",
    "commands/../secrets.yaml", "commands%2f..%2fsecrets.yaml", "secrets.yaml", "..\\secrets.yaml", "%00settings.yaml",
    "settings.yaml%00.png", "commands/link.yaml", "./secrets.yaml", "commands/....//secrets.yaml",
    "schema/settings.json",
)  # fmt: skip
PREFIXES = ("/static/x/", "/api/config/files/", "/configuration/edit/", "/data/backups/", "/import_lists/")


@pytest.mark.parametrize("prefix", PREFIXES)
def test_no_path_leads_out_of_its_folder(guarded: WebRoom, prefix: str) -> None:
    guarded.write("secrets.yaml", f"a: {CANARY}\n")
    link = guarded.config / "commands/link.yaml"
    if not link.is_symlink():
        link.symlink_to(guarded.config / "secrets.yaml")
    for name in UPWARDS:
        answer = guarded.get(f"{prefix}{name}", headers=KEY)
        assert answer.status < 500
        assert CANARY.encode() not in answer.body, name
        assert b"root:" not in answer.body, name
        sent = guarded.ask("PUT", f"{prefix}{name}", body={"text": "x: 1", "digest": "absent"}, headers=KEY)
        assert 400 <= sent.status < 500, name
    assert (guarded.config / "secrets.yaml").read_text() == f"a: {CANARY}\n"
    link.unlink()


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_no_body_is_taken_that_is_too_large(guarded: WebRoom, method: str, path: str) -> None:
    """Announced or not, it is refused before it fills the memory."""
    large = b"[" * 3_000_000
    if path in {"/api/restore", "/data/restore"}:
        return  # takes a gigabyte, into a file
    headers = KEY | {"Content-Type": "application/json" if path.startswith("/api") else "text/plain"}
    try:
        answer = guarded.ask(method, path, raw=large, headers=headers)
    except (ConnectionError, BrokenPipeError):
        return  # it was not even read
    takes_body = any(
        endpoint.body is not None
        for endpoint in ENDPOINTS
        if (endpoint.method, _filled(endpoint.path)) == (method, path)
    )
    assert answer.status == 413 if takes_body else answer.status < 500


def test_headers_that_never_end_keep_nobody_waiting_and_do_not_grow(shared: WebRoom) -> None:
    """The slow loris: many connections that send a header a moment."""
    slow = [socket.create_connection(("127.0.0.1", shared.port)) for _ in range(100)]
    for one in slow:
        one.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
    for turn in range(3):
        for one in slow:
            one.sendall(f"X-{turn}: a\r\n".encode())
        begun = time.monotonic()
        assert shared.get("/api/version").status == 200
        assert time.monotonic() - begun < 5
    for one in slow:
        one.close()


def test_a_header_that_is_too_long_is_not_kept(shared: WebRoom) -> None:
    with socket.create_connection(("127.0.0.1", shared.port), timeout=20) as greedy:
        greedy.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        answer = b""
        try:
            for _ in range(200):
                greedy.sendall(b"X-Long: " + b"a" * 10_000 + b"\r\n")
            answer = greedy.recv(20)
        except ConnectionError:
            pass
        assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    assert shared.get("/api/version").status == 200
