"""The one way to a service over HTTP. Nothing else imports the HTTP library.

Waiting, chance and time are passed in. Credentials are added last, so that no message, log line or cache key
can hold them.
"""

import logging
import weakref
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, unquote, urlencode, urlsplit

from cmdarr import __version__
from cmdarr.errors import (
    AuthenticationFailed,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
    UnexpectedResponse,
)
from cmdarr.models.cancel import CancelToken
from cmdarr.transport.array import ArrayReader
from cmdarr.transport.cache import Keep, fetch_kept
from cmdarr.transport.decode import decode
from cmdarr.transport.errors import connection_error, is_tls_failure, redirect_error, status_error
from cmdarr.transport.redirect import find_redirect
from cmdarr.transport.request import Authorize, Reply, Request, anonymous
from cmdarr.transport.retry import RetryPolicy, is_worth_repeating, parse_retry_after
from cmdarr.transport.settings import HttpSettings
from cmdarr.transport.surroundings import Surroundings as Surroundings  # noqa: PLC0414 - named from here too
from cmdarr.transport.throttle import Throttle
from cmdarr.transport.tls import make_tls_context

if TYPE_CHECKING:
    import httpx2

T = TypeVar("T")
MAX_BYTES = 64 * 1024**2
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 3

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Failure:
    """One attempt that failed; `is_worth_it`: sending again does no harm and may help."""

    error: ServiceError
    is_worth_it: bool
    retry_after_s: float | None = None


class _Unanswered(Exception):
    """The request got no complete answer; `was_sent` says whether the service may have carried it out."""

    def __init__(self, error: ServiceError, *, was_sent: bool, is_final: bool = False) -> None:
        super().__init__()
        self.error = error
        self.was_sent = was_sent
        self.is_final = is_final


