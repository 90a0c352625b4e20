"""Who the server is spoken to as: users by name, and what each one's credential can do."""

from dataclasses import dataclass
from uuid import UUID

from cmdarr.clients.jellyfin.answers import Person, dashed, short
from cmdarr.clients.jellyfin.api import Credential, JellyfinApi, no_api
from cmdarr.clients.jellyfin.settings import JellyfinSettings
from cmdarr.errors import AuthenticationFailed, NotFound
from cmdarr.library.ports import ClientContext
from cmdarr.models.cancel import CancelToken
from cmdarr.transport.decode import decode
from cmdarr.transport.request import Request

_NO_PLAYLIST = str(UUID(int=1))
_MOST_NAMED = 20


@dataclass(slots=True)
class Account:
    """One user: `api` speaks with the credential used for that user, which is an API key where `is_key`."""

    api: JellyfinApi
    user_id: str
    name: str
    is_key: bool = False
    has_own_token: bool = False
    """Whether the token of the settings is this user's own."""
    password_setting: str = ""
    """Where the password of this user would stand."""
    _can_edit: bool | None = None

    def check_can_edit(self, cancel: CancelToken) -> None:
        """Refuse an API key that the server does not let remove and move entries.

        Servers up to 10.11 at least answer 400 to calls that take the user from the token (jellyfin/jellyfin #12999,
        #13476, #15600), before they look at the playlist: so a playlist that cannot exist is asked about, once.

        Raises:
            AuthenticationFailed: it can read and append only; nothing was changed.
        """
        if not self.is_key:
            return
        if self._can_edit is None:
            params = (("entryIds", UUID(int=1).hex),)
            reply = self.api.write("DELETE", f"/Playlists/{_NO_PLAYLIST}/Items", cancel, params)
            self._can_edit = reply.status not in {400, 401, 403}
        if not self._can_edit:
            service = self.api.service
            raise AuthenticationFailed(
                service,
                f"this server lets an API key read and append, but not remove or move tracks of a playlist: add the "
                f"password of {self.name!r} as `{self.password_setting}`, or put that user's access token into "
                f"`{self.api.setting}`.",
                setting=self.api.setting,
            )


class Accounts:
    """Finds the account of a user name, once."""

    def __init__(self, settings: JellyfinSettings, context: ClientContext) -> None:
        self._service = context.name
        self._settings = settings
        self._context = context
        self._passwords = {name.casefold(): name for name in settings.passwords}
        self._known: dict[str, Account] = {}

    def of(self, user: str, cancel: CancelToken) -> Account:
        """Return the account of a user; empty: the configured one.

        Raises:
            NotFound: there is no such user.
            AuthenticationFailed: the credential is wrong, or there is none for that user.
        """
        name = user.strip() or self._settings.user or ""
        key = name.casefold()
        if key not in self._known:
            credential = self._password_of(name)
            self._known[key] = (
                self._sign_in(credential, cancel) if credential else self._by_token(name, cancel)
            )
        return self._known[key]

    def token_api(self) -> JellyfinApi | None:
        """Return the API with the token of the settings, None when there is none."""
        if self._settings.token is None:
            return None
        return JellyfinApi(
            self._settings, self._context, Credential(setting="token", token=self._settings.token)
        )

    def _password_of(self, name: str) -> Credential | None:
        settings = self._settings
        if settings.password is not None and settings.user and name.casefold() == settings.user.casefold():
            return Credential(setting="password", username=settings.user, password=settings.password)
        written = self._passwords.get(name.casefold())
        if written is None:
            return None
        return Credential(
            setting=f"passwords.{written}", username=written, password=settings.passwords[written]
        )

    def _sign_in(self, credential: Credential, cancel: CancelToken) -> Account:
        api = JellyfinApi(self._settings, self._context, credential)
        signed_in = api.sign_in(cancel)
        user = signed_in.user if signed_in else api.read("/Users/Me", cancel, Person)
        return Account(api, dashed(user.id), user.name)

    def _by_token(self, name: str, cancel: CancelToken) -> Account:
        """Find out whether the token is a user's or an API key, and the user of that name."""
        api = self.token_api()
        if api is None:
            setting = self._password_setting(name)
            raise AuthenticationFailed(
                self._service,
                f"there is no password for the user {name!r}: add `{setting}`.",
                setting=setting,
            )
        asked = Request(path="/Users/Me")
        reply = api.send(asked, cancel)
        if reply.status == 404:
            raise no_api(self._service)
        if reply.status == 400:  # an API key has no user
            user = self._pick(name, api.read("/Users", cancel, list[Person]))
            setting = self._password_setting(user.name, name)
            return Account(api, dashed(user.id), user.name, is_key=True, password_setting=setting)
        me = decode(self._service, asked.what, api.checked(asked, reply), Person)
        if name and not _is_called(me, name):
            raise AuthenticationFailed(
                self._service,
                f"the token belongs to {me.name!r}, not to {name!r}: add the password of {name!r} as "
                f"`{self._password_setting(name)}`.",
                setting=api.setting,
            )
        return Account(api, dashed(me.id), me.name, has_own_token=True)

    def _password_setting(self, *names: str) -> str:
        """Return where the password of a user belongs who goes by these names."""
        configured = (self._settings.user or "").casefold()
        is_configured = configured in {name.casefold() for name in names}
        return f"services.{self._service}." + ("password" if is_configured else f"passwords.{names[0]}")

    def _pick(self, name: str, users: list[Person]) -> Person:
        found = [user for user in users if _is_called(user, name)]
        if not name and len(users) == 1:
            found = users
        if found:
            return found[0]
        names = ", ".join(user.name for user in users[:_MOST_NAMED]) or "none"
        problem = f"there is no user {name!r}" if name else "an API key belongs to no user"
        raise NotFound(
            self._service,
            f"{problem}: set `services.{self._service}.user`, or `users` of the target, to one of {names}.",
        )


def _is_called(person: Person, name: str) -> bool:
    """Whether a user goes by that name in whatever letter case, or that is the user's id."""
    return name.casefold() == person.name.casefold() or short(name) == short(person.id)
