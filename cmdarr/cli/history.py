"""`cmdarr history`: what ran, and how it ended."""

import click

from cmdarr.cli.output import local_time, print_json, print_table, span
from cmdarr.cli.state import CliState, json_option, pass_state
from cmdarr.cli.verb_group import VerbGroup
from cmdarr.errors import NothingFound
from cmdarr.models.execution import Execution, Status


class _HistoryGroup(VerbGroup):
    """Takes a command's name where a sub-verb could stand: `history NAME`, `history show ID`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Set the name aside, so that click does not take it for a sub-verb."""
        for index, argument in enumerate(args):
            if argument in {"--limit", "--status"} or argument.startswith("-"):
                continue
            if index and args[index - 1] in {"--limit", "--status"}:
                continue
            if argument not in self.commands:
                ctx.meta["name"] = args[index]
                args = args[:index] + args[index + 1 :]
            break
        return super().parse_args(ctx, args)


@click.group(cls=_HistoryGroup, invoke_without_command=True, subcommand_metavar="[NAME | show ID]")
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(1, 100_000),
    default=50,
    show_default=True,
    help="How many at most.",
)
@click.option(
    "--status", type=click.Choice([status.value for status in Status]), help="Only those that ended so."
)
@json_option
@pass_state
@click.pass_context
def history(ctx: click.Context, state: CliState, limit: int, status: str | None) -> None:
    """List executions, newest first. `history show ID` tells everything about one."""
    if ctx.invoked_subcommand is not None:
        return
    from cmdarr.app.shapes import execution_shape

    store = state.app.store_if_present()
    name: str | None = ctx.meta.get("name")
    rows = (
        store.history.recent(command=name, status=Status(status) if status else None, limit=limit)
        if store
        else []
    )
    if name and not rows and name not in state.app.read_configuration().commands:
        raise NothingFound(
            f"there is no command '{name}' and no execution of it: `cmdarr list` shows the commands."
        )
    if state.as_json:
        print_json({"executions": [execution_shape(row) for row in rows]})
    elif rows:
        print_table(
            ("id", "command", "status", "started", "took", "summary"), [_row(execution) for execution in rows]
        )
    else:
        print("nothing ran yet.")


@history.command()
@click.argument("execution_id", metavar="ID", type=int)
@json_option
@pass_state
def show(state: CliState, execution_id: int) -> None:
    """Show everything that is known about one execution."""
    from cmdarr.app.shapes import execution_shape

    store = state.app.store_if_present()
    if store is None:
        raise NothingFound(f"there is no execution {execution_id}: nothing ran yet.")
    execution = store.history.get(execution_id)
    document = execution_shape(execution)
    if state.as_json:
        print_json(document)
        return
    for key, value in document.items():
        if isinstance(value, dict | list):
            print(f"{key}:")
            print_json(value)
        else:
            print(f"{key}: {'-' if value is None else value}")


def _row(execution: Execution) -> tuple[str, ...]:
    took = span(execution.duration_s) if execution.duration_s is not None else "-"
    status = f"{execution.status.value} (dry run)" if execution.dry_run else execution.status.value
    return (
        str(execution.id),
        execution.command,
        status,
        local_time(execution.started_at or execution.queued_at),
        took,
        execution.error or execution.summary,
    )
