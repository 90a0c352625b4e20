"""Asking the matcher, and putting playlists back: what `cmdarr match` and `cmdarr playlists` do."""

from cmdarr.app.program import App
from cmdarr.errors import NothingFound
from cmdarr.library.resolve import explain_match
from cmdarr.library.revert import RevertReport, revert_playlist
from cmdarr.models.cancel import CancelToken
from cmdarr.models.match import Decision
from cmdarr.models.playlist import Revision
from cmdarr.models.progress import Progress
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
    server = app.services(app.valid_settings()).server(revision.server)
    with app.locks.hold(revision.command):
        return revert_playlist(
            revision,
            server,
            revisions=app.store.revisions,
            bindings=app.store.bindings,
            clock=app.clock,
            cancel=cancel,
        )
