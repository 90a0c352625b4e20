"""Legacy schedules as schedules of today: every so many hours since the last run, or cron with its extensions."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic_core import PydanticCustomError

from cmdarr.config.cron import MANUAL
from cmdarr.config.fields import check_schedule

_DAY = 24
_WEEK = 168
_STEPS = (1, 2, 3, 4, 6, 8, 12, _DAY)
_DAYS = {48: "*/2", 72: "*/3", 96: "*/4", 120: "*/5", 144: "*/6", 336: "1,15", 720: None}
_LONGER = (*_DAYS, _WEEK)
_CRON_FIELDS = 5
_NAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@midnight": "@daily",
    "@monthly": "@monthly",
    "@weekly": "@weekly",
    "@daily": "@daily",
    "@hourly": "@hourly",
}


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule of today.

    `text` None leaves the key out; `note` says what is different, `is_valid` False that the legacy one never ran.
    """

    text: str | None
    note: str = ""
    is_valid: bool = True


def from_hours(hours: object, last_start: datetime | None, zone: ZoneInfo) -> Schedule:
    """Return the schedule that keeps an interval and the hour at which the command really ran last.

    NULL meant that the command only ran when somebody asked for it.
    """
    if hours is None:
        return Schedule(MANUAL)
    if not isinstance(hours, int) or hours < 1:
        return Schedule(MANUAL, "the interval was no number of hours; it only runs when somebody asks for it")
    step = _nearest(hours)
    note = (
        ""
        if step == hours
        else f"it was every {hours} hours, which cron cannot say; now it is {_words(step)}"
    )
    return Schedule(_cron(step, last_start.astimezone(zone) if last_start else None), note)


def from_cron(text: str | None) -> Schedule:
    """Return a cron line as it is written today; without one, the schedule of settings.yaml holds, as it did."""
    if text is None:
        return Schedule(None)
    wanted = _NAMES.get(text.strip().lower())
    note = ""
    if wanted is None:
        fields = text.replace("?", "*").split()
        if len(fields) == _CRON_FIELDS + 1:
            note = f"the sixth field of {text!r}, the seconds, was dropped"
        wanted = " ".join(fields[:_CRON_FIELDS]) if len(fields) <= _CRON_FIELDS + 1 else text
    try:
        return Schedule(check_schedule(wanted), note)
    except PydanticCustomError as error:
        return Schedule(None, f"{text!r} is no schedule, and it never ran: {error.message()}", is_valid=False)


def _nearest(hours: int) -> int:
    """Return the nearest interval that cron can say; of two equally near ones the longer."""
    return min((*_STEPS, *_LONGER), key=lambda step: (abs(step - hours), -step))


def _words(step: int) -> str:
    if step % _DAY:
        return f"every {step} hours"
    return {_DAY: "daily", _WEEK: "weekly", 336: "twice a month", 720: "monthly"}.get(
        step, f"every {step // _DAY} days of a month"
    )


def _cron(step: int, last: datetime | None) -> str | None:
    minute, hour = (last.minute, last.hour) if last else (0, 0)
    if step < _DAY:
        return "@hourly" if step == 1 and last is None else f"{minute} {_hours(step, hour)} * * *"
    if step == _DAY:
        return f"{minute} {hour} * * *" if last else None  # the default is daily, too
    if step == _WEEK:
        return f"{minute} {hour} * * {last.isoweekday() % 7}" if last else "@weekly"
    return f"{minute} {hour} {_DAYS[step] or (last.day if last and last.day <= 28 else 1)} * *"


def _hours(step: int, hour: int) -> str:
    """Return the hours of a day that are a multiple of `step` away from `hour`."""
    first = hour % step
    if step == 1:
        return "*"
    if step == _DAY // 2 and first:
        return f"{first},{first + step}"
    return f"{first}-23/{step}" if first else f"*/{step}"
