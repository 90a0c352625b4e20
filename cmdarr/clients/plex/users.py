"""The tokens of the managed users of a server, and of those it is shared with, as plex.tv tells its owner."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import SecretStr

from cmdarr.clients.plex.answers import Account, Device, Home, text, truth
from cmdarr.clients.plex.shared_servers import SharedServer, UnreadableXml, parse_shared_servers
from cmdarr.errors import (
    AuthenticationFailed,
    NotFound,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
    UnexpectedResponse,
)
from cmdarr.models.cancel import CancelToken
from cmdarr.transport.request import Request
from cmdarr.transport.session import Session

T = TypeVar("T")


@dataclass(slots=True)
class _User:
    """One user by every name and the id that plex.tv knows; no token: the server is not shared with that user."""

    user_id: str
    names: list[str] = field(default_factory=list)
    token: str = field(default="", repr=False)
    is_owner: bool = False

    @property
    def label(self) -> str:
        first, *others = dict.fromkeys(self.names)
        return f"{first} ({', '.join(others)})" if others else first

    def is_called(self, name: str) -> bool:
        """Whether one of the names is this one, in whatever letter case."""
        return name.strip().casefold() in {each.casefold() for each in self.names}


class PlexUsers:
    """Asks plex.tv once for everybody; `session` carries the token of the owner."""

    def __init__(self, session: Session) -> None:
        self._service = session.service
        self._session = session
        self._users: list[_User] | None = None

    def token_of(self, name: str, machine: str, cancel: CancelToken) -> SecretStr | None:
        """Return the token of a user for the server of that machine identifier; None: the owner's is the right one.

        Raises:
            NotFound: there is no such user, there are two, or the server is not shared with that one.
            AuthenticationFailed: the token of the service is not the owner's.
            ServiceUnavailable: plex.tv does not answer.
        """
        if self._users is None:
            self._users = self._fetch_users(name, machine, cancel)
        user = self._choose(name, self._users)
        if user.is_owner:
            return None
        if not user.token:
            raise NotFound(
                self._service,
                f"the server is not shared with the user {name!r}: share its music library with that user in "
                "Plex, or take the name out of `users`.",
            )
        return SecretStr(user.token)

    def _choose(self, name: str, users: list[_User]) -> _User:
        named = [user for user in users if user.is_called(name)]
        named = named or [user for user in users if user.user_id == name.strip()]
        if len(named) == 1:
            return named[0]
        if named:
            raise NotFound(
                self._service,
                f"{len(named)} users are called {name!r}: {'; '.join(user.label for user in named)}; write a name "
                "that only one of them has.",
            )
        known = ", ".join(user.names[0] for user in users) or "nobody"
        raise NotFound(self._service, f"there is no user {name!r}: write one of {known} into `users`.")

    def _fetch_users(self, name: str, machine: str, cancel: CancelToken) -> list[_User]:
        """Merge the owner, the home and the shares by user id."""
        asking = _Asking(self._session, name, cancel)
        owner = asking.fetch("/api/v2/user", Account)
        asking.check_ownership(machine)
        users: dict[str, _User] = {}
        for account in (owner, *asking.fetch_home()):
            user_id = text(account.id)
            users.setdefault(user_id, _User(user_id)).names.extend(_names(account))
        users[text(owner.id)].is_owner = True
        for share in asking.fetch_shares(machine):
            user = users.setdefault(share.user_id, _User(share.user_id))
            user.names.extend(filter(None, [share.username]))
            user.token = share.token
        return [user for user in users.values() if user.names]


@dataclass(frozen=True, slots=True)
class _Asking:
    """Questions to plex.tv, on behalf of the user of that name."""

    session: Session
    name: str
    cancel: CancelToken

    def fetch(self, path: str, form: type[T]) -> T:
        """Ask for JSON of a form."""
        with self._explained():
            return self.session.fetch_json(Request(path=path), self.cancel, form)

    def fetch_home(self) -> list[Account]:
        """Return the users of the home; an account may have none."""
        form: Any = Home | list[Account]
        with self._explained():
            try:
                home = self.session.fetch_json(Request(path="/api/v2/home/users"), self.cancel, form)
            except NotFound:
                return []
        return (home.users or []) if isinstance(home, Home) else home

    def check_ownership(self, machine: str) -> None:
        """Refuse a token that is not the owner's: plex.tv tells the tokens of a server to its owner only."""
        for device in self.fetch("/api/v2/resources", list[Device]):
            is_server = "server" in text(device.provides).split(",")
            if is_server and text(device.client_identifier) == machine and truth(device.owned):
                return
        service, setting = self.session.service, self.session.setting
        raise AuthenticationFailed(
            service,
            f"the account of `{setting}` does not own this server, so it cannot write for {self.name!r}: use the "
            "token of the owner.",
            setting=setting,
        )

    def fetch_shares(self, machine: str) -> list[SharedServer]:
        request = Request(
            path=f"/api/servers/{machine}/shared_servers", headers={"Accept": "application/xml"}
        )
        with self._explained():
            body = self.session.fetch(request, self.cancel).body
        try:
            return parse_shared_servers(body)
        except UnreadableXml as error:
            raise UnexpectedResponse(
                self.session.service, f"plex.tv answered {request.what} in an unknown form ({error})."
            ) from error

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Say whose token is not known for want of an answer."""
        try:
            yield
        except (AuthenticationFailed, RateLimited):
            raise
        except ServiceError as error:
            service = self.session.service
            raise ServiceUnavailable(
                service,
                f"plex.tv does not answer as it should, so the token of the user {self.name!r} is not known: check "
                f"`services.{service}.plex_tv`, and run again.",
            ) from error


def _names(account: Account) -> Iterator[str]:
    values = (account.title, account.username, account.friendly_name)
    yield from filter(None, (text(value).strip() for value in values))
