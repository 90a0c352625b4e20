"""`cmdarr config …`: check, compare, explain, describe and begin a configuration."""

import sys
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import click

from cmdarr.cli.output import print_json
from cmdarr.cli.state import CliState, json_option, pass_state
from cmdarr.cli.verb_group import VerbGroup
from cmdarr.errors import ConfigError, NothingFound

if TYPE_CHECKING:
    from cmdarr.config.snapshot import Snapshot


class _ConfigGroup(VerbGroup):
    later = MappingProxyType({"migrate": "no key was renamed so far, so there is nothing to migrate"})


@click.group(cls=_ConfigGroup)
def config() -> None:
    """Check, compare, explain and begin a configuration."""


@config.command()
@click.option("--strict", is_flag=True, help="Warnings fail as well.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="For people, for programs, or as annotations of a commit on GitHub.",
)
@click.option("--online", is_flag=True, help="Also ask every configured service.")
@pass_state
def check(state: CliState, strict: bool, form: str, online: bool) -> int:
    """Validate everything and print all findings at once.

    The exit code is 0 when all is valid, 1 when not, 2 when there is nothing to read.
    """
    from cmdarr.config.report import format_findings

    try:
        snapshot = state.app.read_configuration()
    except NothingFound:
        if form == "json":
            print(format_findings((), form))  # a program gets its list, whatever happens
        raise
    text = format_findings(snapshot.findings, form)
    if text:
        print(text)
    services_ok = not online or _check_services(state, snapshot)
    failed = bool(snapshot.errors) or (strict and bool(snapshot.findings)) or not services_ok
    return 1 if failed else 0


def _check_services(state: CliState, snapshot: "Snapshot") -> bool:
    """Ask every configured service; print a line each on stderr, which leaves stdout to the findings."""
    from cmdarr.app.online import check_services

    answers = check_services(state.app, snapshot)
    for answer in answers:
        print(f"{answer.name}: {answer.sentence}", file=sys.stderr)
    return all(answer.is_ok is not False for answer in answers)


@config.command()
@json_option
@pass_state
def diff(state: CliState) -> int:
    """Show what a reload would change, and change nothing.

    The exit code is 0 for no change, 3 for changes, 1 when the configuration is invalid.
    """
    from cmdarr.config.diff import diff_as_json, diff_as_text, diff_configuration

    app = state.app
    snapshot = app.read_configuration()
    if snapshot.errors:
        raise ConfigError("the configuration is invalid: correct it first.", snapshot.errors)
    store = app.store_if_present()
    applied = store.good.load_good() if store else {}
    difference = diff_configuration(applied, snapshot, now=app.clock.now())
    if state.as_json:
        print_json(diff_as_json(difference))
    else:
        print(diff_as_text(difference))
    return 0 if difference.is_empty else 3


@config.command()
@click.argument("key")
@pass_state
def explain(state: CliState, key: str) -> None:
    """Explain one key: value, source, type and meaning.

    KEY is dotted: `web.port`, `services.NAME.url`, `commands.NAME.schedule`.
    """
    from cmdarr.config.explain import explain as explain_key
    from cmdarr.config.tree import read_tree

    app = state.app
    print(
        explain_key(
            key, snapshot=app.read_configuration(), tree=read_tree(state.config_dir), catalog=app.catalog
        )
    )


@config.command()
@click.option("--write", is_flag=True, help="Write config/schema/*.json instead of printing.")
@pass_state
def schema(state: CliState, write: bool) -> None:
    """Print the JSON Schemas, or write them for editors."""
    from cmdarr.config.schema import schemas, write_schemas

    documents = schemas(state.app.catalog)
    if not write:
        print_json(documents)
        return
    written = write_schemas(documents, state.config_dir)
    for path in written:
        print(f"wrote {_shown(path)}")
    if not written:
        print("the schemas are up to date: nothing was written.")


@config.command()
@pass_state
def init(state: CliState) -> None:
    """Write a commented starter configuration. Files that exist are left alone."""
    from cmdarr.config.starter import write_starter

    written = write_starter(state.config_dir, state.app.catalog)
    for path in written:
        print(f"wrote {_shown(path)}")
    if not written:
        print(f"{state.config_dir} is complete: nothing was written.")


def _shown(path: Path) -> str:
    """Return a path relative to the working folder where it is inside."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
