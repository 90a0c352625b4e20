"""Data, import lists and system in a browser: both resets, a restore, decisions, checks; phone, contrast, keyboard."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from fakes_contrast import LUMINANCE
from fakes_web import DEMO, REFRESH, WAITING, Waiting, WebRoom, make_room

from cmdarr.models.import_list import ImportListEntry

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect
pytestmark = pytest.mark.xdist_group("browser")
IMAGES = Path(__file__).parents[3] / "docs" / "images"
PATHS = ("/data", "/import-lists", "/import-lists/discovered", "/system")
NOBODY = "http://127.0.0.1:9"
SERVICES = (
    f"listenbrainz: {{username: alice, url: '{NOBODY}'}}, lidarr: {{url: '{NOBODY}', api_key: a-long-key}}"
)
SETTINGS = DEMO.replace("}}\n", f"}}, {SERVICES}}}\n")
DISCOVERY = """\
kind: artist_discovery
schedule: "0 4 * * *"
seeds: [{artists: [Björk]}]
similar: [listenbrainz]
import_list: discovered
"""
NAMELESS = """
[...document.querySelectorAll("input:not([type=hidden]), select, button, a[href]")]
  .filter((one) => !one.innerText.trim() && !one.ariaLabel && !one.labels?.length)
  .map((one) => one.outerHTML)
