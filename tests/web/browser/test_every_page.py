"""Every page of the real program in a browser: who sees nothing, has no mouse, a phone, or no JavaScript gets along."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from program import Daemon, Program, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect
pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("browser")]

FAVOURITES = "commands/demo-favourites.yaml"
BROKEN = "kind: playlist_sync\nschedule: never ever\nbogus: 1\n"
MANUAL = "kind: library_refresh\ndescription: 夜に駆ける, read by hand\nschedule: manual\n"
WAYS = [
    {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    {"color_scheme": "dark", "viewport": {"width": 1280, "height": 900}},
    {"color_scheme": "light", "viewport": {"width": 360, "height": 740}},
    {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}, "java_script_enabled": False},
]
NAMES = ["light", "dark", "phone", "no JavaScript"]
ACCESSIBILITY = (Path(__file__).parent / "accessibility.js").read_text(encoding="utf-8")
LINK = re.compile(r'<a [^>]*href="(/[^"#]*)"')
MOST_PAGES = 60


class Site:
    """A `cmdarr serve` and where it answers."""

    def __init__(self, program: Program, daemon: Daemon) -> None:
        self.program = program
        self.daemon = daemon
        self.url = f"http://127.0.0.1:{daemon.port}"

    def wait_for_runs(self, count: int) -> None:
        def are_over() -> bool:
            runs = self.program.json("history", "--json")
            return sum(run["finished_at"] is not None for run in runs["executions"]) >= count

        wait_until(are_over, f"{count} finished runs")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The starter configuration, a command that ran, one that is broken and one that is switched off."""
    program = Program(tmp_path_factory.mktemp("site"))
    assert program.run("config", "init").returncode == 0
    program.write("commands/by-hand.yaml", MANUAL)
    program.write("commands/broken.yaml", BROKEN)
    program.write("commands/off.yaml", f"{MANUAL}enabled: false\n")
    with program.serve() as daemon:
        site = Site(program, daemon)
        site.wait_for_runs(1)
        yield site


@pytest.fixture(scope="module")
def paths(site: Site, browser: "Browser") -> list[str]:
    """Every address that the pages lead to, one of each shape."""
    context = browser.new_context()
    found: list[str] = []
    shapes: set[str] = set()
    waiting = ["/", "/nothing"]
    while waiting and len(found) < MOST_PAGES:
        path = waiting.pop(0)
        shape = re.sub(r"\d+|commands/(?!new)[^/?]+", "…", path)
        if shape in shapes:
            continue
        shapes.add(shape)
        answer = context.request.get(f"{site.url}{path}", max_redirects=0)
        if "text/html" in answer.headers.get("content-type", "") and "attachment" not in str(answer.headers):
            found.append(path)
            waiting += [link.replace("&amp;", "&") for link in LINK.findall(answer.text())]
    context.close()
    return [*found, "/commands/broken", "/commands/off"]


def test_the_pages_lead_to_each_other(paths: list[str]) -> None:
    assert {"/", "/history", "/api/docs"} < set(paths)
    assert len(paths) < MOST_PAGES


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
def test_everybody_gets_along(
    site: Site, paths: list[str], browser: "Browser", way: dict[str, object]
) -> None:
    context = browser.new_context(**way)  # type: ignore[arg-type]  # its options, one by one
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda line: complaints.append(f"{page.url}: {line.text}") if line.type == "error" else None,
    )
    for path in paths:
        answer = page.goto(f"{site.url}{path}", wait_until="load")
        assert answer is not None
        assert answer.status == (404 if path == "/nothing" else 200), path
        page.locator("details").evaluate_all("all => all.forEach((one) => (one.open = true))")
        complaints += [f"{path}: {fault}" for fault in page.evaluate(ACCESSIBILITY)]
    context.close()
    faults = [one for one in complaints if "status of 404" not in one]
    assert not faults, "\n".join(faults)


def test_the_keyboard_alone_starts_a_run_and_two_tabs_see_it(site: Site, page: "Page") -> None:
    other = page.context.new_page()
    other.goto(site.url)
    page.goto(site.url)
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText").split() == ["Run", "by-hand"]:
            break
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("A run of by-hand is queued")
    for tab in (page, other):
        expect(tab.locator("#command-by-hand")).to_contain_text("succeeded")
        expect(tab.locator("#command-by-hand .strip rect")).not_to_have_count(0)


def test_a_file_breaks_and_heals_on_an_open_page(site: Site, page: "Page") -> None:
    page.goto(site.url)
    card = page.locator("#command-demo-favourites")
    good = (site.program.config / FAVOURITES).read_text(encoding="utf-8")
    site.program.write(FAVOURITES, f"{good}bogus: 1\n")
    expect(card).to_contain_text("file is broken")
    expect(card.locator(".excerpt")).to_contain_text("^")
    site.program.write(FAVOURITES, good)
    expect(card).not_to_contain_text("file is broken")


def test_a_restarted_daemon_is_caught_up_with(tmp_path: Path, page: "Page") -> None:
    program = Program(tmp_path)
    assert program.run("config", "init").returncode == 0
    with program.serve() as daemon:
        page.goto(f"http://127.0.0.1:{daemon.port}/")
        expect(page.locator("#command-demo-favourites")).to_be_visible()
        daemon.stop()
    expect(page.locator("#live")).to_contain_text("Not live")
    program.write("commands/later.yaml", MANUAL)
    with program.serve():
        expect(page.locator("#command-later")).to_be_visible(timeout=15_000)
        expect(page.locator("#live")).to_be_hidden()
        page.get_by_role("button", name="Run later", exact=True).click()
        expect(page.locator("#command-later")).to_contain_text("succeeded")
