"""`cmdarr run NAME…`: run commands now, in this process, with progress."""

import queue
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from cmdarr import errors
from cmdarr.cli.history import execution_as_json
from cmdarr.cli.output import print_json
from cmdarr.cli.progress import terminal_progress
from cmdarr.cli.run_report import print_report
from cmdarr.cli.state import CliState, json_option, pass_state
from cmdarr.models.cancel import CancelToken
from cmdarr.models.execution import Execution, Status

CHANGES = 3
TRY_AGAIN = 75


@click.command("run")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Print the plan and write nothing anywhere but history; exit 3 for changes.",
)
@click.option("--accept-removals", is_flag=True, help="Apply a change that `max_removals` would hold.")
@json_option
@pass_state
def run_now(
    state: CliState,
    names: tuple[str, ...],
    dry_run: bool,
    accept_removals: bool,
    as_json: bool,
) -> int:
    """Run commands now, one after the other. It does not matter whether they are enabled."""
    from cmdarr.app.runs import run_commands
    from cmdarr.cli.logs import log_to_stderr

    log_to_stderr(level="debug" if state.debug else "warning", redact=state.redact)
    with _cancel_on_signals() as cancel, terminal_progress() as progress:
        executions = run_commands(
            state.app,
            names,
            dry_run=dry_run,
            accept_removals=accept_removals,
            progress=progress,
            cancel=cancel,
        )
    if as_json:
        print_json({"executions": [execution_as_json(execution) for execution in executions]})
    else:
        for execution in executions:
            print_report(execution)
    return exit_code_of(executions)


@contextmanager
def _cancel_on_signals() -> Iterator[CancelToken]:
    """Turn the first Ctrl-C or SIGTERM into a cancel; a second one ends the process at once.

    The handler only puts into a SimpleQueue: setting the token there could deadlock with the run it interrupts.
    """
    cancel = CancelToken()
    asked: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def ask_to_stop(number: int, frame: object) -> None:
        del frame
        asked.put(True)
        signal.signal(number, signal.SIG_DFL)

    def pass_on() -> None:
        if asked.get():
            cancel.cancel()

    before = {number: signal.signal(number, ask_to_stop) for number in (signal.SIGINT, signal.SIGTERM)}
    threading.Thread(target=pass_on, name="signals", daemon=True).start()
    try:
        yield cancel
    finally:
        asked.put(False)
        for number, handler in before.items():
            signal.signal(number, handler)


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
