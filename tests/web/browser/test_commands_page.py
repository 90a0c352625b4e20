"""The first page in a browser: live runs, files that break and heal, two tabs, a phone, no JavaScript, keyboard."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes_contrast import LUMINANCE
from fakes_friday import FOUND, FRIDAY, MISSING, run, write_source
from fakes_web import DEMO, PASSWORD, PROTECTED, WAITING, Waiting, WebRoom, make_room

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect
IMAGES = Path(__file__).parents[3] / "docs" / "images"


def test_a_live_run_from_the_button_to_its_end(room: WebRoom, page: "Page") -> None:
    page.goto(room.url)
    card = page.locator("#command-waits")
    card.get_by_role("button", name="Run waits", exact=True).click()
    expect(page.locator("#notice")).to_contain_text("A run of waits is queued")
    expect(card.locator("progress")).to_have_attribute("max", "10")
    expect(card).to_contain_text("counting tracks")
    Waiting.let_go.set()
    expect(card).to_contain_text("succeeded")
    expect(card).to_contain_text("it was let go")
    expect(card.get_by_role("button", name="Dry run waits")).to_be_visible()
    assert page.url == f"{room.url}/"


def test_a_run_is_cancelled_with_its_button(room: WebRoom, page: "Page") -> None:
    page.goto(room.url)
    card = page.locator("#command-waits")
    card.get_by_role("button", name="Dry run waits").click()
    card.get_by_role("button", name="Cancel waits").click()
    expect(card).to_contain_text("cancelled (dry run)")


def test_a_file_breaks_and_heals_in_front_of_the_eyes(room: WebRoom, page: "Page") -> None:
    page.goto(room.url)
    room.write("commands/waits.yaml", "kind: waiting\nbogus: 1\n")
    card = page.locator("#command-waits")
    expect(card).to_contain_text("commands/waits.yaml:2:1")
    expect(card).to_contain_text("Running the version of")
    room.write("commands/waits.yaml", WAITING)
    expect(card).not_to_contain_text("bogus")
    room.write("commands/another.yaml", WAITING)
    expect(page.locator("#command-another")).to_be_visible()
    (room.config / "commands/another.yaml").unlink()
    expect(page.locator("#command-another")).to_have_count(0)


def test_two_tabs_agree(room: WebRoom, page: "Page") -> None:
    other = page.context.new_page()
    page.goto(room.url)
    other.goto(room.url)
    page.get_by_role("button", name="Run waits", exact=True).click()
    expect(other.locator("#command-waits progress")).to_be_visible()
    other.get_by_role("button", name="Cancel waits").click()
    expect(page.locator("#command-waits")).to_contain_text("cancelled")


def test_a_live_update_keeps_the_focus_and_moves_nothing(room: WebRoom, page: "Page") -> None:
    page.goto(room.url)
    button = page.get_by_role("button", name="Run refresh", exact=True)
    button.focus()
    before = button.bounding_box()
    room.post("/api/commands/waits/run", body={})
    expect(page.locator("#command-waits progress")).to_be_visible()
    expect(button).to_be_focused()
    assert before == button.bounding_box()


def test_without_javascript_everything_works_but_what_is_live(room: WebRoom, browser: "Browser") -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(room.url)
    page.get_by_role("button", name="Run waits", exact=True).click()
    expect(page.locator("#notice")).to_contain_text("A run of waits is queued")
    assert Waiting.entered.wait(20)
    page.goto(room.url)
    page.get_by_role("button", name="Cancel waits").click()
    expect(page.locator("#notice")).to_contain_text("waits was asked to stop")
    context.close()


@pytest.mark.parametrize("width", [360, 800, 1600])
def test_no_width_scrolls_sideways(room: WebRoom, page: "Page", width: int) -> None:
    room.write(
        f"commands/{'long' * 15}.yaml",
        f"kind: waiting\ndescription: {'unbroken' * 40}\nbogus{'x' * 200}: 1\n",
    )
    room.control.reload()
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("/", "/api/docs", "/nothing"):
        page.goto(f"{room.url}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(room: WebRoom, browser: "Browser", scheme: str) -> None:
    """Contrast of 4.5 at least, as WCAG AA asks of normal text."""
    room.write("commands/bad.yaml", "kind: waiting\nbogus: 1\n")
    room.write("commands/off.yaml", f"{WAITING}enabled: false\n")
    room.control.reload()
    room.post("/api/commands/waits/run", body={})
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
    page = context.new_page()
    for path in ("/", "/api/docs", "/nothing"):
        page.goto(f"{room.url}{path}")
        assert page.evaluate(LUMINANCE) == [], path
    context.close()


def test_the_keyboard_reaches_every_button_and_shows_where_it_is(room: WebRoom, page: "Page") -> None:
    page.goto(room.url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    seen = []
    for _ in range(20):
        page.keyboard.press("Tab")
        text, outline = page.evaluate(
            "[document.activeElement.innerText, getComputedStyle(document.activeElement).outlineWidth]"
        )
        if text:
            seen.append(re.sub(r"\s+", " ", text).strip())
            assert outline == "3px", text
    assert {"Commands", "Run refresh", "Dry run refresh", "Run waits", "Dry run waits"} <= set(seen)


def test_logging_in_and_out(tmp_path: Path, page: "Page") -> None:
    with make_room(tmp_path, PROTECTED).serve() as room:
        page.goto(f"{room.url}/api/docs")
        page.get_by_label("User name").fill("admin")
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("alert")).to_contain_text("wrong")
        page.get_by_label("User name").fill("admin")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("heading", name="API", exact=True)).to_be_visible()
        page.get_by_role("link", name="Cmdarr").click()
        page.get_by_role("button", name="Run waits", exact=True).click()
        expect(page.locator("#notice")).to_contain_text("queued")
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("heading", name="Log in")).to_be_visible()
        page.goto(room.url)
        expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_a_daemon_that_goes_away_is_said_and_its_return_is_noticed(tmp_path: Path, page: "Page") -> None:
    room = make_room(tmp_path, f"web: {{port: {_free_port()}}}\nservices: {{files: {{path: music}}}}\n")
    with room.serve(own_port=True):
        page.goto(room.url)
        expect(page.locator("#command-waits")).to_be_visible()
    expect(page.locator("#live")).to_contain_text("Not live")
    room.write("commands/later.yaml", WAITING)
    with room.serve(own_port=True):
        expect(page.locator("#command-later")).to_be_visible(timeout=15_000)
        expect(page.locator("#live")).to_be_hidden()


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.pictures
def test_pictures_for_the_documentation(tmp_path: Path, page: "Page") -> None:
    library = "kind: library_refresh\ndescription: Reads the library every night\nschedule: '0 3 * * *'\n"
    weekly = FRIDAY.replace("Friday's hits   # 'quoted' and not", "The week in one list").replace(
        "Friday}", "Week}"
    )
    room = make_room(
        tmp_path, DEMO, friday=FRIDAY, library=library, week=weekly.replace("*/6 * * *", "6 * * 1")
    )
    write_source(room, *FOUND, MISSING)
    page.set_viewport_size({"width": 900, "height": 660})
    with room.serve():
        for name in ("library", "friday", "week"):
            run(room, name)
        write_source(room, *FOUND[:2])
        run(room)
        room.write("commands/week.yaml", weekly + "enabled: yes\n")
        room.control.reload()
        page.goto(room.url)
        page.screenshot(path=IMAGES / "web-commands.png")
