"""What is asked of the executor: one run of one command, and whether it may happen."""

from dataclasses import dataclass
from datetime import date, datetime

from cmdarr.config.snapshot import CommandEntry, CommandState, Snapshot
from cmdarr.errors import CommandError, ConfigError, NothingFound
from cmdarr.models.execution import Trigger

AUTOMATIC = frozenset({Trigger.SCHEDULE, Trigger.START, Trigger.RETRY})
"""Triggers behind which no person stands: they respect `enabled`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """One run that somebody asks for; it keeps the snapshot that it was asked under."""

    command: str
    trigger: Trigger
    snapshot: Snapshot
    dry_run: bool = False
    accept_removals: bool = False
    due_at: datetime | None = None
    retry_of: int | None = None


def local_date(moment: datetime, snapshot: Snapshot) -> date:
    """Return the date of a moment in the time zone of the settings."""
    return moment.astimezone(snapshot.settings.zone).date()


def is_startable(entry: CommandEntry | None, today: date) -> bool:
    """Whether schedule, start and retry may run the command: it exists, works, is enabled and has not expired."""
    return (
        entry is not None
        and entry.state in {CommandState.OK, CommandState.LAST_GOOD}
        and entry.options is not None
        and entry.options.enabled
        and not entry.options.is_expired(today)
    )


def runnable_entry(request: RunRequest, today: date) -> CommandEntry:
    """Return the command that the request names, when it can run at all (enabled or not).

    Raises:
        NothingFound: there is no such command.
        ConfigError: its file is broken and no good version is known.
        CommandError: it expired, or its kind is not part of this version.
    """
    entry = request.snapshot.commands.get(request.command)
    if entry is None:
        raise NothingFound(f"there is no command {request.command!r}; `cmdarr list` shows the commands.")
    if entry.state is CommandState.UNAVAILABLE:
        raise CommandError(f"{entry.name} cannot run: this version of Cmdarr has no kind {entry.kind!r}.")
    if entry.options is None:
        raise ConfigError(f"{entry.name} cannot run until {entry.file} is corrected.", entry.findings)
    if entry.state is CommandState.EXPIRED or entry.options.is_expired(today):
        raise CommandError(
            f"{entry.name} expired on {entry.options.expires}; change `expires` in {entry.file} to run it again."
        )
    return entry
