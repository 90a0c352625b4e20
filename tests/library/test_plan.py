"""Plans: exact, and with the fewest moves."""

from collections import Counter
from itertools import permutations

import pytest
from fakes_library import entry
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.config.fields import Removals
from cmdarr.library.plan import plan_change, removals_held
from cmdarr.library.ports import PlaylistChange
from cmdarr.models.playlist import PlaylistEntry

ids = st.lists(st.sampled_from("abcdef"), max_size=12)


def held(names: str | list[str]) -> list[PlaylistEntry]:
    return [entry(name, f"e{place}") for place, name in enumerate(names)]


def names(entries: list[PlaylistEntry] | tuple[PlaylistEntry, ...]) -> str:
    return "".join(item.server_id for item in entries)


def apply(change: PlaylistChange) -> list[str]:
    """Do to the current entries what the change says: take out, then put every entry into its place."""
    staying = list(change.current)
    for item in change.removed:
        staying.remove(item)
    for item in change.moved:
        staying = [other for other in staying if other.entry_id != item.entry_id]
    placed = {id(item) for item in (*change.added, *change.moved)}
    rest = iter(staying)
    return [item.server_id if id(item) in placed else next(rest).server_id for item in change.wanted]


def longest_common(one: list[str], other: list[str]) -> int:
    """Return the length of a longest common subsequence, the slow and plain way."""
    row = [0] * (len(other) + 1)
    for first in one:
        before = row[:]
        for place, second in enumerate(other, 1):
            row[place] = before[place - 1] + 1 if first == second else max(before[place], row[place - 1])
    return row[-1]


@settings(deadline=None, max_examples=300)
@given(ids, ids)
def test_applying_a_plan_gives_the_wanted_list(current: list[str], wanted: list[str]) -> None:
    change = plan_change(held(current), [entry(name) for name in wanted])
    assert [item.server_id for item in change.wanted] == wanted == apply(change)


@settings(deadline=None, max_examples=200)
@given(ids, ids, st.sampled_from(["mirror", "append"]))
def test_a_second_plan_is_empty(current: list[str], wanted: list[str], mode: str) -> None:
    asked = [entry(name) for name in wanted]
    first = plan_change(held(current), asked, "append" if mode == "append" else "mirror")
    second = plan_change(first.wanted, asked, "append" if mode == "append" else "mirror")
    assert second.is_empty
    assert second.unchanged == len(second.wanted)


@settings(deadline=None, max_examples=300)
@given(ids, ids)
def test_the_counts_are_those_of_the_multisets(current: list[str], wanted: list[str]) -> None:
    change = plan_change(held(current), [entry(name) for name in wanted])
    assert Counter(names(change.added)) == Counter(wanted) - Counter(current)
    assert Counter(names(change.removed)) == Counter(current) - Counter(wanted)


@settings(deadline=None, max_examples=300)
@given(ids, ids)
def test_the_moves_are_the_fewest(current: list[str], wanted: list[str]) -> None:
    change = plan_change(held(current), [entry(name) for name in wanted])
    kept = sum((Counter(current) & Counter(wanted)).values())
    assert len(change.moved) == kept - longest_common(current, wanted)
    assert change.unchanged == longest_common(current, wanted)


def test_moves_against_every_permutation_of_five() -> None:
    for order in permutations("abcde"):
        change = plan_change(held("abcde"), [entry(name) for name in order])
        assert len(change.moved) == 5 - longest_common(list("abcde"), list(order))


def test_one_track_to_the_front_is_one_move() -> None:
    change = plan_change(held("abcdefgh"), [entry(name) for name in "habcdefg"])
    assert (names(change.moved), change.added, change.removed) == ("h", (), ())


def test_what_stays_keeps_its_entry_id_and_what_is_added_has_none() -> None:
    change = plan_change(held("abc"), [entry(name) for name in "cxa"])
    by_name = {item.server_id: item.entry_id for item in change.wanted}
    assert by_name == {"c": "e2", "x": "", "a": "e0"}
    assert [item.entry_id for item in change.removed] == ["e1"]


def test_append_keeps_what_is_there_and_adds_at_the_end() -> None:
    change = plan_change(held("abb"), [entry(name) for name in "bcaac"], "append")
    assert names(change.wanted) == "abbcac"
    assert (names(change.added), change.removed, change.moved) == ("cac", (), ())


def test_two_thousand_times_the_same_track() -> None:
    change = plan_change(held("a" * 2000), [entry("a")] * 1999 + [entry("b")])
    assert (len(change.removed), names(change.added), change.moved) == (1, "b", ())


@pytest.mark.parametrize(
    ("size", "removed", "limit", "is_held"),
    [
        (10, 2, None, False),
        (10, 3, None, True),
        (9, 9, None, False),
        (100, 25, None, False),
        (100, 26, None, True),
        (4, 1, Removals(0), True),
        (4, 4, Removals(100, is_percent=True), False),
        (4, 2, Removals(25, is_percent=True), True),
        (100, 5, Removals(5), False),
        (100, 6, Removals(5), True),
        (100, 0, Removals(0), False),
    ],
)
def test_removals_above_the_limit_are_held(
    size: int, removed: int, limit: Removals | None, *, is_held: bool
) -> None:
    current = [entry(f"t{place}") for place in range(size)]
    change = plan_change(current, [entry(f"t{place}") for place in range(removed, size)])
    assert bool(removals_held(change, limit)) is is_held


def test_the_reason_of_a_hold_names_the_limit() -> None:
    change = plan_change([entry(f"t{place}") for place in range(10)], [entry("t0")])
    reason = removals_held(change, None)
    assert reason == "9 of 10 tracks would be removed, more than max_removals (25%) allows"
