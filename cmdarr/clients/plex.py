"""Plex: the settings of the service; commands cannot use it yet."""

from cmdarr.config.catalog import ServiceType
from cmdarr.config.fields import SecretText
from cmdarr.library.ports import ServiceKind
from cmdarr.transport.settings import HttpSettings


class PlexSettings(HttpSettings):
    """A Plex Media Server."""

    token: SecretText
    """An X-Plex-Token of the server's owner."""
    library: str | None = None
    """The music library to use; default: every music library."""


SERVICE = ServiceKind(name="plex", type=ServiceType(settings_model=PlexSettings))
