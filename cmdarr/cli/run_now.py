"""`cmdarr run NAME…`: run commands now, in this process, with progress."""

import sys
from collections.abc import Sequence

import click

from cmdarr import errors
from cmdarr.cli.ending import error_as_json, report_error
from cmdarr.cli.output import print_json
from cmdarr.cli.progress import terminal_progress
from cmdarr.cli.run_report import print_report
from cmdarr.cli.state import CliState, json_option, pass_state
from cmdarr.cli.stopping import cancel_on_signals
from cmdarr.models.execution import Execution, Status

CHANGES = 3
TRY_AGAIN = 75


@click.command("run")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Print the plan and write nothing anywhere but history. Exit 3 for changes.",
)
@click.option("--accept-removals", is_flag=True, help="Apply a change that `max_removals` would hold.")
@json_option
@pass_state
def run_now(state: CliState, names: tuple[str, ...], dry_run: bool, accept_removals: bool) -> int:
    """Run commands now, one after the other.

    Whether they are enabled does not matter.
    """
    from cmdarr.app.shapes import execution_shape
    from cmdarr.cli.logs import log_to_stderr

    # The report says how a run ended.
    log_to_stderr(level="debug" if state.debug else "warning", redact=state.redact, without={"run_finished"})
    done: list[Execution] = []
    failure: errors.CmdarrError | None = None
    try:
        _run_all(state, names, done, dry_run=dry_run, accept_removals=accept_removals)
    except errors.CmdarrError as error:
        failure = error
    sentence = report_error(failure, state) if failure else ""
    if state.as_json:
        document: dict[str, object] = {"executions": [execution_shape(execution) for execution in done]}
        print_json(document | ({"error": error_as_json(failure, sentence)} if failure else {}))
    return errors.exit_code_for(failure) if failure else exit_code_of(done)


def _run_all(
    state: CliState, names: Sequence[str], done: list[Execution], *, dry_run: bool, accept_removals: bool
) -> None:
    """Run every command and put its record into `done`, which also holds what ran before an error."""
    from cmdarr.app.runs import request_runs, run_requests

    requests = request_runs(state.app, names, dry_run=dry_run, accept_removals=accept_removals)
    with cancel_on_signals() as cancel:
        for execution in run_requests(state.app, requests, progress=terminal_progress, cancel=cancel):
            done.append(execution)
            if not state.as_json:
                print_report(execution)
            if execution.error:
                print(f"cmdarr: {execution.command} {execution.status}: {execution.error}", file=sys.stderr)


def exit_code_of(executions: Sequence[Execution]) -> int:
    """Return 1 after a failure, 75 when all that failed may be tried again, 3 for a dry run with changes, or 0."""
    bad = [execution for execution in executions if execution.status != Status.SUCCEEDED]
    if bad:
        return TRY_AGAIN if all(map(_may_be_tried_again, bad)) else 1
    return CHANGES if any(execution.dry_run and execution.changes for execution in executions) else 0


def _may_be_tried_again(execution: Execution) -> bool:
    if execution.status in {Status.HELD, Status.SKIPPED}:
        return True
    error = getattr(errors, execution.error_class or "", None)
    return isinstance(error, type) and issubclass(error, errors.CmdarrError) and error.exit_code == TRY_AGAIN
