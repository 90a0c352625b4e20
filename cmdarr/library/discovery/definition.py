"""What one discovery is asked for, and what it works with."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo

from cmdarr.library.artist_ports import ArtistServices, ListenRange, MonitorOption
from cmdarr.library.discovery.ports import Decisions, ImportLists
from cmdarr.models.artist import ArtistRef
from cmdarr.models.cancel import CancelToken
from cmdarr.models.clock import Clock
from cmdarr.models.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedSource:
    """Where seeds come from: a service (a catalogue, or one that knows listens), or artists named in the file."""

    service: str = ""
    period: ListenRange = "month"
    limit: int = 50
    artists: tuple[ArtistRef, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddDefinition:
    """How proposed artists are added to the catalogue; None takes its default."""

    root_folder: str | None = None
    quality_profile: str | None = None
    metadata_profile: str | None = None
    tags: tuple[str, ...] = field(default=())
    monitor: MonitorOption = "all"
    search: bool = False
    max_per_day: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryDefinition:
    """What a command of kind `artist_discovery` says; services by their names in settings.yaml."""

    command: str
    catalog: str
    seeds: tuple[SeedSource, ...]
    similar: tuple[str, ...]
    artists_per_run: int
    similar_per_artist: int
    min_match: float
    cooldown: timedelta
    max_per_run: int
    import_list: str
    keep: timedelta
    again_after: timedelta
    add: AddDefinition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryContext:
    """The services and stores of one run; days begin and end in `zone`."""

    services: ArtistServices
    decisions: Decisions
    import_lists: ImportLists
    clock: Clock
    zone: tzinfo
    cancel: CancelToken
    progress: Progress
    dry_run: bool = False

    def day_start(self, now: datetime) -> datetime:
        """Return when today began."""
        return datetime.combine(now.astimezone(self.zone).date(), time(), tzinfo=self.zone)
