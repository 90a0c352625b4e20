"""`cmdarr artists …`: who was proposed, and decisions that last."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from cmdarr.cli.output import print_json, print_table
from cmdarr.cli.state import CliState, json_option, pass_state
from cmdarr.cli.verb_group import VerbGroup
from cmdarr.models.clock import iso_utc

if TYPE_CHECKING:
    from cmdarr.storage.config_store import ConfigStore


@click.group(cls=VerbGroup)
def artists() -> None:
    """Decide on proposed artists."""


@artists.command("list")
@click.option("--dismissed", "only_dismissed", is_flag=True, help="Only those that were dismissed.")
@json_option
@pass_state
def list_artists(state: CliState, only_dismissed: bool) -> None:
    """List the artists that were proposed or dismissed.

    The state says what became of each: listed, consumed (Lidarr has it), removed, dismissed.
    """
    store = state.app.store_if_present()
    rows = _rows(store, only_dismissed=only_dismissed) if store else []
    if state.as_json:
        print_json({"artists": rows})
    elif rows:
        print_table(
            ("artist", "state", "list", "by", "when", "MBID"),
            [
                (row.name or "-", row.state, row.list or "-", row.source or "-", row.at, row.mbid)
                for row in rows
            ],
        )
    else:
        print("no artist is dismissed." if only_dismissed else "no artist was proposed yet.")


@artists.command()
@click.argument("names", metavar="ARTIST…", nargs=-1, required=True)
@click.option("--reason", default="", help="Why, for yourself.")
@pass_state
def dismiss(state: CliState, names: tuple[str, ...], reason: str) -> None:
    """Never propose artists again.

    Each is named by its MBID, or by a name that only one proposed artist has.
    """
    from cmdarr.app.artists import dismiss as dismiss_artists

    app = state.app
    for artist in dismiss_artists(app.store, names, app.clock.now(), reason=reason):
        print(f"{artist} is dismissed: no command proposes it again, and it has left every import list.")


@artists.command()
@click.argument("names", metavar="ARTIST…", nargs=-1, required=True)
@pass_state
def restore(state: CliState, names: tuple[str, ...]) -> None:
    """Take dismissals back, by MBID or by name."""
    from cmdarr.app.artists import restore as restore_artists

    for artist in restore_artists(state.app.store, names):
        print(f"{artist} may be proposed again.")


@dataclass(frozen=True)
class _Row:
    """One artist as the list shows it; times are ISO 8601."""

    mbid: str
    name: str
    state: str
    list: str | None
    source: str
    score: float | None
    at: str


def _rows(store: "ConfigStore", *, only_dismissed: bool) -> list[_Row]:
    from cmdarr.app.artists import dismissed_artists, proposed_artists

    dismissed = {decision.subject: decision for decision in dismissed_artists(store)}
    rows = [
        _Row(
            entry.mbid,
            entry.name,
            "dismissed" if entry.mbid in dismissed else entry.state.value,
            entry.list,
            entry.source,
            entry.score,
            iso_utc(entry.state_at or entry.added_at),
        )
        for entry in proposed_artists(store)
        if entry.mbid in dismissed or not only_dismissed
    ]
    shown = {row.mbid for row in rows}
    rows += [
        _Row(mbid, each.name, "dismissed", None, each.source, None, iso_utc(each.decided_at))
        for mbid, each in dismissed.items()
        if mbid not in shown
    ]
    return rows
