"""Subsonic and OpenSubsonic: Navidrome, gonic, supysonic, maneki and others."""

from cmdarr.clients.subsonic.settings import SubsonicSettings
from cmdarr.config.base import Model
from cmdarr.config.catalog import ServiceType
from cmdarr.library.ports import ClientContext, MusicServer, ServiceKind
from cmdarr.transport.settings import find_problems


def build(settings: Model, context: ClientContext) -> MusicServer:
    """Return the server of these settings; nothing is asked yet."""
    from cmdarr.clients.subsonic.server import SubsonicServer

    assert isinstance(settings, SubsonicSettings)  # noqa: S101 - the catalogue hands over its own model
    return SubsonicServer(settings, context)


SERVICE = ServiceKind(
    name="subsonic",
    type=ServiceType(settings_model=SubsonicSettings, is_server=True, find_problems=find_problems),
    build=build,
)
