"""A Jellyfin server as a music server: its libraries, and the playlists of its users."""

from collections.abc import Iterator, Mapping, Sequence

from cmdarr.clients.jellyfin.accounts import Accounts
from cmdarr.clients.jellyfin.answers import About
from cmdarr.clients.jellyfin.api import Credential, JellyfinApi, no_api
from cmdarr.clients.jellyfin.change import ChangeRun
from cmdarr.clients.jellyfin.library import JellyfinLibrary
from cmdarr.clients.jellyfin.playlists import JellyfinPlaylists
from cmdarr.clients.jellyfin.settings import JellyfinSettings
from cmdarr.errors import NotFound
from cmdarr.library.ports import ClientContext, PlaylistChange
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import PlaylistEntry, PlaylistId, PlaylistInfo
from cmdarr.models.track import LibraryTrack, ServerId

OLDEST = (10, 9)
KEEPS_DUPLICATES_SINCE = (12,)
"""Since when a playlist may hold a track twice (jellyfin/jellyfin #17416); before, a second one is ignored."""


class JellyfinServer:
    """A music server over the Jellyfin API; every user has a credential of its own."""

    def __init__(self, settings: JellyfinSettings, context: ClientContext) -> None:
        self.name = context.name
        self._accounts = Accounts(settings, context)
        self._nobody = JellyfinApi(settings, context, Credential(setting="token"))
        self._library = JellyfinLibrary(context.name, self._accounts, settings.library)
        self._playlists = JellyfinPlaylists(context.name, self._accounts)
        self._about: About | None = None

    def check(self, cancel: CancelToken) -> str:
        """Sign in, and say what answers, as whom, and which libraries are used.

        Raises:
            AuthenticationFailed: the credentials are wrong, or an API key that cannot remove and move entries.
            ServiceError: the server failed.
        """
        about = self._ask_about(cancel)
        account = self._accounts.of("", cancel)
        sections = ", ".join(self.list_sections(cancel))
        account.check_can_edit(cancel)
        way = "API key for user" if account.is_key else "user"
        return f"Jellyfin {about.version}, {way} {account.name}, libraries: {sections}"

    def keeps_duplicates(self, cancel: CancelToken) -> bool:
        """Whether a playlist can hold a track twice."""
        return self._ask_about(cancel).numbers >= KEEPS_DUPLICATES_SINCE

    def list_sections(self, cancel: CancelToken) -> Sequence[str]:
        """Return the music libraries that `library` leaves."""
        return self._library.list_sections(cancel)

    def fetch_tracks(self, section: str, cancel: CancelToken) -> Iterator[Sequence[LibraryTrack]]:
        """Yield every track of a library in batches; fewer than announced is an error."""
        cancel.check()
        return self._library.fetch_tracks(section, cancel)

    def count_tracks(self, section: str, cancel: CancelToken) -> int | None:
        """Return how many tracks a library announces."""
        return self._library.count_tracks(section, cancel)

    def list_playlists(self, user: str, cancel: CancelToken) -> Sequence[PlaylistInfo]:
        """Return the user's own playlists."""
        return self._playlists.list_all(self._accounts.of(user, cancel), cancel)

    def fetch_entries(
        self, playlist_id: PlaylistId, user: str, cancel: CancelToken
    ) -> Sequence[PlaylistEntry] | None:
        """Return the entries in order, or None when the playlist does not exist."""
        return self._playlists.fetch_entries(playlist_id, self._accounts.of(user, cancel), cancel)

    def create_playlist(
        self, title: str, entries: Sequence[PlaylistEntry], description: str, user: str, cancel: CancelToken
    ) -> PlaylistId:
        """Create a playlist.

        Raises:
            ServiceError: it failed; the playlist may exist all the same, with some of the entries.
        """
        cancel.check()
        return self._playlists.create(title, entries, description, self._accounts.of(user, cancel), cancel)

    def apply_change(
        self, playlist_id: PlaylistId, change: PlaylistChange, user: str, cancel: CancelToken
    ) -> int:
        """Add, remove and move in place, and return the number of writes.

        Raises:
            NotFound: the playlist does not exist any more.
            ServiceUnavailable: it was edited since the change was planned.
            PlaylistConflict: the server does not let the user write it.
            AuthenticationFailed: an API key that cannot remove and move; nothing was written.
        """
        cancel.check()
        if change.is_empty:
            return 0
        account = self._accounts.of(user, cancel)

        def read() -> list[PlaylistEntry] | None:
            return self._playlists.fetch_entries(playlist_id, account, cancel)

        return ChangeRun(account, playlist_id, change, read, cancel).run()

    def rename_playlist(
        self, playlist_id: PlaylistId, title: str, user: str, cancel: CancelToken
    ) -> PlaylistId:
        """Give a playlist another title.

        Raises:
            NotFound: the playlist does not exist.
            PlaylistConflict: the server does not let the user write it.
        """
        self._playlists.rename(playlist_id, title, self._accounts.of(user, cancel), cancel)
        return playlist_id

    def describe_playlist(
        self, playlist_id: PlaylistId, description: str, user: str, cancel: CancelToken
    ) -> None:
        """Set the description of a playlist.

        Raises:
            NotFound: the playlist does not exist.
            AuthenticationFailed: neither the user is an administrator nor is there an API key.
        """
        self._playlists.describe(playlist_id, description, self._accounts.of(user, cancel), cancel)

    def delete_playlist(self, playlist_id: PlaylistId, user: str, cancel: CancelToken) -> None:
        """Delete a playlist; absent is fine."""
        cancel.check()
        self._playlists.delete(playlist_id, self._accounts.of(user, cancel), cancel)

    def fetch_titles(self, server_ids: Sequence[ServerId], cancel: CancelToken) -> Mapping[ServerId, str]:
        """Return the titles of those of the ids that the server still knows."""
        return self._library.fetch_titles(server_ids, cancel)

    def _ask_about(self, cancel: CancelToken) -> About:
        """Ask once what answers; nobody has to sign in for that.

        Raises:
            NotFound: there is no Jellyfin API, or too old a one.
        """
        if self._about is None:
            try:
                about = self._nobody.read("/System/Info/Public", cancel, About)
            except NotFound as error:
                raise no_api(self.name) from error
            if about.numbers < OLDEST:
                raise no_api(self.name)
            self._about = about
        return self._about
