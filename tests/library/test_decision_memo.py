"""Decisions remembered: the same answers as without, and only as long as nothing they rest on has changed."""

import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest
from fakes_library import FakeClock, FakeIndex, FakeServer, RecordedProgress, song, wish
from fakes_sync import SyncRoom
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.library.decision_memo import DecisionMemo, Ground
from cmdarr.library.resolve import resolve_tracks
from cmdarr.models.cancel import CancelToken
from cmdarr.models.match import Decision, Pin, PinTarget, Versions
from cmdarr.models.track import WantedTrack

GROUND = Ground("fake", (("Music", "token1"),), (), "strict")
PIN = Pin(artist="Artist", title="Song 1", target=PinTarget(artist="Artist", title="Song 3"))


def decision(number: int) -> Decision:
    return Decision(wanted=wish(number), match=song(number), stage="exact", score=1.0, reason="")


class Room:
    """A server of thirty songs, its index, which counts its look-ups, and a memo."""

    def __init__(self) -> None:
        self.server = FakeServer(sections={"Music": [song(number) for number in range(1, 31)]})
        self.index = FakeIndex()
        self.memo = DecisionMemo()
        self.clock = FakeClock()
        self.finds = 0
        self.index.before_find = self._count

    def _count(self) -> None:
        self.finds += 1

    def resolve(
        self, *numbers: int, pins: tuple[Pin, ...] = (), versions: Versions = "strict"
    ) -> list[str | None]:
        found = resolve_tracks(
            [wish(number) for number in numbers],
            self.server,
            self.index,
            pins,
            ttl=timedelta(days=30),
            clock=self.clock,
            cancel=CancelToken(),
            progress=RecordedProgress(),
            versions=versions,
            memo=self.memo,
        )
        assert [one.wanted for one in found] == [wish(number) for number in numbers]
        return [one.match.server_id if one.match else None for one in found]

    def finds_of(self, *numbers: int, pins: tuple[Pin, ...] = (), versions: Versions = "strict") -> int:
        """Return how many look-ups resolving takes."""
        before = self.finds
        self.resolve(*numbers, pins=pins, versions=versions)
        return self.finds - before


@pytest.fixture
def room() -> Room:
    return Room()


def test_the_same_tracks_again_are_not_looked_up(room: Room) -> None:
    first = room.resolve(2, 99, 1, 2)
    before = room.finds
    assert room.resolve(2, 99, 1, 2) == first == ["id2", None, "id1", "id2"]
    assert room.finds == before


def test_only_new_tracks_are_looked_up_and_land_in_their_places(room: Room) -> None:
    room.resolve(1, 2)
    assert room.resolve(3, 1, 99, 2) == ["id3", "id1", None, "id2"]


def test_a_changed_library_is_looked_up_anew(room: Room) -> None:
    assert room.resolve(40) == [None]
    room.server.sections["Music"].append(song(40))
    room.clock.advance(timedelta(days=31))
    assert room.resolve(40) == ["id40"]
    room.server.sections["Music"].clear()
    room.clock.advance(timedelta(days=31))
    assert room.resolve(40) == [None]


def test_a_lost_index_is_built_and_looked_up_anew(room: Room) -> None:
    room.resolve(1)
    room.index.vanish()
    assert room.finds_of(1) == 1


def test_an_index_that_changes_under_the_memo_is_noticed(room: Room) -> None:
    room.resolve(1)
    room.server.sections["Music"].append(song(40))
    left = [room.index.vanish]
    room.index.after_find = lambda: left.pop()() if left else None
    assert room.resolve(1, 40) == ["id1", "id40"]


def test_a_new_pin_counts_at_once(room: Room) -> None:
    assert room.resolve(1) == ["id1"]
    assert room.resolve(1, pins=(PIN,)) == ["id3"]
    assert room.resolve(1) == ["id1"]


