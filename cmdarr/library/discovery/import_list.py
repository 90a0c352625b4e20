"""Import lists as live views: what is shown now, what leaves, and what Lidarr gets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cmdarr.library.artist_ports import CatalogArtist
from cmdarr.library.discovery.ports import Decisions, ImportLists
from cmdarr.models.decision import DecisionKind
from cmdarr.models.import_list import ImportListEntry, ListedState

DEFAULT_KEEP = timedelta(days=30)
"""How long entries stay on a list whose command is gone or does not say."""


def current_entries(
    import_lists: ImportLists, decisions: Decisions, name: str, keep: timedelta, now: datetime
) -> list[ImportListEntry]:
    """Return what is on a list now, the oldest first: neither too old nor dismissed, nor in the catalogue."""
    dismissed = decisions.subjects(DecisionKind.ARTIST_DISMISSED, now)
    return [
        entry
        for entry in import_lists.entries(name)
        if entry.added_at > now - keep
        and entry.mbid not in dismissed
        and entry.details.get("artist_mbid") not in dismissed
    ]


def as_lidarr(entries: Iterable[ImportListEntry]) -> list[dict[str, str]]:
    """Return a list as Lidarr's Custom List reads it: artists only, each once."""
    artists = {entry.mbid: entry.name for entry in entries if entry.kind == "artist"}
    return [{"MusicBrainzId": mbid, "ArtistName": name} for mbid, name in artists.items()]


@dataclass(frozen=True, slots=True)
class Departures:
    """How many entries left the lists: taken by the catalogue, or removed."""

    consumed: int = 0
    removed: int = 0


def settle_lists(
    import_lists: ImportLists,
    *,
    artists: Sequence[CatalogArtist],
    excluded: frozenset[str],
    own_list: str,
    keep: timedelta,
    now: datetime,
) -> Departures:
    """Take off every list what the catalogue has or excludes, and off one's own what is too old."""
    known = {artist.mbid for artist in artists}
    consumed = removed = 0
    for name in import_lists.names():
        for kind in ("artist", "album"):
            listed = [entry.mbid for entry in import_lists.entries(name, kind=kind)]
            taken = [mbid for mbid in listed if mbid in known and kind == "artist"]
            refused = [mbid for mbid in listed if mbid in excluded and mbid not in taken]
            consumed += import_lists.set_state(name, taken, ListedState.CONSUMED, now) if taken else 0
            if refused:
                removed += import_lists.set_state(name, refused, ListedState.REMOVED, now, kind=kind)
    removed += import_lists.age(own_list, now - keep, now)
    return Departures(consumed, removed)


def all_entries(import_lists: ImportLists) -> list[ImportListEntry]:
    """Return the entries of every list, in every state."""
    return [entry for name in import_lists.names() for entry in import_lists.entries(name, state=None)]
