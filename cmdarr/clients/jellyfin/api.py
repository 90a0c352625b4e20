"""Calls of the Jellyfin API with one credential: a token, or a password that a token is had for."""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from pydantic import SecretStr

from cmdarr import __version__
from cmdarr.clients.jellyfin.answers import Item, Page, SignedIn
from cmdarr.clients.jellyfin.settings import JellyfinSettings
from cmdarr.errors import AuthenticationFailed, NotFound, ServiceError, UnexpectedResponse
from cmdarr.library.ports import ClientContext
from cmdarr.models.cancel import CancelToken
from cmdarr.transport.decode import decode
from cmdarr.transport.errors import status_error
from cmdarr.transport.request import Method, Reply, Request
from cmdarr.transport.session import Session

T = TypeVar("T")
PAGE = 1_000
"""Items asked for at once."""
IDS_AT_ONCE = 100
"""Ids named in one address: 4 KB, half of what the server itself takes."""
_DEVICES = 8
_MOST_SIGN_INS = 3
_READ_HERE = frozenset({400, 401, 403, 404})
Params = Sequence[tuple[str, str]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What is shown to the server: `setting` below the service holds it. Neither of both: nothing is."""

    setting: str
    token: SecretStr | None = field(default=None, repr=False)
    username: str = ""
    password: SecretStr | None = field(default=None, repr=False)


class JellyfinApi:
    """The calls of one server with one credential; signs in where that is a password."""

    def __init__(self, settings: JellyfinSettings, context: ClientContext, credential: Credential) -> None:
        self.service = context.name
        self.setting = f"services.{context.name}.{credential.setting}"
        self._credential = credential
        self._install = f"{context.install_id}-{context.name}"
        self._device = self._install
        self._chance = context.surroundings.chance
        self._token = credential.token.get_secret_value().strip() if credential.token else ""
        self._session = Session(
            context.name,
            settings,
            authorize=self._authorize,
            credential=credential.setting,
            surroundings=context.surroundings,
        )

    def read(self, path: str, cancel: CancelToken, form: type[T], params: Params = ()) -> T:
        """Ask for something and return it in a form.

        Raises:
            NotFound: there is nothing at that path.
            ServiceError: as the server, or the way to it, says.
        """
        request = Request(path=path, params=params)
        return decode(self.service, request.what, self.checked(request, self.send(request, cancel)), form)

    def read_pages(self, path: str, cancel: CancelToken, params: Params = ()) -> Iterator[list[Item]]:
        """Yield a list page by page: as many items as the server announces last.

        Raises:
            UnexpectedResponse: fewer came.
            ServiceError: as `read`.
        """
        start, announced = 0, 1
        while start < announced:
            cancel.check()
            place = (("startIndex", str(start)), ("limit", str(PAGE)))
            page = self.read(path, cancel, Page, [*params, *place])
            announced = page.total_record_count
            if page.items:
                yield page.items
            elif start < announced:
                raise UnexpectedResponse(
                    self.service,
                    f"GET {path} gave {start} of {announced} items: run again when the server is not scanning.",
                )
            start += len(page.items)

    def write(
        self,
        method: Method,
        path: str,
        cancel: CancelToken,
        params: Params = (),
        body: Mapping[str, object] | None = None,
        *,
        is_repeatable: bool | None = None,
    ) -> Reply:
        """Change something and return the answer, which may be a refusal (400, 401, 403, 404).

        It is sent again only where that does no harm (`is_repeatable`, None: as the method says).
        """
        request = Request(
            path=path,
            method=method,
            params=params,
            body=json.dumps(body).encode() if body is not None else None,
            headers={"Content-Type": "application/json"} if body is not None else {},
            is_repeatable=is_repeatable,
        )
        return self.send(request, cancel)

    def send(self, request: Request, cancel: CancelToken) -> Reply:
        """Send a request, signed in; when the token of a password ran out, with a new one."""
        self.sign_in(cancel)
        told = replace(request, is_answer=_is_read_here)
        reply = self._session.fetch(told, cancel)
        for _ in range(_MOST_SIGN_INS):
            if reply.status != 401 or self._credential.password is None:
                break
            log.info("%s: signing in again", self.service)
            self._token = ""
            self.sign_in(cancel)
            reply = self._session.fetch(told, cancel)
        return reply

    def checked(self, request: Request, reply: Reply) -> Reply:
        """Return an answer that is no refusal.

        Raises:
            ServiceError: as its status says.
        """
        if reply.status < 300:
            return reply
        raise self.refusal(request.what, reply)

    def refusal(self, what: str, reply: Reply) -> ServiceError:
        """Return the error that a refused request means."""
        if reply.status == 403:
            return AuthenticationFailed(
                self.service,
                f"{what} is not allowed (HTTP 403 Forbidden): give the user of `{self.setting}` that right on the "
                "server.",
                setting=self.setting,
            )
        return status_error(self.service, what, reply.status, None, self.setting)

    def sign_in(self, cancel: CancelToken) -> SignedIn | None:
        """Trade the password for a token unless there is one; return what the server says about the user.

        A sign-in ends the one of before with the same device id (SessionManager of jellyfin/jellyfin), and runs go side
        by side: so each takes one of a few ids by chance, and another one when its token was ended.

        Raises:
            AuthenticationFailed: name or password is wrong.
            ServiceError: the server failed.
        """
        credential = self._credential
        if self._token or credential.password is None:
            return None
        self._device = f"{self._install}-{int(self._chance() * _DEVICES)}"
        names = {"Username": credential.username, "Pw": credential.password.get_secret_value()}
        request = Request(
            path="/Users/AuthenticateByName",
            method="POST",
            body=json.dumps(names).encode(),
            headers={"Content-Type": "application/json"},
            is_repeatable=True,
            is_answer=_is_read_here,
        )
        reply = self._session.fetch(request, cancel)
        if reply.status in {400, 401, 403}:
            raise AuthenticationFailed(
                self.service,
                f"the sign-in as {credential.username!r} was refused: correct the name, or the password in "
                f"`{self.setting}`.",
                setting=self.setting,
            )
        if reply.status == 404:
            raise no_api(self.service)
        signed_in = decode(self.service, request.what, reply, SignedIn)
        self._token = signed_in.access_token
        return signed_in

    def _authorize(self, request: Request) -> Request:
        values = {
            "Client": "Cmdarr",
            "Device": "Cmdarr",
            "DeviceId": self._device,
            "Version": __version__,
            "Token": self._token,
        }
        shown = ", ".join(f'{name}="{_plain(value)}"' for name, value in values.items() if value)
        return request.with_headers(Authorization=f"MediaBrowser {shown}")


def no_api(service: str) -> NotFound:
    """Return the error for an address where nothing of the API answers."""
    return NotFound(
        service,
        f"there is no Jellyfin API of 10.9 or later at this address: correct `services.{service}.url`, or update "
        "the server.",
    )


def _is_read_here(reply: Reply) -> bool:
    return reply.status in _READ_HERE


def _plain(text: str) -> str:
    """Return a text that can stand in quotes in a header."""
    return "".join(letter for letter in text if " " <= letter <= "~" and letter not in '"\\')
