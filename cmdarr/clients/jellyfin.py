"""Jellyfin: the settings of the service; commands cannot use it yet."""

from cmdarr.config.catalog import ServiceType
from cmdarr.config.fields import SecretText
from cmdarr.library.ports import ServiceKind
from cmdarr.transport.settings import HttpSettings


class JellyfinSettings(HttpSettings):
    """A Jellyfin server."""

    token: SecretText
    """An API key, made in the dashboard under API Keys."""
    user: str | None = None
    """The user whose playlists are written."""
    library: str | None = None
    """The music library to use; default: every music library."""


SERVICE = ServiceKind(name="jellyfin", type=ServiceType(settings_model=JellyfinSettings))
