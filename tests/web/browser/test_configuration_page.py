"""The configuration page and its editor in a browser: findings while somebody writes, Tab, both steps, phones."""

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes_contrast import LUMINANCE
from fakes_web import WAITING, WebRoom, make_room

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect
pytestmark = pytest.mark.xdist_group("browser")
FILE = "/configuration/edit/commands/waits.yaml"
IMAGES = Path(__file__).parents[3] / "docs/images"


def text_on_disk(room: WebRoom) -> str:
    return (room.config / "commands/waits.yaml").read_text(encoding="utf-8")


def test_findings_come_and_go_while_somebody_writes(room: WebRoom, page: "Page") -> None:
    page.goto(room.url + FILE)
    area, state = page.get_by_label("Text of commands/waits.yaml"), page.locator("[data-state]")
    area.press("Control+End")
    area.press_sequentially("bogus: 1\n")
    expect(state).to_have_text("1 error.")
    where = page.get_by_role("button", name="line 4, column 1")
    expect(page.locator(".numbers .error")).to_have_text("4\n")
    area.press("Control+Home")
    where.click()
    expect(area).to_be_focused()
    assert area.evaluate("area => area.selectionStart") == len(WAITING)
    for _ in "bogus: 1\n":
        area.press("Delete")
    expect(state).to_have_text("No findings.")
    expect(where).to_have_count(0)
    assert text_on_disk(room) == WAITING


def test_a_change_is_shown_and_then_saved(room: WebRoom, page: "Page") -> None:
    page.goto(room.url + FILE)
    area = page.get_by_label("Text of commands/waits.yaml")
    area.fill(f"{WAITING}time_limit: 5m\n")
    page.get_by_role("button", name="Preview changes").click()
    expect(page.locator(".diff .added")).to_have_text("+time_limit: 5m")
    save = page.get_by_role("button", name="Save", exact=True)
    area.press("Control+End")
    area.press_sequentially("# more\n")
    expect(save).to_be_disabled()
    page.get_by_role("button", name="Preview changes").click()
    save.click()
    expect(page.locator("#notice")).to_contain_text("commands/waits.yaml is saved. In force now")
    assert text_on_disk(room) == f"{WAITING}time_limit: 5m\n# more\n"


def test_tab_indents_and_lets_go_after_escape(room: WebRoom, page: "Page") -> None:
    page.goto(room.url + FILE)
    area = page.get_by_label("Text of commands/waits.yaml")
    area.press("Control+Home")
    area.press("Tab")
    expect(area).to_be_focused()
    assert area.input_value() == f"  {WAITING}"
    area.press("Control+z")
    assert area.input_value() == WAITING
    area.press("Escape")
    area.press("Tab")
    expect(page.get_by_role("button", name="Preview changes")).to_be_focused()
    area.focus()
    area.press("Shift+Tab")
    expect(area).not_to_be_focused()
    assert area.input_value() == WAITING


def test_a_text_is_not_lost_by_leaving(room: WebRoom, page: "Page") -> None:
    asked: list[str] = []

    def stay(dialog: "Dialog") -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.goto(room.url + FILE)
    page.get_by_label("Text of commands/waits.yaml").press_sequentially("# mine\n")
    page.get_by_role("link", name="Commands").click()
    page.wait_for_timeout(200)
    assert asked == ["beforeunload"]
    assert page.url.endswith(FILE)


def test_without_javascript_a_file_is_previewed_saved_and_switched(room: WebRoom, browser: "Browser") -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(room.url + FILE)
    page.get_by_label("Text of commands/waits.yaml").fill(f"{WAITING}bogus: 1\n")
    page.get_by_role("button", name="Preview changes").click()
    expect(page.locator(".finding")).to_contain_text("commands/waits.yaml:4:1")
    page.get_by_label("Save all the same").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#notice")).to_contain_text("What changed is broken, and is not in force")
    page.get_by_role("button", name="Disable refresh").click()
    expect(page.locator("#notice")).to_contain_text("refresh is disabled in commands/refresh.yaml")
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#check")).to_contain_text("commands/waits.yaml:4:1")
    page.get_by_role("link", name="New command").click()
    page.get_by_label("Name").fill("fresh")
    page.get_by_label("Kind").select_option("library_refresh")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_label("Text of commands/fresh.yaml")).to_have_value(
        re.compile("kind: library_refresh")
    )
    context.close()


