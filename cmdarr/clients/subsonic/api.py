"""Calls of the Subsonic API: sign-in, form of the parameters, and errors that come with HTTP 200."""

import logging
import re
from collections.abc import Sequence
from dataclasses import replace

from cmdarr.clients.subsonic.answers import Answer, Envelope, text
from cmdarr.clients.subsonic.dialect import Dialect
from cmdarr.clients.subsonic.settings import SubsonicSettings
from cmdarr.errors import (
    AuthenticationFailed,
    CmdarrError,
    NotFound,
    PlaylistConflict,
    ServiceUnavailable,
    UnexpectedResponse,
)
from cmdarr.models.cancel import CancelToken
from cmdarr.models.redaction import mask_places
from cmdarr.transport.request import Reply, Request
from cmdarr.transport.session import Session

_MOST_TRIES = 5
_NOT_ALLOWED, _NOT_FOUND = 50, 70
_PLAYLIST_WRITES = frozenset({"createPlaylist", "updatePlaylist", "deletePlaylist"})
_CREDENTIALS = frozenset({40, 41, 42, 43, 44})
# Without a code of their own: how servers say that an id is none of theirs.
_BAD_ID = re.compile(
    r"badly formed|invalid (?:\w+ )?id\b|(?:playlist|song|track|media ?file) not found", re.IGNORECASE
)
_NAMED_PROBLEM = re.compile(rb'"code"\s*:\s*"?[1-9]')

Values = Sequence[tuple[str, str]]

log = logging.getLogger(__name__)


class _NoSuchPath(UnexpectedResponse):
    """Nothing answers at a path of the API: never to be taken for a song or playlist that does not exist."""

    def __init__(self, service: str) -> None:
        super().__init__(
            service, f"there is no Subsonic API at this address: correct `services.{service}.url`."
        )


class SubsonicApi:
    """The calls of one server as one user; finds out at the first call how it wants to be spoken to."""

    def __init__(self, session: Session, settings: SubsonicSettings) -> None:
        self._session = session
        self._username = settings.username
        self._password = settings.password
        self._prefix = "" if settings.url.rstrip("/").endswith("/rest") else "/rest"
        self._dialect: Dialect | None = None

    def read(self, method: str, cancel: CancelToken, *params: tuple[str, str]) -> Answer:
        """Call a method that changes nothing.

        Raises:
            NotFound: there is nothing of that id.
            ServiceError: as the server, or the way to it, says.
        """
        dialect = self._sign_in(cancel)
        return self._checked(method, self._ask(dialect, method, params, cancel, is_repeatable=True))

    def write(
        self, method: str, cancel: CancelToken, params: Values, *, is_repeatable: bool = False
    ) -> Answer:
        """Call a method that changes something; it is sent again only where that does no harm.

        Raises:
            PlaylistConflict: the user must not write the playlist.
            ServiceError: as `read`.
        """
        dialect = self._sign_in(cancel)
        return self._checked(method, self._ask(dialect, method, params, cancel, is_repeatable=is_repeatable))

    def takes_forms(self, cancel: CancelToken) -> bool:
        """Whether parameters may be sent in the body, where there is room for many."""
        return self._sign_in(cancel).has_forms

    def about(self, cancel: CancelToken) -> str:
        """Sign in, and return the name and version of what answers.

        Raises:
            ServiceError: as `read`.
        """
        answer = self.read("ping", cancel)
        name, version = text(answer.type) or "Subsonic server", text(answer.server_version)
        return f"{name} {version}".strip() + f", API {answer.version}"

    def _sign_in(self, cancel: CancelToken) -> Dialect:
        """Find out once how the server is spoken to.

        Raises:
            AuthenticationFailed: user name or password is wrong.
        """
        if self._dialect is None:
            dialect, answer = self._greet(cancel)
            if answer.open_subsonic:
                found = self._ask(dialect, "getOpenSubsonicExtensions", (), cancel, is_repeatable=True)
                dialect = replace(dialect, has_forms="formPost" in found.extensions)
            if not dialect.has_tokens:
                log.info("%s: knows no sign-in tokens; the password itself is sent", self._session.service)
            self._dialect = dialect
        return self._dialect

    def _greet(self, cancel: CancelToken) -> tuple[Dialect, Answer]:
        dialect = Dialect()
        for _ in range(_MOST_TRIES):
            try:
                answer = self._ask(dialect, "ping", (), cancel, is_repeatable=True)
            except _NoSuchPath:
                if dialect.suffix:
                    raise
                dialect = replace(dialect, suffix=".view")
                continue
            following = None if answer.is_ok else dialect.after(answer)
            if following is None:
                self._checked("ping", answer)
                return dialect, answer
            dialect = following
        raise UnexpectedResponse(self._session.service, "no way to sign in was accepted.")

    def _ask(
        self, dialect: Dialect, method: str, params: Values, cancel: CancelToken, *, is_repeatable: bool
    ) -> Answer:
        """Send one call and return its answer, also when that is an error."""
        credentials = dialect.credentials(self._username, self._password.get_secret_value())
        values = (*credentials, *params)
        request = Request(
            path=f"{self._prefix}/{method}{dialect.suffix}",
            method="POST" if dialect.has_forms else "GET",
            params=() if dialect.has_forms else values,
            form=values if dialect.has_forms else None,
            is_repeatable=is_repeatable,
            is_answer=_is_answer,
        )
        try:
            return self._session.fetch_json(request, cancel, Envelope).answer
        except NotFound as error:
            raise _NoSuchPath(self._session.service) from error

    def _checked(self, method: str, answer: Answer) -> Answer:
        if answer.is_ok:
            return answer
        service, code = self._session.service, answer.code
        message = text(answer.error.message) if answer.error else ""
        said = mask_places(" ".join(message.split()))[:200] or "no reason was given"
        sentence = f"{method} was refused with error {code} ({said})"
        if code in _CREDENTIALS:
            raise AuthenticationFailed(
                service,
                f"the sign-in was refused ({said}): correct `services.{service}.username` and "
                f"`{self._session.setting}`.",
                setting=self._session.setting,
            )
        if code == _NOT_ALLOWED:
            raise self._not_allowed(method, said)
        if code == _NOT_FOUND or (code == 0 and _BAD_ID.search(message)):
            raise NotFound(service, f"{sentence}.")
        if code == 0:
            raise ServiceUnavailable(service, f"{sentence}: look into the server's log.")
        raise UnexpectedResponse(service, f"{sentence}.")

    def _not_allowed(self, method: str, said: str) -> CmdarrError:
        service = self._session.service
        if method in _PLAYLIST_WRITES:
            return PlaylistConflict(
                f"{service}: the playlist cannot be written ({said}): it is a smart playlist, is kept in step "
                "with a file, or belongs to another user; choose another `title`."
            )
        return AuthenticationFailed(
            service,
            f"{method} was refused ({said}): give the user {self._username!r} that right on the server, or use "
            "another user.",
            setting=f"services.{service}.username",
        )


def _is_answer(reply: Reply) -> bool:
    """Whether an answer with an error status is one of the API; some have no words for a method they lack."""
    is_of_api = b'"subsonic-response"' in reply.body[:200]
    return is_of_api and (reply.status != 404 or _NAMED_PROBLEM.search(reply.body) is not None)
