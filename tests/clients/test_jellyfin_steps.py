"""How a playlist gets from one order to another: right at the end on every server, sane on the way."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from fakes_http import Seen
from fakes_jellyfin import ALICE, Child, FakeJellyfin, StoredPlaylist, make_id, make_tracks, track_id
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.clients.jellyfin.accounts import Account
from cmdarr.clients.jellyfin.change import MOST_MOVES, ChangeRun
from cmdarr.clients.jellyfin.steps import carry_out, next_row, plan_moves
from cmdarr.library.plan import plan_change
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import PlaylistEntry, PlaylistId
from cmdarr.models.track import ServerId
from cmdarr.transport.request import Reply

P0 = make_id("p0")
HABITS: dict[str, dict[str, Any]] = {
    "10.9": {"entry_ids": "changing", "moves": "plain"},
    "10.10": {"moves": "first"},
    "10.11": {},
    "12": {"keeps_duplicates": True, "entry_ids": "own"},
    "12 shared ids": {"keeps_duplicates": True},
    "12 changing ids": {"keeps_duplicates": True, "entry_ids": "changing", "moves": "first"},
}
NUMBERS = st.lists(st.integers(1, 7), max_size=14)
MANY = st.permutations(range(1, 41))


class DirectApi:
    """Writes to the fake without HTTP in between, and looks at the playlist after each write."""

    service = "den"

    def __init__(self, fake: FakeJellyfin, most: Counter[str]) -> None:
        self.fake, self.most = fake, most
        self.smallest = 1_000

    def write(
        self, method: str, path: str, cancel: CancelToken, params: Sequence[tuple[str, str]] = (), **_: Any
    ) -> Reply:
        seen = Seen(
            method=method,
            path=path,
            params=list(params),
            headers={"authorization": f'MediaBrowser Token="{"a" * 31}1"'},
            body=b"",
            connection=0,
        )
        answer = self.fake._answer(seen)
        held = Counter(self.fake.playlists[P0].items)
        assert not held - self.most, "a track is there more often than before and after"
        self.smallest = min(self.smallest, held.total())
        return Reply(status=answer.status, body=answer.body)


def look(fake: FakeJellyfin) -> list[PlaylistEntry]:
    playlist = fake.playlists[P0]
    if fake.entry_ids == "changing":
        fake._rename_entries(playlist)
    return [PlaylistEntry(server_id=ServerId(c.item), entry_id=c.entry) for c in playlist.children]


def run_change(habit: str, current: Sequence[int], wanted: Sequence[int]) -> tuple[FakeJellyfin, DirectApi]:
    fake = FakeJellyfin(**HABITS[habit], tracks=make_tracks(60))
    items = [track_id(number) for number in current]
    children = [
        Child(item, item if fake.entry_ids == "item" else make_id(f"e{n}")) for n, item in enumerate(items)
    ]
    fake.playlists[P0] = StoredPlaylist(P0, "Mix", children=children)
    entries = [PlaylistEntry(server_id=ServerId(track_id(number))) for number in wanted]
    change = plan_change(look(fake), entries)
    api = DirectApi(fake, Counter(items) | Counter(map(track_id, wanted)))
    account = Account(api, ALICE, "alice")  # type: ignore[arg-type]
    writes = ChangeRun(account, PlaylistId(P0), change, lambda: look(fake), CancelToken()).run()
    assert writes == len(fake.writes)
    return fake, api


def numbers(fake: FakeJellyfin) -> list[int]:
    by_id = {track_id(number): number for number in range(1, 61)}
    return [by_id[item] for item in fake.playlists[P0].items]


@pytest.mark.parametrize("habit", HABITS)
@settings(max_examples=60, deadline=None)
@given(current=NUMBERS, wanted=NUMBERS)
def test_every_change_arrives_at_what_is_wanted(habit: str, current: list[int], wanted: list[int]) -> None:
    if not HABITS[habit].get("keeps_duplicates"):
        wanted = list(dict.fromkeys(wanted))
    fake, _ = run_change(habit, current, wanted)
    assert numbers(fake) == wanted
    before = list(fake.writes)
    if current == wanted:
        assert before == []


@pytest.mark.parametrize("habit", HABITS)
@settings(max_examples=20, deadline=None)
@given(wanted=MANY)
def test_a_long_playlist_is_never_halved_on_the_way(habit: str, wanted: list[int]) -> None:
    fake, api = run_change(habit, range(1, 41), wanted)
    assert numbers(fake) == wanted
    assert api.smallest >= 20
    assert len(fake.writes) <= MOST_MOVES + 6


@settings(max_examples=200, deadline=None)
@given(st.permutations(range(8)))
def test_moves_go_to_the_front_or_to_the_very_end(order: list[int]) -> None:
    current = [PlaylistEntry(server_id=ServerId(str(n)), entry_id=f"e{n}") for n in range(8)]
    wanted = [PlaylistEntry(server_id=ServerId(str(n))) for n in order]
    moves = plan_moves(current, wanted, most=100)
    assert moves is not None
    state: list[PlaylistEntry] = current
    for move in moves:
        assert move.place < move.origin or move.place == len(state) - 1
        state = carry_out(state, move)
    assert [int(entry.server_id) for entry in state] == order


def test_moves_beyond_the_limit_are_not_planned() -> None:
    current = [PlaylistEntry(server_id=ServerId(str(n)), entry_id=f"e{n}") for n in range(8)]
    assert plan_moves(current, current[::-1], most=3) is None
    assert plan_moves(current, current, most=3) == []


def test_what_is_right_in_front_is_not_taken_out() -> None:
    current = [PlaylistEntry(server_id=ServerId(letter), entry_id=letter) for letter in "abdc"]
    row = next_row(current, [ServerId(letter) for letter in "abcd"], most=2)
    assert row is not None
    assert ([e.entry_id for e in row.removed], row.added) == (["d"], ("d",))
    assert next_row(current, [entry.server_id for entry in current], most=2) is None
