"""`cmdarr import-list`: an import list on the command line, with the real stores."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from fakes_cli import Installation
from fakes_http import Answer, serving
from fakes_lastfm import KEY as LASTFM_KEY
from fakes_lastfm import FakeLastfm
from fakes_lidarr import KEY as LIDARR_KEY
from fakes_lidarr import FakeLidarr, make_artist, mbid

from cmdarr.app import App
from cmdarr.app.daemon import Daemon
from cmdarr.models.clock import SystemClock
from cmdarr.models.decision import DecisionKind, UserDecision
from cmdarr.models.import_list import ImportListEntry, ListedKind, ListedState

DAY = timedelta(days=1)
NOW = SystemClock().now()


def entry(number: int, name: str = "finds", *, days: int = 0, kind: ListedKind = "artist") -> ImportListEntry:
    return ImportListEntry(
        list=name,
        mbid=mbid(number),
        name=f"Artist {number}",
        kind=kind,
        artist="Somebody" if kind == "album" else "",
        added_at=NOW - days * DAY,
        source="weekly",
        score=0.5,
        details={"similar_to": ["Björk", "Air"]},
    )


@pytest.fixture
def app(installed: Installation) -> Iterator[App]:
    app = App(config_dir=installed.config, data_dir=installed.data)
    yield app
    app.close()


def test_json_is_exactly_what_lidarr_gets(installed: Installation, app: App) -> None:
    app.store.import_lists.add([entry(1), entry(2), entry(3, kind="album"), entry(4, "other")])
    assert installed.json("import-list", "finds", "--json") == [
        {"MusicBrainzId": mbid(1), "ArtistName": "Artist 1"},
        {"MusicBrainzId": mbid(2), "ArtistName": "Artist 2"},
    ]


def test_the_table_tells_where_each_came_from(installed: Installation, app: App) -> None:
    album = replace(entry(4, kind="album"), details={"artist_mbid": mbid(5)})
    app.store.import_lists.add([entry(1), entry(3, kind="album"), album])
    app.store.decisions.save(
        [UserDecision(kind=DecisionKind.ARTIST_DISMISSED, subject=mbid(5), decided_at=NOW)]
    )
    out = installed.call("import-list", "finds").out.splitlines()
    assert out[0] == "artist\tscore\tsimilar to\tby\tsince\tMBID"
    assert out[1].split("\t")[:4] == ["Artist 1", "0.50", "Björk, Air", "weekly"]
    assert out[2].startswith("Somebody – Artist 3 (album)\t")
    assert len(out) == 3


def test_old_dismissed_consumed_and_removed_entries_are_not_shown(installed: Installation, app: App) -> None:
    app.store.import_lists.add([entry(1), entry(2, days=29), entry(3, days=31), entry(4), entry(5), entry(6)])
    app.store.import_lists.set_state("finds", [mbid(4)], ListedState.CONSUMED, NOW)
    app.store.import_lists.set_state("finds", [mbid(5)], ListedState.REMOVED, NOW)
    app.store.decisions.save(
        [UserDecision(kind=DecisionKind.ARTIST_DISMISSED, subject=mbid(6), decided_at=NOW)]
    )
    shown = installed.json("import-list", "finds", "--json")
    assert {each["MusicBrainzId"] for each in shown} == {mbid(1), mbid(2)}


def test_the_days_are_those_of_the_command_that_fills_the_list(installed: Installation, app: App) -> None:
    installed.write(
        "settings.yaml", "services: {lidarr: {url: 'http://x', api_key: k}, lastfm: {api_key: k}}\n"
    )
    for name, days in (("a", 5), ("b", 60), ("c", 7)):
        text = f"kind: artist_discovery\nimport_list: finds\nkeep_days: {days}\n"
        installed.write(f"commands/{name}.yaml", text)
    app.store.import_lists.add([entry(1, days=59), entry(2, days=61)])
    assert [each["MusicBrainzId"] for each in installed.json("import-list", "finds", "--json")] == [mbid(1)]


def test_a_list_that_is_still_empty_is_an_empty_list(installed: Installation) -> None:
    installed.write("commands/weekly.yaml", "kind: artist_discovery\n")
    assert installed.json("import-list", "weekly", "--json") == []
    assert installed.call("import-list", "weekly").out == "weekly is empty now.\n"
    assert installed.json("import-list", "discovery_lastfm", "--json") == []


def test_an_unknown_name_lists_the_names(installed: Installation, app: App) -> None:
    called = installed.call("import-list", "find")
    assert (called.code, called.out) == (2, "")
    assert called.err == "cmdarr: there is no import list 'find': no command fills one yet.\n"
    app.store.import_lists.add([entry(1), entry(2, "others")])
    assert installed.call("import-list", "find").err.endswith(": there are finds, others.\n")


def test_lists_are_shown_without_a_configuration(empty: Installation) -> None:
    app = App(config_dir=empty.config, data_dir=empty.data)
    app.store.import_lists.add([entry(1)])
    app.close()
    assert len(empty.json("import-list", "finds", "--json")) == 1


def test_the_daemon_serves_the_same_view(installed: Installation, app: App) -> None:
    app.store.import_lists.add([entry(1), entry(2, days=31), entry(3, kind="album")])
    app.close()
    daemon = Daemon(App(config_dir=installed.config, data_dir=installed.data), follow_settings=lambda _: None)
    daemon.prepare()
    try:
        found: list[object] = []
        asking = threading.Thread(
            target=lambda: found.extend([daemon.import_list("finds"), daemon.import_list("x")])
        )
        asking.start()
        asking.join()
    finally:
        daemon.stop()
    assert isinstance(found[0], list)
    assert [each.mbid for each in found[0]] == [mbid(1)]
    assert found[1] is None


def test_a_run_fills_the_list_and_it_is_still_shown_while_lidarr_is_down(installed: Installation) -> None:
    near = {"name": "Artist 9", "mbid": mbid(9), "match": "0.9"}
    lidarr, lastfm = FakeLidarr(artists=[make_artist(1)]), FakeLastfm(similar={mbid(1): [near]})
    lastfm.names, lastfm.similar = {mbid(1): "Artist 1"}, {"Artist 1": [near]}
    with serving(lidarr) as one, serving(lastfm) as two:
        installed.write(
            "settings.yaml",
            f"services:\n  lidarr: {{url: '{one.url}', api_key: '{LIDARR_KEY}'}}\n"
            f"  lastfm: {{url: '{two.url}', api_key: '{LASTFM_KEY}'}}\n",
        )
        installed.write("commands/weekly.yaml", "kind: artist_discovery\n")
        assert installed.call("run", "weekly", "--dry-run").code == 3
        assert installed.json("import-list", "weekly", "--json") == []
        (ran,) = installed.json("run", "weekly", "--json")["executions"]
        assert (ran["status"], ran["result"]["left_out"]) == ("succeeded", {})
        lidarr.faults = {"artist": Answer(status=500)}
        called = installed.call("run", "weekly")
    assert (called.code, LIDARR_KEY in called.err + called.out) == (75, False)
    assert installed.json("import-list", "weekly", "--json") == [
        {"MusicBrainzId": mbid(9), "ArtistName": "Artist 9"}
    ]
