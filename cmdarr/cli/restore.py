"""`cmdarr restore FILE`: put a backup back; what it replaces is kept in data/backups/."""

from pathlib import Path

import click

from cmdarr.cli.output import confirm
from cmdarr.cli.state import CliState, pass_state, yes_option


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@yes_option
@pass_state
def restore(state: CliState, file: Path, yes: bool) -> None:
    """Verify an archive and put it back, whole or not at all. Stop `cmdarr serve` first."""
    from cmdarr.app.upkeep import restore as put_back
    from cmdarr.storage.backup import read_manifest

    manifest = read_manifest(file)
    confirm(
        f"Replace {state.config_dir} and config.db with the backup of {manifest.created_at:%Y-%m-%d %H:%M} UTC?",
        yes=yes,
    )
    kept = put_back(state.app, file)
    print(f"restored {file}.")
    if kept is not None:
        print(f"what it replaced is kept in {kept}.")
