"""The root of the command line: global options, the table of verbs, and the one place where errors end."""

import importlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

import click

from cmdarr.cli.ending import end_with
from cmdarr.cli.state import CliState
from cmdarr.cli.verb_group import VerbGroup

VERBS = MappingProxyType(
    {
        "serve": "cmdarr.cli.serve:serve",
        "run": "cmdarr.cli.run_now:run_now",
        "list": "cmdarr.cli.commands:list_commands",
        "history": "cmdarr.cli.history:history",
        "config": "cmdarr.cli.config:config",
        "cache": "cmdarr.cli.cache:cache",
        "reset": "cmdarr.cli.reset:reset",
        "backup": "cmdarr.cli.backup:backup",
        "restore": "cmdarr.cli.restore:restore",
        "import": "cmdarr.cli.import_:import_",
        "match": "cmdarr.cli.match:match",
        "playlists": "cmdarr.cli.playlists:playlists",
        "import-list": "cmdarr.cli.import_list:import_list",
        "artists": "cmdarr.cli.artists:artists",
        "demo": "cmdarr.cli.demo:demo",
        "health": "cmdarr.cli.health:health",
        "notify-test": "cmdarr.cli.notify_test:notify_test",
        "hash-password": "cmdarr.cli.hash_password:hash_password",
        "version": "cmdarr.cli.version:version",
    }
)
_CLOSED_PIPE = 1


class RootGroup(VerbGroup):
    """Imports a verb's module only when that verb is called or its help is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of the table."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one verb."""
        del ctx
        if cmd_name not in VERBS:
            return None
        module, _, attribute = VERBS[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)  # noqa: S101 - the table above is ours
        return command


@click.group(
    cls=RootGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option(
    "--config-dir",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="CMDARR_CONFIG_DIR",
    default=Path("config"),
    help="The folder with settings.yaml and commands/ [default: ./config; variable: CMDARR_CONFIG_DIR].",
)
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="CMDARR_DATA_DIR",
    default=Path("data"),
    help="The folder with config.db and cache.db [default: ./data; variable: CMDARR_DATA_DIR].",
)
@click.option("--debug", is_flag=True, help="Show debug messages and tracebacks.")
@click.pass_context
def cmdarr(ctx: click.Context, config_dir: Path, data_dir: Path, debug: bool) -> None:
    """Music automation whose whole configuration is a folder of YAML in git."""
    state = ctx.ensure_object(CliState)
    state.config_dir, state.data_dir, state.debug = config_dir, data_dir, debug
    ctx.call_on_close(state.close)


def run_verb(arguments: Sequence[str]) -> int:
    """Run one verb; return 0, or the exit code of the error that it met."""
    _prepare_streams()
    state = CliState()
    try:
        result = cmdarr.main(args=list(arguments), prog_name="cmdarr", standalone_mode=False, obj=state)
        sys.stdout.flush()  # here, where a full disk or a closed pipe can still be told
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message(), file=sys.stderr)
        return error.exit_code
    except (BrokenPipeError, SystemExit):  # click itself turns the first into the second
        _silence_stdout()
        return _CLOSED_PIPE
    except (KeyboardInterrupt, Exception) as error:  # noqa: BLE001 - the last place where an error can become a sentence
        code = end_with(error, state, as_json="--json" in arguments)
        if isinstance(error, OSError) and error.filename is None:
            _silence_stdout()
        return code
    return result if isinstance(result, int) else 0


def _prepare_streams() -> None:
    """Make stdout and stderr take whatever is printed.

    Where the caller closed one, /dev/null takes its place: else the next file opened would get its number. A letter
    that the terminal's encoding lacks is written as `?`.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - open to the end
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _silence_stdout() -> None:
    """Point stdout at nothing, so that the interpreter's last flush does not complain of what cannot be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
