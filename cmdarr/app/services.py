"""The services of one snapshot: clients built from their settings, on first use, for one run."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping

import cmdarr.clients
from cmdarr.config.settings import Settings
from cmdarr.errors import CommandError, NothingFound
from cmdarr.library.ports import ClientContext, MusicServer, OnlineService, PlaylistSource, ServiceKind


def scan_service_kinds() -> dict[str, ServiceKind]:
    """Import every module of `cmdarr.clients` and return what each announces as `SERVICE`, by type."""
    kinds: dict[str, ServiceKind] = {}
    for found in pkgutil.iter_modules(cmdarr.clients.__path__):
        kind = importlib.import_module(f"cmdarr.clients.{found.name}").SERVICE
        assert isinstance(kind, ServiceKind)  # noqa: S101 - a client module announces exactly one
        kinds[kind.name] = kind
    return kinds


class Services:
    """The clients that a run may ask for, by their name in settings.yaml. Not shared by threads."""

    def __init__(
        self,
        settings: Settings,
        kinds: Mapping[str, ServiceKind],
        make_context: Callable[[str], ClientContext],
    ) -> None:
        self._settings = settings
        self._kinds = kinds
        self._make_context = make_context
        self._clients: dict[str, object] = {}

    def server(self, name: str) -> MusicServer:
        """Return the music server of that name.

        Raises:
            NothingFound: settings.yaml has no such service, or it holds no music.
        """
        client = self._client(name)
        if not isinstance(client, MusicServer):
            raise NothingFound(f"'{name}' is no music server: name one of {self._choices(servers=True)}.")
        return client

    def source(self, name: str) -> PlaylistSource:
        """Return the playlist source of that name.

        Raises:
            NothingFound: settings.yaml has no such service, or it has no playlists to read.
        """
        client = self._client(name)
        if not isinstance(client, PlaylistSource):
            raise NothingFound(f"'{name}' is no playlist source: name one of {self._choices(servers=False)}.")
        return client

    def online(self, name: str) -> OnlineService | None:
        """Return the service of that name when it can be asked whether it answers, else None.

        Raises:
            NothingFound: settings.yaml has no such service.
        """
        client = self._client(name)
        return client if isinstance(client, OnlineService) else None

    def server_names(self) -> tuple[str, ...]:
        """Return the names of all enabled music servers, in the order of settings.yaml."""
        return self._names(servers=True)

    def _client(self, name: str) -> object:
        if name not in self._clients:
            entry = self._settings.services.get(name)
            if entry is None:
                raise NothingFound(
                    f"there is no service '{name}': add it under `services:` in settings.yaml."
                )
            if not entry.enabled:
                raise NothingFound(
                    f"the service '{name}' is disabled: set `services.{name}.enabled` to true in settings.yaml."
                )
            build = self._kinds[entry.type].build
            if build is None:
                raise CommandError(f"{name}: commands of this version cannot use a {entry.type} service yet.")
            self._clients[name] = build(entry.settings, self._make_context(name))
        return self._clients[name]

    def _names(self, *, servers: bool) -> tuple[str, ...]:
        return tuple(
            name
            for name, entry in self._settings.services.items()
            if entry.enabled
            and (
                self._kinds[entry.type].type.is_server if servers else self._kinds[entry.type].type.is_source
            )
        )

    def _choices(self, *, servers: bool) -> str:
        return ", ".join(self._names(servers=servers)) or "none, as settings.yaml has none"
