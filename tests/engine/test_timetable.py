"""Due times as pure values: the nights of clock changes, the grace, the last of several."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from fakes_engine import NOON, make_entry, make_snapshot
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.config.effective import next_run
from cmdarr.config.snapshot import CommandState
from cmdarr.engine.timetable import Timing, new_slot, planned_timings

HOUR = timedelta(hours=1)


def runs_of_night(schedule: str, zone: str, night: date) -> list[str]:
    """The local times at which a schedule is due on one local day."""
    timing = Timing(schedule, ZoneInfo(zone))
    start = datetime(night.year, night.month, night.day, tzinfo=timing.zone)
    due, dues = timing.next_after(start - timedelta(seconds=1)), []
    while due is not None and due.astimezone(timing.zone).date() == night:
        dues.append(due.astimezone(timing.zone).isoformat()[11:])
        due = timing.next_after(due)
    return dues


@pytest.mark.parametrize(
    ("zone", "night"),
    [
        ("Europe/Berlin", date(2026, 3, 29)),
        ("Europe/Berlin", date(2026, 10, 25)),
        ("America/New_York", date(2026, 3, 8)),
        ("America/New_York", date(2026, 11, 1)),
        ("Australia/Lord_Howe", date(2026, 10, 4)),
        ("Australia/Lord_Howe", date(2026, 4, 5)),
        ("Africa/Casablanca", date(2026, 2, 15)),
        ("Africa/Casablanca", date(2026, 3, 22)),
    ],
)
@pytest.mark.parametrize("minute", ["0 1", "30 1", "45 1", "0 2", "15 2", "30 2", "45 2", "0 3", "30 3"])
def test_a_job_with_a_fixed_time_runs_once_on_the_night_of_a_clock_change(
    zone: str, night: date, minute: str
) -> None:
    assert len(runs_of_night(f"{minute} * * *", zone, night)) == 1


def test_the_missing_hour_is_made_up_right_after_the_gap() -> None:
    assert runs_of_night("30 2 * * *", "Europe/Berlin", date(2026, 3, 29)) == ["03:00:00+02:00"]


def test_the_doubled_hour_counts_the_first_time() -> None:
    assert runs_of_night("30 2 * * *", "Europe/Berlin", date(2026, 10, 25)) == ["02:30:00+02:00"]


@pytest.mark.parametrize(("night", "runs"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_an_hourly_job_follows_real_time(night: date, runs: int) -> None:
    assert len(runs_of_night("0 * * * *", "Europe/Berlin", night)) == runs


@given(
    minute=st.sampled_from(["*", "*/5", "*/17", "0", "30", "59"]),
    hour=st.sampled_from(["*", "2", "*/3", "1-3", "23"]),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Africa/Casablanca", "Asia/Kathmandu"]),
    start=st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - made aware below
    span=st.timedeltas(timedelta(), timedelta(days=2)),
)
@settings(deadline=None, max_examples=60)
def test_last_within_is_the_last_of_the_walk(
    minute: str, hour: str, zone: str, start: datetime, span: timedelta
) -> None:
    timing = Timing(f"{minute} {hour} * * *", ZoneInfo(zone))
    after = start.replace(tzinfo=UTC)
    last, due = None, timing.next_after(after)
    while due is not None and due <= after + span:
        last, due = due, timing.next_after(due)
    assert timing.last_within(after, after + span) == last


def test_last_within_a_year_of_minutes_is_found_at_once() -> None:
    timing = Timing("* * * * *", ZoneInfo("UTC"))
    assert timing.last_within(NOON - timedelta(days=365), NOON) == NOON


def test_a_run_missed_by_no_more_than_the_grace_is_due() -> None:
    slot = new_slot("nightly", Timing("0 3 * * *", ZoneInfo("UTC")), NOON - timedelta(days=1))
    assert slot.due_to_run(NOON, 12 * HOUR) == NOON.replace(hour=3)
    assert slot.due_to_run(NOON, 8 * HOUR) is None


def test_of_several_missed_runs_the_last_is_made_up() -> None:
    slot = new_slot("hourly", Timing("@hourly", ZoneInfo("UTC")), NOON - timedelta(days=30))
    assert slot.due_to_run(NOON + timedelta(minutes=20), 2 * HOUR) == NOON


def test_without_grace_a_run_is_still_due_for_a_minute() -> None:
    slot = new_slot("hourly", Timing("@hourly", ZoneInfo("UTC")), NOON - HOUR)
    assert slot.due_to_run(NOON + timedelta(seconds=59), timedelta()) == NOON
    assert slot.due_to_run(NOON + timedelta(seconds=61), timedelta()) is None


def test_manual_disabled_broken_expired_and_unavailable_commands_are_never_planned() -> None:
    snapshot = make_snapshot(
        make_entry("on"),
        make_entry("last-good", state=CommandState.LAST_GOOD),
        make_entry("by-hand", schedule="manual"),
        make_entry("off", enabled=False),
        make_entry("broken", state=CommandState.BROKEN),
        make_entry("later", state=CommandState.UNAVAILABLE),
        make_entry("over", expires=NOON.date()),
        make_entry("over-at-load", state=CommandState.EXPIRED),
    )
    assert set(planned_timings(snapshot, NOON)) == {"on", "last-good"}


def test_a_command_without_a_schedule_takes_the_one_of_the_settings() -> None:
    snapshot = make_snapshot(make_entry("x"), schedule="15 4 * * *", timezone="Europe/Berlin")
    assert next_run(snapshot.commands["x"], snapshot.settings, NOON) == datetime(
        2026, 5, 5, 2, 15, tzinfo=UTC
    )


def test_next_run_is_none_when_the_command_expires_before() -> None:
    snapshot = make_snapshot(make_entry("x", schedule="0 3 * * *", expires=date(2026, 5, 5)))
    assert next_run(snapshot.commands["x"], snapshot.settings, NOON) is None
    assert next_run(snapshot.commands["x"], snapshot.settings, NOON - 10 * HOUR) == NOON.replace(hour=3)
