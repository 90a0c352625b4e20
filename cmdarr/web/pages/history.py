"""The history: every execution, newest first, by command and status, and plots of the last ones."""

from cmdarr.errors import UsageError
from cmdarr.models.execution import Status
from cmdarr.web.pages.page import Nav, PageRoute, View, Visit
from cmdarr.web.pages.plots import PLOTTED_RUNS, draw_plots

PAGE_ROWS = 50
_MOST_ID = 2**63 - 1


def show_history(visit: Visit) -> View:
    """Show one page of the history."""
    control, query = visit.control, visit.query
    command, status = query.get("command", ""), query.get("status", "")
    if status and status not in set(Status):
        raise UsageError(f"there is no status '{status[:40]}': choose one of {', '.join(Status)}.")
    before, after = _place(query.get("before", "")), _place(query.get("after", ""))
    lines = control.store.run_lines
    page = lines.page(
        command or None,
        Status(status) if status else None,
        limit=PAGE_ROWS,
        before=before if after is None else None,
        after=after,
    )
    is_first = before is None and after is None
    figures = lines.figures(command or None, limit=PLOTTED_RUNS) if is_first else []
    names = {*control.snapshot.commands, *control.store.history.last_of_each(), command} - {""}
    return View(
        template="history.html",
        title="History",
        context={
            "page": page,
            "command": command,
            "chosen": status,
            "commands": sorted(names),
            "statuses": [one.value for one in Status],
            "is_first": is_first,
            "plots": draw_plots(figures, control.snapshot.settings.zone),
        },
    )


def _place(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or int(text) > _MOST_ID:
        raise UsageError("this address names no place in the history: begin at its first page.")
    return int(text)


NAV = Nav("History", "/history", 20)
ROUTES = (PageRoute(path="/history", show=show_history),)
