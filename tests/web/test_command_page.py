"""A command's page over a real daemon: what it shows, its buttons, pins, revisions and held changes."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes_friday import FOUND, FRIDAY, friday_room, run, write_source
from fakes_web import PASSWORD, PROTECTED, Waiting, WebRoom, make_room, wait_until

from cmdarr.models.execution import Status
from cmdarr.models.playlist import Revision

PIN = "/commands/friday/pin?run=3&target=0&track=0&candidate=0"


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebRoom]:
    """A room for tests that only look."""
    with friday_room(tmp_path_factory.mktemp("seen")) as room:
        yield room


@pytest.fixture
def friday(tmp_path: Path) -> Iterator[WebRoom]:
    with friday_room(tmp_path) as room:
        yield room


def text_of(page: str) -> str:
    """Return what a page says, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def digest_in(page: str) -> str:
    found = re.search(r'name="digest" value="([^"]*)"', page)
    assert found
    return found[1]


def notice(room: WebRoom, path: str) -> str:
    found = re.search(r'<div id="notice".*?</div>', room.get(path).text, re.DOTALL)
    assert found
    return text_of(found[0])


def test_the_page_says_what_the_command_is(seen: WebRoom) -> None:
    page = text_of(seen.get("/commands/friday").text)
    assert "Every 6 hours , next in" in page
    assert "playlist_sync" in page
    assert "held (dry run)" in page


def test_the_commands_page_leads_there(seen: WebRoom) -> None:
    assert 'href="/commands/friday"' in seen.get("/").text


def test_the_file_is_shown_as_it_is_written(seen: WebRoom) -> None:
    found = re.search(r'<pre class="source".*?</pre>', seen.get("/commands/friday").text, re.DOTALL)
    assert found
    assert html.unescape(re.sub(r"<[^>]*>", "", found[0])) == FRIDAY.rstrip("\n")


def test_values_in_force_name_their_source(seen: WebRoom) -> None:
    page = text_of(seen.get("/commands/friday").text)
    assert "max_removals 10% commands/friday.yaml:7" in page
    assert "mode mirror default" in page


def test_a_held_change_names_what_would_be_removed(seen: WebRoom) -> None:
    page = text_of(seen.get("/commands/friday").text)
    assert "Held: Friday on files" in page
    assert "1 track would be removed, 4 tracks would be left" in page
    assert "The Paper Lanterns – Harbour Lights" in page


def test_the_plan_of_the_dry_run_is_a_list_of_changes(seen: WebRoom) -> None:
    page = seen.get("/commands/friday").text
    assert re.search(r'<li class="removed">.*removed: .*The Paper Lanterns – Harbour Lights', page)
    assert re.search(r'<li class="moved">.*Marble Giraffe – Glass Elevator \(to 2\)', page)
    assert "It would be held" in page


def test_tracks_without_a_match_come_with_the_nearest_and_why_not(seen: WebRoom) -> None:
    page = seen.get("/commands/friday").text
    assert "Friday on files : 2 of 6" in text_of(page)
    assert "this is the live version, wanted is the studio version" in page
    assert "&lt;b&gt;Nowhere&lt;/b&gt;" in page
    assert "<b>Nowhere" not in page


def test_a_command_that_is_not_there_is_told(seen: WebRoom) -> None:
    answer = seen.get("/commands/nobody")
    assert answer.status == 404
    assert "there is no command 'nobody'" in text_of(answer.text)


def test_a_broken_file_is_shown_with_its_findings_and_what_runs(friday: WebRoom) -> None:
    friday.write(
        "commands/friday.yaml", FRIDAY.replace("enabled", "x") + "modee: mirror\ntoken: hunter2-abc\n"
    )
    friday.post("/api/config/reload")
    page = friday.get("/commands/friday").text
    assert "Running the version of" in page
    assert "commands/friday.yaml:8:1" in page
    assert '<span class="line wrong" data-line="8">' in page
    assert "hunter2" not in page


def test_buttons_run_and_cancel_and_lead_back(friday: WebRoom) -> None:
    answer = friday.submit("/commands/waits", {"do": "run"})
    assert (answer.status, answer.headers["location"]) == (303, "/commands/waits")
    assert "A run of waits is queued" in notice(friday, "/commands/waits")
    assert Waiting.entered.wait(10)
    page = friday.get("/commands/waits").text
    assert "<progress" in page
    found = re.search(r'name="id" value="(\d+)"', page)
    assert found
    friday.submit("/commands/waits", {"do": "cancel", "id": found[1]})
    assert friday.wait_for_run(int(found[1])).status is Status.CANCELLED


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({}, "say what to do"),
        ({"do": "cancel", "id": "x"}, "say which run"),
        ({"do": "cancel", "id": "1"}, "is over"),
    ],
)
def test_a_button_that_fails_leads_back_with_the_reason(
    seen: WebRoom, form: dict[str, str], reason: str
) -> None:
    answer = seen.submit("/commands/friday", form)
    assert (answer.status, answer.headers["location"]) == (303, "/commands/friday")
    assert reason in notice(seen, "/commands/friday")


def test_a_name_from_the_address_cannot_lead_elsewhere(seen: WebRoom) -> None:
    answer = seen.submit("/commands/%2F%2Fevil.example%3Fa", {"do": "run"})
    assert answer.status in {303, 404}
    assert answer.headers.get("location", "/").startswith("/")
    assert not answer.headers.get("location", "/").startswith("//")


