"""The settings of Deezer; none is needed."""

from cmdarr.config.fields import UrlText
from cmdarr.transport.settings import HttpSettings


class DeezerSettings(HttpSettings):
    """Deezer's public API; it needs no account."""

    url: UrlText = "https://api.deezer.com"
    """The address of the API."""
    isrc: bool = False
    """Whether the ISRC and the year of each track are asked for: one request a track, kept for `cache.ttl`."""
    allow_hidden_end: bool = False
    """Whether a list is taken although Deezer does not show its last entries, which looks like a lost page."""
