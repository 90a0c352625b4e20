"""A command's page: what it is, what it did, what it would do, what waits for the user, and the buttons for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cmdarr.app.control import Control
from cmdarr.app.runs import CommandOverview, find_overview
from cmdarr.config.effective import schedule_of
from cmdarr.config.explain import Explanation, explain_command
from cmdarr.config.snapshot import CommandEntry, CommandState
from cmdarr.config.tree import read_tree
from cmdarr.engine.request import is_startable, local_date
from cmdarr.engine.timetable import timing_of
from cmdarr.errors import NothingFound, UsageError
from cmdarr.models.execution import Execution
from cmdarr.models.playlist import Revision
from cmdarr.web.pages.drawing import STRIP_RUNS, draw_strip
from cmdarr.web.pages.page import Done, PageRoute, View, Visit
from cmdarr.web.pages.plots import PLOTTED_RUNS, draw_plots
from cmdarr.web.pages.result import RunResult, read_result
from cmdarr.web.pages.yaml_text import highlight

if TYPE_CHECKING:
    from markupsafe import Markup

HISTORY_ROWS = 10
_NEXT_RUNS = 5
_MOST_REVISIONS = 40
MOST_SHOWN = 200
"""Tracks and changes of one list that a page shows; the run's JSON has all of them."""
_MOST_UNMATCHED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A run and what it left behind."""

    run: Execution
    result: RunResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The command's file: its text as HTML (None when it cannot be read), and the values in force."""

    text: "Markup | None"
    set_values: Sequence[Explanation]
    defaults: Sequence[Explanation]


def show_command(visit: Visit) -> View:
    """Show one command."""
    control = visit.control
    snapshot = control.snapshot
    name = visit.parts["name"]
    row, entry = find_command(control, name)
    active = next((execution for execution in control.active() if execution.command == name), None)
    dry, unmatched = _told(control, name)
    return View(
        template="command.html",
        title=name,
        context={
            "row": row,
            "entry": entry,
            "is_runnable": _is_runnable(entry),
            "schedule": schedule_of(entry, snapshot.settings),
            "next_runs": _next_runs(control, entry),
            "active": active,
            "progress": control.progress_of(active.id) if active else None,
            "strip": draw_strip(
                name, control.store.outlines.of_commands([name], STRIP_RUNS)[name], snapshot.settings.zone
            ),
            "dry": dry,
            "unmatched": unmatched,
            "held": control.store.held.list(name),
            "playlists": _playlists(control, name),
            "lines": control.store.run_lines.page(name, limit=HISTORY_ROWS).lines,
            "plots": draw_plots(
                control.store.run_lines.figures(name, limit=PLOTTED_RUNS), snapshot.settings.zone
            ),
            "written": _read_written(control, entry),
            "most": MOST_SHOWN,
            "most_unmatched": _MOST_UNMATCHED,
        },
    )


def act(visit: Visit) -> Done:
    """Do what one of the page's buttons says."""
    control, name = visit.control, visit.parts["name"]
    back = f"/commands/{name}"
    match visit.form.get("do"):
        case "run" | "dry_run" as what:
            execution = control.run(name, dry_run=what == "dry_run")
            words = "A dry run" if what == "dry_run" else "A run"
            return Done(to=back, sentence=f"{words} of {name} is queued (execution {execution.id}).")
        case "cancel":
            execution = control.cancel(_number(visit.form.get("id", "")))
            return Done(to=back, sentence=f"{execution.command} was asked to stop.")
        case "accept":
            if not control.store.held.list(name):
                raise NothingFound(f"no change of '{name}' waits any more.")
            execution = control.run(name, accept_removals=True)
            sentence = f"A run of {name} that applies its removals is queued (execution {execution.id})."
            return Done(to=back, sentence=sentence)
    raise UsageError("say what to do: run, dry_run, cancel or accept.")


def find_command(control: Control, name: str) -> tuple[CommandOverview, CommandEntry]:
    """Return a command of the configuration in force.

    Raises:
        NothingFound: there is none of that name.
    """
    row = find_overview(control.commands(), name)
    entry = control.snapshot.commands.get(name)
    if entry is None:  # a reload came in between
        raise NothingFound(f"there is no command '{name}' any more.")
    return row, entry


def _is_runnable(entry: CommandEntry) -> bool:
    return entry.options is not None and entry.state in {CommandState.OK, CommandState.LAST_GOOD}


def _number(text: str) -> int:
    if not text.isdecimal():
        raise UsageError("say which run is meant.")
    return int(text)


def _next_runs(control: Control, entry: CommandEntry) -> list[datetime]:
    """Return the next due times at which the scheduler will start the command."""
    snapshot, found = control.snapshot, list[datetime]()
    if entry.options is None or not is_startable(entry, local_date(control.now(), snapshot)):
        return found
    timing = timing_of(entry.options, snapshot.settings)
    due = timing.next_after(control.now())
    while due is not None and len(found) < _NEXT_RUNS and is_startable(entry, local_date(due, snapshot)):
        found.append(due)
        due = timing.next_after(due)
    return found


def _told(control: Control, name: str) -> tuple[Told | None, Told | None]:
    """Return the last dry run, and the last run of any kind that matched tracks."""
    lines, history = control.store.run_lines, control.store.history
    dry_id, real_id = lines.last_id(name, dry_run=True), lines.last_id(name, dry_run=False)
    told = {
        number: Told(run=run, result=read_result(run.result))
        for number in {dry_id, real_id} - {None}
        if number is not None and (run := history.get(number))
    }
    dry = told.get(dry_id) if dry_id else None
    newest = max(told, default=0)
    return dry, told[newest] if newest and any(t.unmatched for t in told[newest].result.targets) else None


def _playlists(control: Control, name: str) -> list[tuple[Revision, list[Revision]]]:
    """Return the revisions by playlist, newest first."""
    found: dict[tuple[str, str, str], list[Revision]] = {}
    for revision in control.store.revisions.list(command=name, limit=_MOST_REVISIONS):
        key = (revision.server, revision.user, revision.playlist_id)
        found.setdefault(key, []).append(revision)
    return [(group[0], group) for group in found.values()]


def _read_written(control: Control, entry: CommandEntry) -> Written:
    snapshot, catalog = control.snapshot, control.app.catalog
    tree = read_tree(control.app.config_dir)
    source = tree.files.get(entry.file)
    if source is not None and source.digest != snapshot.file_digests.get(entry.file):
        control.check()  # what is in it may be new, and must be known before it is masked
    wrong = [finding.line for finding in entry.findings if finding.severity == "error"]
    text = source.data.decode("utf-8", "replace") if source is not None else None
    values = (
        explain_command(entry.name, snapshot=snapshot, tree=tree, catalog=catalog) if entry.options else []
    )
    return Written(
        text=highlight(text, control.redact, wrong) if text is not None else None,
        set_values=[value for value in values if value.source != "default"],
        defaults=[value for value in values if value.source == "default"],
    )


ROUTES = (
    PageRoute(path="/commands/{name}", show=show_command),
    PageRoute(path="/commands/{name}", show=act, method="POST", back="/commands/{name}"),
)
