"""Short links: where they lead, asked from Deezer's own hosts only."""

from collections.abc import Callable
from urllib.parse import urljoin

from cmdarr.clients.deezer.address import Link, Place, parse_address
from cmdarr.errors import NotFound
from cmdarr.models.cancel import CancelToken
from cmdarr.transport.request import Reply, Request
from cmdarr.transport.session import Session

_MOST_STEPS = 3


_READ = frozenset({301, 302, 303, 307, 308, 400, 404, 410})
"""Redirects, and what a link that has died is answered with."""


def _is_read(reply: Reply) -> bool:
    return reply.status in _READ


class ShortLinks:
    """Follows short links step by step; `open_session` gives the way to a host that it knows."""

    def __init__(self, service: str, open_session: Callable[[str], Session]) -> None:
        self._service = service
        self._open_session = open_session

    def resolve(self, link: Link, cancel: CancelToken) -> Place:
        """Return what a short link leads to.

        Raises:
            NotFound: it leads nowhere, or away from Deezer.
            ServiceError: the host does not answer.
        """
        for _ in range(_MOST_STEPS):
            place = self._follow(link, cancel)
            if isinstance(place, Place):
                return place
            link = place
        raise self._dead_end()

    def _follow(self, link: Link, cancel: CancelToken) -> Place | Link:
        request = Request(path=link.path, headers={"Accept": "*/*"}, is_answer=_is_read)
        reply = self._open_session(link.host).fetch(request, cancel)
        target = reply.headers.get("location", "")
        if not target:
            raise self._dead_end()
        try:
            return parse_address(self._service, urljoin(f"https://{link.host}{link.path}", target))
        except (NotFound, ValueError):
            raise self._dead_end() from None

    def _dead_end(self) -> NotFound:
        return NotFound(
            self._service,
            "the short link does not lead to a playlist, an album or an artist on Deezer: open it in a browser and put "
            "the address shown there into `playlist`.",
        )
