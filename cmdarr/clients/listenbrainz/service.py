"""ListenBrainz as a source of playlists, of similar artists and of listens."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from urllib.parse import quote

from cmdarr.clients.listenbrainz.answers import (
    Feedback,
    FeedbackAnswer,
    JspfPlaylist,
    PlaylistAnswer,
    PlaylistsAnswer,
    TokenAnswer,
    TopArtist,
    TopArtistsAnswer,
    TopRecording,
    TopRecordingsAnswer,
    text,
)
from cmdarr.clients.listenbrainz.api import PAGE, ListenBrainzApi, NotComputed, Page
from cmdarr.clients.listenbrainz.labs import Labs
from cmdarr.clients.listenbrainz.parse import (
    Edition,
    find_editions,
    listened_artists,
    plain_text,
    track_of,
    track_of_feedback,
    track_of_top,
)
from cmdarr.clients.listenbrainz.settings import ListenBrainzSettings
from cmdarr.clients.listenbrainz.wish import CURATED, RANGES, Wish, parse_wish
from cmdarr.errors import AuthenticationFailed, CommandError, NotFound, SourceIncomplete, UnexpectedResponse
from cmdarr.library.artist_ports import ListenRange
from cmdarr.library.formats.text import clean_line
from cmdarr.library.ports import ClientContext
from cmdarr.models.artist import ArtistRef, ListenedArtist, SimilarArtist
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import SourcePlaylist
from cmdarr.models.track import WantedTrack
from cmdarr.transport.cache import Keep

_LISTENS_TTL = timedelta(hours=6)
_RANGE_OF: dict[ListenRange, str] = {"half_year": "half_yearly"}


class ListenBrainz:
    """Playlists are read anew each time; similar artists and top artists are kept for a while."""

    def __init__(self, settings: ListenBrainzSettings, context: ClientContext) -> None:
        self.name = context.name
        self._username = (settings.username or "").strip()
        self._has_token = settings.token is not None
        self._chart_length = settings.chart_length
        ttl = context.ttl_of("listenbrainz")
        self._listens_keep = Keep(ttl=min(ttl, _LISTENS_TTL))
        self._api = ListenBrainzApi(settings, context)
        self._labs = Labs(settings, context, ttl)

    def check(self, cancel: CancelToken) -> str:
        """Ask whether the token holds and the user exists."""
        owner = self._owner(cancel) if self._has_token else ""
        user = self._username or owner
        if user:
            self._api.read(f"user/{_in_path(user)}/listen-count", (), cancel, dict)
            return f"user {user}, {f'token of {owner}' if owner else 'without a token'}"
        self._api.read("stats/sitewide/artists", (("count", "1"),), cancel, dict)
        return "public data only, as no user is named"

    def fetch_playlist(self, playlist: str, cancel: CancelToken) -> SourcePlaylist:
        """Read a curated playlist (the newest), a playlist by its MBID or address, top or loved recordings.

        Raises:
            CommandError: the text names no playlist.
            SourceIncomplete: it came short, is empty, or has not been made yet.
            ServiceError: ListenBrainz failed.
        """
        wish = parse_wish(self.name, playlist)
        cancel.check()
        if wish.kind == "playlist":
            return self._fetch_one(wish.value, cancel)
        user = wish.user or self._user(cancel)
        try:
            if wish.kind == "curated":
                return self._fetch_newest(wish.value, user, cancel)
            return (
                self._fetch_loved(user, cancel)
                if wish.kind == "loved"
                else self._fetch_top(wish, user, cancel)
            )
        except NotComputed as error:
            raise SourceIncomplete(
                f"{self.name}: ListenBrainz has not computed {playlist.strip()[:100]} for {user} yet: run again in a "
                "day; what is on the servers stays."
            ) from error
        except NotFound as error:
            raise NotFound(
                self.name,
                f"there is no user {user}: correct the name in `playlist` or `services.{self.name}.username`.",
            ) from error

    def fetch_editions(self, playlist: str, count: int, cancel: CancelToken) -> Sequence[SourcePlaylist]:
        """Read the newest editions of a curated playlist, newest first; fewer where there are not so many.

        Raises:
            CommandError: the text names no curated playlist.
            SourceIncomplete: there is none yet, or one came short.
            ServiceError: ListenBrainz failed.
        """
        wish = parse_wish(self.name, playlist)
        if wish.kind != "curated":
            raise CommandError(
                f"{self.name}: '{playlist.strip()[:100]}' has no editions: correct `playlist`, only "
                f"{', '.join(CURATED)} appear anew."
            )
        user = wish.user or self._user(cancel)
        editions = self._find_editions(wish.value, user, cancel)[: max(count, 1)]
        return tuple(
            self._fetch_one(
                edition.mbid,
                cancel,
                title=f"{_title_of(wish.value, user)}, {edition.day}",
                edition=edition.day,
            )
            for edition in editions
        )

    def fetch_similar(self, artist: ArtistRef, limit: int, cancel: CancelToken) -> Sequence[SimilarArtist]:
        """Return the most similar artists, best first; empty when none are known.

        Raises:
            NotFound: the artist has no MBID, by which alone ListenBrainz knows artists.
            ServiceError: the host of similar artists failed.
        """
        if artist.mbid is None:
            raise NotFound(self.name, f"similar artists of '{artist.name}' need its MBID.")
        return self._labs.fetch_similar(artist.mbid, cancel)[:limit]

    def fetch_listened(
        self, period: ListenRange, limit: int, cancel: CancelToken
    ) -> Sequence[ListenedArtist]:
        """Return the artists most listened to by the configured user, most first.

        Raises:
            NotFound: ListenBrainz has not computed them yet, or does not know the user.
            ServiceError: it failed, or settings.yaml names no user.
        """
        path = f"stats/user/{_in_path(self._user(cancel))}/artists"
        span = ("range", _RANGE_OF.get(period, period))

        def fetch(offset: int) -> Page[TopArtist]:
            params = (span, ("count", str(PAGE)), ("offset", str(offset)))
            payload = self._api.read(path, params, cancel, TopArtistsAnswer, self._listens_keep).payload
            return Page(payload.artists, payload.total_artist_count)

        try:
            return listened_artists(self._api.read_all("the top artists", fetch, cancel, limit))
        except SourceIncomplete as error:
            raise UnexpectedResponse(self.name, str(error).removeprefix(f"{self.name}: ")) from error

    def _fetch_newest(self, kind: str, user: str, cancel: CancelToken) -> SourcePlaylist:
        newest = self._find_editions(kind, user, cancel)[0]
        return self._fetch_one(newest.mbid, cancel, title=_title_of(kind, user), edition=newest.day)

    def _find_editions(self, kind: str, user: str, cancel: CancelToken) -> list[Edition]:
        path = f"user/{_in_path(user)}/playlists/createdfor"

        def fetch(offset: int) -> Page[JspfPlaylist]:
            params = (("count", str(PAGE)), ("offset", str(offset)))
            answer = self._api.read(path, params, cancel, PlaylistsAnswer)
            return Page([entry.playlist for entry in answer.playlists], answer.playlist_count)

        editions = find_editions(self._api.read_all("the list of playlists", fetch, cancel), kind)
        if not editions:
            raise SourceIncomplete(
                f"{self.name}: there is nothing yet: ListenBrainz has made no {CURATED[kind]} for {user}; what is on "
                "the servers stays."
            )
        return editions

    def _fetch_one(
        self, mbid: str, cancel: CancelToken, *, title: str = "", edition: str = ""
    ) -> SourcePlaylist:
        params = (("fetch_metadata", "true"),)
        try:
            playlist = self._api.read(f"playlist/{mbid}", params, cancel, PlaylistAnswer).playlist
        except NotFound as error:
            cure = "" if self._has_token else f", or set `services.{self.name}.token` if it is private"
            raise NotFound(self.name, f"there is no playlist {mbid}: correct `playlist`{cure}.") from error
        if playlist.track is None:
            raise UnexpectedResponse(self.name, f"the playlist {mbid} came without a list of tracks.")
        return self._build(
            title or clean_line(text(playlist.title)) or "ListenBrainz playlist",
            map(track_of, playlist.track),
            description=plain_text(text(playlist.annotation)),
            edition=edition,
        )

    def _fetch_loved(self, user: str, cancel: CancelToken) -> SourcePlaylist:
        path = f"feedback/user/{_in_path(user)}/get-feedback"

        def fetch(offset: int) -> Page[Feedback]:
            # Not asked for `score`: `total_count` counts the hated ones too, and could not be compared.
            params = (("metadata", "true"), ("count", str(PAGE)), ("offset", str(offset)))
            answer = self._api.read(path, params, cancel, FeedbackAnswer)
            return Page(answer.feedback, answer.total_count)

        rows = self._api.read_all("the loved recordings", fetch, cancel)
        loved = [row for row in rows if row.score == 1]
        return self._build(f"Loved recordings of {user}", map(track_of_feedback, loved))

    def _fetch_top(self, wish: Wish, user: str, cancel: CancelToken) -> SourcePlaylist:
        path = f"stats/user/{_in_path(user)}/recordings"
        count = str(min(PAGE, self._chart_length))

        def fetch(offset: int) -> Page[TopRecording]:
            params = (("range", wish.value), ("count", count), ("offset", str(offset)))
            payload = self._api.read(path, params, cancel, TopRecordingsAnswer).payload
            return Page(payload.recordings, payload.total_recording_count)

        rows = self._api.read_all("the top recordings", fetch, cancel, self._chart_length)
        return self._build(f"Top recordings of {user}, {RANGES[wish.value]}", map(track_of_top, rows))

    def _build(
        self,
        title: str,
        entries: Iterable[WantedTrack | str],
        *,
        description: str = "",
        edition: str = "",
    ) -> SourcePlaylist:
        every = list(entries)
        tracks = tuple(entry for entry in every if isinstance(entry, WantedTrack))
        if not tracks:
            state = f"none of its {len(every)} entries has an artist and a title" if every else "it is empty"
            raise SourceIncomplete(
                f"{self.name}: '{title}' has no tracks: {state}; what is on the servers stays."
            )
        return SourcePlaylist(
            title=title,
            tracks=tracks,
            description=description,
            edition=edition,
            unavailable=tuple(entry for entry in every if isinstance(entry, str)),
        )

    def _user(self, cancel: CancelToken) -> str:
        """Return the configured user, by name or by token."""
        if not self._username and self._has_token:
            self._username = self._owner(cancel)
        if not self._username:
            setting = f"services.{self.name}.username"
            raise AuthenticationFailed(self.name, f"no user is named: set `{setting}`.", setting=setting)
        return self._username

    def _owner(self, cancel: CancelToken) -> str:
        """Return whose token it is."""
        answer = self._api.read("validate-token", (), cancel, TokenAnswer)
        if not answer.valid:
            setting = f"services.{self.name}.token"
            raise AuthenticationFailed(
                self.name, f"the token is not valid: correct `{setting}`.", setting=setting
            )
        return clean_line(text(answer.user_name))


def _in_path(user: str) -> str:
    return quote(user, safe="")


def _title_of(kind: str, user: str) -> str:
    return f"{CURATED[kind]} for {user}"
