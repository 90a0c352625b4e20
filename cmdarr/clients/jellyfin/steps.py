"""How a playlist is brought from one order to another by the calls that a server has. Pure.

A track moves in one of two ways. Few tracks: one call each, only towards the front or to the very end, as servers of
10.10 and later put what moves backwards one place too far. Many: rows of tracks are taken out and appended anew, never
more than half of the playlist at once.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from cmdarr.library.plan import plan_change
from cmdarr.models.playlist import PlaylistEntry
from cmdarr.models.track import ServerId

Entries = Sequence[PlaylistEntry]


class Move(NamedTuple):
    """Take the entry at one place and put it at another; places count from 0, as the playlist is at that moment."""

    origin: int
    place: int


class Row(NamedTuple):
    """Entries to take out, and ids to append behind what is left."""

    removed: tuple[PlaylistEntry, ...]
    added: tuple[ServerId, ...]


def ids_of(entries: Entries) -> list[ServerId]:
    """Return the tracks in order."""
    return [entry.server_id for entry in entries]


def without(entries: Entries, refused: Sequence[ServerId]) -> list[PlaylistEntry]:
    """Return the entries but for the last occurrences of what the server did not take."""
    left = Counter(refused)
    kept = []
    for entry in reversed(entries):
        if left[entry.server_id] > 0:
            left[entry.server_id] -= 1
        else:
            kept.append(entry)
    return kept[::-1]


def have_own_ids(entries: Entries) -> bool:
    """Whether every place has an id that no other one has."""
    entry_ids = [entry.entry_id for entry in entries]
    return all(entry_ids) and len(set(entry_ids)) == len(entry_ids)


def plan_moves(current: Entries, wanted: Entries, *, most: int) -> list[Move] | None:
    """Return the moves that order the same entries as wanted; None when that takes more than `most`.

    Places must have ids of their own.
    """
    change = plan_change(current, wanted)
    if change.added or change.removed or len(change.moved) > most:
        return None
    movers = {entry.entry_id for entry in change.moved}
    state = [entry.entry_id for entry in current]
    moves: list[Move] = []
    for place, entry in enumerate(change.wanted):
        while state[place] != entry.entry_id:
            is_up = entry.entry_id in movers
            origin = state.index(entry.entry_id, place) if is_up else place
            target = place if is_up else len(state) - 1
            state.insert(target, state.pop(origin))
            moves.append(Move(origin, target))
            if len(moves) > most:
                return None
    return moves


def carry_out(state: Entries, move: Move) -> list[PlaylistEntry]:
    """Return the entries after a move."""
    entries = list(state)
    entries.insert(move.place, entries.pop(move.origin))
    return entries


def next_row(current: Entries, wanted: Sequence[ServerId], *, most: int) -> Row | None:
    """Return the next row that brings the playlist nearer to what is wanted; None when it is that already.

    What stands in front in the right order stays, unless it shares its id with an entry that has to go: a server that
    is told to remove one of them removes both.
    """
    if ids_of(current) == list(wanted):
        return None
    kept, loose = _split(current, wanted)
    row = wanted[len(kept) : len(kept) + most]
    left = Counter(row)
    removed = []
    for entry in loose:
        if left[entry.server_id] > 0:
            left[entry.server_id] -= 1
            removed.append(entry)
    if not row:  # only surplus is left
        removed = loose
    return Row(tuple(removed), tuple(row))


def _split(current: Entries, wanted: Sequence[ServerId]) -> tuple[list[PlaylistEntry], list[PlaylistEntry]]:
    """Return what stays in front, and the rest; no id is in both."""
    most = len(wanted)
    while True:
        kept: list[PlaylistEntry] = []
        loose: list[PlaylistEntry] = []
        for entry in current:
            stays = len(kept) < most and entry.server_id == wanted[len(kept)]
            (kept if stays else loose).append(entry)
        shared = {entry.entry_id for entry in loose}
        clash = next((place for place, entry in enumerate(kept) if entry.entry_id in shared), None)
        if clash is None:
            return kept, loose
        most = clash
