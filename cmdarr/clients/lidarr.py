"""Lidarr: the settings of the service; commands cannot use it yet."""

from cmdarr.config.catalog import ServiceType
from cmdarr.config.fields import SecretText
from cmdarr.library.ports import ServiceKind
from cmdarr.transport.settings import HttpSettings


class LidarrSettings(HttpSettings):
    """A Lidarr server."""

    api_key: SecretText
    """The API key, from Settings → General."""


SERVICE = ServiceKind(name="lidarr", type=ServiceType(settings_model=LidarrSettings))
