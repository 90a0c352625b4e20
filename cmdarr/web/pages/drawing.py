"""Small pictures, drawn on the server as SVG: the strip of a command's last runs and the timeline of all."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cmdarr.storage.run_outline import RunOutline
from cmdarr.web.pages.words import local_time, span

if TYPE_CHECKING:
    from markupsafe import Markup

STRIP_RUNS = 24
_BAR, _GAP, _HEIGHT = 6, 2, 28
_LEAST, _LONGEST_S = 9, 1800.0
WINDOW = timedelta(hours=24)
_WIDTH, _MIDDLE, _LANE, _LANES = 1000.0, 500.0, 12.0, 6
_FEWEST_LANES = 3
_SMALLEST = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """A picture of the runs around now, the labels below it, and the same in a sentence."""

    picture: "Markup"
    labels: Sequence[str]
    sentence: str


@dataclass(frozen=True, slots=True)
class _Mark:
    """One thing on the timeline: from `left` to `right` in the units of the picture."""

    left: float
    right: float
    status: str
    title: str


def draw_strip(command: str, runs: Sequence[RunOutline], zone: ZoneInfo) -> "Markup":
    """Draw the last runs of a command, oldest first: the colour says how each ended, the height how long it took."""
    from markupsafe import Markup

    shown = list(reversed(runs[:STRIP_RUNS]))
    bars = []
    for place, run in enumerate(shown, start=STRIP_RUNS - len(shown)):
        height = _bar_height(run.duration_s)
        bars.append(
            Markup(
                '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="1"><title>{}</title></rect>'
            ).format(
                _class_of(run), place * (_BAR + _GAP), _HEIGHT - height, _BAR, height, _run_title(run, zone)
            )
        )
    width = STRIP_RUNS * (_BAR + _GAP) - _GAP
    count = "run" if len(shown) == 1 else f"{len(shown)} runs"
    label = f"The last {count} of {command}" if shown else f"{command} has not run yet"
    base = Markup('<line class="base" x1="0" x2="{0}" y1="{1}" y2="{1}"/>').format(width, _HEIGHT - 0.5)
    return Markup('<svg class="strip" role="img" aria-label="{}" viewBox="0 0 {} {}">{}{}</svg>').format(
        label, width, _HEIGHT, base, Markup("").join(bars)
    )


def draw_timeline(
    runs: Iterable[RunOutline], dues: Iterable[tuple[str, datetime]], now: datetime, zone: ZoneInfo
) -> Timeline:
    """Draw the runs of the last 24 hours and the due times of the next 24."""
    from markupsafe import Markup

    past = [_mark_of_run(run, now, zone) for run in runs]
    future = [_mark_of_due(command, due, now, zone) for command, due in dues]
    placed = list(_in_lanes([*past, *future]))
    height = max(_FEWEST_LANES, *(lane + 1 for lane, _ in placed), 0) * _LANE
    hours = [
        Markup('<line class="hour" x1="{0:.1f}" x2="{0:.1f}" y1="0" y2="{1}"/>').format(x, height)
        for x in (_MIDDLE / 2 * step for step in (1, 3))
    ]
    marks = Markup("".join(_draw_mark(lane, mark) for lane, mark in placed))  # noqa: S704 - each is escaped
    middle = Markup('<line class="now" x1="{0}" x2="{0}" y1="0" y2="{1}"/>').format(_MIDDLE, height)
    sentence = _sentence(past, future)
    picture = Markup(
        '<svg role="img" aria-label="{}" height="{}" viewBox="0 0 {} {}" preserveAspectRatio="none">{}{}{}</svg>'
    ).format(sentence, round(height), _WIDTH, height, Markup("").join(hours), middle, marks)
    labels = [_label(now + WINDOW * share, zone, share) for share in (-1.0, -0.5, 0.0, 0.5, 1.0)]
    return Timeline(picture=picture, labels=labels, sentence=sentence)


def _draw_mark(lane: int, mark: _Mark) -> str:
    """Return a mark as SVG; by hand, as there may be thousands and `Markup.format` takes ten times as long."""
    return (
        f'<rect class="{escape(mark.status)}" x="{mark.left:.1f}" y="{lane * _LANE + 1:.1f}" '
        f'width="{mark.right - mark.left:.1f}" height="{_LANE - 2}" rx="2"><title>{escape(mark.title)}</title></rect>'
    )


def _bar_height(duration_s: float | None) -> int:
    if not duration_s:
        return _LEAST
    share = math.log1p(duration_s) / math.log1p(_LONGEST_S)
    return round(_LEAST + (_HEIGHT - _LEAST) * min(share, 1.0))


def _class_of(run: RunOutline) -> str:
    return f"{run.status.value} dry" if run.dry_run else run.status.value


def _run_title(run: RunOutline, zone: ZoneInfo) -> str:
    took = f", took {span(run.duration_s)}" if run.duration_s is not None else ""
    dry = " (dry run)" if run.dry_run else ""
    return f"{run.status.value}{dry}, {local_time(run.started_at or run.queued_at, zone)}{took}"


def _x(moment: datetime, now: datetime) -> float:
    return _MIDDLE + (moment - now) / WINDOW * _MIDDLE


def _mark_of_run(run: RunOutline, now: datetime, zone: ZoneInfo) -> _Mark:
    left = max(_x(run.started_at or run.queued_at, now), 0.0)
    right = min(_x(run.finished_at or now, now), _MIDDLE)
    if right - left < _SMALLEST:
        left = max(right - _SMALLEST, 0.0)
        right = left + _SMALLEST
    return _Mark(left, right, _class_of(run), f"{run.command}: {_run_title(run, zone)}")


def _mark_of_due(command: str, due: datetime, now: datetime, zone: ZoneInfo) -> _Mark:
    left = min(_x(due, now), _WIDTH - _SMALLEST)
    return _Mark(left, left + _SMALLEST, "due", f"{command}: due {local_time(due, zone)}")


def _in_lanes(marks: Iterable[_Mark]) -> Iterable[tuple[int, _Mark]]:
    """Put marks that overlap into lanes of their own, as far as there are lanes."""
    ends = [-1.0] * _LANES
    for mark in sorted(marks, key=lambda one: one.left):
        free = [lane for lane, end in enumerate(ends) if end <= mark.left]
        lane = free[0] if free else ends.index(min(ends))
        ends[lane] = mark.right
        yield lane, mark


def _sentence(past: Sequence[_Mark], future: Sequence[_Mark]) -> str:
    failed = sum("failed" in mark.status for mark in past)
    bad = f", {failed} failed" if failed else ""
    return f"{_count(past, 'run')} in the last 24 hours{bad}; {len(future)} due in the next 24."


def _count(marks: Sequence[_Mark], noun: str) -> str:
    return f"{len(marks)} {noun}{'' if len(marks) == 1 else 's'}"


def _label(moment: datetime, zone: ZoneInfo, share: float) -> str:
    return "now" if share == 0.0 else moment.astimezone(zone).strftime("%a %H:%M")
