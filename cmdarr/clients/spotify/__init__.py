"""Spotify: playlists and albums with the user's own app, or public pages without one."""

from cmdarr.clients.spotify.settings import SpotifySettings, find_problems
from cmdarr.config.base import Model
from cmdarr.config.catalog import ServiceType
from cmdarr.library.ports import ClientContext, PlaylistSource, ServiceKind


def build(settings: Model, context: ClientContext) -> PlaylistSource:
    """Return the source of these settings; nothing is asked yet."""
    from cmdarr.clients.spotify.source import SpotifySource

    assert isinstance(settings, SpotifySettings)  # noqa: S101 - the catalogue hands over its own model
    return SpotifySource(settings, context)


SERVICE = ServiceKind(
    name="spotify",
    type=ServiceType(
        settings_model=SpotifySettings, is_source=True, works_unconfigured=True, find_problems=find_problems
    ),
    build=build,
)
