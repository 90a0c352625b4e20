"""Deezer as a source: public playlists, albums, the top tracks of an artist, charts."""

from collections.abc import Callable, Sequence
from typing import assert_never

from cmdarr.clients.deezer.address import Link, Place, parse_address
from cmdarr.clients.deezer.answers import Album, Named, Playlist, Track
from cmdarr.clients.deezer.api import DeezerApi
from cmdarr.clients.deezer.links import ShortLinks
from cmdarr.clients.deezer.pages import PageReader, TrackList
from cmdarr.clients.deezer.settings import DeezerSettings
from cmdarr.clients.deezer.tracks import name_entry, wanted_of
from cmdarr.errors import SourceIncomplete
from cmdarr.library.ports import ClientContext
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import SourcePlaylist
from cmdarr.models.track import WantedTrack
from cmdarr.transport.session import Session

_SOME_TRACK = "/track/3135556"


def _url_of(host: str) -> str:
    return f"https://{host}"


class DeezerSource:
    """Reads lists that Deezer shows to everybody; they are asked for anew each time."""

    def __init__(
        self, settings: DeezerSettings, context: ClientContext, *, url_of: Callable[[str], str] = _url_of
    ) -> None:
        self.name = context.name
        self._api = DeezerApi(settings, context)
        self._has_isrc = settings.isrc
        self._allow_hidden_end = settings.allow_hidden_end

        def open_session(host: str) -> Session:
            there = settings.model_copy(update={"url": url_of(host)})
            return Session(context.name, there, surroundings=context.surroundings, credential="url")

        self._links = ShortLinks(context.name, open_session)

    def check(self, cancel: CancelToken) -> str:
        """Ask for a track, and say what can be read."""
        self._api.fetch(_SOME_TRACK, Track, cancel)
        return "public playlists, albums, top tracks and charts; no account needed"

    def fetch_playlist(self, playlist: str, cancel: CancelToken) -> SourcePlaylist:
        """Read what the text names: an address on deezer.com, an id, `artist:ID`, `chart` or `chart:GENRE`.

        Raises:
            SourceIncomplete: fewer tracks came than Deezer announces, or none.
            ServiceError: Deezer failed, or has nothing there.
        """
        cancel.check()
        place = parse_address(self.name, playlist)
        if isinstance(place, Link):
            place = self._links.resolve(place, cancel)
        match place.subject:
            case "playlist":
                return self._read_playlist(place, cancel)
            case "album":
                return self._read_album(place, cancel)
            case "artist":
                return self._read_top(place, cancel)
            case "chart":
                return self._read_chart(place, cancel)
            case never:
                assert_never(never)

    def _read_playlist(self, place: Place, cancel: CancelToken) -> SourcePlaylist:
        about = self._api.fetch(f"/playlist/{place.number}", Playlist, cancel)
        found = self._read_list(f"/playlist/{place.number}/tracks", about.nb_tracks, cancel)
        return self._playlist(about.title, found, cancel, description=about.description or "")

    def _read_album(self, place: Place, cancel: CancelToken) -> SourcePlaylist:
        about = self._api.fetch(f"/album/{place.number}", Album, cancel)
        found = self._read_list(f"/album/{place.number}/tracks", about.nb_tracks, cancel)
        for track in found.tracks:  # tracks of an album do not name it
            track.album = track.album or about
            track.release_date = track.release_date or about.release_date
        return self._playlist(about.title or f"Album {place.number}", found, cancel)

    def _read_top(self, place: Place, cancel: CancelToken) -> SourcePlaylist:
        artist = self._api.fetch(f"/artist/{place.number}", Named, cancel)
        found = self._read_list(f"/artist/{place.number}/top", None, cancel)
        return self._playlist(f"{artist.name}: top tracks", found, cancel)

    def _read_chart(self, place: Place, cancel: CancelToken) -> SourcePlaylist:
        genre = f": {self._api.genre_name(place.number, cancel)}" if place.number else ""
        found = self._read_list(f"/chart/{place.number}/tracks", None, cancel)
        return self._playlist(f"Deezer chart{genre}", found, cancel)

    def _read_list(self, path: str, announced: int | None, cancel: CancelToken) -> TrackList:
        reader = PageReader(
            self.name,
            path,
            lambda index, limit: self._api.fetch_page(path, index, limit, cancel),
            allow_hidden_end=self._allow_hidden_end,
        )
        return reader.read(announced)

    def _playlist(
        self, title: str, found: TrackList, cancel: CancelToken, description: str = ""
    ) -> SourcePlaylist:
        entries = [(track, wanted_of(track)) for track in found.tracks]
        wanted = [(track, entry) for track, entry in entries if entry is not None]
        if not wanted:
            raise SourceIncomplete(f"{self.name}: '{title}' is empty: name another list in `playlist`.")
        untold = (name_entry(track) for track, entry in entries if entry is None)
        return SourcePlaylist(
            title=title.strip() or "Deezer",
            description=description.strip(),
            tracks=tuple(self._with_details(wanted, cancel)),
            unavailable=(*untold, *found.hidden),
        )

    def _with_details(
        self, wanted: Sequence[tuple[Track, WantedTrack]], cancel: CancelToken
    ) -> Sequence[WantedTrack]:
        """Add ISRC and year where they are asked for and not told yet."""
        if not self._has_isrc:
            return [entry for _, entry in wanted]
        return [self._with_detail(track, entry, cancel) for track, entry in wanted]

    def _with_detail(self, track: Track, entry: WantedTrack, cancel: CancelToken) -> WantedTrack:
        if entry.isrc and entry.year:
            return entry
        detail = self._api.find_track(track.id, cancel)
        if detail is None:
            return entry
        track.isrc = track.isrc or detail.isrc
        track.release_date = track.release_date or detail.release_date
        return wanted_of(track) or entry
