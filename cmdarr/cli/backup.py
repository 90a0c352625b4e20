"""`cmdarr backup FILE`: the config folder and config.db in one archive, consistent, while runs go on."""

from pathlib import Path

import click

from cmdarr.cli.output import size
from cmdarr.cli.state import CliState, pass_state


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--with-secrets", is_flag=True, help="Include secrets.yaml; keep such an archive safe.")
@pass_state
def backup(state: CliState, file: Path, with_secrets: bool) -> None:
    """Write the config folder and config.db into one archive. The cache is left out: it rebuilds itself."""
    from cmdarr.app.upkeep import backup as write

    if not file.parent.is_dir():
        raise click.UsageError(f"the folder {file.parent} does not exist: make it, or name another `FILE`.")
    manifest = write(state.app, file, with_secrets=with_secrets)
    print(f"wrote {file}: {len(manifest.members)} files, {size(file.stat().st_size)}.")
    if not with_secrets and (state.config_dir / "secrets.yaml").exists():
        print("secrets.yaml is not in it: add --with-secrets to include it.")
