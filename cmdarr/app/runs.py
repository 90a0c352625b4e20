"""Running commands now, and telling what there is: what `cmdarr run` and `cmdarr list` do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cmdarr.app.program import App
from cmdarr.engine.request import RunRequest
from cmdarr.engine.timetable import next_run
from cmdarr.errors import NothingFound
from cmdarr.models.cancel import CancelToken
from cmdarr.models.execution import Execution, Trigger
from cmdarr.models.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandOverview:
    """One line of `cmdarr list`."""

    name: str
    kind: str
    description: str
    enabled: bool
    schedule: str
    next_run: datetime | None
    state: str
    last: Execution | None


def run_commands(
    app: App,
    names: Sequence[str],
    *,
    dry_run: bool,
    accept_removals: bool,
    progress: Progress,
    cancel: CancelToken,
) -> list[Execution]:
    """Run commands one after the other in the calling thread and return their records.

    Raises:
        NothingFound: one of the names is no command; nothing ran.
        ConfigError: settings.yaml is broken, or the file of a command is.
    """
    snapshot = app.valid_settings()
    for name in names:
        if name not in snapshot.commands:
            raise NothingFound(f"there is no command '{name}': {_choices(snapshot.commands)}")
    executor = app.executor()
    done: list[Execution] = []
    for name in names:
        request = RunRequest(
            command=name,
            trigger=Trigger.MANUAL,
            snapshot=snapshot,
            dry_run=dry_run,
            accept_removals=accept_removals,
        )
        done.append(executor.run_now(request, progress=progress, cancel=cancel))
        if cancel.is_cancelled:
            break
    return done


def overview(app: App) -> list[CommandOverview]:
    """Return every command of the configuration with its next and its last run, by name."""
    snapshot = app.effective_configuration()
    store = app.store_if_present()
    last = store.history.last_of_each() if store else {}
    now = app.clock.now()
    return [
        CommandOverview(
            name=name,
            kind=snapshot.redactor(entry.kind),
            description=snapshot.redactor(entry.options.description) if entry.options else "",
            enabled=entry.options.enabled if entry.options else False,
            schedule=(entry.options.schedule if entry.options else None) or snapshot.settings.schedule,
            next_run=next_run(entry, snapshot, now),
            state=entry.state.value,
            last=last.get(name),
        )
        for name, entry in sorted(snapshot.commands.items())
    ]


def _choices(names: object) -> str:
    listed = ", ".join(sorted(names)) if isinstance(names, dict) and names else ""
    return f"the commands are {listed}." if listed else "config/commands holds none yet."
