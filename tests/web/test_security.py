"""Who may come in, from where, and what an answer must not tell: one rule a test."""

import http.client
import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes_engine import FakeClock
from fakes_web import API_KEY, PASSWORD, PROTECTED, SETTINGS, WAITING, Answer, WebRoom, make_room, wait_until

from cmdarr.web.security.limiter import ALL_TRIES, FREE_TRIES, LoginLimiter
from cmdarr.web.security.login_page import local_path
from cmdarr.web.security.origin import is_local_host, split_host
from cmdarr.web.security.visitor import Visitor, trusted_networks, visitor_of

RUN = "/api/commands/waits/run"
FOREIGN = {"Origin": "http://evil.example"}


def cookie_of(answer: Answer, name: str = "cmdarr_session") -> str:
    return next(cookie for cookie in answer.cookies if cookie.startswith(f"{name}="))


# Without a login nothing is told


@pytest.mark.parametrize(
    "path",
    [
        "/api/commands",
        "/api/history",
        "/api/events",
        "/api/backup",
        "/api/openapi.json",
        "/metrics",
        "/api/nothing",
    ],
)
def test_programs_without_a_key_get_401(guarded: WebRoom, path: str) -> None:
    answer = guarded.get(path)
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["detail"].startswith("log in first")


@pytest.mark.parametrize("path", ["/", "/nothing", "/api/docs", "/?find=x"])
def test_people_without_a_session_are_sent_to_the_login_page(guarded: WebRoom, path: str) -> None:
    answer = guarded.get(path)
    assert (answer.status, answer.headers["location"][:6]) == (303, "/login")


def test_a_form_without_a_session_does_nothing(protected: WebRoom) -> None:
    assert protected.submit("/commands/waits/run").headers["location"] == "/login"
    with protected.control.inside():
        assert protected.control.store.history.recent() == []


@pytest.mark.parametrize("path", ["/health", "/login"])
def test_what_is_public_answers(guarded: WebRoom, path: str) -> None:
    assert guarded.get(path).status == 200


def test_static_files_are_public_and_nothing_beside_them(guarded: WebRoom) -> None:
    page = guarded.get("/login").text
    for path in re.findall(r'(?:src|href)="(/static/[^"]+)"', page):
        answer = guarded.get(path)
        assert answer.status == 200
        assert "immutable" in answer.headers["cache-control"]
    for path in (
        "/static/x/base.html",
        "/static/x/..%2fserver.py",
        "/static/x/%2e%2e/application.py",
        "/static/",
    ):
        assert guarded.get(path).status in {303, 404}


# Passwords and sessions


def test_the_right_password_opens_and_logging_out_closes(guarded: WebRoom) -> None:
    answer = guarded.log_in()
    assert (answer.status, answer.headers["location"]) == (303, "/")
    assert guarded.get("/").status == 200
    token = dict(guarded.jar)
    assert guarded.submit("/logout").headers["location"] == "/login"
    guarded.jar = token
    assert guarded.get("/").status == 303


def test_the_cookie_is_hidden_from_scripts_and_from_other_sites(guarded: WebRoom) -> None:
    attributes = cookie_of(guarded.log_in()).lower()
    assert "httponly" in attributes
    assert "samesite=lax" in attributes
    assert "path=/" in attributes
    assert "secure" not in attributes


@pytest.mark.parametrize(
    ("username", "password"),
    [("admin", "wrong"), ("root", PASSWORD), ("admin", ""), ("", ""), ("admin", PASSWORD + "x" * 5000)],
)
def test_a_wrong_name_or_password_is_refused_without_saying_which(
    protected: WebRoom, username: str, password: str
) -> None:
    answer = protected.log_in(password, username)
    assert answer.status == 403
    assert "user name or password is wrong" in answer.text
    assert not protected.jar


