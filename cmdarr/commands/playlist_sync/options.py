"""The keys of a `playlist_sync`."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from cmdarr.config.base import Model
from cmdarr.config.command import (
    CommandOptions,
    FilledImportList,
    ServiceReference,
    WrittenPlaylist,
    find_reference,
)
from cmdarr.config.fields import Duration, Removals
from cmdarr.library.definition import SyncSource, SyncTarget
from cmdarr.library.selection import Merge, Selection
from cmdarr.models.match import Versions

Year = Annotated[int, Field(ge=1000, le=9999)]
Count = Annotated[int, Field(ge=1)]


class SourceOptions(Model):
    """Where the playlist is read."""

    service: str
    """The service to read from: a name under `services` in settings.yaml, or `file`."""
    playlist: Annotated[str, Field(min_length=1)]
    """The playlist: its address, its id, a name that the service knows, or for `file` a path or an https address."""
    limit: Count | None = None
    """How many of its tracks are taken, from the beginning; default: all."""
    keep: Annotated[int, Field(ge=1, le=52)] | None = None
    """For playlists that appear anew each day or week: each of the newest so many is kept as a playlist of its own;
    default: one playlist that follows the newest."""

    def as_source(self) -> SyncSource:
        """Return it as the sync takes it."""
        return SyncSource(service=self.service, playlist=self.playlist, limit=self.limit, keep=self.keep)


class TargetOptions(Model):
    """One server that the playlist is written to."""

    server: str
    """The server to write to: a name under `services` in settings.yaml."""
    title: Annotated[str, Field(min_length=1)] | None = None
    """The title of the playlist on the server; default: the source's title."""
    users: tuple[str, ...] = ()
    """The users who get the playlist; default: the one that the service is configured with."""


class DiscoverOptions(Model):
    """What happens to the artists of tracks that no server has."""

    import_list: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    """The import list that they are put on, for Lidarr."""
    max_per_run: Count | None = None
    """How many artists one run adds at most; default: all."""
    albums: bool = False
    """Whether the albums of the tracks are listed too."""
    keep_days: Annotated[int, Field(ge=1, le=36_500)] = 30
    """How many days an artist stays on the list when Lidarr does not take it."""
    lidarr: str | None = None
    """The Lidarr whose artists are left out: a name under `services` in settings.yaml; default: `lidarr`, if it is
    there."""


class PlaylistSyncOptions(CommandOptions):
    """The keys of a `playlist_sync`."""

    kind: Literal["playlist_sync"]
    """What the command does."""
    source: SourceOptions | None = None
    """Where the playlist is read."""
    sources: tuple[SourceOptions, ...] = ()
    """Several playlists that become one, in place of `source`."""
    merge: Merge = "concat"
    """How several sources are joined: `concat` one after the other, `interleave` the first of each, then the second of
    each, `unique` as `concat` with each track only once."""
    exclude_artists: tuple[str, ...] = ()
    """Artists whose tracks are left out, also where they are one of several."""
    min_year: Year | None = None
    """Tracks released earlier are left out; where the source tells no year, that of your library counts."""
    max_year: Year | None = None
    """Tracks released later are left out; where the source tells no year, that of your library counts."""
    min_duration: Duration | None = None
    """Shorter tracks are left out, where the source tells how long they are."""
    max_duration: Duration | None = None
    """Longer tracks are left out, where the source tells how long they are."""
    max_per_artist: Count | None = None
    """How many tracks of one artist are taken at most."""
    shuffle: bool = False
    """Whether the tracks come in an order of chance, another one each day."""
    limit: Count | None = None
    """How many tracks the playlist has at most, counted after all else."""
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

    discover_artists: DiscoverOptions | None = None
    """Whether artists of tracks that no server has are proposed to Lidarr."""

    @model_validator(mode="after")
    def _check_sources(self) -> Self:
        """Refuse both or neither of `source` and `sources`, and what only works with one."""
        if (self.source is None) == (not self.sources):
            raise PydanticCustomError(
                "source_or_sources",
                "write either `source` or, for several playlists that become one, `sources`.",
            )
        if any(source.keep is not None for source in self.sources):
            raise PydanticCustomError("keep_in_sources", "`keep` works with one `source` only; remove it.")
        if len(self.sources) > 1 and any(target.title is None for target in self.targets):
            raise PydanticCustomError(
                "title_needed", "several sources have no title in common; give each target a `title`."
            )
        return self

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
        """Yield every source and every target."""
        yield from find_reference(written, ("source", "service"), "source")
        sources = written.get("sources")
        for place in range(len(sources) if isinstance(sources, tuple) else 0):
            yield from find_reference(written, ("sources", place, "service"), "source")
        targets = written.get("targets")
        for place in range(len(targets) if isinstance(targets, tuple) else 0):
            yield from find_reference(written, ("targets", place, "server"), "server")

        if isinstance(written.get("discover_artists"), dict):
            yield from find_reference(written, ("discover_artists", "lidarr"), "catalog")
            yield ServiceReference(("discover_artists",), "", "identity", is_needed=False)

    def filled_import_lists(self, command: str) -> Iterator[FilledImportList]:
        """Yield the list of discovered artists."""
        del command
        if self.discover_artists is not None:
            keep = timedelta(days=self.discover_artists.keep_days)
            yield FilledImportList(self.discover_artists.import_list, keep)

    def written_playlists(self) -> Iterator[WrittenPlaylist]:
        """Yield the playlists whose title stands in the file, one for each user who gets it."""
        for place, target in enumerate(self.targets):
            if target.title is not None:
                for user in target.users or ("",):
                    title = target.title.strip()
                    yield WrittenPlaylist(("targets", place, "title"), target.server, title, user)

    def sync_sources(self) -> tuple[SyncSource, ...]:
        """Return the sources in order."""
        sources = self.sources if self.source is None else (self.source,)
        return tuple(source.as_source() for source in sources)

    def selection(self) -> Selection:
        """Return which tracks of the sources are wanted."""
        return Selection(
            merge=self.merge,
            exclude_artists=self.exclude_artists,
            min_year=self.min_year,
            max_year=self.max_year,
            min_duration=self.min_duration,
            max_duration=self.max_duration,
            max_per_artist=self.max_per_artist,
            shuffle=self.shuffle,
            limit=self.limit,
        )

    def sync_targets(self) -> Iterator[SyncTarget]:
        """Yield one target for each server and user; several titles on one server are told apart by title."""
        servers = [target.server for target in self.targets]
        for target in self.targets:
            title = target.title or ""
            slot = title if servers.count(target.server) > 1 else ""
            for user in target.users or ("",):
                yield SyncTarget(server=target.server, title=title, user=user, slot=slot)
