"""Playlist sync: one source to several targets. One failing target never stops the others."""

from dataclasses import dataclass, replace
from datetime import timedelta

from cmdarr.errors import CmdarrError, RunCancelled, SourceIncomplete
from cmdarr.library.definition import SyncContext, SyncDefinition, SyncTarget, TargetReport
from cmdarr.library.ports import MusicServer
from cmdarr.library.resolve import resolve_tracks
from cmdarr.library.sync_target import LibraryChanged, TargetSync
from cmdarr.models.match import Decision, Versions
from cmdarr.models.playlist import SourcePlaylist


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """How a whole sync went."""

    source: SourcePlaylist
    targets: tuple[TargetReport, ...]


def sync_playlist(definition: SyncDefinition, context: SyncContext) -> SyncReport:
    """Read the source once and bring every target to it.

    Raises:
        SourceIncomplete: the source answered short or empty; no target was touched.
        ServiceError: the source failed.
        RunCancelled: somebody asked for it; the target in work may be in between.
    """
    source = _read_source(definition, context)
    matcher = _Matcher(context, source, definition.versions, {})
    reports = []
    for target in definition.targets:
        context.cancel.check()
        titled = replace(target, title=target.title or source.title)
        reports.append(_sync_target(definition, titled, matcher))
    return SyncReport(source=source, targets=tuple(reports))


def _read_source(definition: SyncDefinition, context: SyncContext) -> SourcePlaylist:
    context.progress.step(f"Reading the playlist from {definition.source}")
    source = context.services.source(definition.source)
    playlist = source.fetch_playlist(definition.playlist, context.cancel)
    if not playlist.tracks:
        raise SourceIncomplete(
            f"{definition.source}: the playlist {definition.playlist} is empty; no playlist was touched."
        )
    return playlist


def _sync_target(definition: SyncDefinition, target: SyncTarget, matcher: "_Matcher") -> TargetReport:
    """Sync one target; its failure becomes part of its report."""
    context = matcher.context
    decisions: list[Decision] = []
    try:
        server = context.services.server(target.server)
        decisions = matcher.decisions_for(server)
        context.progress.step(
            f"{'Planning' if context.dry_run else 'Writing'} “{target.title}” on {server.name}"
        )
        work = TargetSync(context, definition, target, server)
        try:
            return work.run(matcher.source, decisions)
        except LibraryChanged:
            decisions = matcher.decisions_for(server, anew=True)
            return work.run(matcher.source, decisions)
    except RunCancelled:
        raise
    except CmdarrError as error:
        return TargetReport(target=target, decisions=tuple(decisions), error=error)


@dataclass(frozen=True, slots=True)
class _Matcher:
    """Matches the source's tracks once for each server, however many users it has; a failure counts for all."""

    context: SyncContext
    source: SourcePlaylist
    versions: Versions
    decided: dict[str, list[Decision] | CmdarrError]

    def decisions_for(self, server: MusicServer, *, anew: bool = False) -> list[Decision]:
        """Return the decisions for a server; `anew` reads its library again first."""
        if anew or server.name not in self.decided:
            self.decided[server.name] = self._match(
                server, timedelta(0) if anew else self.context.library_ttl
            )
        outcome = self.decided[server.name]
        if isinstance(outcome, CmdarrError):
            raise outcome
        return outcome

    def _match(self, server: MusicServer, ttl: timedelta) -> list[Decision] | CmdarrError:
        context = self.context
        context.progress.step(f"Matching {len(self.source.tracks)} tracks on {server.name}")
        try:
            return resolve_tracks(
                self.source.tracks,
                server,
                context.index,
                context.pins,
                ttl=ttl,
                clock=context.clock,
                cancel=context.cancel,
                progress=context.progress,
                versions=self.versions,
            )
        except RunCancelled:
            raise
        except CmdarrError as error:
            return error
