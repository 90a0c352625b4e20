"""`cmdarr playlists …`: what Cmdarr manages, the stored revisions, and putting one back."""

import click

from cmdarr.cli.output import confirm, local_time, print_json, print_table
from cmdarr.cli.state import CliState, json_option, pass_state, yes_option
from cmdarr.cli.stopping import cancel_on_signals
from cmdarr.cli.verb_group import VerbGroup


@click.group(cls=VerbGroup, invoke_without_command=True)
@json_option
@pass_state
@click.pass_context
def playlists(ctx: click.Context, state: CliState) -> None:
    """List the playlists that Cmdarr manages."""
    if ctx.invoked_subcommand is not None:
        return
    from cmdarr.app.music_shapes import binding_shape

    store = state.app.store_if_present()
    bindings = list(store.bindings.list()) if store else []
    if state.as_json:
        print_json({"playlists": [binding_shape(row) for row in bindings]})
    elif bindings:
        print_table(
            ("command", "server", "user", "title", "id"),
            [(row.command, row.server, row.user or "-", row.title, row.playlist_id) for row in bindings],
        )
    else:
        print("Cmdarr manages no playlist yet.")


@playlists.command()
@click.argument("command", metavar="[NAME]", required=False)
@click.option("--server", help="Only of this server.")
@json_option
@pass_state
def revisions(state: CliState, command: str | None, server: str | None) -> None:
    """List the stored revisions, newest first: all, or those of one command."""
    from cmdarr.app.music_shapes import revision_shape

    store = state.app.store_if_present()
    found = list(store.revisions.list(command=command, server=server)) if store else []
    if state.as_json:
        print_json({"revisions": [revision_shape(revision) for revision in found]})
    elif found:
        print_table(
            ("id", "command", "server", "title", "taken", "why", "tracks"),
            [
                (
                    str(row.id),
                    row.command,
                    row.server,
                    row.title,
                    local_time(row.taken_at),
                    row.reason,
                    str(len(row.entries)),
                )
                for row in found
            ],
        )
    else:
        print("there is no stored revision yet.")


@playlists.command()
@click.argument("revision_id", metavar="REVISION", type=int)
@click.argument("other", metavar="[OTHER]", type=int, required=False)
@json_option
@pass_state
def compare(state: CliState, revision_id: int, other: int | None) -> None:
    """Show what changed from a revision to another one, or to what the server holds now."""
    from cmdarr.app.playlists import compare_revisions, get_revision
    from cmdarr.library.sync_report import plan_lines

    revision = get_revision(state.app, revision_id)
    with cancel_on_signals() as cancel:
        change = compare_revisions(state.app, revision, other, cancel)
    if state.as_json:
        print_json({"added": change.added, "removed": change.removed, "moved": change.moved})
        return
    until = f"revision {other}" if other is not None else f"{revision.server} now"
    print(
        f"“{revision.title}” from revision {revision.id} to {until}: {len(change.added)} added, "
        f"{len(change.removed)} removed, {len(change.moved)} moved."
    )
    for line in plan_lines(change):
        print(f"  {line}")


@playlists.command()
@click.argument("revision_id", metavar="REVISION", type=int)
@yes_option
@pass_state
def restore(state: CliState, revision_id: int, yes: bool) -> None:
    """Put a stored revision back on its server. What is there now becomes a revision too."""
    from cmdarr.app.playlists import get_revision, put_back

    revision = get_revision(state.app, revision_id)
    confirm(
        f"Put “{revision.title}” on {revision.server} back to the {len(revision.entries)} tracks of "
        f"{local_time(revision.taken_at)}?",
        yes=yes,
    )
    with cancel_on_signals() as cancel:
        report = put_back(state.app, revision, cancel)
    change = report.change
    print(
        f"“{revision.title}” is back: {len(change.added)} added, {len(change.removed)} removed, "
        f"{len(change.moved)} moved."
    )
    for entry in report.missing:
        print(f"  {revision.server} no longer has {entry.artist} – {entry.title}.")
    if revision.command in state.app.read_configuration().commands:
        print(
            f"The next run of {revision.command} makes it equal to its source again, unless you disable it."
        )