def test_accepting_a_held_change_removes_it(friday: WebRoom) -> None:
    friday.submit("/commands/friday", {"do": "accept"})
    wait_until(lambda: not friday.control.active())
    page = text_of(friday.get("/commands/friday").text)
    assert "Held:" not in page
    assert "1 removed" in page
    friday.submit("/commands/friday", {"do": "accept"})
    assert "no change of 'friday' waits any more" in notice(friday, "/commands/friday")


def test_a_pin_is_printed_and_added_and_matches_the_next_time(friday: WebRoom) -> None:
    page = friday.get(PIN).text
    assert '"The Long Way Down (Live)"' in text_of(page)
    form = {"run": "3", "target": "0", "track": "0", "candidate": "0", "digest": digest_in(page)}
    assert friday.submit("/commands/friday/pin", form).headers["location"] == "/commands/friday"
    assert "The pin stands in pins.yaml" in notice(friday, "/commands/friday")
    assert (friday.config / "pins.yaml").read_text().startswith('- artist: "The Paper Lanterns"\n')
    friday.post("/api/config/reload")
    assert "stands in pins.yaml already" in friday.get(PIN).text
    number = run(friday, dry_run=True)
    assert "5 of 6 matched" in text_of(friday.get(f"/history/{number}").text)


def test_a_pin_that_says_never(seen: WebRoom) -> None:
    page = text_of(seen.get("/commands/friday/pin?run=3&target=0&track=1").text)
    assert "match : never" in page


def test_a_pin_is_refused_when_the_file_changed_meanwhile(friday: WebRoom) -> None:
    page = friday.get(PIN).text
    friday.write("pins.yaml", "# mine\n")
    friday.submit(
        "/commands/friday/pin",
        {"run": "3", "target": "0", "track": "0", "candidate": "0", "digest": digest_in(page)},
    )
    assert "changed meanwhile" in notice(friday, "/commands/friday")
    assert (friday.config / "pins.yaml").read_text() == "# mine\n"


@pytest.mark.parametrize(
    "query", ["", "run=3&target=0&track=99", "run=999&target=0&track=0", "run=x&target=0&track=0"]
)
def test_a_pin_of_nothing_is_told(seen: WebRoom, query: str) -> None:
    assert seen.get(f"/commands/friday/pin?{query}").status in {400, 404}


def test_a_revision_is_compared_and_put_back(friday: WebRoom) -> None:
    friday.submit("/commands/friday", {"do": "accept"})
    wait_until(lambda: not friday.control.active())
    page = text_of(friday.get("/commands/friday/revisions/1?with=now").text)
    assert "removed: The Paper Lanterns – Harbour Lights" in page
    page = text_of(friday.get("/commands/friday/revisions/1/restore").text)
    assert "added: The Paper Lanterns – Harbour Lights (to 1)" in page
    friday.submit("/commands/friday/revisions/1/restore")
    assert "is as in revision 1: 1 added" in notice(friday, "/commands/friday")
    assert "Nothing changes" in friday.get("/commands/friday/revisions/1?with=now").text
    newest = max(revision.id for revision in revisions(friday))
    page = text_of(friday.get(f"/commands/friday/revisions/1?with={newest - 1}").text)
    assert "removed: The Paper Lanterns – Harbour Lights" in page


def test_a_revision_belongs_to_its_command(seen: WebRoom) -> None:
    assert seen.get("/commands/waits/revisions/1").status == 404
    assert seen.get("/commands/friday/revisions/1?with=99").status == 400
    assert seen.get("/commands/friday/revisions/77").status == 404


def revisions(room: WebRoom) -> list[Revision]:
    with room.control.inside():
        return list(room.control.store.revisions.list())


def test_a_sync_of_nothing_missing_has_no_section_for_it(friday: WebRoom) -> None:
    write_source(friday, *FOUND)
    run(friday)
    page = friday.get("/commands/friday").text
    assert "Not found" not in page


def test_secrets_of_a_file_are_masked(tmp_path: Path) -> None:
    command = FRIDAY.replace("friday.csv", "'https://u:sesame-open@127.0.0.1/x.csv?token=tell-nobody'")
    with make_room(tmp_path, friday=command).serve() as room:
        page = room.get("/commands/friday").text
    assert "sesame-open" not in page
    assert "tell-nobody" not in page


def test_the_page_needs_a_login_where_there_is_a_password(tmp_path: Path) -> None:
    with make_room(tmp_path, PROTECTED).serve() as room:
        assert room.get("/commands/waits").status == 303
        assert room.submit("/commands/waits", {"do": "run"}).status in {303, 401}
        assert not room.control.active()
        room.log_in(PASSWORD)
        assert room.get("/commands/waits").status == 200


def test_the_api_adds_and_lists_pins(room: WebRoom) -> None:
    digest = room.get("/api/pins").json()["digest"]
    body = {"artist": "A", "title": "B", "match": {"artist": "A", "title": "B (Live)"}, "digest": digest}
    answer = room.post("/api/pins", body=body)
    assert answer.status == 201
    assert (room.config / "pins.yaml").read_text() == answer.json()["text"]
    assert room.post("/api/pins", body=body).status == 409
    del body["digest"]
    assert room.post("/api/pins", body={**body, "title": "C", "match": "never"}).status == 201
    room.post("/api/config/reload")
    found = room.get("/api/pins").json()["pins"]
    assert [(pin["title"], pin["match"] and pin["match"]["title"]) for pin in found] == [
        ("B", "B (Live)"),
        ("C", None),
    ]
    assert room.post("/api/pins", body={"artist": "", "title": "x", "match": "never"}).status == 422
