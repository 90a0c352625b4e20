"""Calls of Lidarr's API (v1): the key in a header, refusals as sentences, and a patient read for the long list."""

import threading
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import msgspec

from cmdarr.clients.lidarr.answers import Complaint, Failure
from cmdarr.clients.lidarr.settings import LidarrSettings
from cmdarr.errors import CmdarrError, ServiceUnavailable, UnexpectedResponse
from cmdarr.library.ports import ClientContext
from cmdarr.models.cancel import CancelToken
from cmdarr.models.redaction import mask_places
from cmdarr.transport.request import Reply, Request
from cmdarr.transport.session import Session

T = TypeVar("T")
BASE = "/api/v1/"
MOST_BYTES = 1024**3
"""A library of 20,000 artists is 100 MB and more: Lidarr sends every text and picture address of each."""
_LOOK_EVERY_S = 0.2
_LONGEST_REASON = 300


class Refused(UnexpectedResponse):
    """Lidarr refused what was sent, and said why: `reasons`."""

    def __init__(self, service: str, what: str, reasons: tuple[str, ...]) -> None:
        super().__init__(service, f"{what} was refused ({_short(' '.join(reasons)) or 'without a reason'}).")
        self.reasons = reasons


class LidarrApi:
    """The calls of one server."""

    def __init__(self, settings: LidarrSettings, context: ClientContext) -> None:
        self.service = context.name
        self._key = settings.api_key.get_secret_value()
        self._quick = self._session(settings, context)
        patient = settings.model_copy(update={"timeout": max(settings.timeout, settings.library_timeout)})
        self._patient = self._session(patient, context)

    def read(self, path: str, cancel: CancelToken, form: type[T], *params: tuple[str, str]) -> T:
        """Ask for something.

        Raises:
            ServiceError: as Lidarr, or the way to it, says.
        """
        return self._quick.fetch_json(Request(path=BASE + path, params=params), cancel, form)

    def read_patiently(self, path: str, cancel: CancelToken, form: type[T]) -> list[T]:
        """Ask for a list that may be long and take minutes; a cancel is noticed meanwhile.

        The wait for the first byte cannot be cut short, so it is left to a thread of its own that nobody waits for
        after a cancel.

        Raises:
            ServiceError: as `read`.
        """
        request = Request(path=BASE + path)
        asked = _Asked[T]()

        def ask() -> None:
            try:
                asked.answer = self._patient.fetch_array(request, cancel, form)
            except CmdarrError as error:  # raised again where the caller waits
                asked.error = error
            finally:
                asked.is_done.set()

        here = copy_context()  # so that its log lines name the run
        threading.Thread(target=here.run, args=(ask,), name=f"{self.service}-{path}", daemon=True).start()
        while not asked.is_done.wait(_LOOK_EVERY_S):
            cancel.check()
        if asked.error is not None:
            raise asked.error
        assert asked.answer is not None  # noqa: S101 - else the thread ended with a defect, which it reported
        return asked.answer

    def write(self, path: str, body: object, cancel: CancelToken) -> None:
        """Send something new; it is never sent twice.

        Raises:
            Refused: Lidarr says what is wrong with it.
            ServiceError: it failed; it may have been carried out all the same.
        """
        request = Request(
            path=BASE + path,
            method="POST",
            body=msgspec.json.encode(body),
            headers={"Content-Type": "application/json"},
            is_answer=_is_refusal,
        )
        reply = self._quick.fetch(request, cancel)
        if reply.status >= 500:
            said = _short(_message(reply.body))
            raise ServiceUnavailable(
                self.service, f"{request.what} failed on the server ({said}): look into its log."
            )
        if reply.status >= 400:
            raise Refused(self.service, request.what, _reasons(reply.body))

    def _session(self, settings: LidarrSettings, context: ClientContext) -> Session:
        return Session(
            context.name,
            settings,
            authorize=self._authorize,
            credential="api_key",
            max_bytes=MOST_BYTES,
            surroundings=context.surroundings,
        )

    def _authorize(self, request: Request) -> Request:
        return request.with_headers(X_Api_Key=self._key)


@dataclass(slots=True)
class _Asked(Generic[T]):
    """What a thread was asked for: at its end one of answer and error is set."""

    answer: list[T] | None = None
    error: CmdarrError | None = None
    is_done: threading.Event = field(default_factory=threading.Event)


def _is_refusal(reply: Reply) -> bool:
    """Whether an answer with an error status is Lidarr's own, in JSON."""
    is_json = reply.body.lstrip()[:1] in {b"[", b"{"}
    return is_json and (
        reply.status in {400, 409, 422} or (reply.status >= 500 and bool(_message(reply.body)))
    )


def _reasons(body: bytes) -> tuple[str, ...]:
    """Return what Lidarr says is wrong: a list of complaints, or one message."""
    try:
        complaints = msgspec.json.decode(body, type=list[Complaint])
    except msgspec.MsgspecError:
        return (_message(body),)
    return tuple(each.error_message or "" for each in complaints)


def _message(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=Failure).message or ""
    except msgspec.MsgspecError:
        return ""


def _short(text: str) -> str:
    return mask_places(" ".join(text.split()))[:_LONGEST_REASON]
