"""Last.fm: loved and top tracks, listens, charts, similar tracks and artists."""

from typing import TYPE_CHECKING

from cmdarr.clients.lastfm.settings import LastfmSettings
from cmdarr.config.base import Model
from cmdarr.config.catalog import ServiceType
from cmdarr.library.ports import ClientContext, ServiceKind
from cmdarr.transport.settings import find_problems

if TYPE_CHECKING:
    from cmdarr.clients.lastfm.service import Lastfm


def build(settings: Model, context: ClientContext) -> "Lastfm":
    """Return the service of these settings; nothing is asked yet."""
    from cmdarr.clients.lastfm.service import Lastfm

    assert isinstance(settings, LastfmSettings)  # noqa: S101 - the catalogue hands over its own model
    return Lastfm(settings, context)


SERVICE = ServiceKind(
    name="lastfm",
    type=ServiceType(
        settings_model=LastfmSettings,
        is_source=True,
        knows_similar=True,
        knows_listens=True,
        find_problems=find_problems,
    ),
    build=build,
)
