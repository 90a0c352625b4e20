"""Schedules as times: Debian's meaning, clock changes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.config.cron import next_due

BERLIN = ZoneInfo("Europe/Berlin")
CLOCK_BACK = datetime(2026, 10, 25, tzinfo=BERLIN)  # 03:00 summer time becomes 02:00
CLOCK_FORWARD = datetime(2026, 3, 29, tzinfo=BERLIN)  # 02:00 becomes 03:00


def dues(schedule: str, start: datetime, until: datetime) -> list[str]:
    found = []
    moment = start.astimezone(UTC)
    while (due := next_due(schedule, BERLIN, moment)) and due < until.astimezone(UTC):
        found.append(due.strftime("%d %H:%M"))
        moment = due
    return found


def test_a_nightly_job_runs_once_when_the_hour_is_missing() -> None:
    assert dues("30 2 * * *", CLOCK_FORWARD, CLOCK_FORWARD + timedelta(days=2)) == ["29 01:00", "30 00:30"]


def test_a_nightly_job_runs_once_when_the_hour_comes_twice() -> None:
    assert dues("30 2 * * *", CLOCK_BACK, CLOCK_BACK + timedelta(days=2)) == ["25 00:30", "26 01:30"]


@pytest.mark.parametrize("minute", range(0, 60, 7))
def test_asking_within_the_repeated_hour_never_answers_with_the_past(minute: int) -> None:
    second_pass = datetime(2026, 10, 25, 1, minute, tzinfo=UTC)
    assert next_due("30 2 * * *", BERLIN, second_pass) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_an_hourly_job_follows_real_time_through_both_nights() -> None:
    for night in (CLOCK_BACK, CLOCK_FORWARD):
        start = night.astimezone(UTC)
        moments = dues("@hourly", night, night + timedelta(hours=6))
        hours = [int(moment[3:5]) for moment in moments]
        assert hours == [(start.hour + step) % 24 for step in range(1, len(hours) + 1)]


def test_every_few_minutes_is_even_through_the_repeated_hour() -> None:
    moment = datetime(2026, 10, 24, 23, 50, tzinfo=UTC)
    for _ in range(30):
        due = next_due("*/10 * * * *", BERLIN, moment)
        assert due == moment + timedelta(minutes=10)
        moment = due


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("@daily", "2026-11-23T00:00"),
        ("@weekly", "2026-11-29T00:00"),
        ("@monthly", "2026-12-01T00:00"),
        ("0 0 * * 0", "2026-11-29T00:00"),
        ("0 0 * * 7", "2026-11-29T00:00"),
        ("15 6 * * mon-fri", "2026-11-23T06:15"),
    ],
)
def test_names_and_week_days(schedule: str, expected: str) -> None:
    after = datetime(2026, 11, 22, 12, tzinfo=UTC)
    due = next_due(schedule, ZoneInfo("UTC"), after)
    assert due == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_manual_is_never_due() -> None:
    assert next_due("manual", BERLIN, CLOCK_BACK) is None


@pytest.mark.parametrize("text", ["", "x", "* * * *", "61 * * * *", "@yearly"])
def test_a_text_that_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no schedule"):
        next_due(text, BERLIN, CLOCK_BACK)


@settings(deadline=None, max_examples=60)
@given(
    minute=st.sampled_from(["0", "30", "*/7", "5,55"]),
    hour=st.sampled_from(["2", "*", "1-3", "*/6"]),
    minutes_on=st.integers(0, 365 * 24 * 60),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC", "Asia/Kolkata"]),
)
def test_the_next_time_is_later_than_now(minute: str, hour: str, minutes_on: int, zone: str) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes_on)
    due = next_due(f"{minute} {hour} * * *", ZoneInfo(zone), moment)
    assert due is not None
    assert moment < due <= moment + timedelta(days=2)
