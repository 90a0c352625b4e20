"""Plots: one point a run, a line only for one command, and the same in words."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cmdarr.models.execution import Status
from cmdarr.storage.run_line import RunFigure
from cmdarr.web.pages.plots import draw_plots

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def figure(number: int, *, matched: int | None = None, took: float = 1.0, command: str = "a") -> RunFigure:
    return RunFigure(
        id=number, command=command, status=Status.SUCCEEDED, at=NOON + timedelta(hours=number), duration_s=took,
        matched=matched, tracks=None if matched is None else 100,
    )  # fmt: skip


def test_a_single_run_is_no_plot() -> None:
    assert draw_plots([], BERLIN) == []
    assert draw_plots([figure(1, matched=3)], BERLIN) == []


def test_points_go_from_the_oldest_to_the_newest() -> None:
    rate, duration = draw_plots([figure(2, matched=90), figure(1, matched=70), figure(0, matched=80)], BERLIN)
    assert rate.sentence == "Match rate of the last 3 runs: last 90 %, lowest 70 %, highest 90 %."
    assert (rate.top, rate.bottom, rate.first, rate.last) == (
        "100 %",
        "60 %",
        "2026-11-22 13:00",
        "2026-11-22 15:00",
    )
    places = [float(x) for x in re.findall(r'd="M([\d.]+)', rate.picture)]
    assert places == sorted(places)
    assert len(places) == 3
    assert "polyline" in rate.picture
    assert duration.title == "Duration"


def test_runs_of_several_commands_are_not_joined() -> None:
    (plot,) = draw_plots([figure(1), figure(0, command="b")], BERLIN)
    assert "polyline" not in plot.picture


def test_equal_values_and_equal_times_can_be_drawn() -> None:
    plots = draw_plots([figure(0, matched=0, took=0.0), figure(0, matched=0, took=0.0)], BERLIN)
    assert "nan" not in "".join(plot.picture for plot in plots)


def test_nearly_all_is_not_all() -> None:
    rate = draw_plots([figure(1, matched=99), figure(0, matched=100)], BERLIN)[0]
    assert "lowest 99 %" in rate.sentence


def test_names_of_commands_are_text() -> None:
    (plot,) = draw_plots([figure(1, command="<b>"), figure(0, command="<b>")], BERLIN)
    assert "<b>" not in plot.picture
