"""The settings that every service reached over HTTP has."""

from datetime import timedelta

from cmdarr.config.base import Model
from cmdarr.config.fields import Duration, UrlText


class HttpSettings(Model):
    """How a service is reached."""

    url: UrlText
    """The base address, for example `http://plex:32400`."""
    timeout: Duration = timedelta(seconds=30)
    """How long one answer may take."""
    verify: bool | str = True
    """Whether TLS certificates are checked: `true`, `false`, or the path of a CA file."""
