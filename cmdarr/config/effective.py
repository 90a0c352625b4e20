"""The settings that hold, by dotted key: `web.port`, `services.plex.url`; and when a command is due under them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel

from cmdarr.config.cron import MANUAL, next_due
from cmdarr.config.services import ServiceEntry
from cmdarr.config.settings import Settings
from cmdarr.config.snapshot import CommandEntry, CommandState


def value_of(root: object, key: str) -> object:
    """Return the value at a dotted key below settings or options.

    Raises:
        LookupError: there is no such key.
    """
    value = root
    for step in key.split("."):
        value = _below(value, step)
    return value


def _below(value: object, step: str) -> object:
    if isinstance(value, ServiceEntry):
        value = value.settings
    if isinstance(value, BaseModel):
        if step not in type(value).model_fields:
            raise LookupError(step)
        return getattr(value, step)
    if isinstance(value, Mapping):
        return value[step]
    if isinstance(value, Sequence) and not isinstance(value, str) and step.isdecimal():
        return value[int(step)]
    raise LookupError(step)


def schedule_of(entry: CommandEntry, settings: Settings) -> str:
    """Return the schedule that holds for a command: its own, or the one in settings.yaml."""
    return (entry.options and entry.options.schedule) or settings.schedule


def next_run(entry: CommandEntry, settings: Settings, after: datetime) -> datetime | None:
    """Return when the schedule starts the command next, in UTC; None when it does not."""
    options = entry.options
    if options is None or not options.enabled or entry.state is CommandState.EXPIRED:
        return None
    if schedule_of(entry, settings) == MANUAL:
        return None
    due = next_due(schedule_of(entry, settings), settings.zone, after)
    if due is None or options.is_expired(due.astimezone(settings.zone).date()):
        return None
    return due
