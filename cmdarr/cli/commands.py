"""`cmdarr list`: the commands, when each runs next and how it ended last."""

from typing import TYPE_CHECKING, Any

import click

from cmdarr.cli.output import local_time, print_json, print_table, time_ago
from cmdarr.cli.state import CliState, json_option, pass_state
from cmdarr.models.clock import iso_utc

if TYPE_CHECKING:
    from cmdarr.app.runs import CommandOverview


@click.command("list")
@json_option
@pass_state
def list_commands(state: CliState) -> None:
    """List the commands: next run, state and last result."""
    from cmdarr.app.runs import overview

    rows = overview(state.app)
    if state.as_json:
        print_json({"commands": [_as_json(row) for row in rows]})
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


def _as_json(row: "CommandOverview") -> dict[str, Any]:
    last = row.last
    return {
        "name": row.name,
        "kind": row.kind,
        "description": row.description,
        "enabled": row.enabled,
        "schedule": row.schedule,
        "next_run": iso_utc(row.next_run) if row.next_run else None,
        "state": row.state,
        "last": {
            "id": last.id,
            "status": last.status.value,
            "finished_at": iso_utc(last.finished_at) if last.finished_at else None,
        }
        if last
        else None,
    }
