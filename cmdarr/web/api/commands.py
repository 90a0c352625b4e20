"""`/api/commands`: what there is, and running it."""

from typing import TypedDict

from cmdarr.app.runs import find_overview
from cmdarr.app.shapes import (
    CommandShape,
    ExecutionShape,
    FindingShape,
    command_shape,
    execution_shape,
    finding_shape,
    moment,
)
from cmdarr.web.api.endpoint import Body, Call, Endpoint


class CommandsShape(TypedDict):
    """All commands, by name."""

    commands: list[CommandShape]


class CommandDetailShape(TypedDict):
    """One command: its overview, the document in force (references unresolved, secrets masked) and its findings."""

    command: CommandShape
    file: str
    document: str
    good_since: str | None
    findings: list[FindingShape]


class RunBody(Body):
    """How to run a command."""

    dry_run: bool = False
    """Compute the plan and write nothing anywhere but history."""
    accept_removals: bool = False
    """Apply a change that `max_removals` would hold."""


def list_commands(call: Call) -> CommandsShape:
    """Return what `cmdarr list --json` prints, as the daemon has it in force."""
    return {"commands": [command_shape(row) for row in call.control.commands()]}


def show_command(call: Call) -> CommandDetailShape:
    """Return one command."""
    control = call.control
    row = find_overview(control.commands(), call.name())
    entry = control.snapshot.commands[row.name]
    return {
        "command": command_shape(row),
        "file": entry.file,
        "document": entry.document,
        "good_since": moment(entry.good_since),
        "findings": [finding_shape(finding) for finding in entry.findings],
    }


def run_command(call: Call) -> ExecutionShape:
    """Queue a run."""
    body = call.body_as(RunBody)
    execution = call.control.run(call.name(), dry_run=body.dry_run, accept_removals=body.accept_removals)
    return execution_shape(execution)


ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/commands", tag="commands", summary="List the commands",
        run=list_commands, answer=CommandsShape,
    ),
    Endpoint(
        method="GET", path="/api/commands/{name}", tag="commands", summary="Show one command",
        run=show_command, answer=CommandDetailShape, errors=(404,),
    ),
    Endpoint(
        method="POST", path="/api/commands/{name}/run", tag="commands", summary="Run a command now",
        description="The run is queued; `GET /api/runs/{id}` and `/api/events` tell how it goes on.",
        run=run_command, body=RunBody, answer=ExecutionShape, status=202, errors=(404, 409),
    ),
)  # fmt: skip
