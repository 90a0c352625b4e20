"""The settings of a Subsonic server."""

from cmdarr.config.fields import SecretText
from cmdarr.transport.settings import HttpSettings


class SubsonicSettings(HttpSettings):
    """A server with the Subsonic API."""

    username: str
    """The user whose playlists are written."""
    password: SecretText
    """The password of that user."""
    library: str | None = None
    """The music folder to use; default: every music folder."""
