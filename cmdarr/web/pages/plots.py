"""Plots over the last runs, drawn on the server as SVG: how much was matched, and how long it took."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cmdarr.storage.run_line import RunFigure
from cmdarr.web.pages.words import local_time, span

if TYPE_CHECKING:
    from markupsafe import Markup

PLOTTED_RUNS = 100
_FEWEST = 2
_WIDTH, _HEIGHT, _EDGE = 600.0, 120.0, 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A picture with its title, what the edges stand for, and the same in a sentence."""

    title: str
    picture: "Markup"
    top: str
    bottom: str
    first: str
    last: str
    sentence: str


@dataclass(frozen=True, slots=True)
class _Point:
    at: datetime
    value: float
    status: str
    title: str


def draw_plots(figures: Sequence[RunFigure], zone: ZoneInfo) -> list[Plot]:
    """Draw what there is to draw; runs of one command are joined by a line. `figures` are newest first."""
    matched = [
        _Point(one.at, one.matched / one.tracks, one.status.value, _title(one, zone))
        for one in reversed(figures)
        if one.matched is not None and one.tracks
    ]
    took = [_Point(one.at, one.duration_s, one.status.value, _title(one, zone)) for one in reversed(figures)]
    is_joined = len({one.command for one in figures}) == 1
    found = []
    if len(matched) >= _FEWEST:
        lowest = math.floor(min(point.value for point in matched) * 10 - 1e-9) / 10
        found.append(
            _draw("Match rate", matched, max(lowest, 0.0), 1.0, _percent, zone=zone, is_joined=is_joined)
        )
    if len(took) >= _FEWEST:
        longest = max(point.value for point in took) or 1.0
        found.append(_draw("Duration", took, 0.0, longest, span, zone=zone, is_joined=is_joined))
    return found


def _draw(
    title: str,
    points: Sequence[_Point],
    low: float,
    high: float,
    words: Callable[[float], str],
    *,
    zone: ZoneInfo,
    is_joined: bool,
) -> Plot:
    from markupsafe import Markup

    places = [(_x(point.at, points), _y(point.value, low, high)) for point in points]
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    line = Markup('<polyline points="{}"/>').format(joined) if is_joined else Markup("")
    dots = Markup("").join(
        Markup('<path class="{}" d="M{:.1f} {:.1f}h.01"><title>{}</title></path>').format(
            point.status, x, y, point.title
        )
        for point, (x, y) in zip(points, places, strict=True)
    )
    middle = Markup('<line class="base" x1="0" x2="{0}" y1="{1}" y2="{1}"/>').format(_WIDTH, _HEIGHT / 2)
    values = [point.value for point in points]
    sentence = (
        f"{title} of the last {len(points)} runs: last {words(values[-1])}, "
        f"lowest {words(min(values))}, highest {words(max(values))}."
    )
    picture = Markup(
        '<svg role="img" aria-label="{}" viewBox="0 0 {} {}" preserveAspectRatio="none">{}{}{}</svg>'
    ).format(sentence, _WIDTH, _HEIGHT, middle, line, dots)
    return Plot(
        title=title,
        picture=picture,
        top=words(high),
        bottom="0" if low == 0 else words(low),
        first=local_time(points[0].at, zone),
        last=local_time(points[-1].at, zone),
        sentence=sentence,
    )


def _x(at: datetime, points: Sequence[_Point]) -> float:
    first, last = points[0].at, points[-1].at
    share = (at - first) / (last - first) if last > first else 0.5
    return _EDGE + max(share, 0.0) * (_WIDTH - 2 * _EDGE)


def _y(value: float, low: float, high: float) -> float:
    share = (value - low) / (high - low) if high > low else 0.5
    return _HEIGHT - _EDGE - share * (_HEIGHT - 2 * _EDGE)


def _percent(share: float) -> str:
    return f"{math.floor(share * 100)} %"  # 999 of 1000 is not all


def _title(one: RunFigure, zone: ZoneInfo) -> str:
    matched = f", {one.matched} of {one.tracks} matched" if one.tracks else ""
    return (
        f"{one.command}, {local_time(one.at, zone)}: {one.status.value}{matched}, took {span(one.duration_s)}"
    )
