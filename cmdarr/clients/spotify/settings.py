"""The settings of Spotify: the user's own app, and the sign-in of one user."""

from collections.abc import Mapping
from pathlib import Path

from cmdarr.config.base import Model
from cmdarr.config.fields import NonEmptyText, SecretText, UrlText
from cmdarr.transport import settings as http


class SpotifySettings(http.HttpSettings):
    """Spotify with your own app; without one only public pages can be read."""

    url: UrlText = "https://api.spotify.com/v1"
    """The address of the API."""
    accounts_url: UrlText = "https://accounts.spotify.com"
    """The address of the sign-in."""
    client_id: NonEmptyText | None = None
    """The client id of your app."""
    client_secret: SecretText | None = None
    """The client secret of your app."""
    refresh_token: SecretText | None = None
    """The refresh token of the user whose playlists are read; without one the app reads albums only."""


def find_problems(settings: Model, root: Path) -> Mapping[str, str]:
    """Return setting key -> sentence for an app that is described by half."""
    assert isinstance(settings, SpotifySettings)  # noqa: S101 - the catalogue hands over its own model
    found = dict(http.find_problems(settings, root))
    if settings.client_id and not settings.client_secret:
        found |= {"client_id": "an app needs `client_secret` too: copy it from the app's page at Spotify."}
    if settings.client_secret and not settings.client_id:
        found |= {"client_secret": "an app needs `client_id` too: copy it from the app's page at Spotify."}
    if settings.refresh_token and not settings.client_id:
        found |= {"refresh_token": "it works with its own app only: set `client_id` and `client_secret`."}
    return found
