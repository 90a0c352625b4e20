"""When a change may be applied: the arithmetic of quiet period, longest wait and equal reads."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.config.tree import SourceFile, Tree
from cmdarr.config.watch.settling import LONGEST_WAIT_S, QUIET_S, STABLE_S, Settling


def tree_of(text: str, modified_ns: int = 0) -> Tree:
    return Tree(
        Path("/config"), {"settings.yaml": SourceFile.of("settings.yaml", text.encode(), modified_ns)}
    )


def settle(settling: Settling, read: list[tuple[float, str]], *, until: float) -> list[float]:
    """Read whenever due, the text of the last entry of `read` that is not later; return when it settled."""
    now, settled = 0.0, []
    while settling.is_pending and (now := settling.next_read_at()) <= until:
        text = [text for moment, text in read if moment <= now][-1]
        if settling.offer(now, tree_of(text)):
            settled.append(now)
    return settled


def test_one_event_is_applied_after_the_quiet_period_and_two_equal_reads() -> None:
    settling = Settling()
    assert not settling.is_pending
    settling.note_event(10.0)
    assert settling.next_read_at() == pytest.approx(10.15)
    assert not settling.offer(10.15, tree_of("a"))
    assert settling.next_read_at() == pytest.approx(10.3)
    assert settling.offer(10.3, tree_of("a"))
    assert not settling.is_pending


def test_an_event_begins_the_quiet_period_anew() -> None:
    settling = Settling()
    settling.note_event(0.0)
    settling.offer(0.15, tree_of("a"))
    settling.note_event(0.2)
    assert settling.next_read_at() == pytest.approx(0.35)
    assert not settling.offer(0.35, tree_of("a"))
    assert settling.offer(0.5, tree_of("a"))


def test_w14_reads_that_differ_are_not_applied() -> None:
    settling = Settling()
    settling.note_event(0.0)
    settled = settle(settling, [(0.0, "a"), (0.2, "ab"), (0.4, "abc")], until=5)
    assert settled == [pytest.approx(0.6)]


def test_w14_equal_bytes_with_another_modification_time_are_not_applied() -> None:
    settling = Settling()
    settling.note_event(0.0)
    assert not settling.offer(0.15, tree_of("a", 1))
    assert not settling.offer(0.3, tree_of("a", 2))
    assert settling.next_read_at() == pytest.approx(0.45)
    assert settling.offer(0.45, tree_of("a", 2))


def test_w14_a_half_written_file_is_waited_for() -> None:
    settling = Settling()
    settling.note_event(0.0, is_open=True)
    assert settling.next_read_at() > LONGEST_WAIT_S - QUIET_S
    settling.note_event(1.0, is_open=True)
    assert settling.next_read_at() > LONGEST_WAIT_S
    settling.note_event(2.0, is_open=False)  # closed
    assert settling.next_read_at() == pytest.approx(2.15)


def test_w14_a_file_that_is_never_closed_is_waited_for_a_limited_time() -> None:
    settling, now = Settling(), 0.0
    while now < 40:
        settling.note_event(now, is_open=True)
        now += 1.0
        if settling.next_read_at() <= now:
            break
    assert 29 <= now <= 31


def test_w17_a_steady_stream_is_applied_once_per_longest_wait() -> None:
    settling, applied = Settling(), []
    for step in range(1, 2001):
        now = step / 100
        while settling.is_pending and settling.next_read_at() <= now:
            if settling.offer(settling.next_read_at(), tree_of("same")):
                applied.append(now)
        if step % 5 == 0:
            settling.note_event(now)  # every 50 ms for 20 s
    assert len(applied) == 6
    gaps = [later - earlier for earlier, later in pairwise(applied)]
    assert all(LONGEST_WAIT_S <= gap <= LONGEST_WAIT_S + 0.2 for gap in gaps)


def test_a_change_without_an_event_needs_one_more_read() -> None:
    settling = Settling()
    settling.note_found(5.0, tree_of("a"))
    assert settling.next_read_at() == pytest.approx(5.0 + STABLE_S)
    assert settling.offer(5.15, tree_of("a"))


def test_cancelling_ends_the_period() -> None:
    settling = Settling()
    settling.note_event(0.0)
    settling.cancel()
    assert not settling.is_pending


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.floats(min_value=0.01, max_value=2), min_size=1, max_size=12),
    st.lists(st.sampled_from("ab"), min_size=12, max_size=12),
)
def test_what_is_applied_stood_still_and_comes_in_time(gaps: list[float], texts: list[str]) -> None:
    """Whatever happens when: the applied text was on disk for the last 150 ms, and nothing waits for ever."""
    moments = [sum(gaps[: index + 1]) for index in range(len(gaps))]
    settling, applied = Settling(), []

    def advance(until: float, text: str) -> None:
        while settling.is_pending and settling.next_read_at() <= until:
            now = settling.next_read_at()
            if settling.offer(now, tree_of(text)):
                applied.append((now, text))

    text = ""
    for moment, new in zip(moments, texts, strict=False):
        advance(moment, text)
        text = new
        settling.note_event(moment)
    advance(moments[-1] + 10, text)
    assert applied[-1][1] == text
    assert applied[-1][0] <= moments[-1] + LONGEST_WAIT_S
    for now, used in applied:
        written = [value for moment, value in zip(moments, texts, strict=False) if moment <= now - STABLE_S]
        assert used in {"", *written[-1:]}
