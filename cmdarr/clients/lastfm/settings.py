"""The settings of Last.fm."""

from typing import Annotated

from pydantic import Field

from cmdarr.config.fields import SecretText, UrlText
from cmdarr.transport.settings import HttpSettings


class LastfmSettings(HttpSettings):
    """Last.fm, or a server with its API."""

    url: UrlText = "https://ws.audioscrobbler.com"
    """The base address, without `/2.0`."""
    api_key: SecretText
    """The key of your own API account."""
    username: str | None = None
    """The user whose loved and top tracks and listens are read."""
    chart_length: Annotated[int, Field(ge=1, le=1000)] = 100
    """How many tracks are read of charts, top tracks, listens and similar tracks; loved tracks are read completely."""
