"""Import lists as they are shown: by the web side, and on the command line."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from cmdarr.config.snapshot import Snapshot
from cmdarr.errors import NothingFound
from cmdarr.library.discovery.import_list import DEFAULT_KEEP, current_entries
from cmdarr.models.import_list import ImportListEntry
from cmdarr.storage.config_store import ConfigStore

LEGACY_LISTS = frozenset({"discovery_lastfm", "discovery_playlistsync"})
"""Import lists that Lidarr asks for since the days of the legacy Cmdarr: they answer also while they are empty."""


def filled_lists(snapshot: Snapshot | None) -> Mapping[str, timedelta]:
    """Return the lists that commands fill, and how long entries stay: where several fill one, the longest counts."""
    keeps: dict[str, timedelta] = {}
    for entry in snapshot.commands.values() if snapshot else ():
        for filled in entry.options.filled_import_lists(entry.name) if entry.options else ():
            keeps[filled.name] = max(filled.keep, keeps.get(filled.name, filled.keep))
    return keeps


def list_names(store: ConfigStore | None, snapshot: Snapshot | None) -> list[str]:
    """Return the names of all lists: those that commands fill, and those that ever had an entry."""
    return sorted({*filled_lists(snapshot), *(store.import_lists.names() if store else ())})


def show_list(
    store: ConfigStore | None, snapshot: Snapshot | None, name: str, now: datetime
) -> list[ImportListEntry]:
    """Return what is on a list now, artists and albums; it asks no service.

    Raises:
        NothingFound: there is no list of that name; the sentence lists those that there are.
        StorageError: config.db does not answer.
    """
    names = list_names(store, snapshot)
    if name not in names and name not in LEGACY_LISTS:
        there_are = f"there are {', '.join(names)}" if names else "no command fills one yet"
        raise NothingFound(f"there is no import list '{name}': {there_are}.")
    if store is None:
        return []
    keep = filled_lists(snapshot).get(name, DEFAULT_KEEP)
    return current_entries(store.import_lists, store.decisions, name, keep, now)
