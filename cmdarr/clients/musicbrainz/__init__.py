"""MusicBrainz: which artist or album a name means."""

from typing import TYPE_CHECKING

from cmdarr.clients.musicbrainz.settings import MusicBrainzSettings
from cmdarr.config.base import Model
from cmdarr.config.catalog import ServiceType
from cmdarr.library.ports import ClientContext, ServiceKind
from cmdarr.transport.settings import find_problems

if TYPE_CHECKING:
    from cmdarr.clients.musicbrainz.service import MusicBrainz


def build(settings: Model, context: ClientContext) -> "MusicBrainz":
    """Return the service of these settings; nothing is asked yet."""
    from cmdarr.clients.musicbrainz.service import MusicBrainz

    assert isinstance(settings, MusicBrainzSettings)  # noqa: S101 - the catalogue hands over its own model
    return MusicBrainz(settings, context)


SERVICE = ServiceKind(
    name="musicbrainz",
    type=ServiceType(settings_model=MusicBrainzSettings, is_identity=True, find_problems=find_problems),
    build=build,
)
