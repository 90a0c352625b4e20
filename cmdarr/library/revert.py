"""Putting a stored revision back on its server: planned, applied in place, read back, and itself remembered."""

from dataclasses import dataclass, replace

from cmdarr.errors import ChangeNotApplied, PlaylistConflict
from cmdarr.library.plan import plan_change
from cmdarr.library.ports import MusicServer, PlaylistChange, Revisions
from cmdarr.models.cancel import CancelToken
from cmdarr.models.clock import Clock
from cmdarr.models.playlist import PlaylistEntry, Revision


@dataclass(frozen=True, slots=True, kw_only=True)
class RevertReport:
    """What a revert did; `missing` are entries of the revision whose track the server no longer has."""

    change: PlaylistChange
    missing: tuple[PlaylistEntry, ...]


def revert_playlist(
    revision: Revision, server: MusicServer, revisions: Revisions, *, clock: Clock, cancel: CancelToken
) -> RevertReport:
    """Bring a playlist back to a revision; the state of now becomes a revision first.

    Raises:
        PlaylistConflict: the playlist no longer exists.
        ChangeNotApplied: the server does not hold what was written.
        ServiceError: the server failed.
        StorageError: the state of now could not be stored; nothing was written.
    """
    current = server.fetch_entries(revision.playlist_id, revision.user, cancel)
    if current is None:
        raise PlaylistConflict(
            f"{revision.server} no longer has “{revision.title}”: `cmdarr run {revision.command}` makes it again."
        )
    gone = server.find_missing([entry.server_id for entry in revision.entries], cancel)
    wanted = [entry for entry in revision.entries if entry.server_id not in gone]
    change = plan_change(current, wanted, "mirror")
    if not change.is_empty:
        _remember(revision, tuple(current), revisions, clock, "before")
        server.apply_change(revision.playlist_id, change, revision.user, cancel)
        _check_landed(revision, change, server, cancel)
        _remember(revision, change.wanted, revisions, clock, "restore")
    missing = tuple(entry for entry in revision.entries if entry.server_id in gone)
    return RevertReport(change=change, missing=missing)


def _remember(
    revision: Revision, entries: tuple[PlaylistEntry, ...], revisions: Revisions, clock: Clock, reason: str
) -> None:
    revisions.add(
        replace(revision, id=0, entries=entries, taken_at=clock.now(), reason=reason, execution_id=None)
    )


def _check_landed(
    revision: Revision, change: PlaylistChange, server: MusicServer, cancel: CancelToken
) -> None:
    landed = server.fetch_entries(revision.playlist_id, revision.user, cancel) or ()
    if [entry.server_id for entry in landed] != [entry.server_id for entry in change.wanted]:
        raise ChangeNotApplied(
            f"{revision.server} does not hold “{revision.title}” as it was written: look at it there and try again."
        )