def test_wrong_passwords_make_the_right_one_wait(protected: WebRoom) -> None:
    statuses = [protected.log_in("wrong").status for _ in range(FREE_TRIES + 1)]
    assert statuses == [403] * FREE_TRIES + [429]
    answer = protected.log_in()
    assert answer.status == 429
    assert int(answer.headers["retry-after"]) >= 1


def test_a_hash_in_the_settings_works_as_the_password_does(tmp_path: Path) -> None:
    from argon2 import PasswordHasher

    hashed = PasswordHasher(time_cost=1, memory_cost=1024).hash("some password")
    with make_room(tmp_path, f"web: {{password: '{hashed}'}}\n{SETTINGS}").serve() as room:
        assert room.log_in(hashed).status == 403
        assert room.log_in("some password").status == 303


def test_sessions_outlive_a_restart_and_the_database_does_not_hold_them(tmp_path: Path) -> None:
    room = make_room(tmp_path, PROTECTED)
    with room.serve():
        room.log_in()
    with room.serve():
        assert room.get("/").status == 200
    token = room.jar["cmdarr_session"]
    for file in (tmp_path / "data").glob("config.db*"):
        assert token.encode() not in file.read_bytes()
        assert PASSWORD.encode() not in file.read_bytes()


def test_another_password_ends_every_session(protected: WebRoom) -> None:
    protected.log_in()
    assert protected.get("/").status == 200
    protected.write("settings.yaml", PROTECTED.replace(PASSWORD, "another password"))
    protected.control.reload()
    wait_until(lambda: protected.get("/").status == 303)
    assert protected.log_in("another password").status == 303


def test_a_session_ends_by_itself(guarded: WebRoom) -> None:
    guarded.log_in()
    connection = sqlite3.connect(guarded.root / "data/config.db")
    with connection:
        connection.execute("UPDATE web_session SET expires_at = 1")
    connection.close()
    assert guarded.get("/").status == 303


@pytest.mark.parametrize(
    "cookie", ["cmdarr_session=x", "cmdarr_session=", 'cmdarr_session="', "=;;;", "a" * 5000]
)
def test_a_made_up_cookie_opens_nothing(guarded: WebRoom, cookie: str) -> None:
    assert guarded.get("/api/commands", headers={"Cookie": cookie}).status == 401


# API keys


@pytest.mark.parametrize(
    "headers",
    [{"X-API-Key": API_KEY}, {"Authorization": f"Bearer {API_KEY}"}, {"Authorization": f"bearer  {API_KEY}"}],
)
def test_the_api_key_opens_and_needs_no_origin(guarded: WebRoom, headers: dict[str, str]) -> None:
    assert guarded.get("/api/commands", headers=headers).status == 200
    assert guarded.post(RUN, body={}, headers=headers | FOREIGN).status == 202


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": "wrong"},
        {"X-API-Key": ""},
        {"X-API-Key": API_KEY[:-1]},
        {"X-API-Key": "é" * 20},
        {"Authorization": f"Basic {API_KEY}"},
        {"Authorization": "Bearer"},
    ],
)
def test_a_wrong_key_opens_nothing(guarded: WebRoom, headers: dict[str, str]) -> None:
    sent = {name: value.encode("latin-1") for name, value in headers.items()}
    assert guarded.get("/api/commands", headers=sent).status == 401


def test_no_key_in_the_settings_means_that_no_key_is_right(tmp_path: Path) -> None:
    with make_room(tmp_path, f"web: {{password: {PASSWORD}}}\n{SETTINGS}").serve() as room:
        for stated in ("", "None", "null"):
            assert room.get("/api/commands", headers={"X-API-Key": stated}).status == 401


# Pages of other sites


@pytest.mark.parametrize(
    "headers",
    [
        FOREIGN,
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "{own}"},
        {},
    ],
)
def test_a_session_changes_nothing_for_another_site(guarded: WebRoom, headers: dict[str, str]) -> None:
    guarded.log_in()
    sent = {name: value.format(own=guarded.url) for name, value in headers.items()}
    for path in (RUN, "/commands/waits/run", "/logout"):
        assert guarded.post(path, form={}, headers=sent).status == 403
    assert guarded.get("/").status == 200


