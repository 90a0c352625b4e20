"""`cmdarr import PATH`: a legacy install, whole and safely."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cmdarr.cli.output import print_json
from cmdarr.cli.state import CliState, json_option, pass_state

if TYPE_CHECKING:
    from cmdarr.app.importing import ImportResult


@click.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Print what would be done, and write nothing.")
@click.option(
    "--force", is_flag=True, help="Replace files of the configuration that exist; they are backed up."
)
@click.option(
    "--env-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The .env or compose file of the legacy install: what only it held becomes ${env:NAME}.",
)
@json_option
@pass_state
def import_(state: CliState, path: Path, dry_run: bool, force: bool, env_file: Path | None) -> None:
    """Import a legacy install: its data folder or database file.

    It is only read. Settings and commands become files, history and decisions go into config.db. Everything is
    checked and prepared first and put in place at the end, whole or not at all.
    """
    from cmdarr.app.importing import import_legacy
    from cmdarr.cli.progress import terminal_progress

    with terminal_progress() as progress:
        result = import_legacy(
            state.app, path, dry_run=dry_run, force=force, env_file=env_file, progress=progress
        )
    if state.as_json:
        print_json(_as_json(result, dry_run=dry_run))
        return
    _print(result, state, dry_run=dry_run)


def _print(result: "ImportResult", state: CliState, *, dry_run: bool) -> None:
    from cmdarr.legacy.report import TITLES, folded

    for fate, heading in TITLES.items():
        lines = [line for line in result.lines if line.fate is fate]
        if lines:
            print(f"{heading}:")
            print("".join(f"  {text}\n" for text in folded(lines)))
    print(f"files in {state.config_dir}:")
    for name, became in result.files.items():
        print(f"  {name}: {became}")
    print(
        f"config.db: {result.executions} of {result.executions_found} executions, {result.decisions} decisions, "
        f"{result.import_list_entries} entries of import lists, {result.bindings} bindings."
    )
    _print_end(result, dry_run=dry_run)


def _print_end(result: "ImportResult", *, dry_run: bool) -> None:
    if result.findings:
        from cmdarr.config.report import format_text

        print(format_text(result.findings), file=sys.stderr)
    if dry_run:
        print("this was a dry run: nothing was written.")
        if "replaced" in result.files.values():
            print("files would be replaced: that needs --force.")
    elif not result.is_change:
        print("everything was there already: nothing was written.")
    else:
        print(f"the report is kept in {result.report}.")
    if result.backup is not None:
        print(f"what was replaced is kept in {result.backup}.")


def _as_json(result: "ImportResult", *, dry_run: bool) -> dict[str, object]:
    from cmdarr.config.report import as_record

    return {
        "dry_run": dry_run,
        "changed": result.is_change and not dry_run,
        "sources": [str(path) for path in result.sources],
        "files": [{"file": name, "state": became} for name, became in result.files.items()],
        "executions": {"found": result.executions_found, "added": result.executions},
        "decisions": result.decisions,
        "import_list_entries": result.import_list_entries,
        "bindings": result.bindings,
        "lines": [
            {"fate": line.fate.value, "what": line.what, "where": line.where, "why": line.why}
            for line in result.lines
        ],
        "findings": [as_record(finding) for finding in result.findings],
        "report": str(result.report) if result.report else None,
        "backup": str(result.backup) if result.backup else None,
    }
