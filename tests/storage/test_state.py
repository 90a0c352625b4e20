"""The small durable things: good documents, marks, bindings, revisions, held changes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fakes_storage import START, make_revision, open_config

from cmdarr.errors import NothingFound
from cmdarr.models.generation import GoodDocument
from cmdarr.models.playlist import Binding, HeldChange, PlaylistEntry, PlaylistId
from cmdarr.models.schedule import ScheduleMark
from cmdarr.models.track import ServerId
from cmdarr.storage.config_store import ConfigStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ConfigStore]:
    with open_config(tmp_path) as opened:
        yield opened


def good(file: str, document: str = "{}") -> GoodDocument:
    return GoodDocument(file=file, document=document, digest="d", good_since=START)


def test_good_documents_are_replaced_as_a_whole(store: ConfigStore) -> None:
    assert store.good.load_good() == {}
    assert store.good.generation() is None
    store.good.replace_good("g1", [good("settings.yaml"), good("commands/a.yaml")])
    store.good.replace_good("g2", [good("settings.yaml", '{"a":1}')])
    assert store.good.load_good() == {"settings.yaml": good("settings.yaml", '{"a":1}')}
    assert store.good.generation() == "g2"


def test_good_documents_stay_when_the_new_ones_cannot_be_stored(store: ConfigStore) -> None:
    store.good.replace_good("g1", [good("settings.yaml")])
    with pytest.raises(Exception, match="UNIQUE"):
        store.good.replace_good("g2", [good("twice.yaml"), good("twice.yaml")])
    assert set(store.good.load_good()) == {"settings.yaml"}
    assert store.good.generation() == "g1"


def test_only_the_last_hundred_generations_are_kept(store: ConfigStore) -> None:
    for number in range(105):
        store.good.replace_good(f"g{number}", [])
    with store._file.reading() as connection:
        assert connection.execute("SELECT count(*) FROM config_generation").fetchone() == (100,)


def test_marks_are_set_replaced_and_dropped(store: ConfigStore) -> None:
    store.marks.set_mark("a", "@daily Europe/Berlin", START)
    store.marks.set_mark("b", "@hourly UTC", START)
    store.marks.set_mark("a", "@daily UTC", START + timedelta(days=1))
    assert store.marks.load_marks() == {
        "a": ScheduleMark(command="a", schedule="@daily UTC", last_due=START + timedelta(days=1)),
        "b": ScheduleMark(command="b", schedule="@hourly UTC", last_due=START),
    }
    store.marks.drop_marks(["a", "absent"])
    assert set(store.marks.load_marks()) == {"b"}


def test_bindings_are_unique_by_target(store: ConfigStore) -> None:
    binding = Binding(command="hits", server="plex", user="", playlist_id=PlaylistId("1"), title="Hits")
    store.bindings.save(binding)
    store.bindings.save(replace(binding, playlist_id=PlaylistId("2")))
    store.bindings.save(replace(binding, user="bob"))
    store.bindings.save(replace(binding, slot="evening"))
    store.bindings.save(replace(binding, command="other", server="files"))
    assert store.bindings.find("hits", "plex") == replace(binding, playlist_id=PlaylistId("2"))
    assert store.bindings.find("hits", "plex", "bob") == replace(binding, user="bob")
    assert store.bindings.find("hits", "jellyfin") is None
    assert len(store.bindings.list()) == 4
    assert [found.slot for found in store.bindings.list("hits", "plex")] == ["", "evening", ""]
    store.bindings.remove(binding)
    store.bindings.remove(binding)
    assert len(store.bindings.list("hits")) == 2


def test_revisions_come_back_newest_first(store: ConfigStore) -> None:
    first = store.revisions.add(make_revision())
    second = store.revisions.add(replace(make_revision("p2"), execution_id=7, reason="after"))
    found = store.revisions.list()
    assert [revision.id for revision in found] == [second, first]
    assert found[1] == replace(make_revision(), id=first)
    assert store.revisions.get(second).execution_id == 7
    assert store.revisions.list(command="absent") == []
    assert [
        revision.id for revision in store.revisions.list(server="plex", playlist_id=PlaylistId("p1"))
    ] == [first]
    with pytest.raises(NothingFound, match="there is no revision 99"):
        store.revisions.get(99)


def test_each_playlist_keeps_its_twenty_newest_revisions(store: ConfigStore) -> None:
    other = store.revisions.add(make_revision("other"))
    numbers = [store.revisions.add(make_revision()) for _ in range(25)]
    assert [revision.id for revision in store.revisions.list(limit=1000)] == [*reversed(numbers[5:]), other]


def test_held_changes_are_unique_by_target(store: ConfigStore) -> None:
    entry = PlaylistEntry(server_id=ServerId("s1"), artist="A", title="T")
    change = HeldChange(
        command="hits", server="plex", user="", title="Hits", reason="removes 60 %",
        wanted=(entry,), removed=(entry, entry), held_at=START, execution_id=4,
    )  # fmt: skip
    store.held.save(change)
    store.held.save(replace(change, reason="removes 70 %"))
    store.held.save(replace(change, command="other", held_at=START + timedelta(hours=1)))
    assert store.held.find("hits", "plex") == replace(change, reason="removes 70 %")
    assert [held.command for held in store.held.list()] == ["hits", "other"]
    store.held.remove("hits", "plex")
    store.held.remove("hits", "plex")
    assert store.held.find("hits", "plex") is None
    assert store.held.list("hits") == []
