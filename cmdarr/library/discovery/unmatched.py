"""The artists of tracks that no server has, proposed on an import list: the artist meant, never a collaborator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from cmdarr.library.artist_ports import ArtistCatalog, ArtistIdentities
from cmdarr.library.discovery.ports import Decisions, ImportLists
from cmdarr.library.discovery.report import DiscoveryReport
from cmdarr.models.cancel import CancelToken
from cmdarr.models.clock import Clock
from cmdarr.models.progress import Progress
from cmdarr.models.track import WantedTrack


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedOptions:
    """Where the artists go; `max_per_run` None lists all of them, `albums` lists the tracks' albums too."""

    import_list: str
    max_per_run: int | None = None
    albums: bool = False
    keep: timedelta = timedelta(days=30)
    """How long an entry stays on the list."""
    again_after: timedelta = timedelta(days=180)
    """When an artist that was taken off is proposed again."""


def discover_unmatched(
    tracks: Sequence[WantedTrack],
    *,
    identities: ArtistIdentities,
    catalog: ArtistCatalog | None,
    decisions: Decisions,
    import_lists: ImportLists,
    options: UnmatchedOptions,
    clock: Clock,
    cancel: CancelToken,
    progress: Progress,
    command: str,
    dry_run: bool = False,
) -> DiscoveryReport:
    """Identify the first credited artist of each track and put the new ones on the import list.

    A failing look-up leaves out its track only; when the catalogue fails nothing is proposed, and the report names it.

    Raises:
        RunCancelled: the run is to stop; nothing was written.
        StorageError: config.db failed.
    """
    raise NotImplementedError
