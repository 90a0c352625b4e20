"""Lidarr: the collection that discovered artists go to."""

from cmdarr.clients.lidarr.settings import LidarrSettings
from cmdarr.config.base import Model
from cmdarr.config.catalog import ServiceType
from cmdarr.library.artist_ports import ArtistCatalog
from cmdarr.library.ports import ClientContext, ServiceKind
from cmdarr.transport.settings import find_problems


def build(settings: Model, context: ClientContext) -> ArtistCatalog:
    """Return the catalogue of these settings; nothing is asked yet."""
    from cmdarr.clients.lidarr.catalog import LidarrCatalog

    assert isinstance(settings, LidarrSettings)  # noqa: S101 - the catalogue hands over its own model
    return LidarrCatalog(settings, context)


SERVICE = ServiceKind(
    name="lidarr",
    type=ServiceType(settings_model=LidarrSettings, is_catalog=True, find_problems=find_problems),
    build=build,
)
