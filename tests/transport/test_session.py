"""One session against a real server with every fault; time, waiting and chance are passed in."""

import gzip
import logging
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import msgspec
import pytest
from fakes_http import Answer, HttpServer, Reset, Seen, Silence, Told, script, serving
from fakes_library import FakeClock

from cmdarr.errors import (
    AuthenticationFailed,
    NotFound,
    RateLimited,
    RunCancelled,
    ServiceError,
    ServiceUnavailable,
    UnexpectedResponse,
)
from cmdarr.models.cancel import CancelToken
from cmdarr.transport.request import Authorize, Reply, Request, anonymous
from cmdarr.transport.retry import RetryPolicy
from cmdarr.transport.session import Session
from cmdarr.transport.settings import HttpSettings, find_problems
from cmdarr.transport.surroundings import Surroundings
from cmdarr.transport.throttle import Throttle

OK = Answer(body=b'{"n": 1}')
GET = Request(path="/rest/x")
POST = Request(path="/rest/x", method="POST", form=[("a", "b")])


class Room:
    """A session on a clock that moves only by waiting."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.clock = FakeClock()
        self.waited: list[float] = []
        self.cancel = CancelToken()

    def wait(self, cancel: CancelToken, seconds: float) -> None:
        self.waited.append(seconds)
        self.clock.advance(timedelta(seconds=seconds))
        cancel.check()

    def session(
        self,
        *,
        authorize: Authorize = anonymous,
        throttle: Throttle | None = None,
        max_bytes: int = 10_000,
        root: Path = Path(),
        **settings: object,
    ) -> Session:
        values = {"url": self.url, "timeout": "2s"} | settings
        return Session(
            "nas",
            HttpSettings.model_validate(values),
            authorize=authorize,
            throttle=throttle,
            max_bytes=max_bytes,
            surroundings=Surroundings(clock=self.clock, wait=self.wait, chance=lambda: 0.0, root=root),
        )

    def fetch(self, request: Request = GET, **options: object) -> Reply:
        return self.session(**options).fetch(request, self.cancel)  # type: ignore[arg-type]


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with serving(script(OK)) as server:
        yield server


@pytest.fixture
def room(server: HttpServer) -> Room:
    return Room(server.url)


def failure(room: Room, request: Request = GET, **options: object) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        room.fetch(request, **options)
    assert str(caught.value).startswith("nas: ")
    return caught.value


def test_an_answer_comes_with_status_body_and_lower_case_headers(room: Room) -> None:
    reply = room.fetch()
    assert (reply.status, reply.body, reply.headers["content-length"]) == (200, b'{"n": 1}', "8")


def test_parameters_form_headers_and_user_agent_arrive(server: HttpServer, room: Room) -> None:
    room.fetch(Request(path="/é x", params=[("q", "a&b=c"), ("q", "夜"), ("e", "")], headers={"X-A": "1"}))
    room.fetch(Request(path="/f", method="POST", form=[("s", "1"), ("s", "2 ü")]))
    first, second = server.seen
    assert first.params == [("q", "a&b=c"), ("q", "夜"), ("e", "")]
    assert first.headers["x-a"] == "1" and first.headers["user-agent"].startswith("Cmdarr/")
    assert second.params == [("s", "1"), ("s", "2 ü")] and second.method == "POST"


def test_the_path_of_the_base_address_is_kept(server: HttpServer, room: Room) -> None:
    room.fetch(url=f"{server.url}/audio/")
    assert server.seen[0].path == "/audio/rest/x"


def test_user_and_password_in_the_address_become_a_header(server: HttpServer, room: Room) -> None:
    room.fetch(url=server.url.replace("//", "//al%40:p:w@"))
    assert server.seen[0].headers["authorization"] == "Basic YWxAOnA6dw=="


def test_connections_are_reused(server: HttpServer, room: Room) -> None:
    session = room.session()
    for _ in range(5):
        session.fetch(GET, room.cancel)
    assert len({seen.connection for seen in server.seen}) == 1
    session.close()
    session.fetch(GET, room.cancel)
    assert len({seen.connection for seen in server.seen}) == 2


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_service_is_asked_again_with_growing_waits(
    server: HttpServer, room: Room, status: int
) -> None:
    server.tell = script(Answer(status=status), Answer(status=status), OK)
    assert room.fetch().status == 200
    assert room.waited == [1.0, 2.0]


def test_chance_shortens_the_wait_by_up_to_a_half() -> None:
    policy = RetryPolicy(attempts=9, first_s=2, longest_s=10)
    assert [policy.wait_s(n, 1.0, None) for n in (1, 2, 3, 4)] == [1, 2, 4, 5]
    assert policy.wait_s(9, 0.0, None) is None


@pytest.mark.parametrize("status", [500, 400, 418])
def test_other_failures_are_not_asked_again(server: HttpServer, room: Room, status: int) -> None:
    server.tell = script(Answer(status=status, body=b"secret body"))
    error = failure(room)
    assert f"HTTP {status}" in str(error) and "secret body" not in str(error)
    assert len(server.seen) == 1
    assert isinstance(error, ServiceUnavailable if status == 500 else UnexpectedResponse)


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [("7", 7.0), ("date", 5.0), ("0", 0.0), ("soon", 1.0), ("", 1.0), ("-3", 1.0), ("²", 1.0)],
)
def test_retry_after_is_honoured(server: HttpServer, room: Room, header: str, wait_s: float) -> None:
    if header == "date":
        header = format_datetime(room.clock.now() + timedelta(seconds=5), usegmt=True)
    server.tell = script(Answer(status=429, headers={"Retry-After": header}), OK)
    room.fetch()
    assert room.waited == [wait_s]


def test_a_long_retry_after_is_told_and_not_waited_for(server: HttpServer, room: Room) -> None:
    server.tell = script(Answer(status=429, headers={"Retry-After": "3600"}))
    error = failure(room)
    assert isinstance(error, RateLimited) and error.retry_after_s == 3600 and "3600 s" in str(error)
    assert room.waited == [] and len(server.seen) == 1


def test_a_write_is_repeated_only_where_nothing_was_done(server: HttpServer, room: Room) -> None:
    server.tell = script(Answer(status=429), Answer(status=503, headers={"Retry-After": "1"}), OK)
    assert room.fetch(POST).status == 200
    for told in (Answer(status=503), Answer(status=502), Answer(status=504), Reset(), Answer(cut=1)):
        server.tell = script(told, OK)
        server.seen.clear()
        assert isinstance(failure(room, POST), ServiceUnavailable)
        assert len(server.seen) == 1, told


def test_a_repeatable_write_is_repeated(server: HttpServer, room: Room) -> None:
    server.tell = script(Reset(), OK)
    assert room.fetch(Request(path="/x", method="POST", is_repeatable=True)).status == 200


@pytest.mark.parametrize("told", [Reset(), Answer(body=b"x" * 100, cut=7)], ids=["reset", "cut"])
def test_a_broken_read_is_repeated_and_then_reported(server: HttpServer, room: Room, told: Told) -> None:
    server.tell = script(told, OK)
    assert room.fetch().status == 200
    server.tell = script(told)
    assert "was lost" in str(failure(room))
    assert len(server.seen) == 5


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_name_the_setting(server: HttpServer, room: Room, status: int) -> None:
    server.tell = script(Answer(status=status))
    error = failure(room)
    assert isinstance(error, AuthenticationFailed)
    assert error.setting == "services.nas.password" and "`services.nas.password`" in str(error)


def test_nothing_there_is_its_own_error(server: HttpServer, room: Room) -> None:
    server.tell = script(Answer(status=404))
    assert isinstance(failure(room), NotFound)


def test_the_caller_may_read_an_answer_with_an_error_status(server: HttpServer, room: Room) -> None:
    server.tell = script(Answer(status=503, body=b"mine"))
    reply = room.fetch(Request(path="/x", is_answer=lambda reply: reply.body == b"mine"))
    assert (reply.status, len(server.seen)) == (503, 1)


def test_a_limit_told_in_the_body_is_waited_for(server: HttpServer, room: Room) -> None:
    def check(reply: Reply) -> None:
        if b"quota" in reply.body:
            raise RateLimited("nas", "quota", retry_after_s=4)

    server.tell = script(Answer(body=b"quota"), OK)
    assert room.fetch(Request(path="/x", method="POST", check=check)).body == OK.body
    assert room.waited == [4]


def test_nobody_listens(room: Room) -> None:
    with serving(script(OK)) as gone:
        room.url = gone.url
    error = failure(room)
    assert isinstance(error, ServiceUnavailable) and "nothing listens at 127.0.0.1:" in str(error)
    assert "`services.nas.url`" in str(error) and len(room.waited) == 2


def test_an_unknown_host_is_named(room: Room) -> None:
    error = failure(room, url="http://no-such-host.invalid:4533")
    assert "the host no-such-host.invalid cannot be found" in str(error)


def test_silence_ends_with_the_timeout(server: HttpServer, room: Room) -> None:
    server.tell = script(Silence())
    error = failure(room, POST, timeout="1s")
    assert "did not answer within 1 s" in str(error)


def test_a_dribbling_answer_ends_with_the_timeout(server: HttpServer, room: Room) -> None:
    def tell(seen: Seen) -> Told:
        room.clock.advance(timedelta(seconds=3))
        return Answer(body=b"x" * 9, piece=1, pause_s=0.01)

    server.tell = tell
    assert "not answered completely within 2 s" in str(failure(room, POST))


def test_a_huge_answer_is_refused_also_when_it_is_compressed(server: HttpServer, room: Room) -> None:
    server.tell = script(Answer(body=b"x" * 3_000_000))
    assert "more than 1 MB" in str(failure(room, max_bytes=1 << 20))
    packed = gzip.compress(bytes(30_000_000))
    server.tell = script(Answer(body=packed, headers={"Content-Encoding": "gzip"}))
    assert "more than 1 MB" in str(failure(room, max_bytes=1 << 20))
    server.tell = script(Answer(body=b"no gzip", headers={"Content-Encoding": "gzip"}))
    assert isinstance(failure(room), UnexpectedResponse)


def test_a_cancelled_run_sends_nothing_and_waits_no_longer(server: HttpServer, room: Room) -> None:
    room.cancel.cancel()
    with pytest.raises(RunCancelled):
        room.fetch()
    assert server.seen == []


def test_a_cancel_ends_the_wait_between_attempts(server: HttpServer, room: Room) -> None:
    server.tell = script(Answer(status=503))
    settings = HttpSettings.model_validate({"url": server.url})
    session = Session("nas", settings, retry=RetryPolicy(first_s=60, longest_s=60))
    threading.Timer(0.1, room.cancel.cancel).start()
    with pytest.raises(RunCancelled):
        session.fetch(GET, room.cancel)


def test_the_rate_limit_of_a_service_is_shared(server: HttpServer, room: Room) -> None:
    throttle = Throttle(2.0, burst=2, monotonic=room.clock.monotonic)
    one, other = room.session(throttle=throttle), room.session(throttle=throttle)
    for session in (one, other, one, other):
        session.fetch(GET, room.cancel)
    assert room.waited == [0.5, 0.5]


def test_a_wait_asked_for_holds_everybody(server: HttpServer, room: Room) -> None:
    throttle = Throttle(1000.0, burst=9, monotonic=room.clock.monotonic)
    throttle.hold(5)
    assert throttle.take() == 5
    room.clock.advance(timedelta(seconds=6))
    assert throttle.take() == 0


def test_a_retry_after_of_one_session_holds_the_others(server: HttpServer, room: Room) -> None:
    server.tell = script(Answer(status=429, headers={"Retry-After": "5"}), OK)
    throttle = Throttle(1000.0, burst=9, monotonic=room.clock.monotonic)
    others: list[float] = []

    def wait(cancel: CancelToken, seconds: float) -> None:
        others.append(throttle.take())
        room.wait(cancel, seconds)

    settings = HttpSettings.model_validate({"url": server.url})
    around = Surroundings(clock=room.clock, wait=wait, chance=lambda: 0.0)
    Session("nas", settings, throttle=throttle, surroundings=around).fetch(GET, room.cancel)
    assert others == [5.0]


def test_a_long_ban_is_remembered_and_nobody_asks_before_it_ends(server: HttpServer, room: Room) -> None:
    server.tell = script(Answer(status=429, headers={"Retry-After": "7200"}), OK)
    throttle = Throttle(1000.0, burst=9, monotonic=room.clock.monotonic)
    settings = HttpSettings.model_validate({"url": server.url})
    around = Surroundings(clock=room.clock, wait=room.wait, chance=lambda: 0.0)
    first, later = (Session("nas", settings, throttle=throttle, surroundings=around) for _ in range(2))
    with pytest.raises(RateLimited):
        first.fetch(GET, room.cancel)
    room.clock.advance(timedelta(minutes=30))
    with pytest.raises(RateLimited, match="nas: it asked to be left alone for 90 more minutes") as caught:
        later.fetch(GET, room.cancel)
    assert caught.value.retry_after_s == 5400
    assert len(server.seen) == 1
    room.clock.advance(timedelta(minutes=91))
    assert later.fetch(GET, room.cancel).status == 200


def test_a_redirect_on_the_same_server_is_followed(server: HttpServer, room: Room) -> None:
    server.tell = script(Answer(status=301, headers={"Location": "/rest/y?z=1"}), OK)
    assert room.fetch().status == 200
    assert (server.seen[1].path, server.seen[1].params) == ("/rest/y", [("z", "1")])
    server.tell = script(Answer(status=302, headers={"Location": "/rest/x"}))
    assert "in circles" in str(failure(room))


@pytest.mark.parametrize("target", ["https://evil.example/login?t=1", "//evil.example/", "http://[", ""])
def test_credentials_never_follow_a_redirect_elsewhere(server: HttpServer, room: Room, target: str) -> None:
    server.tell = script(Answer(status=302, headers={"Location": target}))
    error = failure(room)
    assert isinstance(error, UnexpectedResponse) and "t=1" not in str(error)


def test_credentials_appear_in_no_message_and_no_log_line(
    server: HttpServer, room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    def authorize(request: Request) -> Request:
        return request.with_params(("t", "HUSHHUSH"), ("p", "HUSHHUSH")).with_headers(X_Token="HUSHHUSH")

    answers: list[Told] = [Reset(), Answer(status=503), Answer(status=401), Answer(status=404), Answer(cut=1)]
    with caplog.at_level(logging.DEBUG):
        for told in answers:
            server.tell = script(told)
            assert "HUSH" not in str(failure(room, authorize=authorize))
        server.tell = script(OK)
        room.fetch(authorize=authorize)
    assert server.seen[-1].get("t") == "HUSHHUSH" and server.seen[-1].headers["x-token"] == "HUSHHUSH"
    assert caplog.records and "HUSH" not in caplog.text


class Numbers(msgspec.Struct):
    n: int


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html>", "a web page"),
        (b"", "nothing"),
        (b'{"n": 1', "broken text"),
        (b"[1]", "unknown form"),
        (b'{"n": "HUSH"}', "$.n"),
        (b'{"x":' + b"[" * 100_000, "JSON"),
    ],
    ids=["page", "empty", "cut", "list", "type", "deep"],
)
def test_what_is_no_json_of_the_form_is_told_shortly(
    server: HttpServer, room: Room, body: bytes, reason: str
) -> None:
    server.tell = script(Answer(body=body))
    with pytest.raises(UnexpectedResponse, match="GET /rest/x") as caught:
        room.session(max_bytes=1_000_000).fetch_json(GET, room.cancel, Numbers)
    assert reason in str(caught.value) and "HUSH" not in str(caught.value)


def test_json_of_the_form_is_a_value(room: Room) -> None:
    assert room.session().fetch_json(GET, room.cancel, Numbers) == Numbers(1)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-keyout", key, "-out", cert, "-days", "30", "-subj", "/CN=nas",
         "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    return key, cert


@pytest.fixture
def tls_server(certificate: tuple[Path, Path]) -> Iterator[HttpServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate[1], certificate[0])
    with serving(script(OK), tls=context) as server:
        yield server


def test_a_certificate_nobody_vouches_for_is_refused_and_both_cures_work(
    tls_server: HttpServer, certificate: tuple[Path, Path]
) -> None:
    room = Room(tls_server.url)
    error = failure(room)
    assert "TLS certificate" in str(error) and "`services.nas.verify`" in str(error)
    assert room.waited == []
    assert room.fetch(verify=False).status == 200
    assert room.fetch(verify=str(certificate[1])).status == 200
    assert room.fetch(verify="cert.pem", root=certificate[1].parent).status == 200


def test_a_missing_ca_file_is_named(tls_server: HttpServer, tmp_path: Path) -> None:
    room = Room(tls_server.url)
    assert "ca.pem" in str(failure(room, verify=str(tmp_path / "ca.pem")))
    (tmp_path / "ca.pem").write_text("nothing")
    assert "ca.pem" in str(failure(room, verify=str(tmp_path / "ca.pem")))
    settings = HttpSettings.model_validate({"url": "https://x", "verify": "gone.pem"})
    assert "gone.pem" in find_problems(settings, tmp_path)["verify"]
    assert find_problems(settings.model_copy(update={"verify": "ca.pem"}), tmp_path) == {}


def test_tls_against_a_plain_server_says_so(server: HttpServer, room: Room) -> None:
    assert "does not speak TLS" in str(failure(room, url=server.url.replace("http:", "https:")))


def test_an_unusable_session_is_closed_when_it_is_dropped(server: HttpServer, room: Room) -> None:
    import gc

    session = room.session()
    session.fetch(GET, room.cancel)
    del session
    gc.collect()  # a socket left open would warn, and a warning is an error


def test_the_library_is_imported_late() -> None:
    import sys

    code = "import sys, cmdarr.transport.session; sys.exit('httpx2' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
