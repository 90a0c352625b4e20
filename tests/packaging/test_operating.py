"""What operators are handed: the dashboard asks for metrics that exist, the unit is one that systemd takes."""

import configparser
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from fakes_docs import DOCS, text_of
from fakes_web import SETTINGS, WebRoom, make_room
from prometheus_client import parser

DASHBOARD: dict[str, Any] = json.loads(text_of(DOCS / "grafana/cmdarr.json"))
UNIT = DOCS / "systemd/cmdarr.service"
OPERATIONS = DOCS / "operations.md"
_METRIC = re.compile(r"\b(?:cmdarr|process)_[a-z_]+\b")


@pytest.fixture(scope="module")
def exposed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return every name that a sample of a real daemon can have, with the name of its family."""
    room: WebRoom = make_room(tmp_path_factory.mktemp("exposed"), SETTINGS)
    with room.serve():
        families = list(parser.text_string_to_metric_families(room.get("/metrics").text))
    return {
        f"{family.name}{ending}": family.name
        for family in families
        for ending in ("", "_total", "_info", "_bucket", "_sum", "_count")
    }


def queries() -> list[str]:
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


def test_every_query_of_the_dashboard_asks_for_metrics_that_exist(
    exposed: dict[str, str],
) -> None:
    asked = {name for query in queries() for name in _METRIC.findall(query)}
    assert len(asked) >= 20
    assert asked - exposed.keys() == set()


def test_every_metric_that_the_page_names_exists(exposed: dict[str, str]) -> None:
    named = set(re.findall(r"`(cmdarr_[a-z_]+)", text_of(OPERATIONS)))
    named |= set(_METRIC.findall("\n".join(re.findall(r"^ +expr: (.*)$", text_of(OPERATIONS), re.MULTILINE))))
    assert len(named) >= 20
    assert named - exposed.keys() == set()


def test_the_page_names_every_metric(exposed: dict[str, str]) -> None:
    page = text_of(OPERATIONS)
    ours = {name for name in exposed.values() if name.startswith("cmdarr_")}
    assert [name for name in sorted(ours) if f"`{name}" not in page] == []


def test_the_dashboard_has_no_panel_on_another_and_no_fixed_data_source() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken and place["x"] + place["w"] <= 24
        taken |= cells
        assert panel["datasource"]["uid"] == "${datasource}"
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_brackets_of_every_query_are_closed() -> None:
    for query in queries():
        for left, right in ("()", "{}", "[]"):
            assert query.count(left) == query.count(right), query


def test_the_unit_starts_the_daemon_and_lets_it_write_nothing_else() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]  # keys of systemd have capitals
    unit.read(UNIT)
    service = unit["Service"]
    assert service["ExecStart"].endswith("cmdarr serve")
    assert service["ProtectSystem"] == "strict" and service["StateDirectory"] == "cmdarr"
    assert service["CapabilityBoundingSet"] == "" and service["NoNewPrivileges"] == "yes"
    assert service["RestartPreventExitStatus"] == "78"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "cmdarr.service"
    unit.write_text(text_of(UNIT).replace("/opt/cmdarr/bin/cmdarr", "/bin/true"))
    called = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (called.returncode, called.stderr) == (0, "")
