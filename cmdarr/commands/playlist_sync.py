"""The kind `playlist_sync`: one source playlist to playlists on any number of servers and users."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from cmdarr.config.base import Model
from cmdarr.config.command import CommandOptions, ServiceReference, WrittenPlaylist, find_reference
from cmdarr.config.fields import Removals
from cmdarr.engine.command import Command, CommandDependencies, Run
from cmdarr.library.definition import SyncContext, SyncDefinition, SyncTarget
from cmdarr.models.cancel import CancelToken
from cmdarr.models.execution import Outcome
from cmdarr.models.match import Versions


class SourceOptions(Model):
    """Where the playlist is read."""

    service: str
    """The service to read from: a name under `services` in settings.yaml, or `file`."""
    playlist: Annotated[str, Field(min_length=1)]
    """The playlist: its address, its id, or for `file` a path or an https address."""


class TargetOptions(Model):
    """One server that the playlist is written to."""

    server: str
    """The server to write to: a name under `services` in settings.yaml."""
    title: Annotated[str, Field(min_length=1)] | None = None
    """The title of the playlist on the server; default: the source's title."""
    users: tuple[str, ...] = ()
    """The users who get the playlist; default: the one that the service is configured with."""


class PlaylistSyncOptions(CommandOptions):
    """The keys of a `playlist_sync`."""

    kind: Literal["playlist_sync"]
    """What the command does."""
    source: SourceOptions
    """Where the playlist is read."""
    targets: Annotated[tuple[TargetOptions, ...], Field(min_length=1)]
    """The servers that the playlist is written to."""
    mode: Literal["mirror", "append"] = "mirror"
    """`mirror` makes the playlist equal to the source; `append` only ever adds at its end."""
    max_removals: Removals | None = None
    """A change that would remove more, as a share or a number, is held; default: 25% from 10 tracks on."""
    versions: Versions = "strict"
    """Which version of a recording (live, remix, acoustic …) may stand for the wanted one: `strict` none, `prefer`
    another one where the wanted one is missing, `any` every one."""
    adopt: bool = False
    """Whether a playlist of that title that Cmdarr did not make is taken over."""
    on_delete: Literal["keep", "delete"] = "keep"
    """What happens to the playlists on the servers when this file goes away."""

    @model_validator(mode="after")
    def _check_targets(self) -> Self:
        """Refuse two targets that write to one playlist."""
        seen: set[tuple[str, str, str]] = set()
        for target in self.sync_targets():
            key = (target.server, target.user, target.title.strip())
            if key in seen:
                raise PydanticCustomError(
                    "same_target",
                    "two targets write to the same playlist of {server}; give each its own `title`.",
                    {"server": target.server},
                )
            seen.add(key)
        return self

    @classmethod
    def service_references(cls, written: Mapping[str, object]) -> Iterator[ServiceReference]:
        """Yield the source and every target."""
        yield from find_reference(written, ("source", "service"), "source")
        targets = written.get("targets")
        for place in range(len(targets) if isinstance(targets, tuple) else 0):
            yield from find_reference(written, ("targets", place, "server"), "server")

    def written_playlists(self) -> Iterator[WrittenPlaylist]:
        """Yield the playlists whose title stands in the file, one for each user who gets it."""
        for place, target in enumerate(self.targets):
            if target.title is not None:
                for user in target.users or ("",):
                    title = target.title.strip()
                    yield WrittenPlaylist(("targets", place, "title"), target.server, title, user)

    def sync_targets(self) -> Iterator[SyncTarget]:
        """Yield one target for each server and user; several titles on one server are told apart by title."""
        servers = [target.server for target in self.targets]
        for target in self.targets:
            title = target.title or ""
            slot = title if servers.count(target.server) > 1 else ""
            for user in target.users or ("",):
                yield SyncTarget(server=target.server, title=title, user=user, slot=slot)


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
        from cmdarr.library.sync import sync_playlist
        from cmdarr.library.sync_report import outcome_of

        report = sync_playlist(_definition(run), self._context(run))
        return outcome_of(report, dry_run=run.dry_run)

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
        )


def _definition(run: Run[PlaylistSyncOptions]) -> SyncDefinition:
    options = run.options
    return SyncDefinition(
        command=run.name,
        source=options.source.service,
        playlist=options.source.playlist,
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
