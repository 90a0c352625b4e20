"""The pages of a command and of the history in a browser: live, a pin, a revision, a phone, contrast, no JavaScript."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes_contrast import LUMINANCE
from fakes_friday import friday_room
from fakes_web import Waiting, WebRoom

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect
pytestmark = pytest.mark.xdist_group("browser")
IMAGES = Path(__file__).parents[3] / "docs" / "images"
PATHS = (
    "/commands/friday",
    "/commands/broken",
    "/commands/friday/pin?run=3&target=0&track=0&candidate=0",
    "/commands/friday/revisions/1?with=now",
    "/commands/friday/revisions/1/restore",
    "/history",
    "/history/2",
)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebRoom]:
    """A room for tests that only look."""
    with friday_room(tmp_path_factory.mktemp("seen")) as room:
        room.write("commands/broken.yaml", f"kind: playlist_sync\nbogus{'x' * 200}: {'unbroken' * 40}\n")
        room.control.reload()
        yield room


@pytest.fixture
def friday(tmp_path: Path) -> Iterator[WebRoom]:
    with friday_room(tmp_path) as room:
        yield room


def test_a_run_is_live_and_what_was_opened_stays_open(friday: WebRoom, page: "Page") -> None:
    page.goto(f"{friday.url}/commands/friday")
    page.get_by_text("The Paper Lanterns – The Long Way Down").first.click()
    pin = page.get_by_role("link", name="Pin The Long Way Down to The Long Way Down (Live)")
    expect(pin).to_be_visible()
    page.get_by_role("button", name="Accept the removals").click()
    expect(page.locator("#notice")).to_contain_text("applies its removals is queued")
    expect(page.locator("#held section")).to_have_count(0)
    expect(page.locator("#about")).to_contain_text("succeeded")
    friday.post("/api/commands/waits/run", body={})
    assert Waiting.entered.wait(20)
    Waiting.let_go.set()
    expect(page.locator("#runs tbody tr")).to_have_count(4)


def test_opened_details_survive_an_update(friday: WebRoom, page: "Page") -> None:
    page.goto(f"{friday.url}/commands/friday")
    page.locator("#plan summary").first.click()
    expect(page.locator("#plan details")).not_to_have_attribute("open", "")
    page.get_by_text("21 defaults").or_(page.locator("#defaults summary")).first.click()
    with friday.control.inside():
        number = friday.control.run("friday", dry_run=True).id
    expect(page.locator("#plan")).to_contain_text(f"dry run {number}")
    expect(page.locator("#plan details")).not_to_have_attribute("open", "")
    expect(page.locator("#defaults")).to_have_attribute("open", "")


def test_progress_and_cancel(friday: WebRoom, page: "Page") -> None:
    page.goto(f"{friday.url}/commands/waits")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#about progress")).to_have_attribute("max", "10")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#about")).to_contain_text("cancelled")
    assert page.url == f"{friday.url}/commands/waits"


def test_a_pin_is_copied_and_added(friday: WebRoom, page: "Page") -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{friday.url}{PATHS[2]}")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("button", name="Add to pins.yaml").click()
    expect(page.locator("#notice")).to_contain_text("The pin stands in pins.yaml")
    assert (friday.config / "pins.yaml").read_text() == copied


def test_without_javascript_a_revision_is_put_back(friday: WebRoom, browser: "Browser") -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{friday.url}/commands/friday")
    with friday.control.inside():
        friday.wait_for_run(friday.control.run("friday", accept_removals=True).id)
    page.reload()
    page.get_by_role("link", name="Put back… revision 1", exact=True).click()
    expect(page.get_by_role("heading", name="4 changes")).to_be_visible()
    page.get_by_role("button", name="Put back").click()
    expect(page.locator("#notice")).to_contain_text("is as in revision 1")
    context.close()


def test_the_history_is_filtered_and_an_execution_opened(seen: WebRoom, page: "Page") -> None:
    page.goto(f"{seen.url}/history")
    page.get_by_label("Command").select_option("friday")
    page.get_by_label("Result").select_option("held")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("link", name="2", exact=True).click()
    expect(page.get_by_role("heading", name="Execution 2")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1600])
def test_no_width_scrolls_sideways(seen: WebRoom, page: "Page", width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for path in PATHS:
        page.goto(f"{seen.url}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(seen: WebRoom, browser: "Browser", scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
    page = context.new_page()
    for path in PATHS:
        page.goto(f"{seen.url}{path}")
        assert page.evaluate(LUMINANCE) == [], path
    context.close()


NAMELESS = """
() => [...document.querySelectorAll("a, button, select, input:not([type=hidden])")]
  .filter((one) => !one.textContent.trim() && !one.labels?.length && !one.ariaLabel).map((one) => one.outerHTML)
"""
DOUBLED = """
() => [...document.querySelectorAll("[id]")].map((one) => one.id).filter((id, at, all) => all.indexOf(id) !== at)
"""


def test_every_control_has_a_name_and_every_id_is_used_once(seen: WebRoom, page: "Page") -> None:
    for path in PATHS:
        page.goto(f"{seen.url}{path}")
        assert (page.evaluate(NAMELESS), page.evaluate(DOUBLED)) == ([], []), path


@pytest.mark.pictures
def test_pictures_for_the_documentation(seen: WebRoom, page: "Page") -> None:
    page.set_viewport_size({"width": 900, "height": 640})
    for name, path in (("command", PATHS[0]), ("history", "/history")):
        page.goto(f"{seen.url}{path}")
        page.screenshot(path=IMAGES / f"web-{name}.png")
