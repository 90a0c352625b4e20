"""Putting a stored revision back on its server: planned, applied in place, read back, and itself remembered.

A playlist that was deleted meanwhile is made again; tracks whose ids have died are found again by what they are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from cmdarr.errors import ChangeNotApplied, CommandError, PlaylistConflict
from cmdarr.library.identity import is_same_name
from cmdarr.library.plan import plan_change
from cmdarr.library.ports import Bindings, MusicServer, PlaylistChange, Revisions
from cmdarr.models.cancel import CancelToken
from cmdarr.models.clock import Clock
from cmdarr.models.playlist import Binding, PlaylistEntry, PlaylistId, Revision
from cmdarr.models.track import ServerId

FindAgain = Callable[[Sequence[PlaylistEntry]], Sequence[PlaylistEntry | None]]
"""Finds entries whose ids have died by artist, title and album: the same number in the same order, None for a loss."""


def find_nothing_again(lost: Sequence[PlaylistEntry]) -> Sequence[None]:
    """Give up every lost entry."""
    return [None] * len(lost)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevertReport:
    """What a revert did; `missing` are entries of the revision whose track the server no longer has."""

    change: PlaylistChange
    missing: tuple[PlaylistEntry, ...]


def revert_playlist(
    revision: Revision,
    server: MusicServer,
    *,
    revisions: Revisions,
    bindings: Bindings,
    clock: Clock,
    cancel: CancelToken,
    find_again: FindAgain = find_nothing_again,
) -> RevertReport:
    """Bring a playlist back to a revision; the state of now becomes a revision first.

    Raises:
        CommandError: none of its tracks is left; nothing was written.
        PlaylistConflict: the playlist was deleted, and another one has its title; nothing was written.
        ChangeNotApplied: the server does not hold what was written.
        ServiceError: the server failed.
        StorageError: the state of now could not be stored; nothing was written.
    """
    return _Revert(revision, server, revisions, bindings, clock, cancel, find_again).run()


@dataclass(frozen=True, slots=True)
class _Revert:
    """One revert on its way."""

    revision: Revision
    server: MusicServer
    revisions: Revisions
    bindings: Bindings
    clock: Clock
    cancel: CancelToken
    find_again: FindAgain

    def run(self) -> RevertReport:
        revision = self.revision
        wanted, missing = self._find_entries()
        if revision.entries and not wanted:
            raise CommandError(
                f"{revision.server} no longer has any of the {len(revision.entries)} tracks of that revision; "
                "the playlist was left alone."
            )
        playlist_id, current = self._find_playlist()
        change = plan_change(current or (), wanted, "mirror")
        if current is None:
            self._make_again(change)
        elif not change.is_empty:
            self._remember(playlist_id, current, "before")
            self.server.apply_change(playlist_id, change, revision.user, self.cancel)
            self._check_landed(playlist_id, change)
        return RevertReport(change=change, missing=missing)

    def _find_entries(self) -> tuple[list[PlaylistEntry], tuple[PlaylistEntry, ...]]:
        """Return the entries that the server has, by their ids of today, and those that it no longer has."""
        entries = self.revision.entries
        titles = self.server.fetch_titles([entry.server_id for entry in entries], self.cancel)
        lost = [entry for entry in dict.fromkeys(entries) if not _is_there(entry, titles)]
        again = dict(zip(lost, self.find_again(lost), strict=True)) if lost else {}
        found = [again.get(entry, entry) for entry in entries]
        missing = (entry for entry, today in zip(entries, found, strict=True) if today is None)
        return [entry for entry in found if entry is not None], tuple(missing)

    def _find_playlist(self) -> tuple[PlaylistId, Sequence[PlaylistEntry] | None]:
        """Find the playlist by its id of then, else as the one that the command has under that title by now."""
        revision = self.revision
        bound = [
            binding.playlist_id
            for binding in self.bindings.list(revision.command)
            if (binding.server, binding.user, binding.title)
            == (revision.server, revision.user, revision.title)
        ]
        for playlist_id in dict.fromkeys((revision.playlist_id, *bound)):
            current = self.server.fetch_entries(playlist_id, revision.user, self.cancel)
            if current is not None:
                return playlist_id, current
        return revision.playlist_id, None

    def _make_again(self, change: PlaylistChange) -> None:
        """Create the playlist, which has another id then, and hand it to the command that had it."""
        revision, title = self.revision, self.revision.title
        playlists = self.server.list_playlists(revision.user, self.cancel)
        if any(playlist.title.strip() == title.strip() for playlist in playlists):
            raise PlaylistConflict(
                f"{revision.server} has another playlist named “{title}” by now: rename or delete that one first."
            )
        playlist_id = self.server.create_playlist(title, change.wanted, "", revision.user, self.cancel)
        self.bindings.save(replace(self._binding(), playlist_id=playlist_id, is_made=True))
        self._check_landed(playlist_id, change)

    def _binding(self) -> Binding:
        """Return the binding that the command has to the playlist, or had."""
        revision = self.revision
        for binding in self.bindings.list(revision.command):
            place = (binding.server, binding.user, binding.playlist_id)
            if place == (revision.server, revision.user, revision.playlist_id):
                return binding
        return Binding(
            command=revision.command,
            server=revision.server,
            user=revision.user,
            playlist_id=revision.playlist_id,
            title=revision.title,
        )

    def _check_landed(self, playlist_id: PlaylistId, change: PlaylistChange) -> None:
        """Read back and remember what is there; compare it with what was written."""
        landed = self.server.fetch_entries(playlist_id, self.revision.user, self.cancel) or ()
        self._remember(playlist_id, landed, "restore")
        if [entry.server_id for entry in landed] != [entry.server_id for entry in change.wanted]:
            raise ChangeNotApplied(
                f"{self.revision.server} does not hold “{self.revision.title}” as it was written: "
                "look at it there and try again."
            )

    def _remember(self, playlist_id: PlaylistId, entries: Sequence[PlaylistEntry], reason: str) -> None:
        self.revisions.add(
            replace(
                self.revision,
                id=0,
                playlist_id=playlist_id,
                entries=tuple(entries),
                taken_at=self.clock.now(),
                reason=reason,
                execution_id=None,
            )
        )


def _is_there(entry: PlaylistEntry, titles: Mapping[ServerId, str]) -> bool:
    """Whether the id of an entry still names its track."""
    return entry.server_id in titles and is_same_name(entry.title, titles[entry.server_id])
