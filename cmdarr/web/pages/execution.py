"""One execution with everything that is known of it."""

import json

from cmdarr.app.control import Control
from cmdarr.models.execution import Execution
from cmdarr.web.pages.command import MOST_SHOWN
from cmdarr.web.pages.page import PageRoute, View, Visit, number_in
from cmdarr.web.pages.result import read_result
from cmdarr.web.pages.yaml_text import highlight

_MOST_RAW = 50_000


def show_execution(visit: Visit) -> View:
    """Show one execution, also one that goes on."""
    control = visit.control
    run = control.store.history.get(number_in(visit))
    neighbours = _neighbours(control, run)
    raw = json.dumps(run.result, ensure_ascii=False, indent=2, default=str)
    return View(
        template="execution.html",
        title=f"Execution {run.id}",
        context={
            "run": run,
            "is_known": run.command in control.snapshot.commands,
            "is_active": not run.status.is_final and any(one.id == run.id for one in control.active()),
            "progress": None if run.status.is_final else control.progress_of(run.id),
            "result": read_result(run.result),
            "document": highlight(_indented(run.document), control.redact) if run.document else None,
            "raw": highlight(raw, control.redact) if run.result and len(raw) <= _MOST_RAW else None,
            "older": neighbours[0],
            "newer": neighbours[1],
            "most": MOST_SHOWN,
        },
    )


def _neighbours(control: Control, run: Execution) -> tuple[int | None, int | None]:
    """Return the executions of the same command before and after this one."""
    lines = control.store.run_lines
    older = lines.page(run.command, limit=1, before=run.id).lines
    newer = lines.page(run.command, limit=1, after=run.id).lines
    return (older[0].id if older else None), (newer[0].id if newer else None)


def _indented(document: str) -> str:
    try:
        return json.dumps(json.loads(document), ensure_ascii=False, indent=2)
    except ValueError:
        return document  # of an earlier program; shown as it is


ROUTES = (PageRoute(path="/history/{id:int}", show=show_execution),)
