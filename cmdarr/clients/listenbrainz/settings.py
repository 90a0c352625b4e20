"""The settings of ListenBrainz."""

from typing import Annotated

from pydantic import Field

from cmdarr.config.fields import NonEmptyText, SecretText, UrlText
from cmdarr.transport.settings import HttpSettings


class ListenBrainzSettings(HttpSettings):
    """ListenBrainz, or a server with its API."""

    url: UrlText = "https://api.listenbrainz.org"
    """The base address, without `/1`."""
    username: str | None = None
    """The user whose listens and playlists are read; default: the one that `token` belongs to."""
    token: SecretText | None = None
    """The user token, for what is not public."""
    chart_length: Annotated[int, Field(ge=1, le=1000)] = 100
    """How many tracks `top-recordings` reads at most."""
    labs_url: UrlText = "https://labs.api.listenbrainz.org"
    """The base address of the experimental service that knows similar artists."""
    algorithm: NonEmptyText = (
        "session_based_days_9000_session_300_contribution_5_threshold_15_limit_50_skip_30"
    )
    """The name of the data set of similar artists."""
