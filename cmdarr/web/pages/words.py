"""Numbers, times and schedules in words, for pages."""

import calendar
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cmdarr.config.cron import MANUAL
from cmdarr.models.clock import iso_utc

if TYPE_CHECKING:
    from markupsafe import Markup

_NAMED = {
    "@hourly": "every hour",
    "@daily": "every day at 00:00",
    "@weekly": "every Sunday at 00:00",
    "@monthly": "on day 1 of every month at 00:00",
    MANUAL: "only by hand",
}
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60))
_SIZES = (("GB", 10**9), ("MB", 10**6), ("kB", 10**3))


def iso(moment: datetime) -> str:
    """Write a time as machines read it."""
    return iso_utc(moment)


def local_time(moment: datetime, zone: ZoneInfo) -> str:
    """Write a time in the zone of the settings: `2026-11-22 14:02`."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def prose(text: str) -> "Markup":
    """Return a sentence as HTML, with what stands between backquotes as code."""
    from markupsafe import Markup, escape

    parts = str(escape(text)).split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return Markup("".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts)))  # noqa: S704 - escaped above


def clock_time(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Write a time of today as `14:02`, another one with its date."""
    here, today = moment.astimezone(zone), now.astimezone(zone)
    return here.strftime("%H:%M" if here.date() == today.date() else "%Y-%m-%d %H:%M")


def span(seconds: float) -> str:
    """Write a span in its two largest units: `2 h 10 min`, `48 s`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    rest = round(seconds)
    parts: list[tuple[int, str]] = []
    for unit, length in _UNITS:
        count, rest = divmod(rest, length)
        if count or parts:
            parts.append((count, unit))
    if not parts:
        return f"{rest} s"
    return " ".join(f"{count} {unit}" for count, unit in parts[:2] if count)


def ago(moment: datetime, now: datetime) -> str:
    """Write how long ago something was."""
    seconds = (now - moment).total_seconds()
    return "just now" if seconds < 5 else f"{span(seconds)} ago"


def until(moment: datetime, now: datetime) -> str:
    """Write how far ahead something is."""
    seconds = (moment - now).total_seconds()
    return "now" if seconds < 5 else f"in {span(seconds)}"


def size(count: int) -> str:
    """Write a number of bytes."""
    for unit, length in _SIZES:
        if count >= length:
            return f"{count / length:.1f} {unit}"
    return f"{count} B"


def number(count: int) -> str:
    """Write a number with its thousands apart."""
    return f"{count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def schedule_in_words(schedule: str) -> str:
    """Say when a schedule is due; the cron expression itself where it is too special for a sentence."""
    if schedule in _NAMED:
        return _NAMED[schedule]
    fields = schedule.split()
    if len(fields) != 5:
        return schedule
    minute, hour, day, month, weekday = fields
    if month != "*":
        return f"cron {schedule}"
    return _by_fields(minute, hour, day, weekday) or f"cron {schedule}"


def _by_fields(minute: str, hour: str, day: str, weekday: str) -> str | None:
    if (day, weekday) == ("*", "*") and (often := _often(minute, hour)):
        return often
    if not (minute.isdecimal() and hour.isdecimal()):
        return None
    at = f"at {int(hour):02}:{int(minute):02}"
    if (day, weekday) == ("*", "*"):
        return f"every day {at}"
    if day == "*":
        days = _weekdays(weekday)
        return f"every {days} {at}" if days else None
    return f"on day {int(day)} of every month {at}" if weekday == "*" and day.isdecimal() else None


def _often(minute: str, hour: str) -> str | None:
    """Say what happens several times a day, always after the same time."""
    if hour == "*" and (minutes := _step(minute, 60)):
        return "every minute" if minutes == 1 else f"every {minutes} minutes"
    hours = _step(hour, 24)
    if not minute.isdecimal() or not hours:
        return None
    past = f", {int(minute)} min past" if int(minute) else ""
    return f"every hour{past}" if hours == 1 else f"every {hours} hours{past}"


def _step(field: str, whole: int) -> int | None:
    """Return the step of `*` or `*/N` where it divides the whole, so that all gaps are equal."""
    text = "1" if field == "*" else field.removeprefix("*/")
    is_step = field == "*" or (field.startswith("*/") and text.isdecimal())
    return int(text) if is_step and int(text) and whole % int(text) == 0 else None


def _weekdays(field: str) -> str | None:
    names = []
    for part in field.split(","):
        found = _weekday(part)
        if found is None:
            return {"1-5": "working day", "mon-fri": "working day"}.get(field.lower())
        names.append(found)
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _weekday(text: str) -> str | None:
    short = [name.lower() for name in calendar.day_abbr]
    if text.isdecimal() and int(text) <= 7:
        return calendar.day_name[(int(text) - 1) % 7]
    return calendar.day_name[short.index(text.lower())] if text.lower() in short else None
