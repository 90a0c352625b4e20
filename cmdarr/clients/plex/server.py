"""A Plex server as a music server: its libraries, and the playlists of its owner and users."""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import SecretStr

from cmdarr.clients.plex.answers import text
from cmdarr.clients.plex.api import PlexApi, sign
from cmdarr.clients.plex.library import PlexLibrary
from cmdarr.clients.plex.playlists import PlexPlaylists
from cmdarr.clients.plex.settings import PlexSettings
from cmdarr.clients.plex.users import PlexUsers
from cmdarr.library.ports import ClientContext, PlaylistChange
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import PlaylistEntry, PlaylistId, PlaylistInfo
from cmdarr.models.track import LibraryTrack, ServerId
from cmdarr.transport.session import Session
from cmdarr.transport.settings import HttpSettings


class PlexServer:
    """A Plex Media Server. A playlist belongs to the user whose token made it, so every user has a session."""

    def __init__(self, settings: PlexSettings, context: ClientContext) -> None:
        self.name = context.name
        self._settings = settings
        self._context = context
        self._machine = ""
        self._api = PlexApi(self._session(settings, settings.token))
        self._library = PlexLibrary(self._api, settings.library, settings.batch_size)
        plex_tv = HttpSettings(url=settings.plex_tv, timeout=settings.timeout)
        self._users = PlexUsers(self._session(plex_tv, settings.token))
        self._by_user: dict[str, PlexPlaylists] = {}

    def check(self, cancel: CancelToken) -> str:
        """Sign in, and say who answers and which libraries are used."""
        about = self._api.read("/", cancel)
        sections = ", ".join(self.list_sections(cancel))
        name = " ".join(text(about.friendly_name).split())
        return f"Plex {text(about.version)} “{name}”, libraries: {sections}"

    def list_sections(self, cancel: CancelToken) -> Sequence[str]:
        """Return the music libraries that `library` leaves."""
        return self._library.list_sections(cancel)

    def fetch_tracks(self, section: str, cancel: CancelToken) -> Iterator[Sequence[LibraryTrack]]:
        """Yield every track of a library in batches; fewer than announced is an error."""
        return self._library.fetch_tracks(section, cancel)

    def count_tracks(self, section: str, cancel: CancelToken) -> int | None:
        """Return how many tracks a library announces, None when it does not say."""
        return self._library.count_tracks(section, cancel)

    def list_playlists(self, user: str, cancel: CancelToken) -> Sequence[PlaylistInfo]:
        """Return the music playlists of the user; smart ones are read-only."""
        return self._of(user, cancel).list_all(cancel)

    def fetch_entries(
        self, playlist_id: PlaylistId, user: str, cancel: CancelToken
    ) -> Sequence[PlaylistEntry] | None:
        """Return the entries in order, or None when the user has no such playlist."""
        return self._of(user, cancel).fetch_entries(playlist_id, cancel)

    def create_playlist(
        self, title: str, entries: Sequence[PlaylistEntry], description: str, user: str, cancel: CancelToken
    ) -> PlaylistId:
        """Create a playlist of the user and return its rating key.

        Raises:
            ChangeNotApplied: the server took some of the tracks only.
            ServiceError: it failed; the playlist may exist all the same, with some of the entries.
        """
        return self._of(user, cancel).create(title, entries, description, cancel)

    def apply_change(
        self, playlist_id: PlaylistId, change: PlaylistChange, user: str, cancel: CancelToken
    ) -> int:
        """Append, remove and move in place, in as few calls as possible.

        Raises:
            NotFound: the playlist does not exist any more.
            ServiceUnavailable: it was edited since the change was planned; nothing was written.
            PlaylistConflict: it is a smart playlist.
            ChangeNotApplied: the server did not take all tracks; then nothing was removed.
        """
        return self._of(user, cancel).change(playlist_id, change, cancel)

    def keeps_duplicates(self, cancel: CancelToken) -> bool:  # noqa: ARG002 - every server does
        """Return True."""
        return True

    def rename_playlist(
        self, playlist_id: PlaylistId, title: str, user: str, cancel: CancelToken
    ) -> PlaylistId:
        """Give a playlist another title.

        Raises:
            NotFound: the playlist does not exist.
        """
        self._of(user, cancel).edit(playlist_id, "title", title, cancel)
        return playlist_id

    def describe_playlist(
        self, playlist_id: PlaylistId, description: str, user: str, cancel: CancelToken
    ) -> None:
        """Set the summary of a playlist.

        Raises:
            NotFound: the playlist does not exist.
        """
        self._of(user, cancel).edit(playlist_id, "summary", description, cancel)

    def delete_playlist(self, playlist_id: PlaylistId, user: str, cancel: CancelToken) -> None:
        """Delete a playlist; absent is fine."""
        self._of(user, cancel).delete(playlist_id, cancel)

    def fetch_titles(self, server_ids: Sequence[ServerId], cancel: CancelToken) -> Mapping[ServerId, str]:
        """Return the titles of those of the ids that the server still knows as tracks."""
        return self._library.fetch_titles(server_ids, cancel)

    def _of(self, user: str, cancel: CancelToken) -> PlexPlaylists:
        """Return the playlists of a user, whose token is asked for once."""
        if user not in self._by_user:
            self._by_user[user] = PlexPlaylists(
                api=self._api_of(user, cancel),
                user=user,
                machine=self._identify,
                any_track=self._library.fetch_any_track,
                batch_size=self._settings.batch_size,
            )
        return self._by_user[user]

    def _api_of(self, user: str, cancel: CancelToken) -> PlexApi:
        token = self._users.token_of(user, self._identify(cancel), cancel) if user else None
        return self._api if token is None else PlexApi(self._session(self._settings, token), user)

    def _identify(self, cancel: CancelToken) -> str:
        """Return the machine identifier, which is asked for once in a run."""
        if not self._machine:
            self._machine = text(self._api.identify(cancel).machine_identifier)
        return self._machine

    def _session(self, settings: HttpSettings, token: SecretStr) -> Session:
        return Session(
            self.name,
            settings,
            authorize=sign(token, self._context.install_id),
            credential="token",
            surroundings=self._context.surroundings,
        )
