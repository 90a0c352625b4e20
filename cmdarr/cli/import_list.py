"""`cmdarr import-list`: an import list as Lidarr gets it, and where each entry came from."""

import click

from cmdarr.cli.output import local_time, print_json, print_table
from cmdarr.cli.state import CliState, json_option, pass_state
from cmdarr.models.import_list import ImportListEntry


@click.command("import-list")
@click.argument("name")
@json_option
@pass_state
def import_list(state: CliState, name: str) -> None:
    """Show what is on an import list now.

    With --json it is exactly what Lidarr gets.
    """
    from cmdarr.app.import_lists import show_list
    from cmdarr.errors import NothingFound
    from cmdarr.library.discovery.import_list import as_lidarr

    app = state.app
    try:
        snapshot = app.effective_configuration()
    except NothingFound:  # without a configuration there are still the lists of before
        snapshot = None
    entries = show_list(app.store_if_present(), snapshot, name, app.clock.now())
    if state.as_json:
        print_json(as_lidarr(entries))
    elif entries:
        print_table(
            ("artist", "score", "similar to", "by", "since", "MBID"), [_row(entry) for entry in entries]
        )
    else:
        print(f"{name} is empty now.")


def _row(entry: ImportListEntry) -> tuple[str, ...]:
    seeds = entry.details.get("similar_to", entry.details.get("similarArtistTo"))
    why = ", ".join(map(str, seeds)) if isinstance(seeds, list) else str(seeds or "-")
    name = f"{entry.artist} – {entry.name} (album)" if entry.kind == "album" else entry.name
    score = "-" if entry.score is None else f"{entry.score:.2f}"
    return name, score, why, entry.source or "-", local_time(entry.added_at), entry.mbid
