"""Planning: the smallest change from what a playlist holds to what it shall hold. Pure; writes nothing."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from cmdarr.config.fields import Removals
from cmdarr.library.ports import Mode, PlaylistChange
from cmdarr.models.playlist import PlaylistEntry
from cmdarr.models.track import ServerId

DEFAULT_REMOVALS = Removals(25, is_percent=True)
GUARDED_FROM = 10
"""Without `max_removals` of its own, a playlist is guarded from this many tracks on."""


def plan_change(
    current: Sequence[PlaylistEntry], wanted: Sequence[PlaylistEntry], mode: Mode = "mirror"
) -> PlaylistChange:
    """Plan the change from `current` to `wanted`, order and duplicates exact, with the fewest moves possible.

    `mirror` ends with exactly `wanted`. `append` keeps `current` and adds at its end what is wanted more often than
    it is there. An entry that stays keeps its `entry_id` and takes the texts of the wanted one.
    """
    if mode == "append":
        return _plan_append(current, wanted)
    staying = _longest_common([entry.server_id for entry in current], [entry.server_id for entry in wanted])
    moved, removed = _pair_the_rest(current, wanted, staying)
    origins = staying | moved
    target = tuple(
        replace(entry, entry_id=current[origins[place]].entry_id if place in origins else "")
        for place, entry in enumerate(wanted)
    )
    return PlaylistChange(
        current=tuple(current),
        wanted=target,
        added=tuple(entry for place, entry in enumerate(target) if place not in origins),
        removed=tuple(current[place] for place in removed),
        moved=tuple(target[place] for place in sorted(moved)),
    )


def removals_held(change: PlaylistChange, max_removals: Removals | None) -> str:
    """Say why the change must wait for the user, or return an empty text when it may be applied.

    `None` stands for the default: 25 % once the playlist has 10 tracks.
    """
    removed, size = len(change.removed), len(change.current)
    if not removed or (max_removals is None and size < GUARDED_FROM):
        return ""
    limit = max_removals or DEFAULT_REMOVALS
    if limit.allows(removed, size):
        return ""
    return f"{removed} of {size} tracks would be removed, more than max_removals ({limit}) allows"


def _plan_append(current: Sequence[PlaylistEntry], wanted: Iterable[PlaylistEntry]) -> PlaylistChange:
    left = Counter(entry.server_id for entry in current)
    added = []
    for entry in wanted:
        if left[entry.server_id] > 0:
            left[entry.server_id] -= 1
        else:
            added.append(replace(entry, entry_id=""))
    return PlaylistChange(
        current=tuple(current),
        wanted=(*current, *added),
        added=tuple(added),
        removed=(),
        moved=(),
    )


def _pair_the_rest(
    current: Sequence[PlaylistEntry], wanted: Sequence[PlaylistEntry], staying: dict[int, int]
) -> tuple[dict[int, int], list[int]]:
    """Pair what does not stay: wanted place -> current place of what moves, and the places that are removed."""
    kept = set(staying.values())
    loose: dict[ServerId, list[int]] = defaultdict(list)
    for place in reversed(range(len(current))):
        if place not in kept:
            loose[current[place].server_id].append(place)
    moved = {
        place: loose[entry.server_id].pop()
        for place, entry in enumerate(wanted)
        if place not in staying and loose.get(entry.server_id)
    }
    return moved, sorted(place for places in loose.values() for place in places)


def _longest_common(current: Sequence[ServerId], wanted: Sequence[ServerId]) -> dict[int, int]:
    """Return the longest common subsequence as wanted place -> current place.

    Equal ends are taken off first; the middle is a longest increasing subsequence over the pairs of equal ids.
    """
    start = _common_start(current, wanted)
    end = _common_start(current[start:][::-1], wanted[start:][::-1])
    common = {place: place for place in range(start)}
    middle = _longest_increasing(current[start : len(current) - end], wanted[start : len(wanted) - end])
    common |= {start + place: start + origin for place, origin in middle}
    common |= {len(wanted) - back: len(current) - back for back in range(1, end + 1)}
    return common


def _common_start(one: Sequence[ServerId], other: Sequence[ServerId]) -> int:
    count = 0
    for first, second in zip(one, other, strict=False):
        if first != second:
            break
        count += 1
    return count


def _longest_increasing(current: Sequence[ServerId], wanted: Sequence[ServerId]) -> list[tuple[int, int]]:
    """Return the pairs (wanted place, current place) of a longest common subsequence, both increasing."""
    places: dict[ServerId, list[int]] = defaultdict(list)
    for place in reversed(range(len(current))):
        places[current[place]].append(place)
    ends: list[int] = []
    links: list[_Link] = []
    for place, server_id in enumerate(wanted):
        # Falling order: of equal ids at most one can join the same increasing row.
        for origin in places.get(server_id, ()):
            length = bisect_left(ends, origin)
            link = (place, origin, links[length - 1] if length else None)
            ends[length : length + 1] = [origin]
            links[length : length + 1] = [link]
    return _unlink(links[-1] if links else None)


_Link = tuple[int, int, "_Link | None"]


def _unlink(link: "_Link | None") -> list[tuple[int, int]]:
    pairs = []
    while link is not None:
        place, origin, link = link
        pairs.append((place, origin))
    return pairs[::-1]
