"""What outlives a run: decisions, import lists, and the former names of commands."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fakes_storage import START, open_config, record_run

from cmdarr.models.decision import DecisionKind, UserDecision, item_of
from cmdarr.models.import_list import ImportListEntry, ListedState
from cmdarr.storage.config_store import ConfigStore

DAY = timedelta(days=1)
HIDDEN = UserDecision(
    kind=DecisionKind.EVENT_HIDDEN,
    subject="mbid-1",
    item=item_of("2026-07-01", "Venue", "City"),
    name="Björk",
    decided_at=START,
    source="web",
    reason="not my town",
    details={"sources": ["a"]},
)
ASKED = UserDecision(kind=DecisionKind.ARTIST_ASKED, subject="mbid-2", decided_at=START, until=START + DAY)
ENTRY = ImportListEntry(
    list="l", mbid="m1", name="Sigur Rós", added_at=START, source="hits", score=0.93, details={"by": "Björk"}
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ConfigStore]:
    with open_config(tmp_path) as opened:
        yield opened


def test_a_decision_survives_with_all_its_parts(store: ConfigStore) -> None:
    store.decisions.save([HIDDEN, ASKED])
    assert store.decisions.find(HIDDEN.kind, HIDDEN.subject, HIDDEN.item) == HIDDEN
    assert store.decisions.find(HIDDEN.kind, HIDDEN.subject) is None
    assert store.decisions.list() == [ASKED, HIDDEN]
    assert store.decisions.list(DecisionKind.EVENT_HIDDEN) == [HIDDEN]


def test_a_newer_decision_takes_the_place_of_the_older_one_unless_only_missing_ones_are_added(
    store: ConfigStore,
) -> None:
    newer = replace(ASKED, decided_at=START + DAY, until=START + 2 * DAY)
    store.decisions.save([ASKED])
    assert store.decisions.add_missing([newer, HIDDEN]) == 1
    assert store.decisions.list() == [ASKED, HIDDEN]
    store.decisions.save([newer])
    assert store.decisions.list(DecisionKind.ARTIST_ASKED) == [newer]


def test_subjects_leave_out_what_no_longer_holds(store: ConfigStore) -> None:
    store.decisions.save([ASKED, replace(ASKED, subject="for-ever", until=None)])
    kind = DecisionKind.ARTIST_ASKED
    assert store.decisions.subjects(kind) == {"mbid-2", "for-ever"}
    assert store.decisions.subjects(kind, START + 2 * DAY) == {"for-ever"}
    assert store.decisions.remove_expired(START + 2 * DAY) == 1
    assert store.decisions.subjects(kind) == {"for-ever"}


def test_a_decision_is_taken_back(store: ConfigStore) -> None:
    store.decisions.save([HIDDEN])
    assert store.decisions.remove(HIDDEN.kind, HIDDEN.subject, HIDDEN.item)
    assert not store.decisions.remove(HIDDEN.kind, HIDDEN.subject, HIDDEN.item)
    assert store.decisions.list() == []


def test_items_are_equal_only_where_all_parts_are() -> None:
    assert item_of("a", "b c") != item_of("a b", "c")
    assert item_of("a", "") != item_of("", "a")


def test_an_entry_survives_with_where_it_came_from_and_is_never_added_twice(store: ConfigStore) -> None:
    later = replace(ENTRY, added_at=START + DAY)
    assert store.import_lists.add([ENTRY, replace(ENTRY, kind="album"), later]) == 2
    assert store.import_lists.add([later]) == 0
    assert store.import_lists.entries("l", kind="artist") == [ENTRY]
    assert len(store.import_lists.entries("l")) == 2
    assert store.import_lists.entries("other") == []


def test_what_lidarr_has_leaves_the_list_and_does_not_come_back(store: ConfigStore) -> None:
    store.import_lists.add([ENTRY, replace(ENTRY, mbid="m2", name="Z")])
    assert store.import_lists.set_state("l", ["m1", "unknown"], ListedState.CONSUMED, START + DAY) == 1
    assert [entry.mbid for entry in store.import_lists.entries("l")] == ["m2"]
    assert store.import_lists.add([ENTRY]) == 0
    consumed = replace(ENTRY, state=ListedState.CONSUMED, state_at=START + DAY)
    assert store.import_lists.entries("l", state=None)[0] == consumed
    assert store.import_lists.names() == {"l": 1}


def test_old_entries_are_taken_off(store: ConfigStore) -> None:
    store.import_lists.add([ENTRY, replace(ENTRY, mbid="m2", added_at=START + DAY)])
    assert store.import_lists.age("l", START + DAY, START + 2 * DAY) == 1
    assert [entry.mbid for entry in store.import_lists.entries("l")] == ["m2"]
    assert [entry.mbid for entry in store.import_lists.entries("l", state=ListedState.REMOVED)] == ["m1"]


def test_what_was_taken_off_long_ago_is_listed_anew_and_what_was_consumed_is_not(store: ConfigStore) -> None:
    taken = replace(ENTRY, mbid="m2")
    store.import_lists.add([ENTRY, taken])
    store.import_lists.set_state("l", ["m1"], ListedState.REMOVED, START + DAY)
    store.import_lists.set_state("l", ["m2"], ListedState.CONSUMED, START + DAY)
    again = [replace(entry, added_at=START + 3 * DAY, source="other") for entry in (ENTRY, taken)]
    assert store.import_lists.add(again, again_before=START + DAY) == 0
    assert store.import_lists.add(again, again_before=START + 2 * DAY) == 1
    assert store.import_lists.entries("l") == again[:1]


def test_history_is_found_by_a_former_name(store: ConfigStore) -> None:
    number = record_run(store, "hits")
    record_run(store, "other")
    assert store.history.recent("playlist_sync_00001") == []
    store.former_names.save({"playlist_sync_00001": "hits"})
    assert [found.id for found in store.history.recent("playlist_sync_00001")] == [number]
    assert [
        found.id for found in store.history.recent("playlist_sync_00001", limit=1, before_id=number)
    ] == []
    assert [found.id for found in store.history.recent("hits")] == [number]
    assert store.former_names.load() == {"playlist_sync_00001": "hits"}


def test_emptying_forgets_them(store: ConfigStore) -> None:
    store.decisions.save([HIDDEN])
    store.import_lists.add([ENTRY])
    store.former_names.save({"a": "b"})
    store.empty()
    assert (store.decisions.list(), store.import_lists.names(), dict(store.former_names.load())) == (
        [],
        {},
        {},
    )
