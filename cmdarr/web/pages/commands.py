"""The first page: every command, what it did and what it will do, and the buttons to run it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from cmdarr.app.event_board import RunProgress
from cmdarr.app.runs import CommandOverview
from cmdarr.config.effective import schedule_of
from cmdarr.config.snapshot import CommandEntry, CommandState, Snapshot
from cmdarr.engine.request import is_startable, local_date
from cmdarr.engine.timetable import Timing, planned_timings
from cmdarr.errors import Finding, UsageError
from cmdarr.models.execution import Execution
from cmdarr.web.pages.drawing import STRIP_RUNS, WINDOW, Timeline, draw_strip, draw_timeline
from cmdarr.web.pages.page import Done, Nav, PageRoute, View, Visit

if TYPE_CHECKING:
    from markupsafe import Markup

MOST_ROWS = 100
_MOST_PAST, _MOST_DUES, _MOST_DUES_EACH = 2000, 1000, 48


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRow:
    """One command as the page shows it."""

    name: str
    kind: str
    description: str
    state: str
    enabled: bool
    options_known: bool
    is_runnable: bool
    schedule: str
    next_run: datetime | None
    good_since: datetime | None
    last: Execution | None
    active: Execution | None
    progress: RunProgress | None
    strip: "Markup"
    findings: Sequence[Finding]


def show_commands(visit: Visit) -> View:
    """Show all commands, a page of them at a time where there are very many."""
    control, snapshot = visit.control, visit.control.snapshot
    find, after = visit.query.get("find", "").strip(), visit.query.get("after", "")
    every = [row for row in control.commands() if _matches(row, find)]
    following = [row for row in every if row.name > after]
    shown = following[:MOST_ROWS]
    files = {entry.file for entry in snapshot.commands.values()}
    others = [finding for finding in snapshot.findings if finding.file not in files]
    return View(
        template="commands.html",
        title="Commands",
        context={
            "rows": _rows(visit, shown),
            "total": len(snapshot.commands),
            "find": find,
            "more": shown[-1].name if len(following) > len(shown) else "",
            "timeline": _timeline(visit),
            "other_findings": others,
            "other_title": "Settings" if any(one.severity == "error" for one in others) else "Good to know",
        },
    )


def run_command(visit: Visit) -> Done:
    """Queue a run."""
    name, is_dry = visit.parts["name"], visit.form.get("dry_run") == "true"
    execution = visit.control.run(name, dry_run=is_dry)
    what = "A dry run" if is_dry else "A run"
    return Done(to="/", sentence=f"{what} of {name} is queued (execution {execution.id}).")


def cancel_run(visit: Visit) -> Done:
    """Ask a run to stop."""
    if not visit.form.get("id", "").isdecimal():
        raise UsageError("say which run to cancel.")
    execution = visit.control.cancel(int(visit.form["id"]))
    return Done(to="/", sentence=f"{execution.command} was asked to stop.")


def _matches(row: CommandOverview, find: str) -> bool:
    text = f"{row.name} {row.kind} {row.description}".casefold()
    return all(word in text for word in find.casefold().split())


def _rows(visit: Visit, shown: Iterable[CommandOverview]) -> list[CommandRow]:
    control, snapshot = visit.control, visit.control.snapshot
    active = {execution.command: execution for execution in control.active()}
    outlines = control.store.outlines.of_commands([row.name for row in shown], STRIP_RUNS)
    rows = []
    for row in shown:
        entry, going = snapshot.commands.get(row.name), active.get(row.name)
        if entry is None:  # a reload came in between
            continue
        rows.append(
            CommandRow(
                name=row.name,
                kind=row.kind,
                description=row.description,
                state=row.state,
                enabled=row.enabled,
                options_known=entry.options is not None,
                is_runnable=_is_runnable(entry),
                schedule=schedule_of(entry, snapshot.settings),
                next_run=row.next_run,
                good_since=entry.good_since,
                last=row.last,
                active=going,
                progress=control.progress_of(going.id) if going else None,
                strip=draw_strip(row.name, outlines[row.name], snapshot.settings.zone),
                findings=entry.findings,
            )
        )
    return rows


def _is_runnable(entry: CommandEntry) -> bool:
    return entry.options is not None and entry.state in {CommandState.OK, CommandState.LAST_GOOD}


def _timeline(visit: Visit) -> Timeline:
    control, snapshot, now = visit.control, visit.control.snapshot, visit.control.now()
    runs = control.store.outlines.since(now - WINDOW, _MOST_PAST)
    return draw_timeline(runs, _dues(snapshot, now), now, snapshot.settings.zone)


@lru_cache(maxsize=2 * _MOST_DUES)
def _due_after(timing: Timing, moment: datetime) -> datetime | None:
    """Return the due time that follows; nearly all of them are the same when the page is asked for again."""
    return timing.next_after(moment)


def _dues(snapshot: Snapshot, now: datetime) -> list[tuple[str, datetime]]:
    """Return the due times of the next hours, those of very frequent commands only as far as they can be drawn."""
    found: list[tuple[str, datetime]] = []
    for name, timing in planned_timings(snapshot, now).items():
        due = _due_after(timing, now)
        count = 0
        while due is not None and due <= now + WINDOW and count < _MOST_DUES_EACH:
            if is_startable(snapshot.commands.get(name), local_date(due, snapshot)):
                found.append((name, due))
            due, count = _due_after(timing, due), count + 1
        if len(found) >= _MOST_DUES:
            break
    return found


NAV = Nav("Commands", "/", 10)
ROUTES = (
    PageRoute(path="/", show=show_commands),
    PageRoute(path="/commands/{name}/run", show=run_command, method="POST"),
    PageRoute(path="/commands/{name}/cancel", show=cancel_run, method="POST"),
)
