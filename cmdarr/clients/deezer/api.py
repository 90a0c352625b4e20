"""Calls of Deezer's API: its budget, and its errors that come with HTTP 200."""

from typing import TypeVar

from cmdarr.clients.deezer.answers import Named, Page, Track, check_answer
from cmdarr.clients.deezer.settings import DeezerSettings
from cmdarr.errors import NotFound
from cmdarr.library.ports import ClientContext
from cmdarr.models.cancel import CancelToken
from cmdarr.transport.cache import Keep
from cmdarr.transport.request import Request
from cmdarr.transport.session import Session

T = TypeVar("T")
RATE_PER_S, BURST = 9, 5
"""Together at most 50 requests in 5 seconds, which is Deezer's limit for one address."""


class DeezerApi:
    """The calls of one service; lists are never kept, what a track or a genre is may be."""

    def __init__(self, settings: DeezerSettings, context: ClientContext) -> None:
        self.service = context.name
        throttle = context.throttle(settings.url, RATE_PER_S, burst=BURST)
        self._session = Session(
            context.name, settings, throttle=throttle, surroundings=context.surroundings, credential="url"
        )
        self._keep = Keep(ttl=context.ttl_of(context.name), negative_ttl=context.ttl_of("failed"))

    def fetch(self, path: str, form: type[T], cancel: CancelToken) -> T:
        """Ask for something as it is now.

        Raises:
            ServiceError: as the service, or the way to it, says.
        """
        return self._ask(path, form, cancel)

    def fetch_page(self, path: str, index: int, limit: int, cancel: CancelToken) -> Page:
        """Ask for the entries of a list from `index` on."""
        return self._ask(path, Page, cancel, ("index", str(index)), ("limit", str(limit)))

    def find_track(self, number: int, cancel: CancelToken) -> Track | None:
        """Return what is known of a track; None when there is no such track (any more)."""
        try:
            return self._ask(f"/track/{number}", Track, cancel, keep=self._keep)
        except NotFound:
            return None

    def genre_name(self, number: int, cancel: CancelToken) -> str:
        """Return the name of a genre."""
        return self._ask(f"/genre/{number}", Named, cancel, keep=self._keep).name

    def _ask(
        self,
        path: str,
        form: type[T],
        cancel: CancelToken,
        *params: tuple[str, str],
        keep: Keep | None = None,
    ) -> T:
        request = Request(
            path=path,
            params=params,
            check=lambda reply: check_answer(self.service, f"GET {path}", reply),
        )
        return self._session.fetch_json(request, cancel, form, keep)
