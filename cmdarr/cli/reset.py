"""`cmdarr reset --all`: both databases empty; YAML is never touched."""

import click

from cmdarr.cli.output import confirm
from cmdarr.cli.state import CliState, pass_state, yes_option


@click.command()
@click.option("--all", "everything", is_flag=True, help="Both databases: history and cache.")
@yes_option
@pass_state
def reset(state: CliState, everything: bool, yes: bool) -> None:
    """Empty both databases after a backup of config.db. Schedules and settings stay: they are YAML."""
    if not everything:
        raise click.UsageError(
            "say --all to empty both databases, or use `cmdarr cache reset` for the cache alone."
        )
    confirm(
        "Empty the history, the playlist bindings and revisions, decisions and import lists, and the cache? "
        "A backup is made first.",
        yes=yes,
    )
    from cmdarr.app.upkeep import reset as empty

    saved = empty(state.app)
    print("Both databases are empty; config/ was not touched.")
    print("Playlists stay on their servers; a command takes one over again with `adopt: true`.")
    if saved is not None:
        print(f"the former config.db is kept in {saved}.")
