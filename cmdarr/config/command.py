"""The keys that every command file has; each kind adds its own in `commands/`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from cmdarr.config.base import Model
from cmdarr.config.fields import Date, Duration, ScheduleText

ServiceRole = Literal["server", "source", "similar", "listens", "catalog", "seeds", "identity", "any"]
"""What a service must be able to do; `seeds`: to be a catalogue or to know listens."""
NotifyEvent = Literal["failed", "recovered", "held", "unmatched"]


@dataclass(frozen=True, slots=True)
class ServiceReference:
    """A service that a command names: where it stands in the file, and what it must be able to do.

    An empty `service` stands for any that can. `is_needed` is false in a command that is disabled: what is wrong with
    the reference is then a warning.
    """

    loc: tuple[str | int, ...]
    service: str
    role: ServiceRole
    is_needed: bool = True


@dataclass(frozen=True, slots=True)
class WrittenPlaylist:
    """A playlist that a command writes, so that two commands writing the same one are found before they run."""

    loc: tuple[str | int, ...]
    server: str
    title: str
    user: str = ""


@dataclass(frozen=True, slots=True)
class FilledImportList:
    """An import list that a command fills, and how long what it puts there stays."""

    name: str
    keep: timedelta


def find_reference(
    written: object, loc: tuple[str | int, ...], role: ServiceRole
) -> tuple[ServiceReference, ...]:
    """Return the reference at `loc` of a document, none when no text stands there."""
    for step in loc:
        if isinstance(written, dict):
            written = written.get(step)
        elif isinstance(written, tuple) and isinstance(step, int) and step < len(written):
            written = written[step]
        else:
            return ()
    return (ServiceReference(loc, written, role),) if isinstance(written, str) else ()


class CommandOptions(Model):
    """What every kind of command has in common."""

    kind: str
    """What the command does."""
    description: str = ""
    """A sentence for people."""
    enabled: bool = True
    """Whether the schedule runs it; `cmdarr run` always may."""
    schedule: ScheduleText | None = None
    """Five-field cron, `@hourly`, `@daily`, `@weekly`, `@monthly` or `manual`; default: that of settings.yaml."""
    time_limit: Duration | None = None
    """The run is cancelled after this long, for example `30m`."""
    expires: Date | None = None
    """From that day the command no longer runs."""
    notify: tuple[NotifyEvent, ...] | None = None
    """Which events are notified; default: `notifications.on` in settings.yaml."""
    run_at_start: bool = False
    """Run once whenever `cmdarr serve` starts, besides the schedule."""

    @classmethod
    def service_references(cls, written: Mapping[str, object]) -> Iterator[ServiceReference]:
        """Yield every service that a command document names, for the offline check.

        `written` is the document before its validation: whatever else is wrong with it, its references are checked.
        """
        del written
        yield from ()

    def written_playlists(self) -> Iterator[WrittenPlaylist]:
        """Yield the playlists whose title stands in the file, for the offline check."""
        yield from ()

    def filled_import_lists(self, command: str) -> Iterator[FilledImportList]:
        """Yield the import lists that a command of this name fills."""
        del command
        yield from ()

    def is_expired(self, today: date) -> bool:
        """Whether `expires` has come."""
        return self.expires is not None and today >= self.expires
