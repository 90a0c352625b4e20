"""Calls of Spotify's API: token, budget, and what refusals mean since 2026."""

from typing import TypeVar

from cmdarr.clients.spotify.answers import reason_of
from cmdarr.clients.spotify.settings import SpotifySettings
from cmdarr.clients.spotify.sign_in import SignIn
from cmdarr.errors import AuthenticationFailed, NotFound, ServiceError
from cmdarr.library.ports import ClientContext
from cmdarr.models.cancel import CancelToken
from cmdarr.transport.decode import decode
from cmdarr.transport.request import Reply, Request
from cmdarr.transport.session import Session

T = TypeVar("T")
RATE_PER_S, BURST = 3, 10
"""Spotify does not publish its limit (counted over 30 seconds); bans of hours follow those who run into it."""


class Forbidden(AuthenticationFailed):
    """Spotify refuses this app or user something that exists."""


def _is_refusal(reply: Reply) -> bool:
    return reply.status in {401, 403, 404}


class SpotifyApi:
    """The calls of one app; nothing is ever kept."""

    def __init__(self, settings: SpotifySettings, context: ClientContext) -> None:
        self.service = context.name
        self.sign_in = SignIn(settings, context)
        self._token = ""
        self._session = Session(
            context.name,
            settings,
            authorize=self._authorize,
            credential="client_secret",
            throttle=context.throttle(f"{settings.url} {settings.client_id}", RATE_PER_S, burst=BURST),
            surroundings=context.surroundings,
        )

    def fetch(self, path: str, form: type[T], cancel: CancelToken, *params: tuple[str, str]) -> T:
        """Ask for something as it is now.

        Raises:
            Forbidden: it exists, but not for this app or user.
            NotFound: it does not exist, or Spotify does not give it to apps.
            ServiceError: as the service, or the way to it, says.
        """
        request = Request(path=path, params=params, is_answer=_is_refusal)
        reply = self._ask(request, cancel)
        if reply.status == 401:  # the token has run out: they last an hour
            self.sign_in.forget()
            reply = self._ask(request, cancel)
        if _is_refusal(reply):
            raise self._error_of(request, reply)
        return decode(self.service, request.what, reply, form)

    def _ask(self, request: Request, cancel: CancelToken) -> Reply:
        self._token = self.sign_in.token(cancel)
        return self._session.fetch(request, cancel)

    def _authorize(self, request: Request) -> Request:
        return request.with_headers(Authorization=f"Bearer {self._token}")

    def _error_of(self, request: Request, reply: Reply) -> ServiceError:
        reason = reason_of(reply.body)
        setting = self._session.setting
        if reply.status == 404:
            return NotFound(
                self.service,
                f"{request.what} finds nothing ({reason}): correct `playlist`; Spotify's own editorial and personal "
                "playlists are not given to apps.",
            )
        if reply.status == 403:
            return Forbidden(
                self.service,
                f"{request.what} was refused ({reason}): the app's owner needs Premium, and the user must be entered "
                "in the app's user list.",
                setting=setting,
            )
        return AuthenticationFailed(
            self.service, f"{request.what} was refused ({reason}): correct `{setting}`.", setting=setting
        )
