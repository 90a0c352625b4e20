"""Schedules as times: when a schedule is due next, with the meaning that Debian's cron gives it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

MANUAL = "manual"
"""The schedule of a command that only runs when somebody asks for it."""

_NAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
}
_NIGHT_STEPS = 500
"""More entries than a schedule with fixed hours can have in the hours that a clock change repeats."""


def next_due(schedule: str, zone: ZoneInfo, after: datetime) -> datetime | None:
    """Return the first due time later than `after`, in UTC; None for `manual` or when it never comes.

    A schedule with a fixed hour and minute is due once on both nights of a clock change: at the first of the
    two equal times in autumn, right after the gap in spring. One with `*` in either field follows real time.

    Raises:
        ValueError: the text is no schedule.
    """
    if schedule == MANUAL:
        return None
    try:
        times = CronSim(_NAMES.get(schedule, schedule), after.astimezone(zone))
    except CronSimError as error:
        raise ValueError(f"{schedule!r} is no schedule: {error}") from error
    # In the repeated hour of autumn the iterator may name a time of the first pass, which is over.
    for _, moment in zip(range(_NIGHT_STEPS), times, strict=False):
        due = moment.astimezone(UTC)
        if due > after:
            return due
    return None