class Session:
    """Requests to one service: connections are reused, and closed when the session is dropped."""

    def __init__(
        self,
        service: str,
        settings: HttpSettings,
        *,
        authorize: Authorize = anonymous,
        credential: str = "password",
        throttle: Throttle | None = None,
        retry: RetryPolicy | None = None,
        max_bytes: int = MAX_BYTES,
        surroundings: Surroundings | None = None,
    ) -> None:
        self.service = service
        self.setting = f"services.{service}.{credential}"
        """The setting that holds the credentials, for messages."""
        self._url = settings.url.rstrip("/")
        self._verify = settings.verify
        self._timeout_s = max(settings.timeout.total_seconds(), 0.001)
        self._authorize = authorize
        self._throttle = throttle
        self._max_bytes = max_bytes
        self._around = surroundings or Surroundings()
        self._retry = self._around.retry or retry or RetryPolicy()
        self._connections: httpx2.HTTPTransport | None = None

    def fetch(self, request: Request, cancel: CancelToken, keep: Keep | None = None) -> Reply:
        """Send a request and return its answer; with `keep` an answer of before may stand in.

        Raises:
            AuthenticationFailed, NotFound, RateLimited, ServiceUnavailable, UnexpectedResponse: as their names say.
            RunCancelled: the run is to stop.
        """
        answers = self._around.answers
        if keep is None or answers is None or request.method != "GET":
            return self._send(request, cancel)
        reply = fetch_kept(answers, self.service, request, keep, lambda asked: self._send(asked, cancel))
        if reply.is_stale:
            log.warning("%s: does not answer; an older answer to %s is used", self.service, request.what)
        return reply

    def fetch_json(self, request: Request, cancel: CancelToken, form: type[T], keep: Keep | None = None) -> T:
        """Send a request and read the answer as JSON of a form.

        Raises:
            UnexpectedResponse: the answer does not have that form.
            ServiceError: as `fetch`.
        """
        if keep is not None:  # what does not have the form is not kept
            request = request.checked_by(lambda reply: decode(self.service, request.what, reply, form))
        return decode(self.service, request.what, self.fetch(request, cancel, keep), form)

    def fetch_array(self, request: Request, cancel: CancelToken, form: type[T]) -> list[T]:
        """Send a request and read the answer as a JSON array, element by element: its length costs no memory.

        Raises:
            UnexpectedResponse: the answer is no array of that form.
            ServiceError: as `fetch`.
        """
        readers: list[ArrayReader[T]] = []

        def begin() -> Callable[[bytes], None]:
            readers.append(ArrayReader(self.service, request.what, form))
            return readers[-1].feed

        self.fetch(replace(request, sink=begin), cancel)
        return readers[-1].finish()

    def close(self) -> None:
        """Close the connections; the next request opens new ones."""
        if self._connections is not None:
            self._connections.close()
            self._connections = None

    def _send(self, request: Request, cancel: CancelToken) -> Reply:
        """Send until there is an answer, a failure that stays, or no patience left."""
        attempt = 0
        while True:
            attempt += 1
            self._wait_for_turn(cancel)
            outcome = self._attempt(request, cancel)
            if isinstance(outcome, Reply):
                return outcome
            wait_s = None
            if outcome.is_worth_it:
                wait_s = self._retry.wait_s(attempt, self._around.chance(), outcome.retry_after_s)
            if outcome.retry_after_s is not None and self._throttle is not None:
                self._throttle.hold(outcome.retry_after_s)
            if wait_s is None:
                raise outcome.error
            log.info("%s: %s is tried again in %.1f s", self.service, request.what, wait_s)
            self._around.wait(cancel, wait_s)

    def _attempt(self, request: Request, cancel: CancelToken) -> "Reply | _Failure":
        """Send once; a failure that stays whatever one does is raised."""
        try:
            reply = self._send_once(request, cancel)
            if reply.status < 300 or request.is_answer(reply):
                request.check(reply)
                return reply
        except RateLimited as error:  # the body said so, whatever the status: nothing was done
            return _Failure(error, is_worth_it=True, retry_after_s=error.retry_after_s)
        except _Unanswered as error:
            is_worth_it = not error.is_final and (not error.was_sent or request.can_be_repeated)
            return _Failure(error.error, is_worth_it=is_worth_it)
        retry_after_s = parse_retry_after(reply.headers.get("retry-after"), self._around.clock.now())
        return _Failure(
            status_error(self.service, request.what, reply.status, retry_after_s, self.setting),
            is_worth_it=is_worth_repeating(
                reply.status, can_be_repeated=request.can_be_repeated, retry_after_s=retry_after_s
            ),
            retry_after_s=retry_after_s,
        )

    def _wait_for_turn(self, cancel: CancelToken) -> None:
        cancel.check()
        if self._throttle is not None and (held_s := self._throttle.held_s()) > self._retry.patience_s:
            raise RateLimited(
                self.service,
                f"it asked to be left alone for {held_s / 60:.0f} more minutes: run again after that.",
                retry_after_s=held_s,
            )
        wait_s = self._throttle.take() if self._throttle is not None else 0.0
        if wait_s > 0:
            self._around.wait(cancel, wait_s)

    def _send_once(self, request: Request, cancel: CancelToken) -> Reply:
        """Send one request and follow redirects that stay on the same server."""
        prepared = self._prepare(self._authorize(request))
        for _ in range(_MOST_REDIRECTS + 1):
            reply = self._exchange(prepared, request, cancel)
            if reply.status not in _REDIRECTS or request.is_answer(reply):
                return reply
            target = find_redirect(str(prepared.url), reply.headers.get("location", ""))
            if request.method != "GET" or not target.is_same_server:
                raise redirect_error(self.service, request.what, target)
            prepared = self._make("GET", target.url, prepared.headers, None)
        raise UnexpectedResponse(self.service, f"{request.what} leads round in circles.")

    def _prepare(self, request: Request) -> "httpx2.Request":
        headers = {"User-Agent": f"Cmdarr/{__version__}", "Accept": "application/json", **request.headers}
        parts = urlsplit(self._url)
        if parts.username is not None and "Authorization" not in headers:
            account = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            headers["Authorization"] = f"Basic {b64encode(account.encode()).decode()}"
        self._check_headers(headers)
        content = request.body
        if request.form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            content = urlencode(request.form).encode()
        query = urlencode(request.params, quote_via=quote)  # not every server reads `+` as a space
        url = self._url + request.path + (f"?{query}" if query else "")
        return self._make(request.method, url, headers, content)

    def _check_headers(self, headers: Mapping[str, str]) -> None:
        """Refuse what no header can carry before the library puts it into its message: it may be a secret."""
        if not all(
            value.isascii() and value.isprintable() and value == value.strip() for value in headers.values()
        ):
            raise AuthenticationFailed(
                self.service,
                f"`{self.setting}` holds a sign that cannot be sent, such as a line break or a space at its end: "
                "correct it.",
                setting=self.setting,
            )

    def _make(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> "httpx2.Request":
        import httpx2

        timeout = httpx2.Timeout(self._timeout_s).as_dict()
        try:
            return httpx2.Request(
                method, url, headers=headers, content=content, extensions={"timeout": timeout}
            )
        except httpx2.InvalidURL as error:
            raise UnexpectedResponse(
                self.service, f"the address is not a valid one: correct `services.{self.service}.url`."
            ) from error

    def _exchange(self, prepared: "httpx2.Request", request: Request, cancel: CancelToken) -> Reply:
        """Send one prepared request and read the answer to its end."""
        import httpx2

        what = request.what
        started_s = self._around.clock.monotonic()
        try:
            response = self._open().handle_request(prepared)
            response.request = prepared
            try:
                sink = request.sink() if request.sink and response.status_code < 300 else None
                body = self._read(response, what, started_s, cancel, sink)
            finally:
                response.close()
        except httpx2.DecodingError as error:
            raise UnexpectedResponse(self.service, f"{what} was answered with broken compression.") from error
        except httpx2.TransportError as error:
            was_sent = not isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout)
            sentence = connection_error(self.service, self._url, error, self._timeout_s)
            sentence.__cause__ = error
            raise _Unanswered(sentence, was_sent=was_sent, is_final=is_tls_failure(error)) from error
        headers = {name.lower(): value for name, value in response.headers.items()}
        log.debug("%s: %s: %d, %d bytes", self.service, what, response.status_code, len(body))
        return Reply(status=response.status_code, body=body, headers=headers)

    def _read(
        self,
        response: "httpx2.Response",
        what: str,
        started_s: float,
        cancel: CancelToken,
        sink: Callable[[bytes], None] | None,
    ) -> bytes:
        """Read a body within the limits of size and time; what a sink takes is not kept."""
        body = bytearray()
        size = 0
        for chunk in response.iter_bytes():
            cancel.check()
            size += len(chunk)
            if sink is None:
                body += chunk
            else:
                sink(chunk)
            if size > self._max_bytes:
                raise UnexpectedResponse(
                    self.service, f"{what} was answered with more than {self._max_bytes >> 20} MB."
                )
            if self._around.clock.monotonic() - started_s > self._timeout_s:
                raise _Unanswered(
                    ServiceUnavailable(
                        self.service,
                        f"{what} was not answered completely within {self._timeout_s:g} s: raise "
                        f"`services.{self.service}.timeout`.",
                    ),
                    was_sent=True,
                )
        return bytes(body)

    def _open(self) -> "httpx2.HTTPTransport":
        if self._connections is None:
            from urllib.request import getproxies, proxy_bypass

            import httpx2

            parts = urlsplit(self._url)
            proxy = None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)
            context = make_tls_context(self.service, self._url, self._verify, self._around.root)
            self._connections = httpx2.HTTPTransport(verify=context, proxy=proxy)
            weakref.finalize(self, self._connections.close)
        return self._connections
