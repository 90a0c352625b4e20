"""`cmdarr demo [FOLDER]`: a small library of tagged demo audio."""

from pathlib import Path

import click

from cmdarr.cli.state import CliState, pass_state


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@pass_state
def demo(state: CliState, folder: Path | None) -> None:
    """Make a small library of tagged demo audio. Without FOLDER: `demo-music` in the data folder."""
    from cmdarr.clients.files.demo import make_demo_library

    place = folder or state.data_dir / "demo-music"
    count = make_demo_library(place)
    print(f"{place} holds {count} demo tracks.")
