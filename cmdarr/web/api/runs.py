"""`/api/runs` and `/api/history`: what runs, and what ran."""

from typing import Annotated, TypedDict

from pydantic import Field

from cmdarr.app.control import Control
from cmdarr.app.shapes import ExecutionShape, RunShape, execution_shape, run_shape
from cmdarr.errors import NothingFound
from cmdarr.models.execution import Execution, Status
from cmdarr.web.api.endpoint import Body, Call, Endpoint

_MOST = 200


class ProgressShape(TypedDict):
    """The present step of a run; `total` is null where the number of items is not known."""

    step: str
    done: int
    total: int | None


class ActiveRunShape(TypedDict):
    """A run that waits or goes on."""

    run: RunShape
    progress: ProgressShape | None


class ActiveRunsShape(TypedDict):
    """The runs that wait or go on, oldest first."""

    runs: list[ActiveRunShape]


class HistoryShape(TypedDict):
    """Executions, newest first; `next` is the `before` of the following page, null at the end."""

    executions: list[ExecutionShape]
    next: int | None


class HistoryQuery(Body):
    """Which executions."""

    command: str | None = None
    """Only those of this command."""
    status: Status | None = None
    """Only those that ended so."""
    limit: Annotated[int, Field(ge=1, le=_MOST)] = 50
    """How many at most."""
    before: Annotated[int, Field(ge=1, lt=2**63)] | None = None
    """Only those with a smaller id: `next` of the page before."""


def list_runs(call: Call) -> ActiveRunsShape:
    """Return what `active` knows."""
    return {"runs": [_active(call.control, execution) for execution in call.control.active()]}


def show_run(call: Call) -> ExecutionShape:
    """Return one execution, also one that goes on."""
    return execution_shape(call.control.store.history.get(call.number()))


def cancel_run(call: Call) -> ExecutionShape:
    """Ask a run to stop."""
    return execution_shape(call.control.cancel(call.number()))


def list_history(call: Call) -> HistoryShape:
    """Return a page of the history."""
    query = call.query_as(HistoryQuery)
    store = call.control.store
    rows = store.history.recent(query.command, query.status, query.limit, query.before)
    if query.command and not rows and query.before is None:
        _check_known(call.control, query.command)
    following = rows[-1].id if len(rows) == query.limit else None
    return {"executions": [execution_shape(row) for row in rows], "next": following}


def _active(control: Control, execution: Execution) -> ActiveRunShape:
    progress = control.progress_of(execution.id)
    return {
        "run": run_shape(execution),
        "progress": {"step": progress.step, "done": progress.done, "total": progress.total}
        if progress
        else None,
    }


def _check_known(control: Control, command: str) -> None:
    if command not in control.snapshot.commands:
        raise NothingFound(
            f"there is no command '{command}' and no execution of it: `/api/commands` lists them."
        )


ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/runs", tag="runs", summary="List the runs that wait or go on",
        run=list_runs, answer=ActiveRunsShape,
    ),
    Endpoint(
        method="GET", path="/api/runs/{id:int}", tag="runs", summary="Show one execution",
        run=show_run, answer=ExecutionShape, errors=(404,),
    ),
    Endpoint(
        method="POST", path="/api/runs/{id:int}/cancel", tag="runs", summary="Ask a run to stop",
        run=cancel_run, answer=ExecutionShape, status=202, errors=(404, 409),
    ),
    Endpoint(
        method="GET", path="/api/history", tag="runs", summary="List executions, newest first",
        run=list_history, query=HistoryQuery, answer=HistoryShape, errors=(404,),
    ),
)  # fmt: skip
