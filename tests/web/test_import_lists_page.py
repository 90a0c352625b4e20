"""The pages of import lists: entries with where they came from, decisions that last, and the address for Lidarr."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fakes_web import SETTINGS, WebRoom, make_room

from cmdarr.models.import_list import ImportListEntry, ListedState
from cmdarr.web.pages.import_lists import MOST_ROWS, MOST_SHOWN, provenance

DISCOVERY = """\
kind: artist_discovery
schedule: manual
seeds: [{artists: [Björk]}]
similar: [listenbrainz]
import_list: discovered
"""
LIDARR = "{url: 'http://127.0.0.1:9', api_key: a-long-key}"
SERVICES = f"{SETTINGS[:-2]}, listenbrainz: {{username: a}}, lidarr: {LIDARR}}}\n"


def mbid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def propose(room: WebRoom, *numbers: int, **more: object) -> None:
    now = room.control.now()
    with room.control.inside():
        room.control.store.import_lists.add(
            ImportListEntry(
                **{
                    "list": "discovered",
                    "mbid": mbid(number),
                    "name": f"Artist {number}",
                    "added_at": now - timedelta(minutes=number),
                    "source": "discover",
                    "score": 0.75,
                    "details": {"similar_to": ["Björk", "Sigur Rós"], "services": ["listenbrainz"]},
                    **more,
                }  # type: ignore[arg-type]  # fields of many types
            )
            for number in numbers
        )


def row(page: str, number: int, kind: str = "artist") -> str:
    found = re.search(rf'<tr id="entry-{kind}-{mbid(number)}">.*?</tr>', page, re.DOTALL)
    return found.group(0) if found else ""


@pytest.fixture
def lists(tmp_path: Path) -> Iterator[WebRoom]:
    with make_room(tmp_path, SERVICES, discover=DISCOVERY).serve() as room:
        yield room


def test_without_lists_the_page_says_what_fills_one(shared: WebRoom) -> None:
    page = shared.get("/import-lists").text
    assert "There is no import list yet." in page
    assert "Nobody. An artist that you dismiss leaves every list" in page
    assert shared.get("/import-lists/none").status == 404


def test_an_empty_list_shows_its_address_and_its_command(lists: WebRoom) -> None:
    page = lists.get("/import-lists").text
    assert f'value="{lists.url}/import_lists/discovered"' in page
    assert "This address works on this machine only." in page
    assert "Nobody is on it yet." in page
    assert re.search(r"filled by\s*(<a [^>]+>)?discover", page)
    assert lists.get("/import_lists/discovered").json() == []


def test_entries_show_where_they_came_from(lists: WebRoom) -> None:
    propose(lists, 1)
    propose(lists, 2, details={"track": "<i>Jóga</i>", "tracks": 3}, score=None, source="gone")
    page = lists.get("/import-lists").text
    assert "like Björk, Sigur Rós; by listenbrainz" in row(page, 1)
    assert "0.75" in row(page, 1) and 'data-time="ago"' in row(page, 1)
    assert f'href="https://musicbrainz.org/artist/{mbid(1)}"' in row(page, 1)
    assert "of the track “&lt;i&gt;Jóga&lt;/i&gt;” and 2 more" in row(page, 2)
    assert (
        "<a href" not in row(page, 2).split("gone")[0].split("</th>")[1]
    )  # the command is not there any more


def test_a_dismissal_leaves_every_list_lasts_and_is_taken_back(tmp_path: Path) -> None:
    room = make_room(tmp_path, SERVICES, discover=DISCOVERY)
    with room.serve():
        propose(room, 1, 2)
        propose(room, 1, list="other")
        answer = room.submit("/artists/dismiss", {"mbid": mbid(1), "reason": "heard <enough>"})
        assert (answer.status, answer.headers["location"]) == (303, "/import-lists")
        page = room.get("/import-lists").text
        assert "Artist 1 is dismissed" in page and row(page, 1) == "" and row(page, 2)
        assert [one["MusicBrainzId"] for one in room.get("/import_lists/discovered").json()] == [mbid(2)]
        assert room.get("/import_lists/other").json() == []
    with room.serve():
        page = room.get("/import-lists").text
        assert f'id="dismissed-{mbid(1)}"' in page and "heard &lt;enough&gt;" in page and "this page" in page
        assert "dismissed" in row(room.get("/import-lists/discovered?state=dismissed").text, 1)
        answer = room.submit("/artists/restore", {"mbid": mbid(1), "list": "discovered"})
        assert answer.headers["location"] == "/import-lists/discovered"
        assert len(room.get("/import_lists/discovered").json()) == 2
        assert row(room.get("/import-lists").text, 1)


def test_every_state_has_its_place(lists: WebRoom) -> None:
    propose(lists, 1, 2, 3)
    propose(lists, 4, added_at=lists.control.now() - timedelta(days=400))
    propose(lists, 5, kind="album", artist="Artist 9", details={"artist_mbid": mbid(9), "track": "x"})
    with lists.control.inside():
        store = lists.control.store
        store.import_lists.set_state("discovered", [mbid(1)], ListedState.CONSUMED, lists.control.now())
    lists.submit("/artists/dismiss", {"mbid": mbid(2)})
    lists.submit("/artists/dismiss", {"mbid": mbid(9)})
    shown = {
        state: lists.get(f"/import-lists/discovered?state={state}").text
        for state in ("listed", "consumed", "dismissed", "removed", "all")
    }
    assert row(shown["listed"], 3) and "on the list (1)" in shown["listed"]
    assert "in Lidarr" in row(shown["consumed"], 1)
    assert row(shown["dismissed"], 2) and "Restore" in row(shown["dismissed"], 5, "album")
    assert "album: not sent to Lidarr" in row(shown["dismissed"], 5, "album")
    assert row(shown["removed"], 4) and "(5)" in shown["all"]
    assert lists.get("/import-lists/discovered?state=x").status == 400


def test_a_long_list_is_paged(lists: WebRoom) -> None:
    propose(lists, *range(MOST_ROWS + 5))
    assert lists.get("/import-lists").text.count('<tr id="entry-') == MOST_SHOWN
    first = lists.get("/import-lists/discovered").text
    assert first.count('<tr id="entry-') == MOST_ROWS and row(first, 0)
    assert 'state=listed&amp;page=2">Older' in first
    second = lists.get("/import-lists/discovered?state=listed&page=2").text
    assert second.count('<tr id="entry-') == 5 and "Newer" in second and "Older" not in second
    assert "There is nothing on this page." in lists.get("/import-lists/discovered?page=9").text
    assert lists.get("/import-lists/discovered?page=x").status == 400


@pytest.mark.parametrize(
    ("path", "form", "sentence"),
    [
        ("/artists/dismiss", {}, "say which artist"),
        ("/artists/dismiss", {"mbid": "<x>"}, "no artist called &#39;&lt;x&gt;&#39; was proposed"),
        ("/artists/restore", {"mbid": mbid(77)}, "is not dismissed"),
    ],
)
def test_a_decision_that_cannot_be_made_says_why(
    shared: WebRoom, path: str, form: dict[str, str], sentence: str
) -> None:
    assert shared.submit(path, form).headers["location"] == "/import-lists"
    assert sentence in shared.get("/import-lists").text


def test_the_address_is_the_one_that_the_browser_uses(tmp_path: Path) -> None:
    settings = (
        "web: {base_path: /cmdarr, trusted_proxies: [127.0.0.1], password: correct horse battery,"
        f" public_import_lists: false}}\n{SERVICES}"
    )
    with make_room(tmp_path, settings, discover=DISCOVERY).serve() as room:
        proxied = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "music.example.org"}
        room.log_in(headers={**proxied, "Origin": "https://music.example.org"})
        page = room.get("/import-lists", headers=proxied).text
    assert 'value="https://music.example.org/cmdarr/import_lists/discovered"' in page
    assert 'href="/cmdarr/import_lists/discovered"' in page
    assert "Lidarr sends no key and cannot read it" in page
    assert "works on this machine only" not in page


def test_a_stranger_decides_nothing(guarded: WebRoom) -> None:
    assert guarded.submit("/artists/dismiss", {"mbid": mbid(1)}).headers["location"] == "/login"


def test_provenance_names_a_few_seeds() -> None:
    assert provenance({"similar_to": list("abcdefgh")}) == "like a, b, c, d, e, f and 2 more"
    assert provenance({"similarArtistTo": "Tool"}) == "like Tool"
    assert provenance({}) == ""