@pytest.mark.parametrize("headers", [{"Origin": "{own}"}, {"Sec-Fetch-Site": "same-origin"}])
def test_a_session_works_from_our_own_pages(guarded: WebRoom, headers: dict[str, str]) -> None:
    guarded.log_in()
    sent = {name: value.format(own=guarded.url) for name, value in headers.items()}
    assert guarded.post(RUN, body={}, headers=sent).status == 202


def test_another_site_cannot_log_somebody_in(guarded: WebRoom) -> None:
    form = {"username": "admin", "password": PASSWORD}
    assert guarded.post("/login", form=form, headers=FOREIGN).status == 403


def test_another_site_changes_nothing_where_everything_is_open(shared: WebRoom) -> None:
    assert shared.post(RUN, body={}, headers=FOREIGN).status == 403
    assert shared.post(RUN, body={}, headers={"Sec-Fetch-Site": "cross-site"}).status == 403
    assert shared.post(RUN, body={}).status == 202


# Names that point here


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "192.168.1.5", "localhost.evil.example", ""]
)
def test_a_foreign_name_reads_nothing_where_everything_is_open(shared: WebRoom, host: str) -> None:
    for path in ("/", "/api/commands", "/api/events"):
        answer = shared.get(path, headers={"Host": host})
        assert answer.status == 403
        assert "web.password" in answer.text
    assert shared.get("/health", headers={"Host": host}).status == 200


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8080", "127.0.0.1", "127.9.9.9:1", "[::1]:8080", "cmdarr.localhost"]
)
def test_names_of_this_machine_are_answered(shared: WebRoom, host: str) -> None:
    assert shared.get("/api/version", headers={"Host": host}).status == 200


def test_a_malformed_host_has_no_name() -> None:
    for text in ("a b/", "x@y", "[::1", "a:b", "//", "a/b?c"):
        assert not is_local_host(text, "127.0.0.1") or split_host(text)[0] == ""
    assert not is_local_host("", "")


# Proxies

SCOPE: dict[str, Any] = {"type": "http", "scheme": "http", "client": ("10.0.0.2", 1)}


def seen(headers: dict[str, str], *trusted: str) -> Visitor:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return visitor_of(SCOPE | {"headers": raw}, trusted_networks(trusted))


FORWARDED = {
    "Host": "inside:8080", "X-Forwarded-For": "6.6.6.6, 1.2.3.4, 10.0.0.7", "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "music.example.org",
}  # fmt: skip


def test_forwarded_headers_of_a_stranger_are_ignored() -> None:
    assert seen(FORWARDED) == Visitor("10.0.0.2", "http", "inside:8080")
    assert seen(FORWARDED, "10.0.0.3") == Visitor("10.0.0.2", "http", "inside:8080")


def test_a_trusted_proxy_tells_who_asks_and_the_first_stranger_counts() -> None:
    assert seen(FORWARDED, "10.0.0.0/8") == Visitor("1.2.3.4", "https", "music.example.org")


def test_a_proxy_that_says_nothing_or_nonsense() -> None:
    assert seen({"Host": "inside"}, "10.0.0.2") == Visitor("10.0.0.2", "http", "inside")
    assert seen({"Host": "inside", "X-Forwarded-Proto": "gopher"}, "10.0.0.2").scheme == "http"


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[WebRoom]:
    web = f"web: {{password: {PASSWORD}, base_path: /music, trusted_proxies: [127.0.0.1]}}\n{SETTINGS}"
    with make_room(tmp_path, web).serve() as room:
        yield room


OUTSIDE = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "nas.example.org", "X-Forwarded-For": "1.2.3.4"}


