"""Plex Media Server: its music libraries, and the playlists of its owner and users."""

from cmdarr.clients.plex.settings import PlexSettings
from cmdarr.config.base import Model
from cmdarr.config.catalog import ServiceType
from cmdarr.library.ports import ClientContext, MusicServer, ServiceKind
from cmdarr.transport.settings import find_problems


def build(settings: Model, context: ClientContext) -> MusicServer:
    """Return the server of these settings; nothing is asked yet."""
    from cmdarr.clients.plex.server import PlexServer

    assert isinstance(settings, PlexSettings)  # noqa: S101 - the catalogue hands over its own model
    return PlexServer(settings, context)


SERVICE = ServiceKind(
    name="plex",
    type=ServiceType(settings_model=PlexSettings, is_server=True, find_problems=find_problems),
    build=build,
)
