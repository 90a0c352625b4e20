"""`cmdarr health`: whether the daemon over this data folder does its work. Reads no YAML, so that it costs little."""

import click

from cmdarr.cli.state import CliState, pass_state


@click.command()
@pass_state
def health(state: CliState) -> int:
    """Ask the running daemon whether it is well.

    Exit code 0 when it is, else 1 and the reasons. It finds the daemon by what that wrote into the data folder, so it
    needs neither port nor base path.
    """
    from cmdarr.app.address import ask_health

    reasons = ask_health(state.data_dir)
    print("ok" if not reasons else "\n".join(reasons))
    return int(bool(reasons))
