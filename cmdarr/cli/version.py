"""`cmdarr version`: what runs here, and over which folders."""

import platform

import click

from cmdarr import __version__
from cmdarr.cli.state import CliState, pass_state


@click.command()
@pass_state
def version(state: CliState) -> None:
    """Print the versions of Cmdarr, Python and SQLite, and paths."""
    from cmdarr.storage.engine_version import sqlite_version

    print(f"cmdarr {__version__}")
    print(f"python {platform.python_version()}")
    print(f"sqlite {sqlite_version()}")
    print(f"config {state.config_dir.resolve()}")
    print(f"data   {state.data_dir.resolve()}")