def test_behind_a_proxy_the_cookie_is_secure_and_stays_below_the_base_path(proxied: WebRoom) -> None:
    form = {"username": "admin", "password": PASSWORD}
    answer = proxied.post("/music/login", form=form, headers=OUTSIDE | {"Origin": "https://nas.example.org"})
    assert answer.headers["location"] == "/music/"
    attributes = cookie_of(answer).lower()
    assert "secure" in attributes
    assert "path=/music/" in attributes


def test_every_link_of_a_page_has_the_base_path(proxied: WebRoom) -> None:
    for prefix in ("/music", ""):  # whether or not the proxy takes it off
        proxied.log_in()
        page = proxied.get(f"{prefix}/", headers=OUTSIDE)
        assert page.status == 200
        links = re.findall(r'(?:href|src|action|data-events)="([^"#]+)"', page.text)
        assert links
        assert [link for link in links if not link.startswith("/music/")] == []
        assert proxied.get(f"{prefix}{links[0].removeprefix('/music')}").status == 200


def test_a_path_that_only_begins_like_the_base_path_is_another(proxied: WebRoom) -> None:
    proxied.log_in()
    assert proxied.get("/musical").status == 404


# What an answer says


@pytest.mark.parametrize(
    "path", ["/", "/login", "/nothing", "/health", "/api/commands", "/api/nothing", "/favicon.ico"]
)
def test_every_answer_has_the_security_headers(shared: WebRoom, path: str) -> None:
    headers = shared.get(path).headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert "server" not in headers


def test_pages_have_no_script_or_style_inside(shared: WebRoom) -> None:
    for path in ("/", "/api/docs", "/nothing"):
        page = shared.get(path).text
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:", page)


SECRET = "a-very-secret-token"
LEAKY = f"""
x-note: &note {SECRET}
web: {{password: "{SECRET}", api_key: {API_KEY}}}
services:
  files: {{path: music}}
  nd: {{type: subsonic, url: "http://nd:4533", username: alice, password: *note}}
"""


def test_no_answer_holds_a_secret(tmp_path: Path) -> None:
    room = make_room(
        tmp_path, LEAKY, waits=f"{WAITING}x-note: {SECRET}\n", bad=f"kind: waiting\n{SECRET}: {SECRET}\n"
    )
    room.write("commands/said.yaml", f"kind: waiting\ndescription: my password is {SECRET}\n")
    key = {"X-API-Key": API_KEY}
    paths = [
        "/", "/api/commands", "/api/commands/waits", "/api/commands/bad", "/api/commands/said", "/api/config/status",
        "/api/config/check", "/api/config/diff", "/api/config/settings", "/api/config/explain?key=services.nd.password",
        "/api/config/explain?key=web.password", "/api/services", "/api/version", f"/api/commands/{SECRET}",
        f"/api/history?command={SECRET}", f"/?find={SECRET}",
    ]  # fmt: skip
    with room.serve():
        for path in paths:
            answer = room.get(path, headers=key)
            assert SECRET not in answer.text, path
            assert API_KEY not in answer.text, path
        room.post("/api/commands/said/run", body={}, headers=key)
        wait_until(room.control.active)
        assert SECRET not in room.get("/api/runs", headers=key).text


def test_a_form_that_fails_tells_no_secret_either(tmp_path: Path) -> None:
    with make_room(tmp_path, LEAKY).serve() as room:
        room.log_in(SECRET)
        room.submit(f"/commands/{SECRET}/run")
        assert SECRET not in room.jar["cmdarr_notice"]


# Where a login leads, and how long the wrong ones wait


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/history?find=a", "/history?find=a"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\nb", "/"),
        ("/login?next=/login", "/"),
        ("", "/"),
    ],
)
def test_a_login_leads_nowhere_else(text: str, path: str) -> None:
    assert local_path(text) == path


