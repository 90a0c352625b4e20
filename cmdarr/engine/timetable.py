"""When a command is due: pure values and functions of a schedule, a zone and two moments."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cmdarr.config.command import CommandOptions
from cmdarr.config.cron import MANUAL, next_due
from cmdarr.config.settings import Settings
from cmdarr.config.snapshot import Snapshot
from cmdarr.engine.request import is_startable, local_date

ALWAYS_LATE = timedelta(minutes=1)
"""A run this late is not a missed one, whatever `misfire_grace` says: the scheduler itself needs a moment."""
SET_BACK = timedelta(days=1)
"""A due time this far ahead of the clock was noted by a clock that ran ahead; the command starts anew from now."""
_NO_TIME = timedelta()
_FIRST_WINDOW = timedelta(minutes=2)
_WINDOW_GROWTH = 8


@dataclass(frozen=True, slots=True)
class Timing:
    """A schedule in its zone. Equal timings mean equal due times."""

    schedule: str
    zone: ZoneInfo

    @property
    def text(self) -> str:
        """The identity that is stored with a mark: a mark of another text says nothing about this timing."""
        return f"{self.schedule} {self.zone.key}"

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the first due time later than the moment, None when there is none."""
        return next_due(self.schedule, self.zone, moment)

    def is_due_at(self, moment: datetime) -> bool:
        """Whether the moment is a due time."""
        return self.next_after(moment - timedelta(seconds=1)) == moment

    def last_within(self, after: datetime, until: datetime) -> datetime | None:
        """Return the last due time later than `after` and not later than `until`, None when there is none."""
        window = _FIRST_WINDOW
        while True:  # from the end, in growing windows: a year of a minutely schedule is not walked through
            start = max(after, until - window)
            found, due = None, self.next_after(start)
            while due is not None and due <= until:
                found, due = due, self.next_after(due)
            if found is not None or start == after:
                return found
            window *= _WINDOW_GROWTH


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of one command in the plan: up to `last_due` nothing is outstanding, `next_due` comes after it."""

    command: str
    timing: Timing
    last_due: datetime
    next_due: datetime | None

    def after(self, moment: datetime) -> "Slot":
        """Return the slot with everything up to the moment dealt with."""
        return replace(self, last_due=moment, next_due=self.timing.next_after(moment))

    def is_due(self, now: datetime) -> bool:
        """Whether a due time is outstanding."""
        return self.next_due is not None and self.next_due <= now

    def is_set_back(self, now: datetime) -> bool:
        """Whether the clock was set back behind `last_due` and the slot need not wait until it is there again.

        After a run of that due time it must wait, or the run would be doubled; but not for days, when the clock
        had been far ahead.
        """
        ahead = self.last_due - now
        return ahead > SET_BACK or (ahead > _NO_TIME and not self.timing.is_due_at(self.last_due))

    def due_to_run(self, now: datetime, grace: timedelta) -> datetime | None:
        """Return the due time to run for: the last outstanding one, unless it is missed by more than the grace."""
        earliest = now - max(grace, ALWAYS_LATE)
        if self.next_due is not None and self.next_due > earliest:
            following = self.timing.next_after(self.next_due)
            if (
                following is None or following > now
            ):  # the usual case: one due time, and the scheduler is in time
                return self.next_due
        return self.timing.last_within(max(self.last_due, earliest), now)


def new_slot(command: str, timing: Timing, last_due: datetime) -> Slot:
    """Return the slot of a command whose due times count from `last_due`."""
    return Slot(command, timing, last_due, timing.next_after(last_due))


def timing_of(options: CommandOptions, settings: Settings) -> Timing:
    """Return the effective timing of a command."""
    return Timing(options.schedule or settings.schedule, settings.zone)


def planned_timings(snapshot: Snapshot, now: datetime) -> dict[str, Timing]:
    """Return the timings of all commands that the scheduler may start."""
    today = local_date(now, snapshot)
    timings = {
        name: timing_of(entry.options, snapshot.settings)
        for name, entry in snapshot.commands.items()
        if entry.options is not None and is_startable(entry, today)
    }
    return {name: timing for name, timing in timings.items() if timing.schedule != MANUAL}
