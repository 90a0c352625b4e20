"""The `files` server: a folder of tagged audio files as the library, a folder of `.m3u8` files as its playlists."""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from cmdarr.clients.files.atomic import create_file, move_file, replace_file
from cmdarr.clients.files.file_name import free_names
from cmdarr.clients.files.kept_tags import KeptTags
from cmdarr.clients.files.playlist_file import (
    describe,
    description_of,
    entries_of,
    find_locations,
    new_line,
    path_of,
    read_document,
    rewrite,
)
from cmdarr.clients.files.scan import Scan
from cmdarr.clients.files.settings import FilesSettings, resolve_folder
from cmdarr.clients.files.tags import BrokenAudio, read_track
from cmdarr.errors import NotFound, ServiceUnavailable
from cmdarr.library.formats import M3uDocument, format_m3u8
from cmdarr.library.ports import ClientContext, PlaylistChange
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import PlaylistEntry, PlaylistId, PlaylistInfo
from cmdarr.models.track import LibraryTrack, ServerId

SECTION = "music"
ENDING = ".m3u8"

log = logging.getLogger(__name__)


class FilesServer:
    """A music server made of two folders. Ids: a track's path below `path`, a playlist's file name."""

    def __init__(self, settings: FilesSettings, context: ClientContext) -> None:
        self.name = context.name
        self._is_demo = settings.demo
        self._root = resolve_folder(settings.path, context.root)
        self._folder = resolve_folder(settings.playlists, context.root)
        around = context.surroundings
        self._kept = KeptTags(around.answers, around.clock, service=context.name, root=str(self._root))

    def check(self, cancel: CancelToken) -> str:
        """Say where the music lies and where the playlists go.

        Raises:
            ServiceUnavailable: the music folder is gone.
        """
        cancel.check()
        if not self._is_demo:
            self._require_root()
        return f"music in {self._root}, playlists in {self._folder}"

    def list_sections(self, cancel: CancelToken) -> Sequence[str]:
        """Return the one section; with `demo: true` the demo library is made first when there is no music.

        Raises:
            ServiceUnavailable: the music folder is gone.
        """
        cancel.check()
        self._make_demo()
        self._require_root()
        return (SECTION,)

    def fetch_tracks(self, section: str, cancel: CancelToken) -> Iterator[Sequence[LibraryTrack]]:
        """Yield every audio file in batches.

        Raises:
            ServiceUnavailable: a folder cannot be read, or there is no audio file at all.
        """
        if section != SECTION:
            raise NotFound(self.name, f"there is no section '{section}': the only one is '{SECTION}'.")
        self._make_demo()
        yield from Scan(self.name, self._root, self._kept).fetch_tracks(cancel)

    def count_tracks(self, section: str, cancel: CancelToken) -> int | None:  # noqa: ARG002 - a folder announces nothing
        """Return None: a folder does not say how many tracks it holds."""
        return None

    def list_playlists(self, user: str, cancel: CancelToken) -> Sequence[PlaylistInfo]:
        """Return every `.m3u8` file of the folder, whoever made it, with its `#PLAYLIST` title or its stem."""
        self._refuse_user(user)
        infos = []
        for name in self._file_names():
            cancel.check()
            document = self._load(PlaylistId(name))
            if document is not None:
                title = document.title or name[: -len(ENDING)]
                description = description_of(document.head)
                infos.append(PlaylistInfo(playlist_id=PlaylistId(name), title=title, description=description))
        return tuple(infos)

    def fetch_entries(
        self, playlist_id: PlaylistId, user: str, cancel: CancelToken
    ) -> Sequence[PlaylistEntry] | None:
        """Return the entries of a playlist in order, or None when the file does not exist."""
        self._refuse_user(user)
        cancel.check()
        document = self._load(playlist_id)
        return None if document is None else entries_of(document, find_locations(self._root, self._folder))

    def create_playlist(
        self, title: str, entries: Sequence[PlaylistEntry], description: str, user: str, cancel: CancelToken
    ) -> PlaylistId:
        """Write a new file named after the title and return its name.

        Raises:
            ServiceUnavailable: it cannot be written; nothing is left behind.
        """
        self._refuse_user(user)
        cancel.check()
        head = describe((), description)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            locations = find_locations(self._root, self._folder)
            lines = [new_line(entry, locations, self._read_tags(entry.server_id)) for entry in entries]
            data = format_m3u8(lines, title=title, head=head)
            taken = [path.name for path in self._folder.iterdir()]
            names = free_names(title, ENDING, taken)
            return PlaylistId(next(name for name in names if create_file(self._folder / name, data)))
        except OSError as error:
            raise self._not_written(self._folder, error, "no playlist was made") from error

    def apply_change(
        self, playlist_id: PlaylistId, change: PlaylistChange, user: str, cancel: CancelToken
    ) -> int:
        """Write the wanted entries into the same file, in one write.

        Raises:
            NotFound: the playlist does not exist.
            ServiceUnavailable: it was edited since the change was planned, or cannot be written.
        """
        document = self._require(playlist_id, user, cancel)
        if change.is_empty:
            return 0
        locations = find_locations(self._root, self._folder)
        if [locations.id_of(line.path) for line in document.entries] != [e.server_id for e in change.current]:
            raise ServiceUnavailable(
                self.name,
                f"the playlist {playlist_id} was edited during the run: it was left alone, run again.",
            )
        self._replace_data(playlist_id, rewrite(document, change.wanted, locations, self._read_tags))
        return 1

    def keeps_duplicates(self, cancel: CancelToken) -> bool:  # noqa: ARG002 - a file holds anything
        """Return True."""
        return True

    def rename_playlist(
        self, playlist_id: PlaylistId, title: str, user: str, cancel: CancelToken
    ) -> PlaylistId:
        """Write the title into the file, give the file its name, and return that.

        Raises:
            NotFound: the playlist does not exist.
            ServiceUnavailable: it cannot be written.
        """
        document = self._require(playlist_id, user, cancel)
        self._replace(playlist_id, replace(document, title=title))
        path = self._folder / playlist_id
        try:
            taken = [each.name for each in self._folder.iterdir() if each.name != playlist_id]
            names = free_names(title, ENDING, taken)
            return PlaylistId(next(name for name in names if move_file(path, self._folder / name)))
        except OSError as error:
            raise self._not_written(path, error, "it keeps its name") from error

    def describe_playlist(
        self, playlist_id: PlaylistId, description: str, user: str, cancel: CancelToken
    ) -> None:
        """Write the description as the first comment of the file.

        Raises:
            NotFound: the playlist does not exist.
            ServiceUnavailable: it cannot be written.
        """
        document = self._require(playlist_id, user, cancel)
        self._replace(playlist_id, replace(document, head=describe(document.head, description)))

    def delete_playlist(self, playlist_id: PlaylistId, user: str, cancel: CancelToken) -> None:
        """Delete the file; absent is fine."""
        self._refuse_user(user)
        cancel.check()
        if not _is_playlist_name(playlist_id):
            return
        try:
            (self._folder / playlist_id).unlink(missing_ok=True)
        except OSError as error:
            raise self._not_written(self._folder / playlist_id, error, "it was not deleted") from error

    def fetch_titles(self, server_ids: Sequence[ServerId], cancel: CancelToken) -> Mapping[ServerId, str]:
        """Return the ids whose file is there, without titles; an address always is.

        Raises:
            ServiceUnavailable: the music folder itself is gone.
        """
        cancel.check()
        self._require_root()
        paths = {server_id: path_of(server_id, self._root) for server_id in server_ids}
        return {i: "" for i, path in paths.items() if path is None or os.path.isfile(path)}  # noqa: PTH113

    def _require(self, playlist_id: PlaylistId, user: str, cancel: CancelToken) -> M3uDocument:
        self._refuse_user(user)
        cancel.check()
        document = self._load(playlist_id)
        if document is None:
            raise NotFound(self.name, f"the playlist {playlist_id} does not exist any more.")
        return document

    def _replace(self, playlist_id: PlaylistId, document: M3uDocument) -> None:
        data = format_m3u8(document.entries, title=document.title, head=document.head, tail=document.tail)
        self._replace_data(playlist_id, data)

    def _replace_data(self, playlist_id: PlaylistId, data: bytes) -> None:
        path = self._folder / playlist_id
        try:
            replace_file(path, data)
        except OSError as error:
            raise self._not_written(path, error, "the old one is unchanged") from error

    def _require_root(self) -> None:
        if not os.path.isdir(self._root):  # noqa: PTH112 - unlike Path, it answers False for any error
            raise ServiceUnavailable(
                self.name, f"the folder {self._root} is missing: check that it is mounted."
            )

    def _make_demo(self) -> None:
        if not self._is_demo:
            return
        from cmdarr.clients.files.demo import make_demo_library, needs_demo_library

        try:
            is_needed = needs_demo_library(self._root)
        except OSError as error:
            raise self._not_read(self._root, error) from error
        if is_needed:
            count = make_demo_library(self._root)
            log.info("%s: made a demo library of %d tracks in %s", self.name, count, self._root)

    def _refuse_user(self, user: str) -> None:
        if user:
            raise NotFound(self.name, f"there is no user '{user}': a folder has no users, remove `users`.")

    def _file_names(self) -> list[str]:
        try:
            names = [path.name for path in self._folder.iterdir()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._not_read(self._folder, error) from error
        return sorted(name for name in names if _is_playlist_name(name))

    def _load(self, playlist_id: PlaylistId) -> M3uDocument | None:
        if not _is_playlist_name(playlist_id):
            return None
        path = self._folder / playlist_id
        try:
            return read_document(path.read_bytes()) if path.is_file() else None
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._not_read(path, error) from error

    def _read_tags(self, server_id: ServerId) -> LibraryTrack | None:
        path = path_of(server_id, self._root)
        try:
            return read_track(path, server_id) if path and path.is_file() else None
        except (BrokenAudio, OSError):
            return None  # the entry is written all the same, only its length is not known

    def _not_read(self, path: Path, error: OSError) -> ServiceUnavailable:
        return ServiceUnavailable(
            self.name, f"{path} cannot be read ({error.strerror or error}): check its permissions."
        )

    def _not_written(self, path: Path, error: OSError, state: str) -> ServiceUnavailable:
        reason = error.strerror or error
        return ServiceUnavailable(
            self.name, f"{path} cannot be written ({reason}) and {state}: check space and permissions."
        )


def _is_playlist_name(name: str) -> bool:
    """Whether a name is that of a playlist file, and of nothing outside the folder."""
    return (
        name.lower().endswith(ENDING)
        and len(name) > len(ENDING)
        and not name.startswith(".")
        and not any(c in "/\\" or c < " " or "\ud800" <= c <= "\udfff" for c in name)
    )
