"""`cmdarr list`: the commands, when each runs next and how it ended last."""

import click

from cmdarr.cli.output import local_time, print_json, print_table, time_ago
from cmdarr.cli.state import CliState, json_option, pass_state


@click.command("list")
@json_option
@pass_state
def list_commands(state: CliState) -> None:
    """List the commands: next run, state and last result."""
    from cmdarr.app.runs import overview
    from cmdarr.app.shapes import command_shape

    rows = overview(state.app)
    if state.as_json:
        print_json({"commands": [command_shape(row) for row in rows]})
        return
    if not rows:
        print(
            f"there is no command: add a file to {state.config_dir / 'commands'} or run `cmdarr config init`."
        )
        return
    print_table(
        ("name", "kind", "enabled", "schedule", "next run", "state", "last"),
        [
            (
                row.name,
                row.kind,
                "yes" if row.enabled else "no",
                row.schedule,
                local_time(row.next_run),
                row.state,
                f"{row.last.status} {time_ago(row.last.finished_at, state.app.clock.now())}"
                if row.last
                else "-",
            )
            for row in rows
        ],
    )