def test_each_choice_of_versions_has_its_own_decisions(room: Room) -> None:
    room.server.sections["Music"].append(song(50, title="Song 50 (Live)"))
    assert [room.resolve(50, versions=versions) for versions in ("strict", "prefer", "strict")] == [
        [None], ["id50"], [None],
    ]  # fmt: skip


def test_an_explanation_is_made_anew_with_all_its_candidates(room: Room) -> None:
    room.resolve(2)
    (explained,) = resolve_tracks(
        [wish(2)], room.server, room.index, (), ttl=timedelta(days=30), clock=room.clock,
        cancel=CancelToken(), progress=RecordedProgress(), explain=True, memo=room.memo,
    )  # fmt: skip
    assert len(explained.candidates) == 3
    assert len(room.memo) == 1


def test_servers_are_apart() -> None:
    memo = DecisionMemo()
    memo.remember(GROUND, [decision(1)])
    other = GROUND._replace(server="other", tokens=(("Music", "token9"),))
    memo.remember(other, [])
    assert memo.recall(other, [wish(1)]) == [None]
    assert memo.recall(GROUND, [wish(1)]) == [decision(1)]


def test_decisions_of_a_former_index_go() -> None:
    memo = DecisionMemo()
    memo.remember(GROUND, [decision(1), decision(2)])
    memo.remember(GROUND._replace(versions="any"), [decision(1)])
    memo.remember(GROUND._replace(tokens=(("Music", "token2"),)), [decision(3)])
    assert len(memo) == 1
    assert memo.recall(GROUND, [wish(1)]) == [None]


def test_another_album_or_length_is_another_wish() -> None:
    memo = DecisionMemo()
    memo.remember(GROUND, [decision(1)])
    others = [
        WantedTrack(artist="Artist", title="Song 1", album="X"),
        WantedTrack(artist="ARTIST", title="Song 1"),
    ]
    assert memo.recall(GROUND, others) == [None, None]


def test_the_oldest_decisions_go_first() -> None:
    memo = DecisionMemo(most=3)
    memo.remember(GROUND, [decision(1), decision(2)])
    memo.remember(GROUND._replace(versions="any"), [decision(1), decision(2)])
    assert memo.recall(GROUND, [wish(1), wish(2)]) == [None, decision(2)]
    memo.remember(GROUND._replace(versions="any"), [decision(number) for number in range(3, 9)])
    assert len(memo) == 3


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 2), st.lists(st.integers(0, 9), max_size=6)),
        max_size=12,
    ),
    st.integers(0, 6),
)
def test_the_bound_holds_and_what_is_recalled_was_remembered(
    steps: Sequence[tuple[str, int, list[int]]], most: int
) -> None:
    memo = DecisionMemo(most=most)
    said: set[tuple[Ground, int]] = set()
    for server, token, numbers in steps:
        ground = Ground(server, (("Music", f"token{token}"),), (), "strict")
        memo.remember(ground, [decision(number) for number in numbers])
        said.update((ground, number) for number in numbers)
        assert len(memo) <= most
        recalled = memo.recall(ground, [wish(number) for number in range(10)])
        assert all(one is None or (ground, number) in said for number, one in enumerate(recalled))
        assert sum(one is not None for one in recalled) <= len(memo)


def test_threads_share_it() -> None:
    memo = DecisionMemo(most=50)

    def work(seed: int) -> None:
        for step in range(300):
            ground = GROUND._replace(tokens=(("Music", f"token{(step + seed) % 3}"),))
            memo.remember(ground, [decision(step % 40), decision(seed)])
            memo.recall(ground, [wish(seed)])

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(memo) <= 50


def test_a_sync_that_remembers_does_the_same() -> None:
    room = SyncRoom()
    room.decisions = DecisionMemo()
    room.want(1, 2, 99, 3)
    first = room.run()

    def fail() -> None:
        pytest.fail("it was looked up again")

    room.index.before_find = fail
    assert room.run().targets[0].decisions == first.targets[0].decisions