"""
ARTISTS = ("Sigur Rós", "múm", "Ólafur Arnalds", "Kiasmos", "Hildur Guðnadóttir")


@pytest.fixture
def full(tmp_path: Path) -> Iterator[WebRoom]:
    """A daemon with something on every page: a library, an import list, kept answers, an archive, a log."""
    with filled(tmp_path) as room:
        yield room


@pytest.fixture(scope="module")
def seen() -> Iterator[WebRoom]:
    """The same for a whole module, for tests that only look; every service was asked. Pictures show its folder."""
    with TemporaryDirectory(prefix="cmdarr-") as folder, filled(Path(folder)) as room:
        room.submit("/system/check")
        yield room


@contextmanager
def filled(root: Path) -> Iterator[WebRoom]:
    room = make_room(root, SETTINGS, refresh=REFRESH, waits=WAITING, discover=DISCOVERY)
    own = logging.getLogger("cmdarr")
    own.setLevel(logging.INFO)
    with room.serve(), room.control.log_tail.attached():
        fill(room)
        yield room
    own.setLevel(logging.NOTSET)


def fill(room: WebRoom) -> None:
    run = room.post("/api/commands/refresh/run", body={}).json()
    room.wait_for_run(int(run["id"]))
    now = room.control.now()
    with room.control.inside():
        for number in range(40):
            room.control.app.cache.answers.put(
                "listenbrainz", f"similar {number}", list(range(60)), timedelta(days=7)
            )
            room.control.app.cache.answers.get("listenbrainz", f"similar {number % 45 * 2}")
        room.control.store.import_lists.add(
            ImportListEntry(
                list="discovered",
                mbid=mbid(number),
                name=name,
                added_at=now - timedelta(hours=5 * number + 1),
                source="discover",
                score=0.9 - number / 10,
                details={"similar_to": ["Björk", "Sigur Rós"], "services": ["listenbrainz"]},
            )
            for number, name in enumerate(ARTISTS)
        )
    room.submit("/artists/dismiss", {"mbid": mbid(4), "reason": "heard enough"})
    room.submit("/data/keep")


def mbid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def run_to_the_end(room: WebRoom, page: "Page", name: str) -> None:
    page.goto(room.url)
    card = page.locator(f"#command-{name}")
    card.get_by_role("button", name=f"Run {name}", exact=True).click()
    expect(card.locator(".last")).to_contain_text("succeeded")


def test_the_cache_is_reset_with_one_click_and_runs_work_afterwards(full: WebRoom, page: "Page") -> None:
    page.goto(f"{full.url}/data")
    expect(page.locator("#source-listenbrainz")).to_contain_text("40")
    page.get_by_role("button", name="Reset listenbrainz").click()
    expect(page.locator("#source-listenbrainz td").first).to_have_text("0")
    expect(page.locator("#library-files-1")).to_be_visible()
    page.get_by_role("button", name="Reset cache").click()
    expect(page.locator("#notice")).to_contain_text("The cache is gone")
    expect(page.locator("#cache")).to_contain_text("The cache is empty.")
    run_to_the_end(full, page, "refresh")
    page.goto(f"{full.url}/data")
    expect(page.locator("#library-files-1")).to_be_visible()


def test_reset_all_on_a_live_daemon_and_runs_work_afterwards(full: WebRoom, page: "Page") -> None:
    page.goto(f"{full.url}/data")
    button = page.get_by_role("button", name="Reset all")
    button.click()
    assert page.url == f"{full.url}/data"  # the words are missing: the browser does not send the form
    page.locator("#reset-words").fill("reset all")
    button.click()
    expect(page.locator("#notice")).to_contain_text("Both databases are empty.")
    expect(page.locator("#notice")).to_contain_text("-reset.tar.gz")
    expect(page.locator("#cache")).to_contain_text("The cache is empty.")
    page.goto(full.url)
    expect(page.locator("#command-refresh")).to_contain_text("has not run yet")
    run_to_the_end(full, page, "refresh")
    full.write("commands/late.yaml", WAITING)
    expect(page.locator("#command-late")).to_be_visible()
    page.goto(f"{full.url}/import-lists")
    expect(page.locator("#rows-discovered")).to_contain_text("Nobody is on it yet.")
    page.goto(f"{full.url}/data")
    page.locator("summary").click()
    kept = page.locator("tr", has_text="-reset.tar.gz")
    kept.get_by_role("textbox").fill("restore")
    kept.get_by_role("button").click()
    expect(page.locator("#notice")).to_contain_text("is in place")
    page.goto(f"{full.url}/import-lists")
    expect(page.locator("#rows-discovered")).to_contain_text("Sigur Rós")


def test_a_run_that_goes_on_is_said_and_nothing_is_reset(full: WebRoom, page: "Page") -> None:
    page.goto(f"{full.url}/data")
    expect(page.locator("#restore-busy .notice")).to_have_count(0)
    full.post("/api/commands/waits/run", body={})
    expect(page.locator("#restore-busy")).to_contain_text("waits runs")
    page.locator("#reset-words").fill("reset all")
    page.get_by_role("button", name="Reset all").click()
    expect(page.locator("#notice")).to_contain_text("waits is running: wait for its end")
    Waiting.let_go.set()
    page.wait_for_url(f"{full.url}/data")  # when the run is over the page is asked for again
    expect(page.locator("#restore-busy .notice")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_downloaded_backup_is_put_back(
    full: WebRoom, browser: "Browser", tmp_path: Path, scripts: bool
) -> None:
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{full.url}/data")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download a backup").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    (full.config / "commands/waits.yaml").unlink()
    full.control.reload()
    page.locator("#restore-words").fill("restore")
    page.locator("#archive").set_input_files(file)
    page.get_by_role("button", name="Restore the file").click()
    expect(page.locator("#notice")).to_contain_text("The backup is in place")
    page.goto(full.url)
    expect(page.locator("#command-waits")).to_be_visible()
    context.close()


def test_dismiss_and_restore_follow_each_other_in_two_tabs(full: WebRoom, page: "Page") -> None:
    page.goto(f"{full.url}/import-lists")
    page.get_by_role("button", name="Dismiss múm").click()
    expect(page.locator("#dismissed")).to_contain_text("múm")
    expect(page.locator("#rows-discovered")).not_to_contain_text("múm")
    assert "múm" not in full.get("/import_lists/discovered").text
    page.locator("#dismissed").get_by_role("button", name="Restore múm").click()
    expect(page.locator("#rows-discovered")).to_contain_text("múm")
    page.get_by_role("link", name="JSON").click()
    assert page.url == f"{full.url}/import_lists/discovered"
    assert "Kiasmos" in page.content()


def test_the_address_is_copied(seen: WebRoom, browser: "Browser") -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{seen.url}/import-lists")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{seen.url}/import_lists/discovered"
    context.close()


def test_services_are_checked_and_two_tabs_agree(full: WebRoom, page: "Page") -> None:
    page.goto(f"{full.url}/system")
    other = page.context.new_page()
    other.goto(f"{full.url}/system")
    page.get_by_role("button", name="Check lidarr").click()
    expect(page.locator("#service-lidarr")).to_contain_text("fails")
    expect(other.locator("#service-lidarr")).to_contain_text("fails")
    expect(other.locator("#service-files")).to_contain_text("not asked yet")


def test_the_log_follows_runs_and_keeps_its_level(full: WebRoom, page: "Page") -> None:
    page.goto(f"{full.url}/system")
    page.get_by_label("Show lines from this level on").select_option("info")
    page.get_by_role("button", name="Show").click()
    assert "level=info" in page.url
    full.post("/api/commands/waits/run", body={})
    expect(page.locator("#log-lines")).to_contain_text("waits")
    Waiting.let_go.set()


@pytest.mark.parametrize("width", [360, 1900])
def test_nothing_sticks_out(seen: WebRoom, page: "Page", width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for path in PATHS:
        page.goto(f"{seen.url}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_and_every_control_has_a_name(
    seen: WebRoom, browser: "Browser", scheme: str
) -> None:
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
    page = context.new_page()
    for path in PATHS:
        page.goto(f"{seen.url}{path}")
        for summary in page.locator("summary").all():
            summary.click()
        assert page.evaluate(LUMINANCE) == [], path
        assert page.evaluate(NAMELESS) == [], path
    context.close()


@pytest.mark.pictures
@pytest.mark.parametrize("path", ["/data", "/import-lists", "/system"])
def test_screenshots(seen: WebRoom, page: "Page", path: str) -> None:
    page.set_viewport_size({"width": 860, "height": 520})
    page.goto(f"{seen.url}{path}")
    page.screenshot(path=IMAGES / f"web-{path.strip('/')}.png")
