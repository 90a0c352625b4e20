"""MusicBrainz: the settings of the service; commands cannot use it yet."""

from cmdarr.config.base import Model
from cmdarr.config.catalog import ServiceType
from cmdarr.library.ports import ServiceKind


class MusicBrainzSettings(Model):
    """MusicBrainz."""

    contact: str
    """A mail address or web page; MusicBrainz asks every program to name one."""


SERVICE = ServiceKind(name="musicbrainz", type=ServiceType(settings_model=MusicBrainzSettings))
