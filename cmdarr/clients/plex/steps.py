"""A change of a playlist as Plex can carry it out: append, remove one, move one. Pure.

Tracks are appended before anything is removed, so that a failure in between loses none. Nothing that stays in the
playlist is removed and added again, and as many entries as possible keep their place.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Move(NamedTuple):
    """One move: the entry at `place` goes behind the one at `after`, None for the front."""

    place: int
    after: int | None


class Steps(NamedTuple):
    """The calls, in this order. Places count the entries of before, and behind them those that are appended."""

    added: tuple[str, ...]
    removed: tuple[int, ...]
    moves: tuple[Move, ...]


def plan_steps(current: Sequence[str], wanted: Sequence[str]) -> Steps:
    """Return the fewest removals and moves that lead from one list of ids to the other."""
    staying = _find_staying(current, wanted)
    loose: dict[str, list[int]] = defaultdict(list)
    for place in sorted(set(range(len(current))) - set(staying.values()), reverse=True):
        loose[current[place]].append(place)
    added: list[str] = []
    places: list[int] = []
    for position, server_id in enumerate(wanted):
        if position in staying and staying[position] < len(current):
            places.append(staying[position])
        elif position not in staying and loose[server_id]:
            places.append(loose[server_id].pop())
        else:
            places.append(len(current) + len(added))
            added.append(server_id)
    removed = tuple(sorted(place for rest in loose.values() for place in rest))
    moves = tuple(
        Move(place, places[position - 1] if position else None)
        for position, place in enumerate(places)
        if position not in staying
    )
    return Steps(tuple(added), removed, moves)


def split_batches(server_ids: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    """Yield ids in runs of at most `size`, none twice in a run: a server may take it only once from one call."""
    batch: dict[str, None] = {}
    for server_id in server_ids:
        if len(batch) == size or server_id in batch:
            yield tuple(batch)
            batch = {}
        batch[server_id] = None
    if batch:
        yield tuple(batch)


_Link = tuple[int, int, "_Link | None"]


def _find_staying(current: Sequence[str], wanted: Sequence[str]) -> dict[int, int]:
    """Return wanted position -> place of the entries that need no move; appended ones have places from the end on.

    What stays is a common subsequence of `current` and a beginning of `wanted`, then appended entries in the rest:
    the beginning is chosen that makes both together longest.
    """
    tail = _count_appended(current, wanted)
    places: dict[str, list[int]] = defaultdict(list)
    for place in reversed(range(len(current))):
        places[current[place]].append(place)
    ends: list[int] = []
    links: list[_Link] = []
    best: tuple[int, int, _Link | None] = (tail[0], 0, None)
    for position, server_id in enumerate(wanted):
        for place in places.get(server_id, ()):
            length = bisect_left(ends, place)
            ends[length : length + 1] = [place]
            links[length : length + 1] = [(position, place, links[length - 1] if length else None)]
        if len(ends) + tail[position + 1] > best[0]:
            best = (len(ends) + tail[position + 1], position + 1, links[-1] if links else None)
    _, split, link = best
    staying = dict.fromkeys(_appended_positions(current, wanted, split), len(current))
    while link is not None:
        position, place, link = link
        staying[position] = place
    return staying


def _count_appended(current: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Return for each position of `wanted` how many entries from there on can be appended ones."""
    missing = Counter(wanted) - Counter(current)
    counts = [0]
    for server_id in reversed(wanted):
        can_be = missing[server_id] > 0
        missing[server_id] -= can_be
        counts.append(counts[-1] + can_be)
    return counts[::-1]


def _appended_positions(current: Sequence[str], wanted: Sequence[str], split: int) -> list[int]:
    missing = Counter(wanted) - Counter(current)
    positions = []
    for position in reversed(range(split, len(wanted))):
        if missing[wanted[position]] > 0:
            missing[wanted[position]] -= 1
            positions.append(position)
    return positions
