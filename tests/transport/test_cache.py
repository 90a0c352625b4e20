"""Kept answers: against the real cache.db and a real server."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fakes_http import Answer, HttpServer, script, serving
from fakes_library import FakeClock

from cmdarr.errors import NotFound, RateLimited, ServiceUnavailable
from cmdarr.models.cancel import CancelToken
from cmdarr.storage.cache_store import CacheStore
from cmdarr.transport.cache import Keep
from cmdarr.transport.request import Reply, Request
from cmdarr.transport.session import Session
from cmdarr.transport.settings import HttpSettings
from cmdarr.transport.surroundings import Surroundings

KEEP = Keep(ttl=timedelta(hours=1), negative_ttl=timedelta(minutes=5))
REQUEST = Request(path="/artist", params=[("q", "Muse"), ("q", "Moby")])


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with serving(script(Answer(body=b'"one"'))) as server:
        yield server


@pytest.fixture
def session(server: HttpServer, clock: FakeClock, tmp_path: Path) -> Iterator[Session]:
    with CacheStore.open(tmp_path / "cache.db", clock=clock, max_bytes=10_000_000) as store:
        yield Session(
            "mb",
            HttpSettings.model_validate({"url": server.url}),
            authorize=lambda request: request.with_params(("token", "HUSH")),
            surroundings=Surroundings(
                clock=clock, wait=lambda cancel, seconds: None, chance=lambda: 0.5, answers=store.answers
            ),
        )


def ask(session: Session, request: Request = REQUEST, keep: Keep | None = KEEP) -> Reply:
    return session.fetch(request, CancelToken(), keep)


def test_a_fresh_answer_spares_the_request(server: HttpServer, session: Session, clock: FakeClock) -> None:
    assert [ask(session).body for _ in range(3)] == [b'"one"'] * 3
    assert len(server.seen) == 1
    clock.advance(timedelta(hours=2))
    server.tell = script(Answer(body=b'"two"'))
    assert ask(session).body == b'"two"'


def test_other_parameters_and_accounts_are_other_answers(server: HttpServer, session: Session) -> None:
    ask(session)
    ask(session, Request(path="/artist", params=[("q", "Muse")]))
    ask(session, keep=Keep(ttl=timedelta(hours=1), account="alice"))
    assert len(server.seen) == 3


def test_nothing_is_kept_unasked_and_nothing_of_a_write(server: HttpServer, session: Session) -> None:
    for _ in range(2):
        ask(session, keep=None)
        ask(session, Request(path="/artist", method="POST"))
    assert len(server.seen) == 4


def test_a_look_up_that_found_nothing_is_remembered_shortly(
    server: HttpServer, session: Session, clock: FakeClock
) -> None:
    server.tell = script(Answer(status=404))
    for _ in range(2):
        with pytest.raises(NotFound, match=r"^mb: GET /artist was not found"):
            ask(session)
    assert len(server.seen) == 1
    clock.advance(timedelta(minutes=6))
    server.tell = script(Answer(body=b'"there"'))
    assert ask(session).body == b'"there"'


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_outage_is_never_kept_and_an_older_answer_stands_in_marked(
    server: HttpServer, session: Session, clock: FakeClock, status: int
) -> None:
    server.tell = script(Answer(status=status))
    with pytest.raises(ServiceUnavailable):
        ask(session)
    server.tell = script(Answer(body=b'"one"'))
    assert ask(session).is_stale is False
    clock.advance(timedelta(days=9))
    server.tell = script(Answer(status=status))
    reply = ask(session)
    assert (reply.body, reply.is_stale) == (b'"one"', True)


def test_an_answer_whose_body_is_an_error_is_not_kept(server: HttpServer, session: Session) -> None:
    def check(reply: Reply) -> None:
        if b"error" in reply.body:
            raise RateLimited("mb", "quota", retry_after_s=900)

    server.tell = script(Answer(body=b'{"error": 4}'))
    request = Request(path="/artist", check=check)
    with pytest.raises(RateLimited):
        ask(session, request)
    server.tell = script(Answer(body=b'"good"'))
    assert ask(session, request).body == b'"good"'
