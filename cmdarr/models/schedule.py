"""Marks of the scheduler: until when the due times of a command are dealt with."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleMark:
    """No due time of `command` up to `last_due` is outstanding; `schedule` is the one that the mark belongs to."""

    command: str
    schedule: str
    last_due: datetime