def test_the_wait_grows_and_is_forgotten() -> None:
    from datetime import timedelta

    clock = FakeClock()
    limiter = LoginLimiter(clock)
    for _ in range(FREE_TRIES - 1):
        limiter.note_failure("1.2.3.4")
    assert limiter.wait_s("1.2.3.4") == 0
    waits = []
    for _ in range(12):
        limiter.note_failure("1.2.3.4")
        waits.append(limiter.wait_s("1.2.3.4"))
        clock.advance(timedelta(seconds=waits[-1]))
    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == 900
    assert limiter.wait_s("5.6.7.8") == 0
    limiter.note_success("1.2.3.4")
    assert limiter.wait_s("1.2.3.4") == 0


def test_many_addresses_together_wait_too() -> None:
    from datetime import timedelta

    clock = FakeClock()
    limiter = LoginLimiter(clock)
    for number in range(ALL_TRIES):
        limiter.note_failure(f"10.0.0.{number}")
    assert limiter.wait_s("9.9.9.9") > 0
    clock.advance(timedelta(minutes=1))
    assert limiter.wait_s("9.9.9.9") == 0


def test_an_ipv6_user_is_one_address() -> None:
    limiter = LoginLimiter(FakeClock())
    for number in range(FREE_TRIES):
        limiter.note_failure(f"2001:db8::{number:x}")
    assert limiter.wait_s("2001:db8::ffff") > 0
    assert limiter.wait_s("2001:db8:0:1::1") == 0


# Clients that misbehave


def test_a_login_keeps_nobody_waiting(protected: WebRoom) -> None:
    """argon2 takes its time in a thread: others are answered meanwhile."""
    import threading

    threads = [threading.Thread(target=protected.log_in, args=("wrong",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert protected.get("/health", headers={"Cookie": ""}).status == 200
    for thread in threads:
        thread.join()


def test_a_form_and_a_body_have_a_bound(guarded: WebRoom) -> None:
    sent = {"Content-Type": "application/x-www-form-urlencoded", "Origin": guarded.url}
    answer = guarded.post("/login", raw=b"a=" + b"x" * 2_000_001, headers=sent)
    assert answer.status in {400, 413}


def test_a_body_that_never_comes_keeps_nobody_waiting(shared: WebRoom) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", shared.port, timeout=20)
    connection.putrequest("POST", RUN)
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", "100")
    connection.endheaders(b"{")
    assert shared.get("/api/version").status == 200
    connection.close()


def test_import_lists_and_metrics_follow_their_settings(tmp_path: Path) -> None:
    web = f"web: {{password: {PASSWORD}, api_key: {API_KEY}, public_import_lists: false}}\n{SETTINGS}"
    with make_room(tmp_path, web).serve() as room:
        assert room.get("/import_lists/x").status == 401
        assert room.get("/import_lists/x", headers={"X-API-Key": API_KEY}).status == 404
        assert json.loads(room.get("/health").body)["status"] == "ok"


def test_whatever_fails_behind_the_gate_becomes_an_answer_without_the_inside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    from cmdarr.web.security.gate import Gate
    from cmdarr.web.security.login import Login
    from cmdarr.web.workers import Workers

    async def fail(scope: Any, receive: Any, send: Any) -> None:
        raise KeyError("the inside")

    sent: list[Any] = []

    async def keep(message: Any) -> None:
        sent.append(message)

    with make_room(tmp_path).serve() as room:
        gate = Gate(fail, room.control, Login(room.control), Workers())
        for path in ("/api/x", "/x"):
            scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"host", b"localhost")]}
            with ThreadPoolExecutor() as thread:  # a browser of another test may have a loop in this one
                thread.submit(asyncio.run, gate(scope, None, keep)).result()  # type: ignore[arg-type]  # no body
    assert [message["status"] for message in sent if "status" in message] == [500, 500]
    assert b"the inside" not in b"".join(message.get("body", b"") for message in sent)
    assert "KeyError" in caplog.text
