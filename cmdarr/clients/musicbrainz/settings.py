"""The settings of MusicBrainz."""

from cmdarr.config.fields import NonEmptyText, UrlText
from cmdarr.transport.settings import HttpSettings


class MusicBrainzSettings(HttpSettings):
    """MusicBrainz, or a mirror of it."""

    url: UrlText = "https://musicbrainz.org/ws/2"
    """The base address, with `/ws/2`."""
    contact: NonEmptyText
    """A mail address or web page; MusicBrainz asks every program to name one."""
