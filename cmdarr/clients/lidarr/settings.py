"""The settings of a Lidarr server."""

from datetime import timedelta

from cmdarr.config.fields import Duration, SecretText
from cmdarr.transport.settings import HttpSettings


class LidarrSettings(HttpSettings):
    """A Lidarr server."""

    api_key: SecretText
    """The API key, from Settings → General."""
    library_timeout: Duration = timedelta(minutes=10)
    """How long the list of all artists may take: Lidarr needs minutes for large libraries."""
