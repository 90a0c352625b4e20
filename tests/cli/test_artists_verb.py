"""`cmdarr artists`: decisions that last, with the real stores."""

from collections.abc import Iterator

import pytest
from fakes_cli import Installation
from fakes_lidarr import mbid

from cmdarr.app import App
from cmdarr.models.clock import SystemClock
from cmdarr.models.decision import DecisionKind
from cmdarr.models.import_list import ImportListEntry

NOW = SystemClock().now()


@pytest.fixture
def app(installed: Installation) -> Iterator[App]:
    app = App(config_dir=installed.config, data_dir=installed.data)
    names = {1: "Björk", 2: "Air", 3: "AIR", 4: "Low"}
    app.store.import_lists.add(
        ImportListEntry(list="finds", mbid=mbid(number), name=name, added_at=NOW, source="weekly", score=0.5)
        for number, name in names.items()
    )
    yield app
    app.close()


def states(installed: Installation) -> dict[str, str]:
    return {each["mbid"]: each["state"] for each in installed.json("artists", "list", "--json")["artists"]}


@pytest.mark.usefixtures("app")
def test_who_was_proposed_is_listed(installed: Installation) -> None:
    (first, *_) = installed.json("artists", "list", "--json")["artists"]
    assert (first["mbid"], first["state"], first["list"], first["source"]) == (
        mbid(3),
        "listed",
        "finds",
        "weekly",
    )
    assert installed.call("artists", "list").out.count("\n") == 5


@pytest.mark.parametrize("who", ["bjork", "Björk", mbid(1), mbid(1).upper()])
def test_a_dismissed_artist_leaves_the_list_and_comes_back_when_restored(
    installed: Installation, app: App, who: str
) -> None:
    called = installed.call("artists", "dismiss", who, "--reason", "not mine")
    assert (called.code, called.out.startswith(f"Björk ({mbid(1)}) is dismissed:")) == (0, True)
    (decision,) = app.store.decisions.list(DecisionKind.ARTIST_DISMISSED)
    assert (decision.name, decision.source, decision.reason, decision.until) == (
        "Björk",
        "cli",
        "not mine",
        None,
    )
    assert states(installed)[mbid(1)] == "dismissed"
    assert len(installed.json("import-list", "finds", "--json")) == 3
    assert installed.call("artists", "restore", who).out == f"Björk ({mbid(1)}) may be proposed again.\n"
    assert len(installed.json("import-list", "finds", "--json")) == 4


def test_an_artist_that_nobody_proposed_is_dismissed_by_mbid(installed: Installation, app: App) -> None:
    assert installed.call("artists", "dismiss", mbid(9)).code == 0
    assert installed.json("artists", "list", "--dismissed", "--json")["artists"][0]["mbid"] == mbid(9)
    assert states(installed)[mbid(9)] == "dismissed"
    assert app.store.decisions.subjects(DecisionKind.ARTIST_DISMISSED) == {mbid(9)}


def test_a_name_that_several_have_is_refused_and_nothing_is_decided(
    installed: Installation, app: App
) -> None:
    called = installed.call("artists", "dismiss", "Low", "Air")
    assert called.code == 2
    assert (
        called.err
        == f"cmdarr: several artists are called 'Air': name one by its MBID: {mbid(2)}, {mbid(3)}.\n"
    )
    assert app.store.decisions.list() == []


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("dismiss", "Nobody"), "no artist called 'Nobody' was proposed: name one by its MBID"),
        (("restore", "Low"), "no artist called 'Low' is dismissed"),
        (("restore", mbid(4)), "is not dismissed: `cmdarr artists list` shows who is"),
        (("dismiss",), "ARTIST"),
    ],
)
def test_who_cannot_be_found_is_told(installed: Installation, arguments: tuple[str, ...], words: str) -> None:
    called = installed.call("artists", *arguments)
    assert (called.code, called.out) == (2, "")
    assert words in called.err


def test_an_installation_without_a_database_has_no_artists(empty: Installation) -> None:
    assert empty.json("artists", "list", "--json") == {"artists": []}
    assert empty.call("artists", "list", "--dismissed").out == "no artist is dismissed.\n"
    assert not empty.data.exists()
