"""Deezer: public playlists, albums, top tracks and charts, without an account."""

from cmdarr.clients.deezer.settings import DeezerSettings
from cmdarr.config.base import Model
from cmdarr.config.catalog import ServiceType
from cmdarr.library.ports import ClientContext, PlaylistSource, ServiceKind
from cmdarr.transport.settings import find_problems


def build(settings: Model, context: ClientContext) -> PlaylistSource:
    """Return the source of these settings; nothing is asked yet."""
    from cmdarr.clients.deezer.source import DeezerSource

    assert isinstance(settings, DeezerSettings)  # noqa: S101 - the catalogue hands over its own model
    return DeezerSource(settings, context)


SERVICE = ServiceKind(
    name="deezer",
    type=ServiceType(
        settings_model=DeezerSettings, is_source=True, works_unconfigured=True, find_problems=find_problems
    ),
    build=build,
)
