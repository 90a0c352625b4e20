"""Asking the matcher, and putting playlists back: what `cmdarr match` and `cmdarr playlists` do."""

from collections.abc import Sequence
from datetime import timedelta

from cmdarr.app.program import App
from cmdarr.errors import NothingFound
from cmdarr.library.plan import plan_change
from cmdarr.library.ports import PlaylistChange
from cmdarr.library.resolve import explain_match, resolve_tracks
from cmdarr.library.revert import RevertReport, revert_playlist
from cmdarr.library.sync_target import entry_of
from cmdarr.models.cancel import CancelToken
from cmdarr.models.match import Decision
from cmdarr.models.playlist import PlaylistEntry, Revision
from cmdarr.models.progress import Progress, SilentProgress
from cmdarr.models.track import WantedTrack


def explain_on_servers(
    app: App, wanted: WantedTrack, server: str | None, *, progress: Progress, cancel: CancelToken
) -> dict[str, Decision]:
    """Decide for one track on one server, or on all, and return the decisions by server.

    Raises:
        NothingFound: no such server, or none is configured.
        ConfigError: settings.yaml is broken.
    """
    snapshot = app.valid_settings()
    services = app.services(snapshot)
    names = (server,) if server else services.server_names()
    if not names:
        raise NothingFound("settings.yaml has no music server: add one under `services:`.")
    return {
        name: explain_match(
            wanted,
            services.server(name),
            app.cache.library,
            snapshot.pins,
            ttl=snapshot.settings.cache.ttl_of("library"),
            clock=app.clock,
            cancel=cancel,
            progress=progress,
        )
        for name in names
    }


def get_revision(app: App, revision_id: int) -> Revision:
    """Return a stored revision.

    Raises:
        NothingFound: there is none of that number.
    """
    store = app.store_if_present()
    if store is None:
        raise NothingFound(f"there is no revision {revision_id}: nothing ran yet.")
    return store.revisions.get(revision_id)


def put_back(app: App, revision: Revision, cancel: CancelToken) -> RevertReport:
    """Put a revision back on its server, while no run of its command goes on.

    Raises:
        AlreadyRunning: a run of the command goes on.
        CmdarrError: as `revert_playlist`.
    """
    snapshot = app.valid_settings()
    server = app.services(snapshot).server(revision.server)

    def find_again(lost: Sequence[PlaylistEntry]) -> list[PlaylistEntry | None]:
        decisions = resolve_tracks(
            [WantedTrack(artist=entry.artist, title=entry.title, album=entry.album) for entry in lost],
            server,
            app.cache.library,
            snapshot.pins,
            ttl=timedelta(0),
            clock=app.clock,
            cancel=cancel,
            progress=SilentProgress(),
        )
        return [entry_of(decision.match) if decision.match else None for decision in decisions]

    with app.locks.hold(revision.command):
        return revert_playlist(
            revision,
            server,
            revisions=app.store.revisions,
            bindings=app.store.bindings,
            clock=app.clock,
            cancel=cancel,
            find_again=find_again,
        )


def compare_revisions(app: App, revision: Revision, other: int | None, cancel: CancelToken) -> PlaylistChange:
    """Return what changes from a revision to another one, or to what the server holds now.

    Raises:
        NothingFound: there is no such revision, or the playlist is gone.
        CmdarrError: the server failed.
    """
    if other is not None:
        return plan_change(revision.entries, get_revision(app, other).entries)
    server = app.services(app.valid_settings()).server(revision.server)
    entries = server.fetch_entries(revision.playlist_id, revision.user, cancel)
    if entries is None:
        raise NothingFound(
            f"“{revision.title}” is no longer on {revision.server}: name another revision to compare with."
        )
    return plan_change(revision.entries, entries)
