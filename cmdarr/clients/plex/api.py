"""Calls of the Plex API with one token: headers, paging, and what a 404 means."""

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from pydantic import SecretStr

from cmdarr import __version__
from cmdarr.clients.plex.answers import Container, Envelope, text, whole
from cmdarr.errors import AuthenticationFailed, NotFound, ServiceUnavailable, UnexpectedResponse
from cmdarr.models.cancel import CancelToken
from cmdarr.transport.decode import decode
from cmdarr.transport.request import Authorize, Method, Reply, Request
from cmdarr.transport.session import Session

PAGE = 1_000
_TOTAL = "x-plex-container-total-size"

Values = Sequence[tuple[str, str]]


def sign(token: SecretStr, install_id: str) -> Authorize:
    """Return what every request carries: the token in a header, so that it stands in no address."""

    def authorize(request: Request) -> Request:
        return request.with_headers(
            X_Plex_Token=token.get_secret_value(),
            X_Plex_Client_Identifier=install_id,
            X_Plex_Product="Cmdarr",
            X_Plex_Version=__version__,
            X_Plex_Device_Name="Cmdarr",
        )

    return authorize


def quote_id(rating_key: str) -> str:
    """Return an id as one part of a path."""
    return quote(rating_key, safe="")


class PlexApi:
    """The calls of one server with the token of its owner, or of the user of that name."""

    def __init__(self, session: Session, user: str = "") -> None:
        self.service = session.service
        self._session = session
        self._user = user

    def identify(self, cancel: CancelToken) -> Container:
        """Return `machineIdentifier` and `version`; every Plex server says them to everybody.

        Raises:
            UnexpectedResponse: what answers is no Plex server.
        """
        try:
            container = self._session.fetch_json(Request(path="/identity"), cancel, Envelope).container
        except NotFound as error:
            raise self._no_plex() from error
        if not text(container.machine_identifier):
            raise self._no_plex()
        return container

    def read(self, path: str, cancel: CancelToken, *params: tuple[str, str]) -> Container:
        """Read a list that comes at once.

        Raises:
            NotFound: the server has nothing of that id, or not for this user.
            ServiceError: as the server, or the way to it, says.
        """
        return self._ask(Request(path=path, params=params), cancel)

    def read_page(
        self, path: str, cancel: CancelToken, *params: tuple[str, str], start: int, size: int
    ) -> Container:
        """Read a part of a list; `total_size` is set where the server announces it."""
        headers = {"X-Plex-Container-Start": str(start), "X-Plex-Container-Size": str(size)}
        return self._ask(Request(path=path, params=params, headers=headers), cancel)

    def read_pages(self, path: str, cancel: CancelToken, *params: tuple[str, str]) -> Iterator[Container]:
        """Yield the parts of a list until all that is announced has come.

        Raises:
            ServiceUnavailable: the list changed meanwhile: what came is not what is there.
            UnexpectedResponse: less came than is announced.
        """
        seen: set[str] = set()
        total: int | None = None
        while True:
            page = self.read_page(path, cancel, *params, start=len(seen), size=PAGE)
            before, total = total, whole(page.total_size)
            keys = _keys(page)
            if len(keys) < (whole(page.size) or 0):
                raise self._came_short(path, len(keys), whole(page.size) or 0)
            if (seen and total != before) or len(set(keys)) != len(keys) or not seen.isdisjoint(keys):
                raise ServiceUnavailable(
                    self.service, f"GET {path} changed while it was read: run again when the server is idle."
                )
            seen.update(keys)
            if keys:
                yield page
            if len(seen) >= total if total is not None else len(keys) < PAGE:
                return
            if total is not None and not keys:
                raise self._came_short(path, len(seen), total)

    def write(
        self,
        method: Method,
        path: str,
        cancel: CancelToken,
        params: Values = (),
    ) -> None:
        """Send a change that may be sent twice; nobody needs its answer.

        Raises:
            NotFound, ServiceError: as `read`.
        """
        self._fetch(Request(method=method, path=path, params=params), cancel)

    def append(self, method: Method, path: str, cancel: CancelToken, params: Values) -> Container:
        """Send a change that would take effect twice when it is sent twice; return its answer."""
        return self._ask(Request(method=method, path=path, params=params, is_repeatable=False), cancel)

    def _ask(self, request: Request, cancel: CancelToken) -> Container:
        reply = self._fetch(request, cancel)
        container = decode(self.service, request.what, reply, Envelope).container
        if container.total_size is None:
            container.total_size = reply.headers.get(_TOTAL)
        return container

    def _fetch(self, request: Request, cancel: CancelToken) -> Reply:
        try:
            return self._session.fetch(request, cancel)
        except NotFound:
            self.identify(cancel)  # a proxy without its server says 404 too: then nothing is known
            raise
        except AuthenticationFailed as error:
            if not self._user:
                raise
            raise AuthenticationFailed(
                self.service,
                f"the server refuses the user {self._user!r}: share its music library with that user again, or "
                "take the name out of `users`.",
                setting=error.setting,
            ) from error

    def _no_plex(self) -> UnexpectedResponse:
        return UnexpectedResponse(
            self.service,
            f"there is no Plex server at this address: correct `services.{self.service}.url`.",
        )

    def _came_short(self, path: str, came: int, announced: int) -> UnexpectedResponse:
        return UnexpectedResponse(self.service, f"GET {path}: {came} of {announced} came: run again.")


def _keys(page: Container) -> list[str]:
    """Return what tells the items of a page apart: an entry of a playlist may name a track again."""
    items = page.items or []
    keys = [text(item.playlist_item_id) or text(item.rating_key) for item in items]
    return keys + [text(section.key) for section in page.sections or ()]
