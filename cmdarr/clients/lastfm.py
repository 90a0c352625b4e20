"""Last.fm: the settings of the service; commands cannot use it yet."""

from cmdarr.config.base import Model
from cmdarr.config.catalog import ServiceType
from cmdarr.config.fields import SecretText
from cmdarr.library.ports import ServiceKind


class LastfmSettings(Model):
    """Last.fm."""

    api_key: SecretText
    """The key of your own API account."""
    username: str | None = None
    """The user whose listens are read."""


SERVICE = ServiceKind(name="lastfm", type=ServiceType(settings_model=LastfmSettings))
