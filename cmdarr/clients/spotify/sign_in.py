"""Signing in to Spotify: a token for the app, or for one user of it; held in memory only."""

import re
from base64 import b64encode

from cmdarr.clients.spotify.answers import Grant
from cmdarr.clients.spotify.settings import SpotifySettings
from cmdarr.errors import AuthenticationFailed, ServiceError, UnexpectedResponse
from cmdarr.library.ports import ClientContext
from cmdarr.models.cancel import CancelToken
from cmdarr.transport.request import Reply, Request
from cmdarr.transport.session import Session

_CODE = re.compile(r"[a-z_]{1,40}", re.ASCII)


def _is_refusal(reply: Reply) -> bool:
    return reply.status in {400, 401, 403}


class SignIn:
    """Gets tokens with the credentials of the app, and with the refresh token of a user where there is one."""

    def __init__(self, settings: SpotifySettings, context: ClientContext) -> None:
        self._service = context.name
        self._id = settings.client_id or ""
        self._secret = settings.client_secret.get_secret_value() if settings.client_secret else ""
        self._refresh_token = settings.refresh_token.get_secret_value() if settings.refresh_token else ""
        there = settings.model_copy(update={"url": settings.accounts_url})
        self._session = Session(
            context.name,
            there,
            authorize=self._authorize,
            credential="client_secret",
            surroundings=context.surroundings,
        )
        self._token = ""

    @property
    def has_user(self) -> bool:
        """Whether a user is signed in, and not only the app."""
        return bool(self._refresh_token)

    def forget(self) -> None:
        """Get a new token next time: the old one is not accepted any more."""
        self._token = ""

    def token(self, cancel: CancelToken) -> str:
        """Return a token, asked for once.

        Raises:
            AuthenticationFailed: Spotify refuses the app or the refresh token.
            ServiceError: as the service, or the way to it, says.
        """
        if not self._token:
            grant = self._ask(cancel)
            self._token = grant.access_token
            if self.has_user and grant.refresh_token:
                self._refresh_token = grant.refresh_token
        return self._token

    def _ask(self, cancel: CancelToken) -> Grant:
        form = [("grant_type", "client_credentials")]
        if self.has_user:
            form = [("grant_type", "refresh_token"), ("refresh_token", self._refresh_token)]
        request = Request(
            path="/api/token", method="POST", form=form, is_repeatable=True, is_answer=_is_refusal
        )
        grant = self._session.fetch_json(request, cancel, Grant)
        if grant.access_token and not grant.error:
            return grant
        raise self._error_of(grant)

    def _error_of(self, grant: Grant) -> ServiceError:
        code = grant.error if _CODE.fullmatch(grant.error) else "no reason was given"
        if code == "invalid_grant":
            setting = f"services.{self._service}.refresh_token"
            return AuthenticationFailed(
                self._service,
                f"the sign-in of the user was refused ({code}): get a new `{setting}` with this app.",
                setting=setting,
            )
        if grant.error:
            setting = f"services.{self._service}.client_secret"
            return AuthenticationFailed(
                self._service,
                f"the app was refused ({code}): correct `services.{self._service}.client_id` and `{setting}`; an app "
                "stops when its owner has no Premium.",
                setting=setting,
            )
        return UnexpectedResponse(self._service, "the sign-in was answered without a token.")

    def _authorize(self, request: Request) -> Request:
        pair = b64encode(f"{self._id}:{self._secret}".encode()).decode()
        return request.with_headers(Authorization=f"Basic {pair}")
