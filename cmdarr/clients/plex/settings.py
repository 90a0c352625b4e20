"""The settings of a Plex server."""

from typing import Annotated

from pydantic import Field

from cmdarr.config.fields import SecretText, UrlText
from cmdarr.transport.settings import HttpSettings


class PlexSettings(HttpSettings):
    """A Plex Media Server."""

    token: SecretText
    """An X-Plex-Token of the server's owner."""
    library: str | None = None
    """The music library to use; default: every music library."""
    batch_size: Annotated[int, Field(ge=1, le=500)] = 100
    """How many tracks one call may name."""
    plex_tv: UrlText = "https://plex.tv"
    """Where the tokens of `users` are asked for."""
