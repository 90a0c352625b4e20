"""Spotify as a source: with an app through its API, without one through public pages."""

from cmdarr.clients.spotify.address import Place, parse_address
from cmdarr.clients.spotify.answers import (
    Album,
    Playlist,
    PlaylistItem,
    PlaylistPage,
    TopTracks,
    Track,
    TrackPage,
    User,
)
from cmdarr.clients.spotify.api import Forbidden, SpotifyApi
from cmdarr.clients.spotify.pages import PublicPages
from cmdarr.clients.spotify.reading import make_playlist, pair, read_pages
from cmdarr.clients.spotify.settings import SpotifySettings
from cmdarr.clients.spotify.tracks import wanted_of
from cmdarr.errors import AuthenticationFailed, NotFound
from cmdarr.library.ports import ClientContext
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import SourcePlaylist

PAGE = 50
_ABOUT = ("fields", "name,description,items(total),tracks(total)")


class SpotifySource:
    """Reads playlists and albums; they are asked for anew each time."""

    def __init__(
        self, settings: SpotifySettings, context: ClientContext, *, pages: PublicPages | None = None
    ) -> None:
        self.name = context.name
        self._api = SpotifyApi(settings, context) if settings.client_id else None
        self._pages = pages or PublicPages(context.name, settings.timeout.total_seconds())

    def check(self, cancel: CancelToken) -> str:
        """Sign in where there is an app, and say what can be read."""
        if self._api is None:
            return self._pages.about()
        self._api.sign_in.token(cancel)
        if not self._api.sign_in.has_user:
            return "app signed in, without a user: albums only; set `refresh_token` for playlists"
        user = self._api.fetch("/me", User, cancel)
        return f"app signed in, user {user.display_name or user.id or 'without a name'}"

    def fetch_playlist(self, playlist: str, cancel: CancelToken) -> SourcePlaylist:
        """Read what the text names: an address on open.spotify.com, `spotify:…`, or the id of a playlist.

        Raises:
            SourceIncomplete: fewer entries came than Spotify announces, or none.
            ServiceError: Spotify failed, has nothing there, or does not give it to this app.
        """
        cancel.check()
        place = parse_address(self.name, playlist)
        if self._api is None:
            return self._pages.read(place, cancel)
        if place.subject == "playlist":
            return self._read_playlist(self._api, place, cancel)
        if place.subject == "album":
            return self._read_album(self._api, place, cancel)
        return self._read_top(self._api, place, cancel)

    def _read_playlist(self, api: SpotifyApi, place: Place, cancel: CancelToken) -> SourcePlaylist:
        about = api.fetch(f"/playlists/{place.id}", Playlist, cancel, _ABOUT)
        items = read_pages(self.name, f"'{about.name}'", about.announced, _Contents(api, place.id, cancel))
        entries = [pair(_track_of(item)) for item in items]
        return make_playlist(self.name, about.name, entries, about.description or "")

    def _read_album(self, api: SpotifyApi, place: Place, cancel: CancelToken) -> SourcePlaylist:
        about = api.fetch(f"/albums/{place.id}", Album, cancel)

        def fetch(offset: int) -> TrackPage:
            window = ("limit", str(PAGE)), ("offset", str(offset))
            return api.fetch(f"/albums/{place.id}/tracks", TrackPage, cancel, *window)

        title = about.name or f"Album {place.id}"
        tracks = read_pages(self.name, f"'{title}'", about.total_tracks, fetch)
        entries = [(track, wanted_of(track, about) if track else None) for track in tracks]
        return make_playlist(self.name, title, entries)

    def _read_top(self, api: SpotifyApi, place: Place, cancel: CancelToken) -> SourcePlaylist:
        artist = api.fetch(f"/artists/{place.id}", User, cancel)
        try:
            found = api.fetch(f"/artists/{place.id}/top-tracks", TopTracks, cancel)
        except (Forbidden, NotFound) as error:
            raise NotFound(
                self.name,
                "Spotify gives the top tracks of artists to few apps since 2026: read them from `deezer` "
                "(`artist:ID` in `playlist`) or `lastfm`.",
            ) from error
        title = f"{artist.name or 'Artist'}: top tracks"
        return make_playlist(self.name, title, [pair(track) for track in found.tracks])


class _Contents:
    """Asks for pages of a playlist, at the path of 2026 or, where an app has only that, at the one of before."""

    def __init__(self, api: SpotifyApi, playlist_id: str, cancel: CancelToken) -> None:
        self._api = api
        self._cancel = cancel
        self._paths = [f"/playlists/{playlist_id}/items", f"/playlists/{playlist_id}/tracks"]

    def __call__(self, offset: int) -> PlaylistPage:
        window = ("limit", str(PAGE)), ("offset", str(offset)), ("additional_types", "track")
        while True:
            try:
                page = self._api.fetch(self._paths[0], PlaylistPage, self._cancel, *window)
            except (Forbidden, NotFound) as error:
                if len(self._paths) == 1:
                    raise self._refused() from error
                del self._paths[0]
                continue
            del self._paths[1:]
            return page

    def _refused(self) -> AuthenticationFailed:
        service = self._api.service
        who = "its owner and to those who work on it" if self._api.sign_in.has_user else "signed-in users"
        return Forbidden(
            service,
            f"since 2026 Spotify gives the contents of a playlist only to {who}: set "
            f"`services.{service}.refresh_token` of its owner, or export it to CSV and read that with the service "
            "`file`.",
            setting=f"services.{service}.refresh_token",
        )


def _track_of(item: PlaylistItem | None) -> Track | None:
    if item is None:
        return None
    track = item.item or item.track
    if track is not None and item.is_local:
        track.is_local = True
    return track
