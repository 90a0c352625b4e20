"""Last.fm as a source of playlists, of similar artists and of listens."""

from collections.abc import Sequence
from datetime import timedelta

from cmdarr.clients.lastfm.answers import Artist, PageMark, Track, text
from cmdarr.clients.lastfm.api import PAGE, LastfmApi, Params
from cmdarr.clients.lastfm.parse import listened_artists, similar_artists, track_of
from cmdarr.clients.lastfm.settings import LastfmSettings
from cmdarr.clients.lastfm.wish import SIMILAR_TRACKS, Wish, parse_wish
from cmdarr.errors import AuthenticationFailed, NotFound, SourceIncomplete, UnexpectedResponse
from cmdarr.library.artist_ports import ListenRange
from cmdarr.library.formats.text import clean_line
from cmdarr.library.ports import ClientContext
from cmdarr.matching.artist_name import is_like_name, names_nobody
from cmdarr.models.artist import ArtistRef, ListenedArtist, SimilarArtist
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import SourcePlaylist
from cmdarr.models.track import WantedTrack
from cmdarr.transport.cache import Keep

_LISTENS_TTL = timedelta(hours=6)
_SIMILAR = "artist.getSimilar"
_LEAST_SIMILAR = 100
"""How many similar artists are asked for at least: one kept answer serves every smaller wish."""
_PERIOD_OF: dict[ListenRange, str] = {
    "week": "7day",
    "month": "1month",
    "quarter": "3month",
    "half_year": "6month",
    "year": "12month",
    "all_time": "overall",
}


