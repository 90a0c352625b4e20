"""Import lists for people: every entry that ever was on one, and what became of it."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cmdarr.app.import_lists import list_names, show_list
from cmdarr.config.snapshot import Snapshot
from cmdarr.errors import NothingFound
from cmdarr.models.decision import DecisionKind
from cmdarr.models.import_list import ImportListEntry, ListedState
from cmdarr.storage.config_store import ConfigStore


class Standing(StrEnum):
    """What became of an entry."""

    LISTED = "listed"
    """It is on the list now."""
    CONSUMED = "consumed"
    """Lidarr has it."""
    DISMISSED = "dismissed"
    """Somebody dismissed the artist."""
    REMOVED = "removed"
    """It left: too old, or excluded by Lidarr."""


@dataclass(frozen=True, slots=True)
class StandingEntry:
    """An entry and what became of it; `artist_mbid` is whom dismissing it means, empty where that is not known."""

    entry: ImportListEntry
    standing: Standing
    artist_mbid: str


def filling_commands(snapshot: Snapshot, name: str) -> list[str]:
    """Return the commands that fill a list, by name."""
    return sorted(
        entry.name
        for entry in snapshot.commands.values()
        if entry.options and any(one.name == name for one in entry.options.filled_import_lists(entry.name))
    )


def standing_entries(store: ConfigStore, snapshot: Snapshot, name: str, now: datetime) -> list[StandingEntry]:
    """Return the entries of a list, in every state, the newest first.

    Raises:
        NothingFound: there is no list of that name.
    """
    if name not in list_names(store, snapshot):
        raise NothingFound(f"there is no import list '{name}'.")
    listed = {(entry.kind, entry.mbid) for entry in show_list(store, snapshot, name, now)}
    dismissed = store.decisions.subjects(DecisionKind.ARTIST_DISMISSED, now)
    found = []
    for entry in reversed(store.import_lists.entries(name, state=None)):
        artist = entry.mbid if entry.kind == "artist" else str(entry.details.get("artist_mbid") or "")
        found.append(StandingEntry(entry, _standing(entry, artist, listed, dismissed), artist))
    return found


def count_standings(entries: list[StandingEntry]) -> Counter[Standing]:
    """Return how many entries stand where."""
    return Counter(one.standing for one in entries)


def _standing(
    entry: ImportListEntry, artist: str, listed: Collection[tuple[str, str]], dismissed: frozenset[str]
) -> Standing:
    if (entry.kind, entry.mbid) in listed:
        return Standing.LISTED
    if entry.state is ListedState.CONSUMED:
        return Standing.CONSUMED
    return Standing.DISMISSED if {entry.mbid, artist} & dismissed else Standing.REMOVED
