"""The kind `playlist_sync`: one source playlist to playlists on any number of servers and users."""

from collections.abc import Mapping
from typing import Self

from cmdarr.commands.playlist_sync.options import PlaylistSyncOptions
from cmdarr.config.command import CommandOptions
from cmdarr.engine.command import Command, CommandDependencies, Run
from cmdarr.library.definition import SyncContext, SyncDefinition
from cmdarr.models.cancel import CancelToken
from cmdarr.models.execution import Outcome


class PlaylistSync(Command[PlaylistSyncOptions]):
    """Keeps playlists on your servers equal to a playlist somewhere else.

    The source is read completely, each track is matched against the library of each server, and the smallest change
    is applied in place and read back. What would remove too much is held until you accept it.
    """

    kind = "playlist_sync"
    options_model = PlaylistSyncOptions

    def __init__(self, deps: CommandDependencies) -> None:
        self._deps = deps

    @classmethod
    def build(cls, deps: CommandDependencies) -> Self:
        """Take the services and the stores."""
        return cls(deps)

    def run(self, run: Run[PlaylistSyncOptions]) -> Outcome:
        """Sync every target, or plan it.

        Raises:
            SourceIncomplete: the source answered short or empty.
            ServiceError: the source failed.
        """
        # Only a run needs the matcher: whoever checks the configuration is spared its import.
        from cmdarr.commands.playlist_sync.discovery import add_discovery
        from cmdarr.library.sync import sync_playlist
        from cmdarr.library.sync_report import outcome_of

        report = sync_playlist(_definition(run), self._context(run))
        return add_discovery(outcome_of(report, dry_run=run.dry_run), report, run, self._deps)

    def _context(self, run: Run[PlaylistSyncOptions]) -> SyncContext:
        deps = self._deps
        return SyncContext(
            services=deps.services,
            index=deps.index,
            bindings=deps.bindings,
            revisions=deps.revisions,
            held=deps.held,
            pins=run.snapshot.pins,
            library_ttl=run.snapshot.settings.cache.ttl_of("library"),
            clock=run.clock,
            cancel=run.cancel,
            progress=run.progress,
            execution_id=run.execution_id,
            dry_run=run.dry_run,
            accept_removals=run.accept_removals,
            zone=run.snapshot.settings.zone,
            decisions=deps.memo,
        )


def _definition(run: Run[PlaylistSyncOptions]) -> SyncDefinition:
    options = run.options
    return SyncDefinition(
        command=run.name,
        sources=options.sync_sources(),
        selection=options.selection(),
        targets=tuple(options.sync_targets()),
        mode=options.mode,
        max_removals=options.max_removals,
        adopt=options.adopt,
        versions=options.versions,
        description=options.description,
    )


def delete_orphans(
    removed: Mapping[str, CommandOptions], deps: CommandDependencies, cancel: CancelToken
) -> list[str]:
    """Delete the playlists of commands whose files went away, where their last options say `on_delete: delete`.

    `removed` maps the commands to those options. Returns a sentence for each playlist; with `keep` nothing is done
    and nothing forgotten.
    """
    from cmdarr.library.orphans import OrphanDeletion

    deletion = OrphanDeletion(
        services=deps.services,
        bindings=deps.bindings,
        revisions=deps.revisions,
        clock=deps.clock,
        cancel=cancel,
    )
    return [
        sentence
        for command, options in removed.items()
        if isinstance(options, PlaylistSyncOptions) and options.on_delete == "delete"
        for sentence in deletion.delete_playlists(command)
    ]
