"""The history and one execution as pages: filters, pages, plots, and everything that an execution knew."""

import html
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from fakes_friday import friday_room
from fakes_web import WebRoom

from cmdarr.models.execution import Status, Trigger

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebRoom]:
    """A room for tests that only look: three executions of `friday`, then those of other commands."""
    with friday_room(tmp_path_factory.mktemp("seen")) as room:
        with room.control.inside():
            for number in range(120):
                status = Status.FAILED if number % 10 == 0 else Status.SUCCEEDED
                record(room, "old", status, at=NOON + timedelta(hours=number))
        yield room


def record(
    room: WebRoom,
    command: str,
    status: Status,
    *,
    at: datetime = NOON,
    result: Mapping[str, object] | None = None,
    kind: str = "playlist_sync",
    document: str = "{}",
) -> int:
    """Put an execution into the history."""
    history = room.control.store.history
    number = history.queue(
        command=command, kind=kind, trigger=Trigger.SCHEDULE, dry_run=False, generation="g", document=document,
        queued_at=at,
    )  # fmt: skip
    history.start(number, at)
    history.finish(
        number, status, at + timedelta(seconds=2), summary=f"summary of {number}", result=result or {}, changes=0,
        error="it broke" if status is Status.FAILED else None, error_class=None,
    )  # fmt: skip
    return number


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def ids_in(page: str) -> list[int]:
    table = page[page.index("<table") : page.index("</table>")]
    return [int(number) for number in re.findall(r'/history/(\d+)"', table)]


def follow(room: WebRoom, page: str, words: str) -> str:
    found = re.search(rf'href="([^"]*)"[^>]*>{words}</a>', page)
    assert found, words
    return room.get(html.unescape(found[1])).text


def test_pages_lead_from_the_newest_to_the_oldest_and_back(seen: WebRoom) -> None:
    page, found = seen.get("/history").text, list[int]()
    assert "Newer</a>" not in page
    pages = 0
    while True:
        found += ids_in(page)
        pages += 1
        if "Older</a>" not in page:
            break
        page = follow(seen, page, "Older")
    assert (found, pages) == (list(range(123, 0, -1)), 3)
    page = follow(seen, page, "Newer")
    assert ids_in(page) == list(range(73, 23, -1))
    page = follow(seen, page, "Newest")
    assert ids_in(page)[0] == 123


def test_the_way_back_ends_at_the_newest(seen: WebRoom) -> None:
    page = seen.get("/history?after=73").text
    assert ids_in(page) == list(range(123, 73, -1))
    assert "Newer</a>" not in page
    assert "There is nothing more" in seen.get("/history?after=123").text


def test_filters_by_command_and_status(seen: WebRoom) -> None:
    page = seen.get("/history?command=friday").text
    assert ids_in(page) == [3, 2, 1]
    page = seen.get("/history?command=old&status=failed").text
    assert len(ids_in(page)) == 12
    assert "it broke" in page
    assert "<option selected>old</option>" in page
    assert "No execution is of that kind" in seen.get("/history?command=old&status=held").text


@pytest.mark.parametrize("query", ["status=odd", "before=x", "after=-1", "before=99999999999999999999"])
def test_an_address_that_means_nothing_is_told(seen: WebRoom, query: str) -> None:
    assert seen.get(f"/history?{query}").status == 400


def test_plots_are_drawn_of_what_is_chosen(seen: WebRoom) -> None:
    page = seen.get("/history?command=friday").text
    assert "Match rate of the last 2 runs: last 66 %, lowest 66 %, highest 100 %." in page
    page = seen.get("/history?command=old").text
    assert "Match rate" not in page
    assert "Duration of the last 100 runs: last 2.0 s, lowest 2.0 s, highest 2.0 s." in page


def test_nothing_ran_yet(room: WebRoom) -> None:
    assert "Nothing ran yet" in room.get("/history").text


def test_an_execution_tells_what_it_knew(seen: WebRoom) -> None:
    page = text_of(seen.get("/history/2").text)
    assert "Execution 2" in page
    assert "held 2 of 6" not in page
    assert "4 of 6 matched" in page
    assert "Command friday , playlist_sync" in page
    assert "Not found: 2" in page
    assert '"max_removals" : "10%"' in page
    assert "execution 2" not in page


def test_an_execution_leads_to_its_json_and_its_neighbours(seen: WebRoom) -> None:
    page = seen.get("/history/2").text
    assert 'href="/api/runs/2"' in page
    assert 'href="/history/1">the run before' in page
    assert 'href="/history/3">the run after' in page


def test_an_execution_that_is_not_there(seen: WebRoom) -> None:
    assert seen.get("/history/99999").status == 404
    assert seen.get("/history/x").status == 404
    assert seen.get(f"/history/{2**64}").status == 404
    assert seen.get(f"/commands/friday/revisions/{2**64}").status == 404


DISCOVERY = {
    "import_list": "similar", "seeds": 9, "asked": 5, "candidates": 40, "consumed": 1, "removed": 0, "unanswered": 2,
    "proposed": [{"kind": "artist", "mbid": "m-1", "name": "Mum & Co", "score": 0.912}, {"name": "<i>B</i>"}],
    "left_out": {"in_library": 12}, "added": [{"mbid": "m-1", "name": "Mum & Co", "outcome": "added"}],
    "failures": [{"service": "lastfm", "artist": "X", "error": "no answer"}], "not_asked": {},
}  # fmt: skip
LIBRARIES = {"servers": [{"server": "plex", "tracks": 12345, "sections": [{"section": "Music", "tracks": 12345}]},
                         {"server": "attic", "tracks": None, "sections": [], "error": "does not answer"}]}  # fmt: skip
ODD = {"targets": [None, {"server": 3, "unmatched": "?", "plan": [1, "", "+ A – B"], "matched": "x"}, "text"],
       "source": "text", "servers": {}, "proposed": 7}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "result", "said"),
    [
        (
            "artist_discovery",
            DISCOVERY,
            ["Mum & Co", "0.91", "12 in library", "lastfm , X : no answer", "<i>B</i>"],
        ),
        ("playlist_sync", {"discovery": DISCOVERY}, ["5 asked about"]),
        ("library_refresh", LIBRARIES, ["12 345", "Music (12345)", "does not answer"]),
        ("playlist_sync", ODD, ["added: A – B", "The whole result"]),
        ("gone_kind", {"anything": [1, {"a": None}]}, ['"anything"']),
    ],
)
def test_results_of_every_kind_are_readable(
    room: WebRoom, kind: str, result: Mapping[str, object], said: list[str]
) -> None:
    with room.control.inside():
        number = record(room, "gone", Status.SUCCEEDED, result=result, kind=kind, document="no JSON")
    page = text_of(room.get(f"/history/{number}").text)
    for words in (*said, "no longer in the configuration", "no JSON"):
        assert words.replace(" , ", ", ").replace(" : ", ": ") in page.replace(" , ", ", ").replace(
            " : ", ": "
        )


def test_a_failed_run_shows_its_error(room: WebRoom) -> None:
    with room.control.inside():
        number = record(room, "waits", Status.FAILED)
    page = text_of(room.get(f"/history/{number}").text)
    assert "failed summary of" in page
    assert "it broke" in page
