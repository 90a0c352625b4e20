"""Jellyfin, 10.9 and later."""

from cmdarr.clients.jellyfin.settings import JellyfinSettings, find_problems
from cmdarr.config.base import Model
from cmdarr.config.catalog import ServiceType
from cmdarr.library.ports import ClientContext, MusicServer, ServiceKind


def build(settings: Model, context: ClientContext) -> MusicServer:
    """Return the server of these settings; nothing is asked yet."""
    from cmdarr.clients.jellyfin.server import JellyfinServer

    assert isinstance(settings, JellyfinSettings)  # noqa: S101 - the catalogue hands over its own model
    return JellyfinServer(settings, context)


SERVICE = ServiceKind(
    name="jellyfin",
    type=ServiceType(settings_model=JellyfinSettings, is_server=True, find_problems=find_problems),
    build=build,
)
