"""The calls that a change of a playlist becomes: right at the end, and sane at every point in between."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.clients.subsonic.steps import Step, plan_steps, split_ids

IDS = st.lists(st.sampled_from("abcdef"), max_size=12)


def carry_out(current: list[str], step: Step) -> list[str]:
    left = [server_id for place, server_id in enumerate(current) if place not in step.removed]
    assert all(0 <= place < len(current) for place in step.removed)
    return [*left, *step.added]


@settings(max_examples=300, deadline=None)
@given(IDS, IDS, st.integers(1, 400))
def test_the_steps_lead_to_what_is_wanted(current: list[str], wanted: list[str], room: int) -> None:
    state = list(current)
    for step in plan_steps(current, wanted, room=room):
        before, state = state, carry_out(state, step)
        kept, most = Counter(current) & Counter(wanted), Counter(current) | Counter(wanted)
        assert not kept - Counter(state), "a track that stays is missing in between"
        assert not Counter(state) - most, "a track is there more often than before and after"
        assert state != before
    assert state == wanted


@settings(max_examples=100, deadline=None)
@given(IDS)
def test_nothing_to_do_is_no_step(ids: list[str]) -> None:
    assert plan_steps(ids, ids, room=100) == []


def test_what_stays_in_front_is_not_touched() -> None:
    assert plan_steps("abcd", "abde", room=1000) == [Step(("e",), (2,))]
    assert plan_steps("abcd", "bcda", room=1000) == [Step(("a",), (0,))]
    assert plan_steps("abcd", "abcde", room=1000) == [Step(("e",), ())]
    assert plan_steps("abcd", "", room=1000) == [Step((), (0, 1, 2, 3))]


def test_places_count_from_before_each_call() -> None:
    assert plan_steps("abc", "", room=1) == [Step((), (0,))] * 3


def test_runs_keep_within_the_room() -> None:
    runs = split_ids(["x" * 30] * 10, room=100)
    assert [len(run) for run in runs] == [2] * 5
    assert split_ids([], room=100) == [()]
    assert split_ids(["é" * 200], room=100) == [("é" * 200,)]
