"""The pages as HTML: the frame, the first page, forms without JavaScript, and errors."""

import re
from pathlib import Path

import pytest
from fakes_web import SETTINGS, WAITING, Waiting, WebRoom, make_room, wait_until

from cmdarr.web.pages.commands import MOST_ROWS


def card(page: str, name: str) -> str:
    found = re.search(rf'<article id="command-{name}".*?</article>', page, re.DOTALL)
    assert found, name
    return found.group(0)


def test_the_first_page_shows_every_command(shared: WebRoom) -> None:
    page = shared.get("/").text
    refresh = card(page, "refresh")
    assert "Reads the library" in refresh
    assert "every 6 hours" in refresh
    assert re.search(
        r'next <time datetime="[^"]+Z" title="\d{4}-\d\d-\d\d \d\d:\d\d" data-time="until">in ', refresh
    )
    assert "has not run yet" in refresh
    assert "only by hand" in card(page, "waits")


def test_a_form_runs_a_command_and_leads_back_with_a_notice(room: WebRoom) -> None:
    answer = room.submit("/commands/waits/run", {"dry_run": "true"})
    assert (answer.status, answer.headers["location"]) == (303, "/")
    assert Waiting.entered.wait(20)
    page = room.get("/").text
    assert "A dry run of waits is queued" in page
    assert "A dry run of waits is queued" not in room.get("/").text  # it is shown once
    waits = card(page, "waits")
    assert '<progress aria-label="Progress of waits" value="3" max="10">' in waits
    assert "counting tracks" in waits
    number = re.search(r'name="id" value="(\d+)"', waits)
    assert number
    room.submit("/commands/waits/cancel", {"id": number.group(1)})
    room.wait_for_run(int(number.group(1)))
    page = room.get("/").text
    assert "waits was asked to stop" in page
    assert "cancelled" in card(page, "waits")
    assert 'aria-label="The last run of waits"' in page


def test_the_switch_of_a_command_writes_its_file_and_leads_back(room: WebRoom) -> None:
    form = {"enabled": "false", "back": "/"}
    assert ">Disable" in card(room.get("/").text, "refresh")
    answer = room.submit("/configuration/enabled/refresh", form)
    assert (answer.status, answer.headers["location"]) == (303, "/")
    page = room.get("/").text
    assert "refresh is disabled in commands/refresh.yaml" in page
    assert ">Enable" in card(page, "refresh")
    assert "enabled: false" in (room.config / "commands/refresh.yaml").read_text(encoding="utf-8")
    room.submit("/configuration/enabled/refresh", {"enabled": "true", "back": "/commands/refresh"})
    assert ">Disable" in card(room.get("/").text, "refresh")


@pytest.mark.parametrize(
    ("path", "form", "sentence"),
    [
        ("/commands/none/run", {}, "there is no command"),
        ("/commands/waits/cancel", {"id": "999"}, "there is no execution 999"),
        ("/commands/waits/cancel", {"id": "x"}, "say which run to cancel"),
        ("/commands/waits/cancel", {}, "say which run to cancel"),
    ],
)
def test_a_form_that_fails_leads_back_with_the_reason(
    shared: WebRoom, path: str, form: dict[str, str], sentence: str
) -> None:
    assert shared.submit(path, form).status == 303
    page = shared.get("/").text
    assert '<p class="notice failed">' in page
    assert sentence in page


def test_a_broken_file_is_shown_in_its_place_and_the_version_before_goes_on(room: WebRoom) -> None:
    room.write("commands/waits.yaml", "kind: waiting\nbogus: 1\n")
    room.control.reload()
    page = room.get("/").text
    waits = card(page, "waits")
    assert re.search(r"Running the version of <time [^>]+>\d\d:\d\d</time>", waits)
    assert "<code>commands/waits.yaml:2:1</code>" in waits
    assert '<pre class="excerpt" tabindex="0">bogus: 1\n^' in waits
    assert "Waits until a test lets it go" in waits
    room.write("commands/waits.yaml", WAITING)
    room.control.reload()
    assert "bogus" not in room.get("/").text


def test_a_file_that_never_was_good_has_a_card_that_cannot_run(tmp_path: Path) -> None:
    with make_room(tmp_path, waits="kind: waiting\nbogus: 1\n").serve() as room:
        waits = card(room.get("/").text, "waits")
    assert "broken: does not run" in waits
    assert waits.count("disabled>") == 2


