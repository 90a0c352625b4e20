"""Calls of the MusicBrainz API: one a second for the whole process, with a name and a contact; every answer is kept.

Facts: https://musicbrainz.org/doc/MusicBrainz_API, …/Rate_Limiting, …/Search
"""

from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from cmdarr import __version__
from cmdarr.clients.musicbrainz.settings import MusicBrainzSettings
from cmdarr.errors import NotFound, UnexpectedResponse
from cmdarr.library.ports import ClientContext
from cmdarr.models.cancel import CancelToken
from cmdarr.transport.cache import Keep
from cmdarr.transport.request import Parameters, Reply, Request
from cmdarr.transport.retry import RetryPolicy
from cmdarr.transport.session import Session

SEARCH_SIZE = 50
_RATE_PER_S = 1.0
_PATIENT = RetryPolicy(attempts=5, first_s=2.0)
"""MusicBrainz turns everybody of an address away for a moment (503) when it is asked too often."""

Form = TypeVar("Form")


def _is_foreign(reply: Reply) -> bool:
    """Whether a 404 comes from elsewhere, as a proxy: MusicBrainz names an error, and only that means "unknown"."""
    return reply.status == 404 and b'"error"' not in reply.body


class _Found(msgspec.Struct):
    count: int | None = None


class MusicBrainzApi:
    """Reads only; nothing is signed in to."""

    def __init__(self, settings: MusicBrainzSettings, context: ClientContext) -> None:
        contact = " ".join(settings.contact.split()).encode("ascii", "replace").decode()
        self._headers = {"User-Agent": f"Cmdarr/{__version__} ({contact})"}
        self._keep = Keep(ttl=context.ttl_of("musicbrainz"), negative_ttl=context.ttl_of("failed"))
        self._session = Session(
            context.name,
            settings,
            credential="contact",
            throttle=context.throttle(urlsplit(settings.url).netloc, _RATE_PER_S),
            retry=_PATIENT,
            surroundings=context.surroundings,
        )

    def look_up(self, path: str, include: str, cancel: CancelToken, form: type[Form]) -> Form | None:
        """Return what an id names, None when MusicBrainz has nothing of that id.

        Raises:
            ServiceError: MusicBrainz failed; that is never kept.
        """
        request = self._request(path, (("inc", include),))
        try:
            return self._session.fetch_json(request, cancel, form, self._keep)
        except NotFound:
            return None

    def search(self, entity: str, query: str, cancel: CancelToken, form: type[Form]) -> Form | None:
        """Return what a search found, None when it found nothing, which is remembered for a shorter time.

        Raises:
            ServiceError: MusicBrainz failed; that is never kept.
        """
        request = self._request(entity, (("query", query), ("limit", str(SEARCH_SIZE))), is_search=True)
        try:
            return self._session.fetch_json(request, cancel, form, self._keep)
        except NotFound:
            return None

    def ask(self, path: str, cancel: CancelToken) -> None:
        """Send a call past the kept answers.

        Raises:
            ServiceError: MusicBrainz does not answer, or refuses the program.
        """
        self._session.fetch_json(self._request(path, ()), cancel, dict)

    def _request(self, path: str, params: Parameters, *, is_search: bool = False) -> Request:
        return Request(
            path=f"/{path}",
            params=(*params, ("fmt", "json")),
            headers=self._headers,
            is_answer=_is_foreign,
            check=self._check_search if is_search else self._check,
        )

    def _check(self, reply: Reply) -> None:
        if reply.status == 404:
            service = self._session.service
            raise UnexpectedResponse(
                service, f"what answers (HTTP 404) is not MusicBrainz: correct `services.{service}.url`."
            )

    def _check_search(self, reply: Reply) -> None:
        self._check(reply)
        try:
            found = msgspec.json.decode(reply.body, type=_Found)
        except msgspec.MsgspecError:
            return  # what is wrong with it is told where it is read
        if found.count == 0:
            raise NotFound(self._session.service, "the search found nothing.")
