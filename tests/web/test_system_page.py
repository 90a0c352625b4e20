"""The page of the system: checks of services, versions, and the end of the log."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes_http import HttpServer
from fakes_lidarr import KEY, FakeLidarr
from fakes_web import SETTINGS, WebRoom, make_room

import cmdarr


def row(page: str, name: str) -> str:
    found = re.search(rf'<tr id="service-{name}">.*?</tr>', page, re.DOTALL)
    assert found, name
    return found.group(0)


def settings(url: str) -> str:
    lidarr = f"lidarr: {{url: '{url}', api_key: {KEY}}}"
    off = f"spare: {{type: lidarr, url: '{url}', api_key: {KEY}, enabled: false}}"
    down = f"attic: {{type: lidarr, url: 'http://127.0.0.1:9', api_key: {KEY}}}"
    return f"{SETTINGS[:-2]}, {lidarr}, {off}, {down}}}\n"


@pytest.fixture
def lidarr() -> Iterator[HttpServer]:
    server = HttpServer(FakeLidarr())
    yield server
    server.stop()


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    logger = logging.getLogger("cmdarr.tests.system")
    logger.setLevel(logging.DEBUG)
    yield logger
    logger.setLevel(logging.NOTSET)


def test_versions_paths_and_links(shared: WebRoom) -> None:
    page = shared.get("/system").text
    assert cmdarr.__version__ in page
    assert str(shared.config.resolve()) in page and str((shared.root / "data").resolve()) in page
    for path in ("/health", "/metrics", "/api/docs", "/api/openapi.json"):
        assert f'href="{path}"' in page
        assert shared.get(path).status == 200, path
    assert "Not well" not in page


def test_services_are_asked_with_a_button_and_remembered(tmp_path: Path, lidarr: HttpServer) -> None:
    with make_room(tmp_path, settings(lidarr.url)).serve() as room:
        page = room.get("/system").text
        assert "not asked yet" in row(page, "lidarr") and "disabled" in row(page, "spare")
        assert lidarr.seen == []
        answer = room.submit("/system/check")
        assert (answer.status, answer.headers["location"]) == (303, "/system#services")
        page = room.get("/system").text
        assert "2 of 3 services answered; not attic." in page
        assert re.search(r'class="status succeeded">answers<.*ok \(Lidarr', row(page, "lidarr"), re.DOTALL)
        assert 'class="status failed">fails<' in row(page, "attic")
        assert "127.0.0.1:9" in row(page, "attic")
        assert "ok (music in " in row(page, "files")
        assert "disabled" in row(page, "spare") and "Check" not in row(page, "spare")
        assert KEY not in page
        assert room.post("/api/services/check").json()["services"]
        room.write("settings.yaml", settings(lidarr.url).replace("127.0.0.1:9", "127.0.0.1:10"))
        room.control.reload()
        page = room.get("/system").text
        assert "not asked yet" in row(page, "attic") and "answers" in row(page, "lidarr")


def test_one_service_is_asked_alone(tmp_path: Path, lidarr: HttpServer) -> None:
    with make_room(tmp_path, settings(lidarr.url)).serve() as room:
        room.submit("/system/check", {"name": "lidarr"})
        page = room.get("/system").text
        assert re.search(r'class="notice done">lidarr: ok', page)
        assert "not asked yet" in row(page, "attic")
        for name in ("spare", "none"):
            room.submit("/system/check", {"name": name})
            assert f"settings.yaml has no enabled service &#39;{name}&#39;" in room.get("/system").text


def test_the_log_is_shown_by_level_newest_first_and_masked(
    tmp_path: Path, lidarr: HttpServer, logger: logging.Logger
) -> None:
    with make_room(tmp_path, settings(lidarr.url)).serve() as room, room.control.log_tail.attached():
        logger.info("an <b>early</b> line with %s", KEY)
        logger.warning("something is odd")
        page = room.get("/system").text
        lines = re.findall(r'<li class="(\w+)">.*?class="line-text">(.*?)</span>', page, re.DOTALL)
        assert lines[0] == ("warning", "something is odd")
        assert lines[1][1].startswith("an &lt;b&gt;early&lt;/b&gt; line with ") and KEY not in page
        page = room.get("/system?level=warning").text
        assert "something is odd" in page and "early" not in page
        assert '<option value="warning" selected>' in page
        assert "No line of this level yet." in room.get("/system?level=error").text
        assert room.get("/system?level=loud").status == 400


def test_no_more_lines_are_shown_than_promised(shared: WebRoom, logger: logging.Logger) -> None:
    with shared.control.log_tail.attached():
        for number in range(300):
            logger.info("line %d", number)
    page = shared.get("/system").text
    assert page.count('class="line-text"') == 200
    assert "line 299<" in page and "line 99<" not in page
