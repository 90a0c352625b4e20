"""One target of a playlist sync: find the playlist, plan, hold, apply in place, read back, remember.

Nothing is written to a server before config.db holds what undoes it: the revision of before, or, for a new
playlist, the binding that says whose it will be.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cmdarr.errors import CommandError, PlaylistConflict, ServiceError
from cmdarr.library.bound import BoundTarget
from cmdarr.library.definition import (
    NO_PLAYLIST,
    SyncContext,
    SyncDefinition,
    SyncTarget,
    TargetReport,
)
from cmdarr.library.details import DetailChange, is_same_title, mark_of, may_differ, plan_details
from cmdarr.library.identity import have_nothing_in_common, is_same_name
from cmdarr.library.landing import landing_error
from cmdarr.library.plan import plan_change, removals_held
from cmdarr.library.ports import MusicServer, PlaylistChange
from cmdarr.models.match import Decision
from cmdarr.models.playlist import (
    Binding,
    HeldChange,
    PlaylistEntry,
    PlaylistId,
    PlaylistInfo,
    Revision,
    SourcePlaylist,
)
from cmdarr.models.track import LibraryTrack

_Entries = tuple[PlaylistEntry, ...]


class LibraryChanged(CommandError):
    """The index names tracks that the server no longer has."""


@dataclass(frozen=True, slots=True)
class _Found:
    """The playlist of a target as it is now; `playlist_id` empty and no entries when it does not exist yet."""

    playlist_id: PlaylistId
    entries: _Entries


@dataclass(frozen=True, slots=True)
class TargetSync:
    """The work on one target; `target` carries the title that counts."""

    context: SyncContext
    definition: SyncDefinition
    target: SyncTarget
    server: MusicServer
    is_library_new: bool = False
    """Whether the library was read just now: a title that still differs is then only written in another way."""

    def run(self, source: SourcePlaylist, decisions: Sequence[Decision]) -> TargetReport:
        """Bring the playlist to what the source wants; with `dry_run` only plan it.

        Raises:
            LibraryChanged: a matched track is gone; nothing was written.
            PlaylistConflict: the playlist of that title is not ours, cannot be written, or there are two.
            CommandError: nothing matched.
            ServiceError: the server failed.
            StorageError: config.db could not take what a write needs; then nothing was written.
        """
        wanted = tuple(entry_of(decision.match) for decision in decisions if decision.match is not None)
        if not wanted:
            raise CommandError(
                f"None of the {len(decisions)} tracks is in the library of {self.server.name}; "
                "the playlist was not touched."
            )
        wanted, note = self._without_duplicates(wanted)
        found = self._find_playlist()
        change = plan_change(found.entries, wanted, self.definition.mode)
        self._check_exists(change)
        report = TargetReport(
            target=self.target,
            playlist_id=found.playlist_id,
            decisions=tuple(decisions),
            change=change,
            note=note,
            details=self._plan_details(found.playlist_id),
        )
        reason = "" if self._may_remove(source) else removals_held(change, self.definition.max_removals)
        if reason:
            return self._hold(report, change, reason)
        if self.context.dry_run:
            return report
        report = self._write(report, change, source)
        self._remember_edition(report, source)
        self._forget_held()
        return report

    def _without_duplicates(self, wanted: _Entries) -> tuple[_Entries, str]:
        """Leave out what the server cannot hold twice, and say so."""
        once = _once(wanted)
        if len(once) == len(wanted) or self.server.keeps_duplicates(self.context.cancel):
            return wanted, ""
        count = len(wanted) - len(once)
        return once, (
            f"{count} repeated {'track is' if count == 1 else 'tracks are'} there only once: this version of "
            f"{self.server.name} holds a track once in a playlist"
        )

    def _may_remove(self, source: SourcePlaylist) -> bool:
        """Whether any number may be removed: the user said so, or the source gives another edition by now."""
        if self.context.accept_removals:
            return True
        binding = self._bound.find()
        is_new = binding is not None and bool(source.edition) and binding.edition != source.edition
        return is_new and self.definition.max_removals is None

    def _check_exists(self, change: PlaylistChange) -> None:
        """Refuse to write ids that have died since the library was read, or that name other tracks by now."""
        added = {entry.server_id: entry.title for entry in change.added}
        titles = self.server.fetch_titles(tuple(added), self.context.cancel) if added else {}
        dead = [server_id for server_id in added if server_id not in titles]
        other = [] if self.is_library_new else [i for i in titles if not is_same_name(titles[i], added[i])]
        if dead or other:
            raise LibraryChanged(
                f"{self.server.name} has other tracks by now than {len(dead) + len(other)} of those that matched; "
                "refresh its library and run again."
            )

    def _find_playlist(self) -> _Found:
        """Find the playlist by its binding, else by title."""
        binding = self._bound.find()
        if binding is not None and binding.playlist_id:
            entries = self._fetch(binding.playlist_id)
            if entries is not None and not self._is_stranger(binding, entries):
                return _Found(binding.playlist_id, entries)
        named = self._find_by_title()
        if named is None:
            return _Found(NO_PLAYLIST, ())
        if binding is None and not self.definition.adopt:
            self._check_is_ours(named)
        if named.read_only:
            raise PlaylistConflict(
                f"{self.server.name}: the playlist “{named.title}” is read-only; rename it or the target."
            )
        return _Found(named.playlist_id, self._fetch(named.playlist_id) or ())

    def _is_stranger(self, binding: Binding, entries: _Entries) -> bool:
        """Whether the id belongs to another playlist by now: neither title nor any track is what it was.

        A server that was set up anew gives its ids again.
        """
        before = self.context.revisions.newest(binding.server, binding.user, binding.playlist_id)
        if before is None or not have_nothing_in_common(before.entries, entries):
            return False
        playlists = self.server.list_playlists(self.target.user, self.context.cancel)
        held = next((each for each in playlists if each.playlist_id == binding.playlist_id), None)
        return held is None or not is_same_title(held.title, binding.title)

    @property
    def _bound(self) -> BoundTarget:
        return BoundTarget(
            self.context.bindings, self.definition.command, self.target, self.definition.targets
        )

    def _plan_details(self, playlist_id: PlaylistId) -> DetailChange:
        """Plan title and description; the server is asked only when the file changed."""
        binding = self._bound.find()
        title, description = self.target.title, self.definition.description
        if binding is None or binding.playlist_id != playlist_id or not playlist_id:
            return DetailChange()
        if not may_differ(binding, title, description):
            return DetailChange()
        playlists = self.server.list_playlists(self.target.user, self.context.cancel)
        return plan_details(binding, title, description, playlists)

    def _find_by_title(self) -> PlaylistInfo | None:
        playlists = self.server.list_playlists(self.target.user, self.context.cancel)
        title = self.target.title.strip()
        named = [playlist for playlist in playlists if is_same_title(playlist.title, title)]
        if len(named) > 1:
            ids = ", ".join(sorted(playlist.playlist_id for playlist in named))
            raise PlaylistConflict(
                f"{self.server.name} has {len(named)} playlists named “{title}” ({ids}); rename all but one."
            )
        return named[0] if named else None

    def _check_is_ours(self, named: PlaylistInfo) -> None:
        """Refuse a playlist that no binding of this command names: somebody else made it."""
        owners = [
            binding.command
            for binding in self.context.bindings.list()
            if (binding.server, binding.playlist_id) == (self.target.server, named.playlist_id)
        ]
        if self.definition.command in owners:
            return
        owner = f"belongs to the command {owners[0]!r}" if owners else "was not made by Cmdarr"
        raise PlaylistConflict(
            f"{self.server.name}: the playlist “{named.title}” {owner}; it was left alone. "
            "Choose another `title`, or set `adopt: true` to take it over."
        )

    def _fetch(self, playlist_id: PlaylistId) -> _Entries | None:
        entries = self.server.fetch_entries(playlist_id, self.target.user, self.context.cancel)
        return None if entries is None else tuple(entries)

    def _hold(self, report: TargetReport, change: PlaylistChange, reason: str) -> TargetReport:
        if not self.context.dry_run:
            self.context.held.save(self._held_change(report.playlist_id, change, reason))
            self._bind(report.playlist_id)
        return replace(report, held=reason)

    def _held_change(self, playlist_id: PlaylistId, change: PlaylistChange, reason: str) -> HeldChange:
        return HeldChange(
            command=self.definition.command,
            server=self.target.server,
            user=self.target.user,
            slot=self.target.slot,
            title=self.target.title,
            playlist_id=playlist_id,
            reason=reason,
            wanted=change.wanted,
            removed=change.removed,
            held_at=self.context.clock.now(),
            execution_id=self.context.execution_id,
        )

    def _forget_held(self) -> None:
        target = (self.definition.command, self.target.server, self.target.user, self.target.slot)
        if self.context.held.find(*target) is not None:
            self.context.held.remove(*target)

    def _write(self, report: TargetReport, change: PlaylistChange, source: SourcePlaylist) -> TargetReport:
        """Create or change the playlist, read it back, and remember both states."""
        self.context.cancel.check()
        if not report.playlist_id:
            report = replace(report, playlist_id=self._create(change, source), writes=1)
        elif change.is_empty:
            self._bind(report.playlist_id)
            return self._write_details(report)
        else:
            self._remember(report.playlist_id, change.current, "before")
            self._bind(report.playlist_id)
            writes = self.server.apply_change(
                report.playlist_id, change, self.target.user, self.context.cancel
            )
            report = replace(report, writes=writes)
        landed = self._fetch(report.playlist_id)
        self._remember(report.playlist_id, landed or (), "after")
        error = landing_error(f"{self.server.name}: “{self.target.title}”", change.wanted, landed)
        return replace(report, error=error) if error else self._write_details(report)

    def _write_details(self, report: TargetReport) -> TargetReport:
        """Write title and description where the file changed; a failure leaves the entries as they landed."""
        details, user, cancel = report.details, self.target.user, self.context.cancel
        playlist_id, writes = report.playlist_id, report.writes
        try:
            if details.title:
                playlist_id = self.server.rename_playlist(playlist_id, details.title, user, cancel)
                self._bound.save(playlist_id)
                writes += 1
            if details.description:
                self.server.describe_playlist(playlist_id, details.description, user, cancel)
                writes += 1
        except ServiceError as error:
            return replace(report, playlist_id=playlist_id, writes=writes, error=error)
        if details.is_outdated:
            self._bound.save(playlist_id, description=mark_of(self.definition.description) or None)
        return replace(report, playlist_id=playlist_id, writes=writes)

    def _create(self, change: PlaylistChange, source: SourcePlaylist) -> PlaylistId:
        """Create the playlist; the binding goes first, so that a crash in between leaves no stranger behind."""
        description = self.definition.description or source.description
        if self._bound.find() is None:
            self._bound.save(NO_PLAYLIST)
        playlist_id = self.server.create_playlist(
            self.target.title,
            change.wanted,
            description,
            self.target.user,
            self.context.cancel,
        )
        self._bound.save(playlist_id, is_made=True, description=mark_of(description))
        return playlist_id

    def _bind(self, playlist_id: PlaylistId) -> None:
        """Store the binding when it is new, or names another playlist or target."""
        binding = self._bound.find()
        if binding is None or (binding.playlist_id, binding.slot) != (playlist_id, self.target.slot):
            self._bound.save(playlist_id)

    def _remember_edition(self, report: TargetReport, source: SourcePlaylist) -> None:
        binding = self._bound.find()
        if report.error is None and binding is not None and binding.edition != source.edition:
            self._bound.save(report.playlist_id, edition=source.edition)

    def _remember(self, playlist_id: PlaylistId, entries: Sequence[PlaylistEntry], reason: str) -> None:
        self.context.revisions.add(
            Revision(
                command=self.definition.command,
                server=self.target.server,
                user=self.target.user,
                playlist_id=playlist_id,
                title=self.target.title,
                entries=tuple(entries),
                taken_at=self.context.clock.now(),
                reason=reason,
                execution_id=self.context.execution_id,
            )
        )


def entry_of(track: LibraryTrack) -> PlaylistEntry:
    """Return a library track as an entry of a playlist."""
    return PlaylistEntry(
        server_id=track.server_id,
        artist=track.artist or track.album_artist,
        title=track.title,
        album=track.album,
    )


def _once(entries: _Entries) -> _Entries:
    """Return the first entry of each track."""
    first: dict[str, PlaylistEntry] = {}
    for entry in entries:
        first.setdefault(entry.server_id, entry)
    return tuple(first.values())
