"""The kind `artist_discovery`: artists that resemble yours, proposed to Lidarr."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from cmdarr.config.base import Model
from cmdarr.config.command import (
    CommandOptions,
    FilledImportList,
    ServiceReference,
    ServiceRole,
    find_reference,
)
from cmdarr.config.fields import Duration, NonEmptyText
from cmdarr.engine.command import Command, CommandDependencies, Run
from cmdarr.library.artist_ports import ListenRange, MonitorOption
from cmdarr.models.artist import ArtistRef, read_artist_mbid
from cmdarr.models.execution import Outcome, Status

if TYPE_CHECKING:
    from cmdarr.library.discovery.definition import AddDefinition, DiscoveryDefinition, SeedSource
    from cmdarr.library.discovery.report import DiscoveryReport

Count = Annotated[int, Field(ge=1, le=100_000)]
ListName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
_LIDARR = "lidarr"
_LASTFM = "lastfm"


class SeedOptions(Model):
    """Artists to begin with: those of a service, or those named here."""

    service: str | None = None
    """A name under `services`: a Lidarr, or a service that knows what you listened to."""
    period: ListenRange = "month"
    """For listens: over which time."""
    limit: Count = 50
    """For listens: how many of the artists most listened to."""
    artists: tuple[NonEmptyText, ...] = ()
    """Artists by name or, safer, by MBID."""

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if (self.service is None) == (not self.artists):
            raise PydanticCustomError(
                "service_or_artists", "write either `service` or `artists`; add another entry for the other."
            )
        return self


class AddOptions(Model):
    """How artists are added to Lidarr."""

    root_folder: NonEmptyText | None = None
    """The path or name of a root folder of Lidarr; default: the only one."""
    quality_profile: NonEmptyText | None = None
    """The name of a quality profile; default: that of the root folder."""
    metadata_profile: NonEmptyText | None = None
    """The name of a metadata profile; default: that of the root folder."""
    tags: tuple[NonEmptyText, ...] = ()
    """The names of tags that exist in Lidarr."""
    monitor: MonitorOption = "all"
    """Which albums of a new artist Lidarr monitors."""
    search: bool = False
    """Whether Lidarr searches for the monitored albums at once."""
    max_per_day: Count = 2
    """How many artists are added a day at most; the others wait on the import list."""


class ArtistDiscoveryOptions(CommandOptions):
    """The keys of an `artist_discovery`."""

    kind: Literal["artist_discovery"]
    """What the command does."""
    lidarr: str = _LIDARR
    """The Lidarr whose artists are left out: a name under `services` in settings.yaml."""
    seeds: tuple[SeedOptions, ...] = ()
    """The artists to begin with, from several places; default: the artists of that Lidarr."""
    similar: Annotated[tuple[str, ...], Field(min_length=1)] = (_LASTFM,)
    """The services that are asked for similar artists: names under `services` in settings.yaml."""
    artists_per_run: Count = 25
    """How many of the seeds are asked about in one run: a sample, the same all day."""
    similar_per_artist: Annotated[int, Field(ge=1, le=1000)] = 20
    """How many similar artists of each seed are looked at."""
    cooldown: Duration = timedelta(days=30)
    """A seed that was asked about comes again after this long, or when there is no other."""
    min_match: Annotated[float, Field(ge=0, le=1)] = 0.5
    """How similar (0 to 1) an artist must be to at least one seed."""
    max_per_run: Count = 5
    """How many artists one run proposes at most, the best first."""
    import_list: ListName | None = None
    """The import list that they are put on; default: the name of the command."""
    keep_days: Annotated[int, Field(ge=1, le=36_500)] = 30
    """How many days an artist stays on the list when Lidarr does not take it."""
    again_after: Duration = timedelta(days=180)
    """An artist that left the list untaken is proposed again after this long at the earliest."""
    add_to_lidarr: AddOptions | None = None
    """Whether and how artists of the list are added to Lidarr directly; default: they are only listed."""

    @classmethod
    def service_references(cls, written: Mapping[str, object]) -> Iterator[ServiceReference]:
        """Yield Lidarr, the services of the seeds and those of similar artists, also where the default stands."""
        yield from find_reference(written, ("lidarr",), "catalog") or _default(_LIDARR, "catalog")
        for place in range(_length(written.get("seeds"))):
            yield from find_reference(written, ("seeds", place, "service"), "seeds")
        if "similar" not in written:
            yield from _default(_LASTFM, "similar")
        for place in range(_length(written.get("similar"))):
            yield from find_reference(written, ("similar", place), "similar")

    def filled_import_lists(self, command: str) -> Iterator[FilledImportList]:
        """Yield the list."""
        yield FilledImportList(self.import_list or command, timedelta(days=self.keep_days))


class ArtistDiscovery(Command[ArtistDiscoveryOptions]):
    """Proposes artists that resemble those you have or listen to, on an import list that Lidarr reads.

    What Lidarr has or excludes, what you dismissed and what was proposed lately is left out. An artist or a service
    that fails is named in the result and stops nothing else.
    """

    kind = "artist_discovery"
    options_model = ArtistDiscoveryOptions

    def __init__(self, deps: CommandDependencies) -> None:
        self._deps = deps

    @classmethod
    def build(cls, deps: CommandDependencies) -> Self:
        """Take the services that know artists, the decisions and the import lists."""
        return cls(deps)

    def run(self, run: Run[ArtistDiscoveryOptions]) -> Outcome:
        """Discover, or plan to: a dry run asks all the same and writes nothing.

        Raises:
            ServiceError: Lidarr failed: without knowing what it has, nothing is proposed.
        """
        # Only a run needs the matcher: whoever checks the configuration is spared its import.
        from cmdarr.library.discovery.definition import DiscoveryContext
        from cmdarr.library.discovery.discover import discover_artists

        deps = self._deps
        assert deps.artists is not None  # noqa: S101 - the composition root hands them over
        assert deps.decisions is not None  # noqa: S101
        assert deps.import_lists is not None  # noqa: S101
        context = DiscoveryContext(
            services=deps.artists,
            decisions=deps.decisions,
            import_lists=deps.import_lists,
            clock=run.clock,
            zone=run.snapshot.settings.zone,
            cancel=run.cancel,
            progress=run.progress,
            dry_run=run.dry_run,
        )
        return _outcome(discover_artists(_definition(run), context), dry_run=run.dry_run)


def _definition(run: Run[ArtistDiscoveryOptions]) -> "DiscoveryDefinition":
    from cmdarr.library.discovery.definition import DiscoveryDefinition, SeedSource

    options = run.options
    seeds = tuple(_seed_source(seed) for seed in options.seeds) or (SeedSource(service=options.lidarr),)
    return DiscoveryDefinition(
        command=run.name,
        catalog=options.lidarr,
        seeds=seeds,
        similar=tuple(dict.fromkeys(options.similar)),
        artists_per_run=options.artists_per_run,
        similar_per_artist=options.similar_per_artist,
        min_match=options.min_match,
        cooldown=options.cooldown,
        max_per_run=options.max_per_run,
        import_list=options.import_list or run.name,
        keep=timedelta(days=options.keep_days),
        again_after=options.again_after,
        add=_add_definition(options.add_to_lidarr),
    )


def _seed_source(seed: SeedOptions) -> "SeedSource":
    from cmdarr.library.discovery.definition import SeedSource

    return SeedSource(
        service=seed.service or "",
        period=seed.period,
        limit=seed.limit,
        artists=tuple(map(_artist_of, seed.artists)),
    )


def _artist_of(text: str) -> ArtistRef:
    """Return the artist that a file names: by MBID where the text is one."""
    mbid = read_artist_mbid(text)
    return ArtistRef(name="", mbid=mbid) if mbid else ArtistRef(name=text.strip())


def _add_definition(options: AddOptions | None) -> "AddDefinition | None":
    from cmdarr.library.discovery.definition import AddDefinition

    if options is None:
        return None
    return AddDefinition(
        root_folder=options.root_folder,
        quality_profile=options.quality_profile,
        metadata_profile=options.metadata_profile,
        tags=options.tags,
        monitor=options.monitor,
        search=options.search,
        max_per_day=options.max_per_day,
    )


def _outcome(report: "DiscoveryReport", *, dry_run: bool) -> Outcome:
    failed = report.problem or (report.failures[0] if report.failures else None)
    return Outcome(
        status=Status.FAILED if report.is_failed else Status.SUCCEEDED,
        summary=_summary(report, dry_run=dry_run),
        result=report.as_json(),
        changes=len(report.proposed) + len(report.added),
        error=report.error(),
        error_class=failed.error_class if failed and report.is_failed else None,
    )


def _summary(report: "DiscoveryReport", *, dry_run: bool) -> str:
    """Write one line for people: what was proposed, added, and left unanswered."""
    verb = "would be proposed" if dry_run else "proposed"
    asked = f"{report.asked} of {report.seeds} seeds asked about, {report.candidates} candidates"
    parts = [f"{_counted(len(report.proposed), 'artist')} {verb} on {report.import_list} ({asked})"]
    if report.added:
        done = sum(each.outcome in {"added", "planned"} for each in report.added)
        parts.append(f"{done} {'would be ' if dry_run else ''}added to Lidarr")
    if report.unanswered:
        parts.append(f"{_counted(report.unanswered, 'question')} got no answer ({report.failed_services()})")
    return "; ".join(parts) + "."


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _length(value: object) -> int:
    return len(value) if isinstance(value, tuple) else 0


def _default(service: str, role: ServiceRole) -> Iterator[ServiceReference]:
    """Yield the reference to a service that is meant where the file names none: a warning when it is missing."""
    yield ServiceReference(("kind",), service, role, is_needed=False)
