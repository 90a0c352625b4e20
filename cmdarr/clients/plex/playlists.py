"""The playlists of one user of a Plex server: read, made and changed in place."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cmdarr.clients.plex.answers import Item, text, truth, whole
from cmdarr.clients.plex.api import PlexApi, quote_id
from cmdarr.clients.plex.parse import entry_of, info_of
from cmdarr.clients.plex.steps import Steps, plan_steps, split_batches
from cmdarr.errors import (
    ChangeNotApplied,
    NotFound,
    PlaylistConflict,
    ServiceError,
    ServiceUnavailable,
    UnexpectedResponse,
)
from cmdarr.library.ports import PlaylistChange
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import PlaylistEntry, PlaylistId, PlaylistInfo
from cmdarr.models.track import ServerId

_MOST_NAMED = 10
_AUDIO = "audio"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A playlist as the server shows it."""

    title: str
    is_smart: bool
    entries: tuple[PlaylistEntry, ...]

    @property
    def ids(self) -> list[str]:
        return [entry.server_id for entry in self.entries]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlexPlaylists:
    """The playlists that the token of `api` sees; `machine` returns the identifier of the server."""

    api: PlexApi
    user: str
    machine: Callable[[CancelToken], str]
    any_track: Callable[[CancelToken], str]
    batch_size: int

    def list_all(self, cancel: CancelToken) -> tuple[PlaylistInfo, ...]:
        """Return the music playlists; smart ones are marked as read-only."""
        pages = self.api.read_pages("/playlists", cancel, ("playlistType", _AUDIO))
        items = [item for page in pages for item in page.items or ()]
        return tuple(
            info_of(item, self.user)
            for item in items
            if item.type in {"playlist", None} and item.playlist_type in {_AUDIO, None}
        )

    def fetch_entries(self, playlist_id: PlaylistId, cancel: CancelToken) -> tuple[PlaylistEntry, ...] | None:
        """Return the entries in order, or None when this user has no such playlist."""
        shown = self._find(playlist_id, cancel)
        return None if shown is None else shown.entries

    def create(
        self, title: str, entries: Sequence[PlaylistEntry], description: str, cancel: CancelToken
    ) -> PlaylistId:
        """Create a playlist; what does not fit into one call is appended by further ones.

        Raises:
            ChangeNotApplied: the server took some of the tracks only.
            ServiceError: it failed; the playlist may exist all the same, with some of the entries.
        """
        cancel.check()
        if not entries:
            return self._create_empty(title, description, cancel)
        first, *others = split_batches([entry.server_id for entry in entries], self.batch_size)
        playlist_id, is_short = self._post(title, first, cancel)
        is_short = is_short or not self._append(playlist_id, others, cancel)
        if is_short:
            self._check_landed(entries, self._get(playlist_id, cancel))
        if description:
            self._describe_new(playlist_id, description, cancel)
        return playlist_id

    def change(self, playlist_id: PlaylistId, change: PlaylistChange, cancel: CancelToken) -> int:
        """Append, remove and move in place; return the number of calls.

        Raises:
            NotFound: the playlist does not exist any more.
            ServiceUnavailable: it was edited since the change was planned; nothing was written.
            PlaylistConflict: it is a smart playlist.
            ChangeNotApplied: the server did not take all tracks; then nothing was removed.
        """
        cancel.check()
        if change.is_empty:
            return 0
        shown = self._get(playlist_id, cancel)
        if shown.is_smart:
            raise PlaylistConflict(
                f"{self.api.service}: the playlist “{shown.title}” is a smart playlist, which makes its entries "
                "itself: choose another `title`."
            )
        if shown.ids != [entry.server_id for entry in change.current]:
            raise self._edited(shown)
        if not change.wanted:
            self.api.write("DELETE", f"{_path(playlist_id)}/items", cancel)
            return 1
        return self._write(playlist_id, shown, change.wanted, cancel)

    def edit(self, playlist_id: PlaylistId, key: str, value: str, cancel: CancelToken) -> None:
        """Set `title` or `summary`.

        Raises:
            NotFound: the playlist does not exist.
        """
        self.api.write("PUT", _path(playlist_id), cancel, [(key, value)])

    def delete(self, playlist_id: PlaylistId, cancel: CancelToken) -> None:
        """Delete a playlist; absent is fine."""
        self._remove(_path(playlist_id), cancel)

    def _write(
        self,
        playlist_id: PlaylistId,
        shown: _Shown,
        wanted: Sequence[PlaylistEntry],
        cancel: CancelToken,
    ) -> int:
        steps = plan_steps(shown.ids, [entry.server_id for entry in wanted])
        batches = list(split_batches(steps.added, self.batch_size))
        if batches:
            self._append(playlist_id, batches, cancel)
            entries = {entry.server_id: entry for entry in wanted}
            expected = [*shown.entries, *(entries[ServerId(each)] for each in steps.added)]
            shown = self._get(playlist_id, cancel)
            self._check_landed(expected, shown)
        self._rearrange(playlist_id, shown, steps, cancel)
        return len(batches) + len(steps.removed) + len(steps.moves)

    def _rearrange(self, playlist_id: PlaylistId, shown: _Shown, steps: Steps, cancel: CancelToken) -> None:
        """Remove and move entries by their ids; sent twice, each of these calls does the same."""
        entry_ids = [entry.entry_id for entry in shown.entries]
        if (steps.removed or steps.moves) and not all(entry_ids):
            raise UnexpectedResponse(
                self.api.service, f"the entries of the playlist “{shown.title}” came without playlistItemID."
            )
        items = f"{_path(playlist_id)}/items"
        for place in steps.removed:
            self._remove(f"{items}/{quote_id(entry_ids[place])}", cancel)
        for move in steps.moves:
            after = [] if move.after is None else [("after", entry_ids[move.after])]
            self.api.write("PUT", f"{items}/{quote_id(entry_ids[move.place])}/move", cancel, after)

    def _post(self, title: str, server_ids: Sequence[str], cancel: CancelToken) -> tuple[PlaylistId, bool]:
        """Create a playlist; return its id, and whether it is shorter than asked for."""
        about = [("type", _AUDIO), ("title", title), ("smart", "0"), ("uri", self._uri(server_ids, cancel))]
        answer = self.api.append("POST", "/playlists", cancel, about)
        made = answer.items[0] if answer.items else Item()
        if not text(made.rating_key):
            raise UnexpectedResponse(
                self.api.service, f"the creation of “{title}” was answered without a playlist: run again."
            )
        count = whole(made.leaf_count)
        return PlaylistId(text(made.rating_key)), count is not None and count < len(server_ids)

    def _create_empty(self, title: str, description: str, cancel: CancelToken) -> PlaylistId:
        """Create a playlist with some track and clear it: the server refuses one that begins empty."""
        playlist_id, _ = self._post(title, [self.any_track(cancel)], cancel)
        self.api.write("DELETE", f"{_path(playlist_id)}/items", cancel)
        if description:
            self._describe_new(playlist_id, description, cancel)
        return playlist_id

    def _append(self, playlist_id: PlaylistId, batches: Sequence[Sequence[str]], cancel: CancelToken) -> bool:
        """Append batch by batch; stop and return False when the server says that it took less than it was given."""
        for batch in batches:
            params = [("uri", self._uri(batch, cancel))]
            answer = self.api.append("PUT", f"{_path(playlist_id)}/items", cancel, params)
            added = whole(answer.leaf_count_added)
            if added is not None and added < len(batch):
                log.warning("%s: took %d of %d tracks", self.api.service, added, len(batch))
                return False
        return True

    def _check_landed(self, expected: Sequence[PlaylistEntry], shown: _Shown) -> None:
        """Compare what is there with what was written: dead ids are dropped without an error."""
        left = Counter(shown.ids)
        missing = []
        for entry in expected:
            left[entry.server_id] -= 1
            if left[entry.server_id] < 0:
                missing.append(entry)
        if missing:
            names = [
                f"{entry.artist} – {entry.title}" if entry.title else entry.server_id
                for entry in missing[:_MOST_NAMED]
            ]
            more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
            raise ChangeNotApplied(
                f"{self.api.service}: “{shown.title}”: {len(missing)} of {len(expected)} tracks did not land: "
                f"{', '.join(names)}{more}; nothing was removed: {self._cure}."
            )
        if shown.ids != [entry.server_id for entry in expected]:
            raise self._edited(shown)

    def _describe_new(self, playlist_id: PlaylistId, description: str, cancel: CancelToken) -> None:
        """Set the summary; a playlist without it is still the playlist."""
        try:
            self.edit(playlist_id, "summary", description, cancel)
        except ServiceError as error:
            log.warning("%s: the description of a new playlist was not taken: %s", self.api.service, error)

    def _remove(self, path: str, cancel: CancelToken) -> None:
        try:
            self.api.write("DELETE", path, cancel)
        except NotFound:
            log.debug("%s: %s is gone already", self.api.service, path)

    def _get(self, playlist_id: PlaylistId, cancel: CancelToken) -> _Shown:
        shown = self._find(playlist_id, cancel)
        if shown is None:
            raise NotFound(self.api.service, f"the playlist {playlist_id} does not exist any more.")
        return shown

    def _find(self, playlist_id: PlaylistId, cancel: CancelToken) -> _Shown | None:
        title, is_smart = "", False
        entries: list[PlaylistEntry] = []
        try:
            for page in self.api.read_pages(f"{_path(playlist_id)}/items", cancel):
                title, is_smart = text(page.title), truth(page.smart)
                entries += [entry_of(item, page) for item in page.items or ()]
        except NotFound:
            return None
        return _Shown(title=title or playlist_id, is_smart=is_smart, entries=tuple(entries))

    def _edited(self, shown: _Shown) -> ServiceUnavailable:
        return ServiceUnavailable(
            self.api.service,
            f"the playlist “{shown.title}” was edited during the run: run again.",
        )

    @property
    def _cure(self) -> str:
        if self.user:
            return f"share the music library with the user {self.user!r}, or refresh it, and run again"
        return "refresh the library and run again"

    def _uri(self, server_ids: Sequence[str], cancel: CancelToken) -> str:
        ids = ",".join(map(quote_id, server_ids))
        return f"server://{self.machine(cancel)}/com.plexapp.plugins.library/library/metadata/{ids}"


def _path(playlist_id: PlaylistId) -> str:
    return f"/playlists/{quote_id(playlist_id)}"
