"""The planner of calls: it leads from any list to any other, loses nothing in between, and wastes no call."""

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.clients.plex.steps import Steps, plan_steps, split_batches

ids = st.lists(st.sampled_from("abcdefgh"), max_size=14)
few = st.lists(st.sampled_from("abc"), max_size=4)


def carry_out(current: Sequence[str], steps: Steps) -> Iterator[list[str]]:
    """Yield the playlist after every call."""
    ids = [*current, *steps.added]
    rows = list(range(len(ids)))
    yield [ids[place] for place in rows]
    for place in steps.removed:
        rows.remove(place)
        yield [ids[place] for place in rows]
    for move in steps.moves:
        rows.remove(move.place)
        rows.insert(0 if move.after is None else rows.index(move.after) + 1, move.place)
        yield [ids[place] for place in rows]


@settings(max_examples=400, deadline=None)
@given(ids, ids)
def test_the_steps_lead_from_any_list_to_any_other(current: list[str], wanted: list[str]) -> None:
    states = list(carry_out(current, plan_steps(current, wanted)))
    assert states[-1] == wanted
    least, most = Counter(current) & Counter(wanted), Counter(current) | Counter(wanted)
    for state in states:
        assert not least - Counter(state), "something that stays was gone in between"
        assert not Counter(state) - most, "something was there too often in between"


@settings(max_examples=400, deadline=None)
@given(ids, ids)
def test_nothing_is_added_or_removed_that_need_not_be(current: list[str], wanted: list[str]) -> None:
    steps = plan_steps(current, wanted)
    assert Counter(steps.added) == Counter(wanted) - Counter(current)
    assert Counter(current[place] for place in steps.removed) == Counter(current) - Counter(wanted)


@settings(max_examples=150, deadline=None)
@given(few, few)
def test_no_plan_has_fewer_moves(current: list[str], wanted: list[str]) -> None:
    steps = plan_steps(current, wanted)
    assert len(steps.moves) == fewest_moves(current, wanted)


def fewest_moves(current: Sequence[str], wanted: Sequence[str]) -> int:
    """Search all ways: any order of what is appended, any choice among equal entries to remove."""
    missing = list((Counter(wanted) - Counter(current)).elements())
    begin = {
        kept
        for tail in set(permutations(missing))
        for kept in without(tuple(current), Counter(current) - Counter(wanted), tail)
    }
    seen, queue = set(begin), deque((state, 0) for state in begin)
    while queue:
        state, moves = queue.popleft()
        if state == tuple(wanted):
            return moves
        for source in range(len(state)):
            rest = state[:source] + state[source + 1 :]
            for target in range(len(state)):
                following = (*rest[:target], state[source], *rest[target:])
                if following not in seen:
                    seen.add(following)
                    queue.append((following, moves + 1))
    raise AssertionError("the wanted list cannot be reached")


def without(
    current: tuple[str, ...], surplus: Counter[str], tail: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    """Yield what is left after every choice of removals, with the tail behind it."""
    if not +surplus:
        yield current + tail
        return
    for place, server_id in enumerate(current):
        if surplus[server_id] > 0:
            yield from without(current[:place] + current[place + 1 :], surplus - Counter([server_id]), tail)


def test_a_new_beginning_moves_the_fewer_entries() -> None:
    assert len(plan_steps("ab", "uvwxyzab").moves) == 2
    assert len(plan_steps("abcdefgh", "yzabcdefgh").moves) == 2


def test_what_comes_last_is_only_appended() -> None:
    assert plan_steps("abc", "abcda") == Steps(("d", "a"), (), ())


@given(ids, st.integers(1, 5))
def test_batches_keep_the_order_and_name_nothing_twice(server_ids: list[str], size: int) -> None:
    batches = list(split_batches(server_ids, size))
    assert [each for batch in batches for each in batch] == server_ids
    assert all(0 < len(batch) <= size and len(set(batch)) == len(batch) for batch in batches)


def test_a_long_playlist_is_planned_at_once() -> None:
    names = [f"{number}" for number in range(10_000)]
    assert len(plan_steps(names, names[5_000:] + names[:5_000]).moves) == 5_000
    assert plan_steps(names, names[::2]).moves == ()