class Lastfm:
    """Playlists are read anew each time; similar artists and top artists are kept for a while."""

    def __init__(self, settings: LastfmSettings, context: ClientContext) -> None:
        self.name = context.name
        self._username = (settings.username or "").strip()
        self._chart_length = settings.chart_length
        self._clock = context.surroundings.clock
        ttl = context.ttl_of("lastfm")
        self._keep = Keep(ttl=ttl, negative_ttl=context.ttl_of("failed"))
        self._listens_keep = Keep(ttl=min(ttl, _LISTENS_TTL))
        self._api = LastfmApi(settings, context)

    def check(self, cancel: CancelToken) -> str:
        """Ask whether the key holds and the user exists."""
        if not self._username:
            self._api.read("chart.getTopArtists", (("limit", "1"),), cancel)
            return "the key holds, no user is named"
        user = self._api.read("user.getInfo", (("user", self._username),), cancel).user
        return f"the key holds, user {clean_line(text(user.name)) if user else self._username}"

    def fetch_playlist(self, playlist: str, cancel: CancelToken) -> SourcePlaylist:
        """Read loved, top or recent tracks of a user, a chart, or the tracks similar to one.

        Raises:
            CommandError: the text names no playlist.
            SourceIncomplete: it came short, or is empty.
            ServiceError: Last.fm failed.
        """
        wish = parse_wish(self.name, playlist)
        cancel.check()
        user = wish.user if wish.user is None else wish.user or self._user()
        try:
            if wish.method == SIMILAR_TRACKS:
                rows = self._fetch_similar_tracks(wish, cancel)
            else:
                rows = self._fetch_tracks(wish, user, cancel)
        except NotFound as error:
            reason = str(error).removeprefix(f"{self.name}: ").rstrip(".")
            raise NotFound(self.name, f"{reason}: correct `playlist`.") from error
        return self._build(wish.title.format(user=user) if user else wish.title, rows)

    def fetch_similar(self, artist: ArtistRef, limit: int, cancel: CancelToken) -> Sequence[SimilarArtist]:
        """Return the most similar artists, best first; empty when none are known.

        The MBID is asked for first; where it is not known, or names somebody else there, the name is.

        Raises:
            NotFound: Last.fm does not know the artist.
            ServiceError: it failed.
        """
        size = ("limit", str(max(limit, _LEAST_SIMILAR)))
        asked: list[Params] = [(("mbid", artist.mbid), size)] if artist.mbid else []
        if not names_nobody(artist.name):
            asked += [(("artist", artist.name), ("autocorrect", number), size) for number in ("1", "0")]
        for params in asked:
            rows = self._find_similar(artist, params, cancel)
            if rows is not None:
                return similar_artists(rows, artist)[:limit]
        raise NotFound(self.name, f"the artist '{artist.name}' is not known.")

    def fetch_listened(
        self, period: ListenRange, limit: int, cancel: CancelToken
    ) -> Sequence[ListenedArtist]:
        """Return the artists most listened to by the configured user, most first.

        Raises:
            ServiceError: Last.fm failed, does not know the user, or settings.yaml names none.
        """
        method, user = "user.getTopArtists", self._user()
        params = (("user", user), ("period", _PERIOD_OF[period]), ("limit", str(min(PAGE, max(limit, 1)))))

        def fetch(number: int) -> tuple[PageMark | None, Sequence[Artist]]:
            answer = self._api.read(method, (*params, ("page", str(number))), cancel, self._listens_keep)
            artists = self._api.artists_of(method, answer)
            return artists.mark, artists.rows

        try:
            return listened_artists(self._api.read_all("the top artists", fetch, cancel, limit))
        except SourceIncomplete as error:
            raise UnexpectedResponse(self.name, str(error).removeprefix(f"{self.name}: ")) from error

    def _find_similar(self, artist: ArtistRef, params: Params, cancel: CancelToken) -> list[Artist] | None:
        """Return the similar artists, None when the artist is not known or the answer is about another one."""
        try:
            found = self._api.artists_of(_SIMILAR, self._api.read(_SIMILAR, params, cancel, self._keep))
        except NotFound:
            return None
        about = clean_line(text(found.mark.artist)) if found.mark else ""
        is_about = is_like_name(about, artist.name) or (names_nobody(artist.name) and not names_nobody(about))
        return found.rows if is_about else None

    def _fetch_similar_tracks(self, wish: Wish, cancel: CancelToken) -> list[Track]:
        params = (*wish.params, ("limit", str(self._chart_length)))
        found = self._api.tracks_of(wish.method, self._api.read(wish.method, params, cancel))
        if found.mark is None or names_nobody(clean_line(text(found.mark.artist))):
            raise NotFound(self.name, f"the track of '{wish.title}' is not known")
        return found.rows[: self._chart_length]

    def _fetch_tracks(self, wish: Wish, user: str | None, cancel: CancelToken) -> list[Track]:
        most = None if wish.is_complete else self._chart_length
        params = (*wish.params, ("limit", str(min(PAGE, most or PAGE))))
        if user is not None:
            params = (("user", user), *params)
        if wish.method == "user.getRecentTracks":  # what is played meanwhile would move every page
            params = (*params, ("to", str(int(self._clock.now().timestamp()))))

        def fetch(number: int) -> tuple[PageMark | None, Sequence[Track]]:
            answer = self._api.read(wish.method, (*params, ("page", str(number))), cancel)
            page = self._api.tracks_of(wish.method, answer)
            return page.mark, [track for track in page.rows if not track.is_playing]

        return self._api.read_all("the tracks", fetch, cancel, most)

    def _build(self, title: str, rows: Sequence[Track]) -> SourcePlaylist:
        entries = [track_of(row) for row in rows]
        tracks = tuple(entry for entry in entries if isinstance(entry, WantedTrack))
        if not tracks:
            state = f"none of its {len(rows)} entries has an artist and a title" if rows else "it is empty"
            raise SourceIncomplete(
                f"{self.name}: '{title}' has no tracks: {state}; what is on the servers stays."
            )
        unavailable = tuple(entry for entry in entries if isinstance(entry, str))
        return SourcePlaylist(title=clean_line(title), tracks=tracks, unavailable=unavailable)

    def _user(self) -> str:
        if not self._username:
            setting = f"services.{self.name}.username"
            raise AuthenticationFailed(self.name, f"no user is named: set `{setting}`.", setting=setting)
        return self._username
