"""The marks of the scheduler in config.db."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from peewee import IntegerField, Model, TextField

from cmdarr.models.schedule import ScheduleMark
from cmdarr.storage.config_file import ConfigFile
from cmdarr.storage.moment import from_us, to_us


class ScheduleMarkRow(Model):
    """The mark of one command."""

    command = TextField(primary_key=True)
    schedule = TextField()
    last_due = IntegerField()

    class Meta:
        """Its place in config.db."""

        table_name = "schedule_mark"


class ScheduleMarks:
    """Until when the due times of each command are dealt with."""

    def __init__(self, file: ConfigFile) -> None:
        self._file = file

    def load_marks(self) -> Mapping[str, ScheduleMark]:
        """Return the marks by command."""
        with self._file.reading():
            rows = list(ScheduleMarkRow.select().execute(self._file.database))
        return {
            row.command: ScheduleMark(
                command=row.command, schedule=row.schedule, last_due=from_us(row.last_due)
            )
            for row in rows
        }

    def set_mark(self, command: str, schedule: str, last_due: datetime) -> None:
        """Store the mark of one command in place of the one before."""
        row = ScheduleMarkRow.insert(
            command=command, schedule=schedule, last_due=to_us(last_due)
        ).on_conflict_replace()
        with self._file.writing():
            row.execute(self._file.database)

    def drop_marks(self, commands: Iterable[str]) -> None:
        """Remove the marks of commands that are no longer scheduled; absent is fine."""
        with self._file.writing() as connection:
            connection.executemany(
                "DELETE FROM schedule_mark WHERE command = ?", [(command,) for command in commands]
            )
