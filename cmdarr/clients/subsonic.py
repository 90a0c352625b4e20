"""Subsonic and OpenSubsonic (Navidrome, gonic, …): the settings of the service; commands cannot use it yet."""

from cmdarr.config.catalog import ServiceType
from cmdarr.config.fields import SecretText
from cmdarr.library.ports import ServiceKind
from cmdarr.transport.settings import HttpSettings


class SubsonicSettings(HttpSettings):
    """A server with the Subsonic API."""

    username: str
    """The user whose playlists are written."""
    password: SecretText
    """The password of that user."""
    library: str | None = None
    """The music folder to use; default: every music folder."""


SERVICE = ServiceKind(name="subsonic", type=ServiceType(settings_model=SubsonicSettings))
