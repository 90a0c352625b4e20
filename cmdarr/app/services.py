"""The services of one snapshot: clients built from their settings, on first use, for one run."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence

import cmdarr.clients
from cmdarr.config.catalog import ServiceType
from cmdarr.config.settings import Settings
from cmdarr.errors import NothingFound
from cmdarr.library.artist_ports import ArtistCatalog, ArtistIdentities, ListenedArtists, SimilarArtists
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
            raise NothingFound(f"'{name}' is no music server: name one of {_listed(self.server_names())}.")
        return client

    def source(self, name: str) -> PlaylistSource:
        """Return the playlist source of that name.

        Raises:
            NothingFound: settings.yaml has no such service, or it has no playlists to read.
        """
        client = self._client(name)
        if not isinstance(client, PlaylistSource):
            choices = self._names(lambda kind: kind.is_source)
            raise NothingFound(f"'{name}' is no playlist source: name one of {_listed(choices)}.")
        return client

    def similar(self, name: str) -> SimilarArtists:
        """Return the service of that name that knows similar artists.

        Raises:
            NothingFound: settings.yaml has no such service, or it knows none.
        """
        client = self._client(name)
        if not isinstance(client, SimilarArtists):
            choices = self._names(lambda kind: kind.knows_similar)
            raise NothingFound(f"'{name}' knows no similar artists: name one of {_listed(choices)}.")
        return client

    def listened(self, name: str) -> ListenedArtists:
        """Return the service of that name that knows what a user listened to.

        Raises:
            NothingFound: settings.yaml has no such service, or it knows no listens.
        """
        client = self._client(name)
        if not isinstance(client, ListenedArtists):
            choices = self._names(lambda kind: kind.knows_listens)
            raise NothingFound(f"'{name}' knows no listens: name one of {_listed(choices)}.")
        return client

    def identities(self) -> ArtistIdentities:
        """Return the first service that says which artist a name means.

        Raises:
            NothingFound: settings.yaml has none.
        """
        for name in self._names(lambda kind: kind.is_identity):
            client = self._client(name)
            if isinstance(client, ArtistIdentities):
                return client
        raise NothingFound("no service can identify artists: add `services.musicbrainz` to settings.yaml.")

    def catalog(self, name: str) -> ArtistCatalog:
        """Return the catalogue of that name.

        Raises:
            NothingFound: settings.yaml has no such service, or artists cannot be added to it.
        """
        client = self._client(name)
        if not isinstance(client, ArtistCatalog):
            choices = self._names(lambda kind: kind.is_catalog)
            raise NothingFound(f"'{name}' takes no artists: name one of {_listed(choices)}.")
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
        return self._names(lambda kind: kind.is_server)

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
            self._clients[name] = build(entry.settings, self._make_context(name))
        return self._clients[name]

    def _names(self, has_role: Callable[[ServiceType], bool]) -> tuple[str, ...]:
        return tuple(
            name
            for name, entry in self._settings.services.items()
            if entry.enabled and has_role(self._kinds[entry.type].type)
        )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none, as settings.yaml has none"
