"""The outbox and the door to Apprise: over a real HTTP server, down, slow and refusing; and no secret in the log."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from fakes_http import Answer, HttpServer, Reset, script, serving
from pydantic import SecretStr

from cmdarr.app.apprise_door import send_by_apprise
from cmdarr.app.notices import try_urls
from cmdarr.app.outbox import MOST_WAITING, Notice, NotSent, Outbox, name_of
from cmdarr.config.settings import NotificationSettings, Settings
from cmdarr.errors import NothingFound
from cmdarr.models.clock import SystemClock

SECRET = "s3cr3t-t0ken"
NOTICE = Notice(title="Cmdarr: friday failed", body="plex did not answer – “x”.", is_bad=True)
WITHIN_S = 20.0


def url_of(server: HttpServer) -> str:
    return f"json://user:{SECRET}@{server.url.removeprefix('http://')}/{SECRET}/hook"


def settings(*urls: str) -> Settings:
    return Settings(notifications=NotificationSettings(urls=tuple(map(SecretStr, urls))))


class Written(logging.Handler):
    """What comes to the handlers of the root logger, as the log of the program does."""

    def __init__(self) -> None:
        super().__init__(1)
        self.lines: list[str] = []
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(logging.Formatter("%(name)s %(message)s").format(record))
        self.errors += [record.getMessage()] if record.levelno == logging.ERROR else []

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@pytest.fixture
def written() -> Iterator[Written]:
    """Write at the lowest level, and forget what pytest adds: it listens to silenced loggers too."""
    handler, root = Written(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(1)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


@contextmanager
def outbox(
    send: Callable[[str, Notice], None], *, retry_after_s: tuple[float, ...] = (0.01, 0.02)
) -> Iterator[Outbox]:
    box = Outbox(send, clock=SystemClock(), retry_after_s=retry_after_s)
    try:
        yield box
    finally:
        box.stop_now()
        box.stop()


def settle(box: Outbox, results: int) -> tuple[int, int, int]:
    """Wait until so many deliveries have come to their end; return those sent, failed and dropped."""
    clock = SystemClock()
    deadline = clock.monotonic() + WITHIN_S
    while True:
        found, _ = box.figures()
        ended = (found.sent, found.failed, found.dropped)
        if sum(ended) >= results:
            return ended
        assert clock.monotonic() < deadline, f"it never came: {ended}"
        threading.Event().wait(0.005)


def test_a_notice_arrives_as_it_was_written() -> None:
    with serving(lambda _: Answer()) as server, outbox(send_by_apprise) as box:
        box.put(NOTICE, [url_of(server)])
        assert settle(box, 1) == (1, 0, 0)
        (seen,) = server.seen
        message = json.loads(seen.body)
    assert (message["title"], message["message"]) == (NOTICE.title, NOTICE.body)
    assert message["type"] == "warning"
    assert seen.path == f"/{SECRET}/hook"


def test_a_service_that_is_down_for_a_moment_gets_it_later() -> None:
    answers = script(Answer(status=503), Reset(), Answer())
    with serving(answers) as server, outbox(send_by_apprise) as box:
        box.put(NOTICE, [url_of(server)])
        assert settle(box, 1) == (1, 0, 0)
        assert len(server.seen) == 3


def test_a_url_that_fails_does_not_keep_the_others_waiting() -> None:
    with (
        serving(lambda _: Answer()) as good,
        serving(lambda _: Answer(status=500)) as bad,
        outbox(send_by_apprise, retry_after_s=(600.0,)) as box,
    ):
        box.put(NOTICE, [url_of(bad), url_of(good)])
        box.put(NOTICE, [url_of(bad), url_of(good)])
        assert settle(box, 2) == (2, 0, 0)
        assert box.figures()[1] == 2


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (Answer(status=401), "the service answered with status 401"),
        (Answer(status=500), "the service answered with status 500"),
        (Reset(), "the service did not answer"),
    ],
    ids=["unauthorised", "error", "reset"],
)
def test_what_fails_for_good_is_one_sentence_without_the_secret(
    told: Answer | Reset, why: str, written: Written, capfd: pytest.CaptureFixture[str]
) -> None:
    with serving(lambda _: told) as server, outbox(send_by_apprise) as box:
        box.put(NOTICE, [url_of(server)])
        assert settle(box, 1) == (0, 1, 0)
    assert [error.partition(why)[0] for error in written.errors] == [
        "a notification was not sent: `notifications.urls.0` (json): "
    ]
    assert SECRET not in written.text and SECRET not in "".join(capfd.readouterr())
    assert "127.0.0.1" not in written.text


@pytest.mark.parametrize("url", [f"nosuch://{SECRET}", SECRET, f"json://{SECRET}:no-port:/", " ", "json://"])
def test_a_url_that_means_nothing_is_told_at_once_and_without_its_text(url: str, written: Written) -> None:
    with pytest.raises(NotSent, match="correct it in settings") as caught:
        send_by_apprise(url, NOTICE)
    assert not caught.value.is_worth_repeating
    assert SECRET not in written.text and SECRET not in str(caught.value)


def test_a_url_that_means_nothing_is_not_tried_again(written: Written) -> None:
    with outbox(send_by_apprise, retry_after_s=(600.0,)) as box:
        box.put(NOTICE, [f"nosuch://{SECRET}"])
        assert settle(box, 1) == (0, 1, 0)
    assert SECRET not in written.text and "`notifications.urls.0` (nosuch)" in written.text


def test_a_library_that_fails_in_any_way_ends_nothing(written: Written) -> None:
    told = [KeyError(SECRET), ValueError(SECRET), None]

    def send(url: str, notice: Notice) -> None:
        failure = told.pop(0)
        if failure is not None:
            raise failure

    with outbox(send) as box:
        box.put(NOTICE, ["json://x"])
        assert settle(box, 1) == (1, 0, 0)
    assert SECRET not in written.text and "unexpected KeyError" in written.text


def test_nobody_waits_while_something_is_sent_and_too_many_are_dropped(
    caplog: pytest.LogCaptureFixture,
) -> None:
    entered, let_go = threading.Event(), threading.Event()

    def send(url: str, notice: Notice) -> None:
        entered.set()
        assert let_go.wait(WITHIN_S)

    with outbox(send) as box:
        box.put(NOTICE, ["json://x"])
        assert entered.wait(WITHIN_S)
        for _ in range(MOST_WAITING + 3):
            box.put(NOTICE, ["json://x"])
        assert box.figures()[1] == MOST_WAITING
        let_go.set()
        assert settle(box, MOST_WAITING + 4) == (MOST_WAITING + 1, 0, 3)
    assert "one more is dropped" in caplog.text


def test_a_stop_sends_what_was_not_tried_and_drops_what_failed() -> None:
    sent: list[str] = []
    held, let_go = threading.Event(), threading.Event()

    def send(url: str, notice: Notice) -> None:
        if url == "json://bad":
            raise NotSent("no")
        held.set()
        assert let_go.wait(WITHIN_S)
        sent.append(notice.title)

    box = Outbox(send, clock=SystemClock(), retry_after_s=(600.0,))
    box.put(NOTICE, ["json://bad", "json://good", "json://good"])
    assert held.wait(WITHIN_S)
    threading.Timer(0.05, let_go.set).start()
    box.stop(WITHIN_S)
    assert len(sent) == 2
    assert box.figures()[0].dropped == 1
    box.put(NOTICE, ["json://good"])
    assert len(sent) == 2  # nothing is sent after the stop
    box.open()
    box.put(NOTICE, [])
    assert settle(box, 4) == (3, 0, 1)
    box.stop()


def test_a_stop_in_a_hurry_waits_for_nothing() -> None:
    entered, let_go = threading.Event(), threading.Event()

    def send(url: str, notice: Notice) -> None:
        entered.set()
        let_go.wait(WITHIN_S)

    box = Outbox(send, clock=SystemClock())
    box.put(NOTICE, ["json://x", "json://y"])
    assert entered.wait(WITHIN_S)
    box.stop_now()
    box.stop(WITHIN_S)
    assert box.figures()[0].dropped == 1
    let_go.set()


def test_a_test_asks_every_url_and_says_how_each_took_it() -> None:
    with serving(lambda _: Answer()) as good, serving(lambda _: Answer(status=403)) as bad:
        answers = try_urls(settings(url_of(good), url_of(bad), "nosuch://x"))
        assert json.loads(good.seen[0].body)["title"] == "Cmdarr: a test"
    assert [str(answer.url) for answer in answers] == [
        "`notifications.urls.0` (json)", "`notifications.urls.1` (json)", "`notifications.urls.2` (nosuch)",
    ]  # fmt: skip
    assert answers[0].error is None
    assert answers[1].error is not None and "status 403" in answers[1].error
    assert answers[2].error is not None


def test_a_test_without_a_url_says_where_to_put_one() -> None:
    with pytest.raises(NothingFound, match=r"add one to `notifications\.urls`"):
        try_urls(Settings())


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("ntfys://token@host/topic", "`notifications.urls.3` (ntfys)"),
        ("TGRAM://token", "`notifications.urls.3` (tgram)"),
        ("a-token-alone", "`notifications.urls.3`"),
        (f"{'x' * 40}://host", "`notifications.urls.3`"),
    ],
)
def test_a_url_is_named_by_its_place_and_scheme(url: str, name: str) -> None:
    assert str(name_of(3, url)) == name


def test_what_waits_shows_no_secret_when_it_is_printed() -> None:
    box = Outbox(lambda _url, _notice: None, clock=SystemClock())
    box.stop()
    box.put(NOTICE, [f"json://{SECRET}"])
    assert SECRET not in repr(vars(box))
