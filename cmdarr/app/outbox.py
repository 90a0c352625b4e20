"""The outbox: notices on their way, in a thread of its own. A service that is down or slow holds nobody up."""

import heapq
import logging
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from cmdarr.errors import CmdarrError
from cmdarr.models.clock import Clock

logger = logging.getLogger(__name__)
MOST_WAITING = 100
RETRY_AFTER_S = (5.0, 60.0, 600.0)
STOP_WITHIN_S = 10.0
_SLICE_S = 0.1
_SCHEME = re.compile(r"([a-z][a-z0-9+-]{0,31})://", re.IGNORECASE)


class NotSent(CmdarrError):
    """A notification was not taken."""

    http_status = 502

    def __init__(self, message: str, *, is_worth_repeating: bool = True) -> None:
        super().__init__(message)
        self.is_worth_repeating = is_worth_repeating


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message for people; its texts hold no secret."""

    title: str
    body: str
    is_bad: bool


@dataclass(frozen=True, slots=True)
class UrlName:
    """How a URL is named without its secret: its place in settings.yaml and its scheme."""

    key: str
    scheme: str

    def __str__(self) -> str:
        return f"`{self.key}` ({self.scheme})" if self.scheme else f"`{self.key}`"


Send = Callable[[str, Notice], None]
"""Sends a notice to a URL; raises `NotSent`, whose text names neither the URL nor a secret."""


@dataclass(frozen=True, order=True)
class _Delivery:
    due_s: float
    number: int
    place: int
    url: str
    notice: Notice
    attempt: int = 0

    def __repr__(self) -> str:
        return f"_Delivery(to={name_of(self.place, self.url)}, attempt={self.attempt})"


@dataclass(slots=True)
class OutboxFigures:
    """What became of the notices since the start."""

    sent: int = 0
    failed: int = 0
    dropped: int = 0


class Outbox:
    """Sends each notice to each URL, a few times if it must. Safe to share by threads."""

    def __init__(self, send: Send, *, clock: Clock, retry_after_s: Sequence[float] = RETRY_AFTER_S) -> None:
        self._send = send
        self._clock = clock
        self._retry_after_s = tuple(retry_after_s)
        self._changed = threading.Condition()  # guards all below; not held while something is sent
        self._waiting: list[_Delivery] = []
        self._count = 0
        self._thread: threading.Thread | None = None
        self._is_stopping = False
        self._is_hurried = False
        self._figures = OutboxFigures()

    def put(self, notice: Notice, urls: Sequence[str]) -> None:
        """Send a notice soon; one too many is dropped, with a line in the log."""
        with self._changed:
            for place, url in enumerate(urls):
                self._add(_Delivery(self._clock.monotonic(), self._next_number(), place, url, notice))
            if self._thread is None and not self._is_stopping:
                self._thread = threading.Thread(target=self._work, name="notifications", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def figures(self) -> tuple[OutboxFigures, int]:
        """Return what became of the notices so far, and how many wait."""
        with self._changed:
            return replace(self._figures), len(self._waiting)

    def open(self) -> None:
        """Take notices (again)."""
        with self._changed:
            self._is_stopping = False

    def stop(self, within_s: float = STOP_WITHIN_S) -> None:
        """Send what was not tried yet, for a few seconds, and end the thread."""
        with self._changed:
            self._is_stopping = True
            self._drop(delivery for delivery in self._waiting if delivery.attempt)
            thread, self._thread = self._thread, None
            self._changed.notify_all()
        deadline = self._clock.monotonic() + within_s
        while thread is not None and thread.is_alive() and not self._is_hurried:
            if (left := deadline - self._clock.monotonic()) <= 0:
                break
            thread.join(min(left, _SLICE_S))
        with self._changed:
            self._drop(self._waiting)

    def stop_now(self) -> None:
        """Make a stop, going on or to come, wait for nothing."""
        self._is_hurried = True

    def _drop(self, doomed: Iterable[_Delivery]) -> None:
        """Take deliveries out, because of a stop; the caller holds the condition."""
        numbers = {delivery.number for delivery in doomed}
        if numbers:
            logger.warning("%d notifications were not sent before the stop.", len(numbers))
            self._figures.dropped += len(numbers)
            self._waiting = [delivery for delivery in self._waiting if delivery.number not in numbers]
            heapq.heapify(self._waiting)

    def _next_number(self) -> int:
        self._count += 1
        return self._count

    def _add(self, delivery: _Delivery) -> None:
        if len(self._waiting) < MOST_WAITING:
            heapq.heappush(self._waiting, delivery)
            return
        self._figures.dropped += 1
        logger.warning(
            "%d notifications wait to be sent; one more is dropped.",
            MOST_WAITING,
            extra={"action": "notice_dropped"},
        )

    def _work(self) -> None:
        while (delivery := self._next()) is not None:
            self._deliver(delivery)

    def _next(self) -> _Delivery | None:
        """Wait for a delivery that is due and take it; None when there is to be no more."""
        me = threading.current_thread()
        with self._changed:
            while True:
                if self._is_stopping and not self._waiting:
                    return None
                if self._thread is not me and not self._is_stopping:
                    return None  # a stop did not wait for this thread, and another took its place
                wait_s = self._waiting[0].due_s - self._clock.monotonic() if self._waiting else None
                if wait_s is not None and (wait_s <= 0 or self._is_stopping):
                    return heapq.heappop(self._waiting)
                self._changed.wait(wait_s)

    def _deliver(self, delivery: _Delivery) -> None:
        try:
            self._send(delivery.url, delivery.notice)
        except NotSent as error:
            self._try_later(delivery, error)
        except Exception as error:  # noqa: BLE001 - a plug-in of the library may fail in any way, and the thread goes on
            self._try_later(delivery, NotSent(f"the library met an unexpected {type(error).__name__}."))
        else:
            with self._changed:
                self._figures.sent += 1

    def _try_later(self, delivery: _Delivery, error: NotSent) -> None:
        name, attempt = name_of(delivery.place, delivery.url), delivery.attempt
        may_repeat = error.is_worth_repeating and not self._is_stopping
        if may_repeat and attempt < len(self._retry_after_s):
            due_s = self._clock.monotonic() + self._retry_after_s[attempt]
            logger.info("%s did not take a notification and is tried again: %s", name, error)
            with self._changed:
                self._add(replace(delivery, due_s=due_s, attempt=attempt + 1))
            return
        logger.error("a notification was not sent: %s: %s", name, error, extra={"action": "notice_failed"})
        with self._changed:
            self._figures.failed += 1


def name_of(place: int, url: str) -> UrlName:
    """Return how a URL is named: by its place in `notifications.urls`, counted from 0, and its scheme."""
    found = _SCHEME.match(url.strip())
    return UrlName(f"notifications.urls.{place}", found[1].lower() if found else "")
