"""A change of a playlist as the API can carry it out: remove by place, append at the end. Pure.

What is wanted and already there in this order stays; everything behind the first difference is appended anew. A
track that moves is taken out by the same call that appends it, so that no state in between lacks it or has it twice.
"""

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import quote_plus


class Step(NamedTuple):
    """One call: ids to append, and places to remove, counted from 0 before the call."""

    added: tuple[str, ...]
    removed: tuple[int, ...]

    @property
    def params(self) -> list[tuple[str, str]]:
        """The parameters of `updatePlaylist`."""
        removed = [("songIndexToRemove", str(place)) for place in self.removed]
        return [*removed, *(("songIdToAdd", server_id) for server_id in self.added)]


class _Pair(NamedTuple):
    """What belongs into one call: an id to append, a place of before to remove, or both."""

    added: str | None
    removed: int | None


def plan_steps(current: Sequence[str], wanted: Sequence[str], *, room: int) -> list[Step]:
    """Return the calls that lead from one list of ids to the other, each within `room` bytes of parameters."""
    pairs = list(_pairs(current, wanted))
    left = list(range(len(current)))
    steps = []
    for group in _groups(pairs, room):
        gone = {pair.removed for pair in group if pair.removed is not None}
        places = tuple(bisect_left(left, place) for place in sorted(gone))
        left = [place for place in left if place not in gone]
        steps.append(Step(tuple(pair.added for pair in group if pair.added is not None), places))
    return steps


def split_ids(server_ids: Sequence[str], *, room: int) -> list[tuple[str, ...]]:
    """Return ids in runs of at most `room` bytes as parameters; at least one run, which may be empty."""
    steps = plan_steps((), server_ids, room=room)
    return [step.added for step in steps] or [()]


def _pairs(current: Sequence[str], wanted: Sequence[str]) -> Iterator[_Pair]:
    kept = 0
    loose: dict[str, deque[int]] = defaultdict(deque)
    for place, server_id in enumerate(current):
        if kept < len(wanted) and server_id == wanted[kept]:
            kept += 1
        else:
            loose[server_id].append(place)
    for server_id in wanted[kept:]:
        yield _Pair(server_id, loose[server_id].popleft() if loose.get(server_id) else None)
    for place in sorted(place for places in loose.values() for place in places):
        yield _Pair(None, place)


def _groups(pairs: Sequence[_Pair], room: int) -> Iterator[list[_Pair]]:
    group: list[_Pair] = []
    used = 0
    for pair in pairs:
        cost = _cost(pair)
        if group and used + cost > room:
            yield group
            group, used = [], 0
        group.append(pair)
        used += cost
    if group:
        yield group


def _cost(pair: _Pair) -> int:
    """Return the length of a pair as parameters of an address."""
    added = len("&songIdToAdd=") + len(quote_plus(pair.added)) if pair.added is not None else 0
    return added + (len("&songIndexToRemove=") + 6 if pair.removed is not None else 0)
