"""Playlist sync: one source to several targets. One failing target never stops the others."""

from dataclasses import dataclass, replace
from datetime import timedelta

from cmdarr.errors import CmdarrError, RunCancelled
from cmdarr.library.definition import SyncContext, SyncDefinition, SyncTarget, TargetReport
from cmdarr.library.ports import MusicServer
from cmdarr.library.read_sources import WantedPlaylist, read_wanted
from cmdarr.library.resolve import resolve_tracks
from cmdarr.library.retire import retire_editions
from cmdarr.library.sync_target import LibraryChanged, TargetSync
from cmdarr.models.match import Decision
from cmdarr.models.playlist import SourcePlaylist


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """How a whole sync went. `wanted` is what was read: one playlist, or one for each kept edition."""

    wanted: tuple[WantedPlaylist, ...]
    targets: tuple[TargetReport, ...]
    retired: tuple[str, ...] = ()
    """A sentence for each playlist of an edition that is no longer kept."""

    @property
    def source(self) -> SourcePlaylist:
        """The first playlist that was wanted."""
        return self.wanted[0].playlist

    @property
    def source_errors(self) -> tuple[CmdarrError, ...]:
        """Why sources could not be read that the playlist could do without."""
        return tuple(
            each.error for wanted in self.wanted for each in wanted.sources if each.error is not None
        )


def sync_playlist(definition: SyncDefinition, context: SyncContext) -> SyncReport:
    """Read the sources once and bring every target to them.

    Raises:
        SourceIncomplete: a source answered short or empty; no target was touched.
        ServiceError: a source failed.
        RunCancelled: somebody asked for it; the target in work may be in between.
    """
    wanted = read_wanted(definition, context)
    reports: list[TargetReport] = []
    for each in wanted:
        matcher = _Matcher(context, each.playlist, definition, {})
        edition = each.playlist.edition if each.is_kept else ""
        targets = tuple(_titled(target, each.playlist, edition) for target in definition.targets)
        for target in targets:
            context.cancel.check()
            reports.append(_sync_target(replace(definition, targets=targets), target, matcher))
    kept = frozenset(each.playlist.edition for each in wanted if each.is_kept)
    retired = () if not kept or context.dry_run else tuple(retire_editions(definition, context, kept))
    return SyncReport(wanted=wanted, targets=tuple(reports), retired=retired)


def _titled(target: SyncTarget, playlist: SourcePlaylist, edition: str) -> SyncTarget:
    """Return a target with the title that counts; of several editions each has its own."""
    if not edition:
        return replace(target, title=target.title or playlist.title)
    title = f"{target.title}, {edition}" if target.title else playlist.title
    return replace(target, title=title, slot=f"{target.slot}@{edition}", edition=edition)


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
            return replace(work, is_library_new=True).run(matcher.source, decisions)
    except RunCancelled:
        raise
    except CmdarrError as error:
        return TargetReport(target=target, decisions=tuple(decisions), error=error)


@dataclass(frozen=True, slots=True)
class _Matcher:
    """Matches the source's tracks once for each server, however many users it has; a failure counts for all."""

    context: SyncContext
    source: SourcePlaylist
    definition: SyncDefinition
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
            decisions = resolve_tracks(
                self.source.tracks,
                server,
                context.index,
                context.pins,
                ttl=ttl,
                clock=context.clock,
                cancel=context.cancel,
                progress=context.progress,
                versions=self.definition.versions,
                memo=context.decisions,
            )
        except RunCancelled:
            raise
        except CmdarrError as error:
            return error
        return [decision for decision in decisions if self._is_in_years(decision)]

    def _is_in_years(self, decision: Decision) -> bool:
        """Judge by the library's year what the source told no year of."""
        if decision.wanted.year is not None or decision.match is None:
            return True
        return self.definition.selection.allows_year(decision.match.year)