def test_a_file_breaks_and_heals_on_the_open_page(room: WebRoom, page: "Page") -> None:
    page.goto(f"{room.url}/configuration")
    row = page.locator('[id="file-commands/waits.yaml"]')
    expect(row).to_contain_text("ok")
    room.write("commands/waits.yaml", "kind: waiting\nbogus: 1\n")
    expect(row).to_contain_text("commands/waits.yaml:2:1")
    expect(row).to_contain_text("running the version of")
    room.write("commands/waits.yaml", WAITING)
    expect(row).not_to_contain_text("bogus")
    page.get_by_role("button", name="Disable waits").click()
    expect(page.locator("#notice")).to_contain_text("waits is disabled")
    expect(row).to_contain_text("disabled")


@pytest.mark.parametrize("width", [360, 800, 1600])
def test_no_width_scrolls_sideways(room: WebRoom, page: "Page", width: int) -> None:
    room.write(
        f"commands/{'long' * 15}.yaml",
        f"kind: waiting\ndescription: {'unbroken' * 40}\nbogus{'x' * 200}: 1\n",
    )
    room.write("commands/waits.yaml", f"{WAITING}# {'x' * 400}\n")
    room.control.reload()
    page.set_viewport_size({"width": width, "height": 800})
    for path in (
        "/configuration?check=1",
        FILE,
        f"/configuration/edit/commands/{'long' * 15}.yaml",
        "/configuration/new",
    ):
        page.goto(room.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(room: WebRoom, browser: "Browser", scheme: str) -> None:
    """Contrast of 4.5 at least, as WCAG AA asks of normal text."""
    room.write("settings.yaml", "web: {port: 8181}\nservices: {files: {path: music}}\n")
    room.write("commands/bad.yaml", "kind: waiting\nbogus: 1\n")
    room.control.reload()
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
    page = context.new_page()
    for path in ("/configuration?check=1", "/configuration/new"):
        page.goto(room.url + path)
        assert page.evaluate(LUMINANCE) == [], path
    page.goto(f"{room.url}/configuration/edit/commands/bad.yaml")
    page.locator("#text").fill("kind: waiting\nother: 1\n")
    expect(page.locator("[data-state]")).to_have_text("1 error.")
    assert page.evaluate(LUMINANCE) == []
    page.get_by_role("button", name="Preview changes").click()
    expect(page.locator("#preview")).to_be_visible()
    assert page.evaluate(LUMINANCE) == []
    context.close()


def test_the_numbers_stand_beside_their_lines(room: WebRoom, page: "Page") -> None:
    room.write("commands/waits.yaml", WAITING + "# a line\n" * 200)
    page.goto(room.url + FILE)
    area = page.get_by_label("Text of commands/waits.yaml")
    area.evaluate("area => { area.scrollTop = 1000; }")
    page.wait_for_timeout(100)
    assert page.locator(".numbers").evaluate("place => place.scrollTop") == 1000
    heights = [page.locator(name).evaluate("one => one.scrollHeight") for name in (".numbers", "#text")]
    assert abs(heights[0] - heights[1]) <= 24


@pytest.mark.pictures
def test_pictures_for_the_documentation(tmp_path: Path, page: "Page") -> None:
    room = make_room(tmp_path)
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *command], cwd=room.config, check=True)
    page.set_viewport_size({"width": 840, "height": 660})
    with room.serve():
        room.write("commands/refresh.yaml", "kind: library_refresh\nschedul: '@daily'\n")
        room.control.reload()
        page.goto(f"{room.url}/configuration")
        page.locator(".facts code").first.evaluate("place => { place.textContent = '/config'; }")
        page.screenshot(path=IMAGES / "web-configuration.png")
        page.goto(f"{room.url}/configuration/edit/commands/refresh.yaml")
        page.locator("#text").fill("kind: library_refresh\nschedule: '@daily'\ntime_limit: 5 minutes\n")
        page.get_by_role("button", name="Preview changes").click()
        page.screenshot(path=IMAGES / "web-editor.png")
