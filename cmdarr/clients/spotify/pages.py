"""Public pages of Spotify, for those without an app: read by the optional library SpotifyScraper.

The library is imported only here and only when it is needed; Cmdarr works without it. It gives what it got also
when a page failed, and leaves out local files and episodes: a list is taken only with as many tracks as it
announces.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from cmdarr.clients.spotify.address import Place
from cmdarr.errors import (
    CommandError,
    NotFound,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
    SourceIncomplete,
    UnexpectedResponse,
)
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import SourcePlaylist
from cmdarr.models.track import WantedTrack

if TYPE_CHECKING:
    from spotify_scraper import SpotifyClient
    from spotify_scraper.http import Transport
    from spotify_scraper.http.transport import Response
    from spotify_scraper.models import Track

LIBRARY = "spotifyscraper"
_CURE = (
    "set `client_id`, `client_secret` and `refresh_token` of your own app, or export the list to CSV and read that "
    "with the service `file`"
)


class PublicPages:
    """Reads playlists and albums that everybody can see in a browser; `open_way` makes the way to the web."""

    def __init__(
        self, service: str, timeout_s: float, open_way: Callable[[], "Transport"] | None = None
    ) -> None:
        self._service = service
        self._timeout_s = timeout_s
        self._open_way = open_way or self._open_web

    def about(self) -> str:
        """Say how pages are read.

        Raises:
            CommandError: the library is not installed.
        """
        try:
            from spotify_scraper import __version__
        except ImportError as error:
            raise self._not_installed() from error
        return f"no app: public pages are read with {LIBRARY} {__version__}"

    def read(self, place: Place, cancel: CancelToken) -> SourcePlaylist:
        """Read a playlist or an album.

        Raises:
            CommandError: the library is not installed, or cannot read such a thing.
            SourceIncomplete: the pages give fewer tracks than they announce, or do not say how many there are.
            ServiceError: Spotify, or the way to it, failed.
        """
        if place.subject == "artist":
            raise CommandError(
                f"{self._service}: the top tracks of an artist cannot be read from Spotify's pages: read them from "
                "`deezer` (`artist:ID` in `playlist`) or `lastfm`."
            )
        try:
            from spotify_scraper import SpotifyClient
            from spotify_scraper.errors import NotFoundError, SpotifyScraperError
        except ImportError as error:
            raise self._not_installed() from error
        way = _Way(self._service, self._open_way(), cancel)
        try:
            with SpotifyClient(transport=way) as client:
                return self._read(client, place)
        except NotFoundError as error:
            raise NotFound(
                self._service, "there is no such public page: correct `playlist`, or make the list public."
            ) from error
        except SpotifyScraperError as error:
            raise UnexpectedResponse(
                self._service,
                f"the page cannot be read ({type(error).__name__}), Spotify may have changed it: update {LIBRARY}, or "
                f"{_CURE}.",
            ) from error
        finally:
            way.close()

    def _read(self, client: "SpotifyClient", place: Place) -> SourcePlaylist:
        if place.subject == "album":
            album = client.get_album(place.id)
            artists = ", ".join(artist.name for artist in album.artists)
            year = album.release_date.year if album.release_date else None
            tracks = [_wanted(track, album.name, artists, year) for track in album.tracks]
            return self._complete(album.name, "", album.total_tracks, tracks)
        playlist = client.get_playlist(place.id, max_tracks=None)
        tracks = [_wanted(entry.track) for entry in playlist.tracks]
        return self._complete(playlist.name, playlist.description, playlist.total_tracks, tracks)

    def _complete(
        self, title: str, description: str, announced: int | None, found: list[WantedTrack | None]
    ) -> SourcePlaylist:
        tracks = tuple(track for track in found if track is not None)
        if announced is None:
            raise SourceIncomplete(
                f"{self._service}: the page of '{title}' gives {len(found)} tracks and does not say how many there are "
                f"(often only the first 100 are given): {_CURE}."
            )
        if len(found) != announced:
            raise SourceIncomplete(
                f"{self._service}: the page of '{title}' announces {announced} tracks and gives {len(found)} (it "
                f"leaves out local files and episodes, and may end early): {_CURE}."
            )
        if not tracks:
            raise SourceIncomplete(f"{self._service}: '{title}' is empty: name another list in `playlist`.")
        untold = f"an entry of '{title}' (artist or title is missing)"
        return SourcePlaylist(
            title=title.strip() or "Spotify",
            description=description.strip(),
            tracks=tracks,
            unavailable=(untold,) * (len(found) - len(tracks)),
        )

    def _not_installed(self) -> CommandError:
        return CommandError(
            f"{self._service}: reading public pages needs an optional library: install `cmdarr[spotify]`, or {_CURE}."
        )

    def _open_web(self) -> "Transport":
        from spotify_scraper.http import HttpxTransport

        return HttpxTransport(timeout=self._timeout_s)


class _Way:
    """The library's way to the web, with Cmdarr's errors: the library goes on after its own, and would answer short."""

    def __init__(self, service: str, inner: "Transport", cancel: CancelToken) -> None:
        self._service = service
        self._inner = inner
        self._cancel = cancel

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> "Response":
        """Fetch a page."""
        from spotify_scraper.errors import NetworkError, RateLimitedError

        self._cancel.check()
        try:
            return self._inner.get(url, headers=headers)
        except RateLimitedError as error:
            raise self._rate_limited(error.retry_after) from None
        except NetworkError:
            raise ServiceUnavailable(
                self._service, "a page of open.spotify.com did not come: run again later."
            ) from None

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()

    def _rate_limited(self, retry_after_s: float | None) -> ServiceError:
        return RateLimited(
            self._service, "the pages were asked for too often: run again later.", retry_after_s=retry_after_s
        )


def _wanted(
    track: "Track", album: str = "", album_artist: str = "", year: int | None = None
) -> WantedTrack | None:
    artist = ", ".join(artist.name for artist in track.artists if artist.name)
    if not (artist and track.name):
        return None
    return WantedTrack(
        artist=artist,
        title=track.name,
        album=(track.album.name if track.album else "") or album,
        album_artist=album_artist,
        duration_ms=track.duration_ms or None,
        year=track.release_date.year if track.release_date else year,
    )
