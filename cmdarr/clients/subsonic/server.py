"""A Subsonic server as a music server: its library, and the playlists of one user."""

import logging
from collections.abc import Iterator, Mapping, Sequence

from cmdarr.clients.subsonic.answers import Playlist, text, whole
from cmdarr.clients.subsonic.api import SubsonicApi
from cmdarr.clients.subsonic.library import SubsonicLibrary
from cmdarr.clients.subsonic.parse import entry_of, track_of
from cmdarr.clients.subsonic.settings import SubsonicSettings
from cmdarr.clients.subsonic.steps import Step, plan_steps, split_ids
from cmdarr.errors import NotFound, ServiceError, ServiceUnavailable, UnexpectedResponse
from cmdarr.library.ports import ClientContext, PlaylistChange
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import PlaylistEntry, PlaylistId, PlaylistInfo
from cmdarr.models.track import LibraryTrack, ServerId
from cmdarr.transport.session import Session

ROOM_IN_ADDRESS = 3_000
"""Bytes of ids in one address: servers and proxies take 4 KB or more."""
ROOM_IN_FORM = 60_000

log = logging.getLogger(__name__)


class SubsonicServer:
    """A music server over the Subsonic API. Places of a playlist have no ids: they are named by number."""

    def __init__(self, settings: SubsonicSettings, context: ClientContext) -> None:
        self.name = context.name
        self._username = settings.username
        session = Session(context.name, settings, surroundings=context.surroundings)
        self._api = SubsonicApi(session, settings)
        self._library = SubsonicLibrary(context.name, self._api, settings.library)

    def check(self, cancel: CancelToken) -> str:
        """Sign in, and say what answers and which music folders are used."""
        about = self._api.about(cancel)
        sections = ", ".join(self.list_sections(cancel))
        return f"{about}, user {self._username}, music folders: {sections}"

    def list_sections(self, cancel: CancelToken) -> Sequence[str]:
        """Return the music folders that `library` leaves."""
        return self._library.list_sections(cancel)

    def fetch_tracks(self, section: str, cancel: CancelToken) -> Iterator[Sequence[LibraryTrack]]:
        """Yield every song of a music folder in batches; fewer than announced is an error."""
        cancel.check()
        return self._library.fetch_tracks(section, cancel)

    def count_tracks(self, section: str, cancel: CancelToken) -> int | None:
        """Return how many songs the albums of a music folder announce, None when one does not say."""
        return self._library.count_tracks(section, cancel)

    def list_playlists(self, user: str, cancel: CancelToken) -> Sequence[PlaylistInfo]:
        """Return the user's own playlists; those that others share are left out."""
        self._refuse_user(user)
        return tuple(
            PlaylistInfo(
                playlist_id=PlaylistId(text(playlist.id)),
                title=text(playlist.name),
                read_only=text(playlist.readonly) == "true",
                description=None if playlist.comment is None else text(playlist.comment),
            )
            for playlist in self._api.read("getPlaylists", cancel).all_playlists
            if self._is_own(playlist)
        )

    def fetch_entries(
        self, playlist_id: PlaylistId, user: str, cancel: CancelToken
    ) -> Sequence[PlaylistEntry] | None:
        """Return the entries in order, or None when the playlist does not exist."""
        self._refuse_user(user)
        playlist = self._find(playlist_id, cancel)
        return None if playlist is None else tuple(entry_of(song) for song in playlist.songs)

    def create_playlist(
        self, title: str, entries: Sequence[PlaylistEntry], description: str, user: str, cancel: CancelToken
    ) -> PlaylistId:
        """Create a playlist; what does not fit into one call is appended by further ones.

        Raises:
            ServiceError: it failed; the playlist may exist all the same, with some of the entries.
        """
        self._refuse_user(user)
        before = {info.playlist_id for info in self.list_playlists("", cancel)}
        first, *others = split_ids([entry.server_id for entry in entries], room=self._room(cancel))
        songs = [("songId", server_id) for server_id in first]
        answer = self._api.write("createPlaylist", cancel, [("name", title), *songs])
        playlist_id = PlaylistId(text(answer.playlist.id)) if answer.playlist else PlaylistId("")
        playlist_id = playlist_id or self._find_created(title, before, cancel)
        for added in others:
            self._update(playlist_id, Step(added, ()).params, cancel)
        if description:
            self._describe_new(playlist_id, description, cancel)
        return playlist_id

    def apply_change(
        self, playlist_id: PlaylistId, change: PlaylistChange, user: str, cancel: CancelToken
    ) -> int:
        """Remove and append in place, in as few calls as there is room for.

        Raises:
            NotFound: the playlist does not exist any more.
            ServiceUnavailable: it was edited since the change was planned; nothing was written.
            PlaylistConflict: the server does not let the user write it.
        """
        self._refuse_user(user)
        cancel.check()
        if change.is_empty:
            return 0
        playlist = self._find(playlist_id, cancel)
        if playlist is None:
            raise NotFound(self.name, f"the playlist {playlist_id} does not exist any more.")
        shown = [text(song.id) for song in playlist.songs]
        if shown != [entry.server_id for entry in change.current]:
            raise ServiceUnavailable(
                self.name,
                f"the playlist “{text(playlist.name)}” was edited during the run: it was left alone, run again.",
            )
        return self._write(playlist, shown, [entry.server_id for entry in change.wanted], cancel)

    def keeps_duplicates(self, cancel: CancelToken) -> bool:  # noqa: ARG002 - every server does
        """Return True."""
        return True

    def rename_playlist(
        self, playlist_id: PlaylistId, title: str, user: str, cancel: CancelToken
    ) -> PlaylistId:
        """Give a playlist another title.

        Raises:
            NotFound: the playlist does not exist.
            PlaylistConflict: the server does not let the user write it.
        """
        self._refuse_user(user)
        self._edit(playlist_id, ("name", title), cancel)
        return playlist_id

    def describe_playlist(
        self, playlist_id: PlaylistId, description: str, user: str, cancel: CancelToken
    ) -> None:
        """Set the comment of a playlist; some servers have none and ignore it.

        Raises:
            NotFound: the playlist does not exist.
            PlaylistConflict: the server does not let the user write it.
        """
        self._refuse_user(user)
        self._edit(playlist_id, ("comment", description), cancel)

    def delete_playlist(self, playlist_id: PlaylistId, user: str, cancel: CancelToken) -> None:
        """Delete a playlist; absent is fine."""
        self._refuse_user(user)
        try:
            self._api.write("deletePlaylist", cancel, [("id", playlist_id)], is_repeatable=True)
        except NotFound:
            log.debug("%s: the playlist %s is gone already", self.name, playlist_id)

    def fetch_titles(self, server_ids: Sequence[ServerId], cancel: CancelToken) -> Mapping[ServerId, str]:
        """Return the titles of those of the ids that the server still knows: it is asked for each."""
        titles = {server_id: self._title_of(server_id, cancel) for server_id in dict.fromkeys(server_ids)}
        return {server_id: title for server_id, title in titles.items() if title is not None}

    def _title_of(self, server_id: ServerId, cancel: CancelToken) -> str | None:
        cancel.check()
        try:
            song = self._api.read("getSong", cancel, ("id", server_id)).song
        except NotFound:
            return None
        return track_of(song).title if song is not None and text(song.id) else None

    def _write(
        self, playlist: Playlist, current: Sequence[str], wanted: Sequence[str], cancel: CancelToken
    ) -> int:
        """Send the smallest calls; where the server hides entries, places are wrong and the whole is replaced."""
        playlist_id, room = PlaylistId(text(playlist.id)), self._room(cancel)
        hides = (whole(playlist.song_count) or len(current)) != len(current)
        runs = split_ids(wanted, room=room)
        if hides and len(runs) == 1:
            songs = [("songId", server_id) for server_id in runs[0]]
            params = [("playlistId", playlist_id), *songs]
            self._api.write("createPlaylist", cancel, params, is_repeatable=True)
            return 1
        steps = plan_steps(current, wanted, room=room)
        for step in steps:
            cancel.check()
            self._update(playlist_id, step.params, cancel)
        return len(steps)

    def _update(
        self, playlist_id: PlaylistId, params: Sequence[tuple[str, str]], cancel: CancelToken
    ) -> None:
        self._api.write("updatePlaylist", cancel, [("playlistId", playlist_id), *params])

    def _describe_new(self, playlist_id: PlaylistId, description: str, cancel: CancelToken) -> None:
        """Set the comment where the server has one: a playlist without it is still the playlist."""
        try:
            self._edit(playlist_id, ("comment", description), cancel)
        except ServiceError as error:
            log.warning("%s: the description of a new playlist was not taken: %s", self.name, error)

    def _edit(self, playlist_id: PlaylistId, value: tuple[str, str], cancel: CancelToken) -> None:
        params = [("playlistId", playlist_id), value]
        self._api.write("updatePlaylist", cancel, params, is_repeatable=True)

    def _find(self, playlist_id: PlaylistId, cancel: CancelToken) -> Playlist | None:
        try:
            playlist = self._api.read("getPlaylist", cancel, ("id", playlist_id)).playlist
        except NotFound:
            return None
        if playlist is None or text(playlist.id) != playlist_id:
            raise UnexpectedResponse(self.name, "getPlaylist was answered without the playlist.")
        return playlist

    def _find_created(self, title: str, before: set[PlaylistId], cancel: CancelToken) -> PlaylistId:
        """Find the new playlist of a server that does not say which one it made."""
        new = [info for info in self.list_playlists("", cancel) if info.playlist_id not in before]
        named = [info for info in new if info.title == title] or new
        if len(named) != 1:
            raise UnexpectedResponse(
                self.name,
                f"a playlist “{title}” was created, but {len(named)} new ones are there; run again.",
            )
        return named[0].playlist_id

    def _room(self, cancel: CancelToken) -> int:
        return ROOM_IN_FORM if self._api.takes_forms(cancel) else ROOM_IN_ADDRESS

    def _is_own(self, playlist: Playlist) -> bool:
        owner = text(playlist.owner)
        return not owner or owner.casefold() == self._username.casefold()

    def _refuse_user(self, user: str) -> None:
        if user and user.casefold() != self._username.casefold():
            raise NotFound(
                self.name,
                f"it writes the playlists of {self._username!r} only: remove `users`, and add a service for "
                f"{user!r} with the password of that user.",
            )
