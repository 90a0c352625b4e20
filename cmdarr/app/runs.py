"""Running commands now, and telling what there is: what `cmdarr run` and `cmdarr list` do."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from cmdarr.app.program import App
from cmdarr.config.effective import next_run, schedule_of
from cmdarr.config.snapshot import Snapshot
from cmdarr.engine.request import RunRequest, local_date, runnable_entry
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


def request_runs(app: App, names: Sequence[str], *, dry_run: bool, accept_removals: bool) -> list[RunRequest]:
    """Return a request for each command that is named, once each, in order; nothing runs when one cannot.

    Raises:
        NothingFound: one of the names is no command.
        ConfigError: settings.yaml is broken, or the file of a command is.
        CommandError: a command expired, or its kind is not part of this version.
    """
    snapshot = app.valid_settings()
    today = local_date(app.clock.now(), snapshot)
    requests = [
        RunRequest(
            command=name,
            trigger=Trigger.MANUAL,
            snapshot=snapshot,
            dry_run=dry_run,
            accept_removals=accept_removals,
        )
        for name in dict.fromkeys(names)
    ]
    for request in requests:
        if request.command not in snapshot.commands:
            raise NothingFound(
                f"there is no command '{request.command}': {_choices(snapshot.commands.keys())}"
            )
        runnable_entry(request, today)
    return requests


def run_requests(
    app: App,
    requests: Sequence[RunRequest],
    *,
    progress: Callable[[], AbstractContextManager[Progress]],
    cancel: CancelToken,
) -> Iterator[Execution]:
    """Run one after the other in the calling thread and yield each record; a cancel ends the row.

    Raises:
        StorageError: config.db does not take the record of a run; the run does not exist.
    """
    executor = app.executor()
    for request in requests:
        with progress() as shown:
            execution = executor.run_now(request, progress=shown, cancel=cancel)
        yield execution
        if cancel.is_cancelled:
            return


def overview(app: App) -> list[CommandOverview]:
    """Return every command of the configuration with its next and its last run, by name."""
    snapshot = app.effective_configuration()
    store = app.store_if_present()
    last = store.history.last_of_each() if store else {}
    return overview_of(snapshot, last, app.clock.now())


def overview_of(snapshot: Snapshot, last: Mapping[str, Execution], now: datetime) -> list[CommandOverview]:
    """Return every command of a snapshot with its next run and its last one, by name."""
    return [
        CommandOverview(
            name=name,
            kind=snapshot.redactor(entry.kind),
            description=snapshot.redactor(entry.options.description) if entry.options else "",
            enabled=entry.options.enabled if entry.options else False,
            schedule=schedule_of(entry, snapshot.settings),
            next_run=next_run(entry, snapshot.settings, now),
            state=entry.state.value,
            last=last.get(name),
        )
        for name, entry in sorted(snapshot.commands.items())
    ]


def find_overview(rows: Iterable[CommandOverview], name: str) -> CommandOverview:
    """Return the command of a name.

    Raises:
        NothingFound: there is none.
    """
    known = {row.name: row for row in rows}
    if name not in known:
        raise NothingFound(f"there is no command '{name}': {_choices(known.keys())}")
    return known[name]


def _choices(names: Collection[str]) -> str:
    if not names:
        return "the folder commands/ of the configuration holds none yet."
    return f"the commands are {', '.join(sorted(names))}."
