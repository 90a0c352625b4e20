"""Words and pictures of the pages: pure functions."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.config.cron import next_due
from cmdarr.models.execution import Status
from cmdarr.storage.run_outline import RunOutline
from cmdarr.web.pages.drawing import STRIP_RUNS, draw_strip, draw_timeline
from cmdarr.web.pages.words import ago, clock_time, number, prose, schedule_in_words, size, span, until

NOW = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ("0 */6 * * *", "every 6 hours"),
        ("20 */6 * * *", "every 6 hours, 20 min past"),
        ("*/15 * * * *", "every 15 minutes"),
        ("* * * * *", "every minute"),
        ("0 * * * *", "every hour"),
        ("5 * * * *", "every hour, 5 min past"),
        ("30 3 * * *", "every day at 03:30"),
        ("0 7 * * 5", "every Friday at 07:00"),
        ("0 7 * * 0", "every Sunday at 07:00"),
        ("0 7 * * 7", "every Sunday at 07:00"),
        ("0 7 * * mon,thu", "every Monday and Thursday at 07:00"),
        ("0 7 * * 1,3,5", "every Monday, Wednesday and Friday at 07:00"),
        ("0 7 * * 1-5", "every working day at 07:00"),
        ("0 4 1 * *", "on day 1 of every month at 04:00"),
        ("@hourly", "every hour"),
        ("@weekly", "every Sunday at 00:00"),
        ("manual", "only by hand"),
        ("0 4 1 1 *", "cron 0 4 1 1 *"),
        ("0 4 1 * 5", "cron 0 4 1 * 5"),
        ("0-5 4 * * *", "cron 0-5 4 * * *"),
        ("0 */5 * * *", "cron 0 */5 * * *"),
        ("*/7 * * * *", "cron */7 * * * *"),
    ],
)
def test_schedules_in_words(schedule: str, words: str) -> None:
    assert schedule_in_words(schedule) == words


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 30), st.sampled_from(["minutes", "hours"]))
def test_every_so_often_is_said_only_of_what_comes_so_often(step: int, unit: str) -> None:
    schedule = f"*/{step} * * * *" if unit == "minutes" else f"0 */{min(step, 23)} * * *"
    words = schedule_in_words(schedule)
    if words.startswith("cron"):
        return
    dues = [NOW]
    for _ in range(70):
        due = next_due(schedule, UTC_ZONE, dues[-1])
        assert due is not None
        dues.append(due)
    gaps = {later - earlier for earlier, later in pairwise(dues[1:])}
    assert len(gaps) == 1


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.25, "0.2 s"),
        (9.96, "10.0 s"),
        (48, "48 s"),
        (60, "1 min"),
        (7800, "2 h 10 min"),
        (7200, "2 h"),
        (90061, "1 d 1 h"),
    ],
)
def test_spans(seconds: float, text: str) -> None:
    assert span(seconds) == text


def test_times_relative_and_exact() -> None:
    assert ago(NOW - timedelta(minutes=5), NOW) == "5 min ago"
    assert ago(NOW, NOW) == "just now"
    assert until(NOW + timedelta(hours=2, minutes=10), NOW) == "in 2 h 10 min"
    assert until(NOW - timedelta(seconds=1), NOW) == "now"
    assert clock_time(NOW, ZoneInfo("Europe/Berlin"), NOW) == "15:02"
    assert clock_time(NOW - timedelta(days=1), UTC_ZONE, NOW) == "2026-11-21 14:02"


def test_numbers_and_sizes() -> None:
    assert number(1234567) == "1\u202f234\u202f567"
    assert [size(count) for count in (0, 1500, 2_000_000, 3_400_000_000)] == [
        "0 B",
        "1.5 kB",
        "2.0 MB",
        "3.4 GB",
    ]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("run `cmdarr x` now", "run <code>cmdarr x</code> now"),
        ("<b> & `<i>`", "&lt;b&gt; &amp; <code>&lt;i&gt;</code>"),
        ("one ` alone", "one ` alone"),
        ("", ""),
    ],
)
def test_prose(text: str, html: str) -> None:
    assert str(prose(text)) == html


def outline(
    number: int = 1, command: str = "x", begun: timedelta = timedelta(), took_s: float | None = 1.0
) -> RunOutline:
    started = NOW - begun
    return RunOutline(
        id=number,
        command="x",
        status=Status.SUCCEEDED if took_s is not None else Status.RUNNING,
        dry_run=False,
        queued_at=started,
        started_at=started,
        finished_at=started + timedelta(seconds=took_s) if took_s is not None else None,
        changes=0,
    )


def test_a_strip_holds_so_many_runs_and_escapes_names() -> None:
    picture = str(draw_strip('"><script>', [outline(number) for number in range(100)], UTC_ZONE))
    assert picture.count("<rect") == STRIP_RUNS
    assert "<script>" not in picture


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.floats(-1, 30), st.one_of(st.none(), st.floats(0, 200_000))), max_size=60),
    st.lists(st.floats(0, 24), max_size=60),
)
def test_everything_on_the_timeline_lies_inside_of_it(
    runs: list[tuple[float, float | None]], dues: list[float]
) -> None:
    import re

    timeline = draw_timeline(
        [outline(begun=timedelta(hours=hours), took_s=took) for hours, took in runs],
        [("y", NOW + timedelta(hours=hours)) for hours in dues],
        NOW,
        UTC_ZONE,
    )
    marks = re.findall(r'x="([\d.-]+)" y="([\d.-]+)" width="([\d.-]+)"', str(timeline.picture))
    assert len(marks) == len(runs) + len(dues)
    for x, y, width in marks:
        assert 0 <= float(x) <= 1000
        assert float(x) + float(width) <= 1000.05
        assert float(width) >= 3.9
        assert 0 <= float(y) < 72
