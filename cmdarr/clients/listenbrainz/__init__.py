"""ListenBrainz: playlists made for a user, top and loved recordings, similar artists, listens."""

from typing import TYPE_CHECKING

from cmdarr.clients.listenbrainz.settings import ListenBrainzSettings
from cmdarr.config.base import Model
from cmdarr.config.catalog import ServiceType
from cmdarr.library.ports import ClientContext, ServiceKind
from cmdarr.transport.settings import find_problems

if TYPE_CHECKING:
    from cmdarr.clients.listenbrainz.service import ListenBrainz


def build(settings: Model, context: ClientContext) -> "ListenBrainz":
    """Return the service of these settings; nothing is asked yet."""
    from cmdarr.clients.listenbrainz.service import ListenBrainz

    assert isinstance(settings, ListenBrainzSettings)  # noqa: S101 - the catalogue hands over its own model
    return ListenBrainz(settings, context)


SERVICE = ServiceKind(
    name="listenbrainz",
    type=ServiceType(
        settings_model=ListenBrainzSettings,
        is_source=True,
        knows_similar=True,
        knows_listens=True,
        find_problems=find_problems,
    ),
    build=build,
)