def test_what_is_written_in_files_is_shown_as_text(tmp_path: Path) -> None:
    text = "<script>alert(1)</script> \"quoted\" & 'more'"
    room = make_room(tmp_path, waits=f"kind: waiting\ndescription: |\n  {text}\n")
    room.write("commands/bad.yaml", "kind: waiting\n<b>x</b>: 1\n")
    with room.serve():
        page = room.get("/?find=%3Cscript%3Ealert(2)").text
        assert "<script>alert" not in page
        assert "<script>alert" not in room.get("/").text
        assert "<b>x</b>" not in room.get("/").text


def test_no_command_at_all(tmp_path: Path) -> None:
    room = make_room(tmp_path)
    for file in (room.config / "commands").iterdir():
        file.unlink()
    with room.serve():
        page = room.get("/").text
    assert "There is no command yet." in page
    assert "<code>cmdarr config init</code>" in page


def test_commands_are_found_by_words_and_paged(tmp_path: Path) -> None:
    many = {
        f"c{number:03}": f"kind: waiting\ndescription: number {number}\n" for number in range(MOST_ROWS + 5)
    }
    with make_room(tmp_path, SETTINGS, **many).serve() as room:
        first = room.get("/").text
        assert first.count("<article") == MOST_ROWS
        more = re.search(r'href="(/\?find=&amp;after=[^"]+)"', first)
        assert more
        assert room.get(more.group(1).replace("&amp;", "&")).text.count("<article") == 5
        assert room.get("/?find=NUMBER+104").text.count("<article") == 1
        assert "No command matches “nothing such”." in room.get("/?find=nothing+such").text


def test_the_timeline_shows_runs_and_due_times(room: WebRoom) -> None:
    Waiting.let_go.set()
    room.wait_for_run(int(room.post("/api/commands/waits/run", body={}).json()["id"]))
    page = room.get("/").text
    assert "1 run in the last 24 hours; 4 due in the next 24." in page
    assert re.search(r'<rect class="succeeded"[^>]*><title>waits: succeeded, ', page)
    assert page.count('<rect class="due"') == 4


def test_an_address_that_is_not_there_is_a_page(shared: WebRoom) -> None:
    answer = shared.get("/nothing")
    assert answer.status == 404
    assert "<h1>Not Found</h1>" in answer.text
    assert shared.ask("HEAD", "/").status == 200
    assert shared.ask("DELETE", "/").status == 405


def test_a_page_that_fails_says_so_and_the_next_one_works(
    room: WebRoom, caplog: pytest.LogCaptureFixture
) -> None:
    kept = room.control.board.progress_of
    room.post("/api/commands/waits/run", body={})
    assert Waiting.entered.wait(20)
    room.control.board.progress_of = None  # type: ignore[assignment, method-assign]
    answer = room.get("/")
    assert answer.status == 500
    assert "TypeError" in answer.text
    assert "Traceback" not in answer.text
    room.control.board.progress_of = kept  # type: ignore[method-assign]
    assert room.get("/").status == 200


def test_a_forged_notice_is_text_or_nothing(shared: WebRoom) -> None:
    for value in ("x", "%7B%7D", "%22%22", "%7B%22kind%22%3A1%2C%22text%22%3A%22%3Cb%3E%22%7D"):
        page = shared.get("/", headers={"Cookie": f"cmdarr_notice={value}"})
        assert page.status == 200
        assert "<b>" not in page.text


def test_pages_wait_while_the_databases_are_exchanged(room: WebRoom) -> None:
    import threading

    begun, go_on = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait(20)

    thread = threading.Thread(target=room.control.alone, args=(work,))
    thread.start()
    assert begun.wait(20)
    assert room.get("/").status == 503
    assert room.get("/api/commands").status == 503
    assert room.get("/health").status == 503
    go_on.set()
    thread.join()
    wait_until(lambda: room.get("/").status == 200)
    assert room.get("/health").status == 200


def test_accessible_names_and_landmarks(shared: WebRoom) -> None:
    page = shared.get("/").text
    assert '<html lang="en">' in page
    assert page.count("<h1>") == 1
    assert '<main id="main"' in page
    assert '<nav aria-label="Pages">' in page
    assert 'aria-current="page"' in page
    for button in re.findall(r"<button[^>]*>(.*?)</button>", page, re.DOTALL):
        assert re.sub(r"<[^>]+>", "", button).strip()
    for image in re.findall(r"<img[^>]*>", page):
        assert "alt=" in image
    for picture in re.findall(r"<svg[^>]*>", page):
        assert 'role="img"' in picture
        assert "aria-label=" in picture
