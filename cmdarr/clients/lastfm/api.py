"""Calls of the Last.fm API: its errors, which mostly come with HTTP 200, and its pages.

Facts: https://www.last.fm/api/intro, https://lastfm-docs.github.io/api-docs/codes/
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from cmdarr.clients.lastfm.answers import Answer, Artists, PageMark, Problem, Tracks, text, whole
from cmdarr.clients.lastfm.settings import LastfmSettings
from cmdarr.errors import (
    AuthenticationFailed,
    NotFound,
    RateLimited,
    ServiceError,
    SourceIncomplete,
    UnexpectedResponse,
)
from cmdarr.library.formats.text import clean_line
from cmdarr.library.ports import ClientContext
from cmdarr.models.cancel import CancelToken
from cmdarr.models.redaction import Redactor
from cmdarr.transport.cache import Keep
from cmdarr.transport.decode import decode
from cmdarr.transport.request import Reply, Request
from cmdarr.transport.retry import BUSY
from cmdarr.transport.session import Session

PAGE = 200
_RATE_PER_S = 4.0
_BURST = 4
_READINGS = 3
_LONGEST_PROBLEM = 2_000
_NOT_FOUND = frozenset({6, 7})
_MOMENTARY = frozenset({2, 8, 11, 16, 29})
_KEY_REFUSED = frozenset({10, 26})
_PRIVATE = 17

Params = tuple[tuple[str, str], ...]
Row = TypeVar("Row")


class LastfmApi:
    """One API account. The key goes into the address, so nothing here names an address."""

    def __init__(self, settings: LastfmSettings, context: ClientContext) -> None:
        self._key = settings.api_key
        self._session = Session(
            context.name,
            settings,
            authorize=self._authorize,
            credential="api_key",
            throttle=context.throttle(urlsplit(settings.url).netloc, _RATE_PER_S, burst=_BURST),
            surroundings=context.surroundings,
        )

    @property
    def service(self) -> str:
        """The service's name in settings.yaml."""
        return self._session.service

    def read(self, method: str, params: Params, cancel: CancelToken, keep: Keep | None = None) -> Answer:
        """Send one call and return its answer.

        Raises:
            NotFound: the user, artist, tag or track does not exist.
            ServiceError: the call failed.
        """
        request = Request(
            path="/2.0/",
            params=(("method", method), *params, ("format", "json")),
            is_answer=_is_answer,
            check=partial(self._check, method),
        )
        return self._session.fetch_json(request, cancel, Answer, keep)

    def read_all(
        self,
        what: str,
        fetch: Callable[[int], "tuple[PageMark | None, Sequence[Row]]"],
        cancel: CancelToken,
        most: int | None = None,
    ) -> list[Row]:
        """Read page after page (from 1) until every announced row has come, or `most` rows.

        Raises:
            SourceIncomplete: fewer came than were announced, or the list changed again and again.
            UnexpectedResponse: a page does not say how many rows there are, or is another one than was asked for.
        """
        for _ in range(_READINGS):
            rows = self._read_once(what, fetch, cancel, most)
            if rows is not None:
                return rows if most is None else rows[:most]
        raise SourceIncomplete(f"{self.service}: {what} changed while they were read: run again later.")

    def tracks_of(self, method: str, answer: Answer) -> Tracks:
        """Return the tracks of an answer.

        Raises:
            UnexpectedResponse: it has none, not even an empty list.
        """
        if answer.some_tracks is None:
            raise self._formless(method)
        return answer.some_tracks

    def artists_of(self, method: str, answer: Answer) -> Artists:
        """Return the artists of an answer.

        Raises:
            UnexpectedResponse: it has none, not even an empty list.
        """
        found = answer.similarartists or answer.topartists or answer.artists
        if found is None:
            raise self._formless(method)
        return found

    def _read_once(
        self,
        what: str,
        fetch: Callable[[int], "tuple[PageMark | None, Sequence[Row]]"],
        cancel: CancelToken,
        most: int | None,
    ) -> list[Row] | None:
        """Read every page once; None when the number of rows changed on the way."""
        rows: list[Row] = []
        wanted, number = None, 0
        while True:
            cancel.check()
            number += 1
            mark, page = fetch(number)
            announced = self._announced(what, mark, number)
            announced = announced if most is None else min(announced, most)
            if announced != (announced if wanted is None else wanted):
                return None
            wanted = announced
            rows.extend(page)
            if len(rows) >= wanted:
                return rows
            if not page:
                raise SourceIncomplete(
                    f"{self.service}: {what} came short: {len(rows)} of {wanted} entries; run again later."
                )

    def _announced(self, what: str, mark: PageMark | None, number: int) -> int:
        total = whole(mark.total) if mark else None
        if mark is None or total is None:
            raise UnexpectedResponse(self.service, f"{what} came without their number.")
        if whole(mark.page) not in {None, number, 0}:
            raise UnexpectedResponse(self.service, f"page {number} of {what} was answered with another page.")
        return total

    def _authorize(self, request: Request) -> Request:
        return request.with_params(("api_key", self._key.get_secret_value()))

    def _formless(self, method: str) -> UnexpectedResponse:
        return UnexpectedResponse(self.service, f"{method} was answered in an unknown form.")

    def _check(self, method: str, reply: Reply) -> None:
        problem = _find_problem(reply)
        if problem is not None:
            raise self._error_of(method, problem)
        if reply.status == 404:
            raise UnexpectedResponse(
                self.service,
                f"what answers (HTTP 404) is not Last.fm: correct `services.{self.service}.url`.",
            )
        if not decode(self.service, method, reply, Answer).has_parts:
            raise self._formless(method)

    def _error_of(self, method: str, problem: Problem) -> ServiceError:
        """Return what an error code means."""
        code = whole(problem.error) or 0
        said = Redactor([self._key.get_secret_value()])(clean_line(text(problem.message)))[:150]
        sentence = f"{method} was refused with error {code} ({said.rstrip('.') or 'no reason was given'})"
        if code in _MOMENTARY:
            return RateLimited(self.service, f"{sentence}: try again later.")
        if code in _NOT_FOUND:
            return NotFound(self.service, f"{sentence}.")
        if code in _KEY_REFUSED:
            setting = self._session.setting
            return AuthenticationFailed(self.service, f"{sentence}: correct `{setting}`.", setting=setting)
        if code == _PRIVATE:
            setting = f"services.{self.service}.username"
            return AuthenticationFailed(
                self.service, f"{sentence}: the user keeps the listens private.", setting=setting
            )
        return UnexpectedResponse(self.service, f"{sentence}.")


def _is_answer(reply: Reply) -> bool:
    """Whether a body says more than its status; a 404 means "unknown" only where Last.fm says so."""
    return reply.status == 404 or (reply.status not in BUSY and _find_problem(reply) is not None)


def _find_problem(reply: Reply) -> Problem | None:
    """Return the error that a body states, whatever its status."""
    if len(reply.body) > _LONGEST_PROBLEM or b'"error"' not in reply.body:
        return None
    try:
        return msgspec.json.decode(reply.body, type=Problem)
    except msgspec.MsgspecError:
        return None
