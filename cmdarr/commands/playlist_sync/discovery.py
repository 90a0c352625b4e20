"""`discover_artists`: the artists of tracks that no server has, proposed to Lidarr after the playlists were written."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from cmdarr.commands.playlist_sync.options import DiscoverOptions, PlaylistSyncOptions
from cmdarr.engine.command import CommandDependencies, Run
from cmdarr.errors import CmdarrError, NothingFound, RunCancelled
from cmdarr.library.artist_ports import ArtistCatalog, ArtistServices
from cmdarr.library.discovery.report import DiscoveryReport
from cmdarr.library.discovery.unmatched import UnmatchedOptions, discover_unmatched
from cmdarr.library.sync import SyncReport
from cmdarr.models.execution import Outcome, Status
from cmdarr.models.track import WantedTrack

_LIDARR = "lidarr"


def add_discovery(
    outcome: Outcome, report: SyncReport, run: Run[PlaylistSyncOptions], deps: CommandDependencies
) -> Outcome:
    """Return the outcome with what was discovered; a discovery that fails leaves the playlists as they are."""
    options = run.options.discover_artists
    tracks = unmatched_everywhere(report)
    if options is None or not (tracks or _lists_any(options, deps)):
        return outcome
    try:
        found = _discover(options, tracks, run, deps)
    except RunCancelled:
        raise
    except CmdarrError as error:
        return _failed(outcome, {"import_list": options.import_list}, str(error), type(error).__name__)
    result = found.as_json()
    if found.is_failed:
        return _failed(outcome, result, found.error() or "no question was answered", "ServiceUnavailable")
    verb = "would be proposed" if run.dry_run else "proposed"
    return replace(
        outcome,
        result={**outcome.result, "discovery": result},
        summary=f"{outcome.summary} {len(found.proposed)} {verb} on {options.import_list}.",
    )


def _lists_any(options: DiscoverOptions, deps: CommandDependencies) -> bool:
    """Whether the list holds artists that Lidarr may have by now."""
    return deps.import_lists is not None and bool(deps.import_lists.entries(options.import_list))


def unmatched_everywhere(report: SyncReport) -> tuple[WantedTrack, ...]:
    """Return the wanted tracks that no server has, once each; a server that could not be asked does not count."""
    has: dict[WantedTrack, bool] = {}
    for target in report.targets:
        for decision in target.decisions:
            has[decision.wanted] = has.get(decision.wanted, False) or decision.match is not None
    return tuple(track for track, is_there in has.items() if not is_there)


def _discover(
    options: DiscoverOptions,
    tracks: tuple[WantedTrack, ...],
    run: Run[PlaylistSyncOptions],
    deps: CommandDependencies,
) -> DiscoveryReport:
    assert deps.artists is not None  # noqa: S101 - the composition root hands them over
    assert deps.decisions is not None  # noqa: S101
    assert deps.import_lists is not None  # noqa: S101
    return discover_unmatched(
        tracks,
        identities=deps.artists.identities(),
        catalog=_catalog(options, deps.artists),
        decisions=deps.decisions,
        import_lists=deps.import_lists,
        options=UnmatchedOptions(
            import_list=options.import_list,
            max_per_run=options.max_per_run,
            albums=options.albums,
            keep=timedelta(days=options.keep_days),
        ),
        clock=run.clock,
        cancel=run.cancel,
        progress=run.progress,
        command=run.name,
        dry_run=run.dry_run,
    )


def _catalog(options: DiscoverOptions, artists: ArtistServices) -> ArtistCatalog | None:
    """Return the Lidarr that is named, else the one of that name when there is one."""
    if options.lidarr is not None:
        return artists.catalog(options.lidarr)
    try:
        return artists.catalog(_LIDARR)
    except NothingFound:
        return None


def _failed(outcome: Outcome, result: Mapping[str, object], error: str, error_class: str) -> Outcome:
    return replace(
        outcome,
        status=Status.FAILED,
        result={**outcome.result, "discovery": {**result, "error": error}},
        error=" ".join(filter(None, (outcome.error, error))),
        error_class=outcome.error_class or error_class,
    )
