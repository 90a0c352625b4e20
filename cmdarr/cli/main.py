"""The root of the command line: global options, the table of verbs, and the one place where errors end."""

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from cmdarr.cli.state import CliState
from cmdarr.errors import CmdarrError, ConfigError, exit_code_for

VERBS = {
    "serve": "cmdarr.cli.serve:serve",
    "run": "cmdarr.cli.run_now:run_now",
    "list": "cmdarr.cli.commands:list_commands",
    "history": "cmdarr.cli.history:history",
    "config": "cmdarr.cli.config:config",
    "cache": "cmdarr.cli.cache:cache",
    "reset": "cmdarr.cli.reset:reset",
    "backup": "cmdarr.cli.backup:backup",
    "restore": "cmdarr.cli.restore:restore",
    "match": "cmdarr.cli.match:match",
    "playlists": "cmdarr.cli.playlists:playlists",
    "demo": "cmdarr.cli.demo:demo",
    "hash-password": "cmdarr.cli.hash_password:hash_password",
    "version": "cmdarr.cli.version:version",
}
INTERRUPTED = 130  # 128 + SIGINT, as shells report it


class VerbGroup(click.Group):
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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb; suggest the nearest one for a misspelt name."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in VERBS:
            import difflib

            near = difflib.get_close_matches(name, VERBS, n=1)
            hint = f"did you mean '{near[0]}'?" if near else "`cmdarr --help` lists the verbs."
            raise click.UsageError(f"there is no verb '{name}': {hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=VerbGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
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
    state = CliState()
    try:
        result = cmdarr.main(args=list(arguments), prog_name="cmdarr", standalone_mode=False, obj=state)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        print("stopped.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        _silence_stdout()
        return 1
    except Exception as error:  # noqa: BLE001 - the last place where an error can become a sentence
        return _report(error, state)
    return result if isinstance(result, int) else 0


def _report(error: Exception, state: CliState) -> int:
    """Print an error as its sentence (and its findings), with the traceback only for `--debug`; mask secrets."""
    if state.debug:
        import traceback

        print(state.redact("".join(traceback.format_exception(error))), file=sys.stderr)
    if isinstance(error, ConfigError) and error.findings:
        from cmdarr.config.report import format_text

        print(format_text(error.findings), file=sys.stderr)
    if isinstance(error, CmdarrError):
        print(state.redact(f"cmdarr: {error}"), file=sys.stderr)
    elif not state.debug:
        print(
            f"cmdarr: an unexpected {type(error).__name__} stopped this; "
            "run the same command with --debug in front and report what it prints.",
            file=sys.stderr,
        )
    return exit_code_for(error)


def _silence_stdout() -> None:
    """Point stdout at nothing, so that the interpreter's last flush does not complain of a closed pipe."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
