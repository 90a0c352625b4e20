"""Calls of the ListenBrainz API: its rate limit, its empty answers, and its pages.

Facts: https://listenbrainz.readthedocs.io/en/latest/users/api/
"""

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import urlsplit

from cmdarr.clients.listenbrainz.settings import ListenBrainzSettings
from cmdarr.errors import NotFound, RateLimited, SourceIncomplete, UnexpectedResponse
from cmdarr.library.ports import ClientContext
from cmdarr.models.cancel import CancelToken
from cmdarr.transport.cache import Keep
from cmdarr.transport.request import Parameters, Reply, Request
from cmdarr.transport.retry import parse_retry_after
from cmdarr.transport.session import Session

PAGE = 250
"""More than some servers give at once; the next page begins where the rows that came end."""
_RATE_PER_S = 2.5
_BURST = 10
_LONGEST_HOLD_S = 60.0
_READINGS = 3

Form = TypeVar("Form")
Row = TypeVar("Row")


class NotComputed(NotFound):
    """ListenBrainz has not computed this yet."""


class Page(NamedTuple, Generic[Row]):
    """Some rows, and how many there are in all."""

    rows: Sequence[Row]
    total: int


class ListenBrainzApi:
    """One account, or none, at one address."""

    def __init__(self, settings: ListenBrainzSettings, context: ClientContext) -> None:
        self._token = settings.token
        self._clock = context.surroundings.clock
        self._throttle = context.throttle(urlsplit(settings.url).netloc, _RATE_PER_S, burst=_BURST)
        self._session = Session(
            context.name,
            settings,
            authorize=self._authorize,
            credential="token",
            throttle=self._throttle,
            surroundings=context.surroundings,
        )

    @property
    def service(self) -> str:
        """The service's name in settings.yaml."""
        return self._session.service

    def read(
        self, path: str, params: Parameters, cancel: CancelToken, form: type[Form], keep: Keep | None = None
    ) -> Form:
        """Read the answer to one call below `/1/`.

        Raises:
            NotComputed: the server has no data for this user yet (204).
            ServiceError: the call failed.
        """
        request = Request(path=f"/1/{path}", params=params, is_answer=_is_answer, check=self._check)
        return self._session.fetch_json(request, cancel, form, keep)

    def read_all(
        self, what: str, fetch: Callable[[int], Page[Row]], cancel: CancelToken, most: int | None = None
    ) -> list[Row]:
        """Read page after page, by offset, until every announced row has come, or `most` rows.

        Raises:
            SourceIncomplete: fewer came than were announced, or the list changed again and again.
        """
        for _ in range(_READINGS):
            rows: list[Row] = []
            wanted = None
            while True:
                cancel.check()
                page = fetch(len(rows))
                announced = page.total if most is None else min(page.total, most)
                if announced != (announced if wanted is None else wanted):
                    break
                wanted = announced
                rows.extend(page.rows)
                if len(rows) >= wanted:
                    return rows if most is None else rows[:most]
                if not page.rows:
                    raise SourceIncomplete(
                        f"{self.service}: {what} came short: {len(rows)} of {wanted} entries; run again later."
                    )
        raise SourceIncomplete(f"{self.service}: {what} changed while it was read: run again later.")

    def _authorize(self, request: Request) -> Request:
        if self._token is None:
            return request
        return request.with_headers(Authorization=f"Token {self._token.get_secret_value()}")

    def _check(self, reply: Reply) -> None:
        """Keep to the limits that every answer states, and tell what is no answer."""
        reset_in_s = parse_retry_after(reply.headers.get("x-ratelimit-reset-in"), self._clock.now())
        if reply.status == 429:
            raise RateLimited(
                self.service,
                f"it was asked too often (HTTP 429); it can be asked again in {reset_in_s or 0:.0f} s.",
                retry_after_s=reset_in_s,
            )
        if reply.status == 404:
            raise UnexpectedResponse(
                self.service,
                f"what answers (HTTP 404) is not ListenBrainz: correct `services.{self.service}.url`.",
            )
        if reset_in_s and reply.headers.get("x-ratelimit-remaining", "").strip() == "0":
            self._throttle.hold(min(reset_in_s, _LONGEST_HOLD_S))
        if reply.status == 204:
            raise NotComputed(self.service, "it has not computed this for the user yet: try again in a day.")


def _is_answer(reply: Reply) -> bool:
    """Whether headers or body say more than the status: when to come back, or that a 404 comes from elsewhere."""
    if reply.status == 404:
        return b'"error"' not in reply.body
    return reply.status == 429 and "x-ratelimit-reset-in" in reply.headers
