"""What every verb gets: the folders, whether to debug, and the program, built when it is first asked for."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from cmdarr.app import App


@dataclass(kw_only=True)
class CliState:
    """The options of one call that every verb may need."""

    config_dir: Path = Path("config")
    data_dir: Path = Path("data")
    debug: bool = False
    as_json: bool = False
    _app: "App | None" = field(default=None, init=False)

    @property
    def app(self) -> "App":
        """The program over these folders; closed when the verb ends."""
        if self._app is None:
            from cmdarr.app import App

            self._app = App(config_dir=self.config_dir, data_dir=self.data_dir)
        return self._app

    def redact(self, text: str) -> str:
        """Mask every secret that the program has read so far."""
        return text if self._app is None else self._app.redact(text)

    def close(self) -> None:
        """Close whatever the verb opened."""
        if self._app is not None:
            self._app.close()


def _ask_json(ctx: click.Context, option: click.Parameter, is_asked: bool) -> None:
    """Note `--json` for the whole call: `history --json show 1` means the same as `history show 1 --json`."""
    del option
    ctx.ensure_object(CliState).as_json |= is_asked


pass_state = click.make_pass_decorator(CliState)
json_option = click.option(
    "--json",
    is_flag=True,
    expose_value=False,
    callback=_ask_json,
    help="Print one JSON document on stdout.",
)
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")
