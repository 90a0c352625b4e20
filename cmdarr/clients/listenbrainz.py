"""ListenBrainz: the settings of the service; commands cannot use it yet."""

from cmdarr.config.base import Model
from cmdarr.config.catalog import ServiceType
from cmdarr.config.fields import SecretText
from cmdarr.library.ports import ServiceKind


class ListenBrainzSettings(Model):
    """ListenBrainz."""

    username: str | None = None
    """The user whose listens and playlists are read."""
    token: SecretText | None = None
    """The user token, for what is not public."""


SERVICE = ServiceKind(name="listenbrainz", type=ServiceType(settings_model=ListenBrainzSettings))
