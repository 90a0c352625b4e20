"""Legacy schedules as schedules of today."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.config.cron import next_due
from cmdarr.config.fields import check_schedule
from cmdarr.legacy.schedules import from_cron, from_hours

BERLIN = ZoneInfo("Europe/Berlin")
LAST = datetime(2025, 10, 3, 11, 23, tzinfo=UTC)  # 13:23 in Berlin, a Friday


@pytest.mark.parametrize(
    ("hours", "after_a_run", "never_run"),
    [
        (1, "23 * * * *", "@hourly"),
        (2, "23 1-23/2 * * *", "0 */2 * * *"),
        (6, "23 1-23/6 * * *", "0 */6 * * *"),
        (12, "23 1,13 * * *", "0 */12 * * *"),
        (24, "23 13 * * *", None),
        (48, "23 13 */2 * *", "0 0 */2 * *"),
        (168, "23 13 * * 5", "@weekly"),
        (720, "23 13 3 * *", "0 0 1 * *"),
        (None, "manual", "manual"),
    ],
)
def test_an_interval_keeps_its_length_and_the_time_of_the_last_run(
    hours: object, after_a_run: str, never_run: str | None
) -> None:
    assert from_hours(hours, LAST, BERLIN).text == after_a_run
    assert from_hours(hours, None, BERLIN).text == never_run
    assert from_hours(hours, LAST, BERLIN).note == ""


@pytest.mark.parametrize(
    ("hours", "near"), [(5, "every 6 hours"), (7, "every 8 hours"), (18, "daily"), (100, "every 4 days")]
)
def test_an_interval_that_cron_cannot_say_becomes_the_nearest_one_and_says_so(hours: int, near: str) -> None:
    note = from_hours(hours, LAST, BERLIN).note
    assert f"every {hours} hours" in note
    assert near in note


@pytest.mark.parametrize("hours", [0, -3, "often", 1.5])
def test_what_was_no_interval_waits_for_somebody_to_ask(hours: object) -> None:
    found = from_hours(hours, LAST, BERLIN)
    assert (found.text, bool(found.note)) == ("manual", True)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from([1, 2, 3, 4, 6, 8, 12, 24, 168]), st.integers(0, 5_000_000))
def test_the_last_run_was_at_a_due_time_and_the_next_is_one_interval_later(hours: int, minutes: int) -> None:
    last = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    text = from_hours(hours, last, ZoneInfo("UTC")).text
    assert text is not None
    assert check_schedule(text) == text
    assert next_due(text, ZoneInfo("UTC"), last) == last + timedelta(hours=hours)
    assert next_due(text, ZoneInfo("UTC"), last - timedelta(minutes=1)) == last


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (None, None), ("0 3 * * *", "0 3 * * *"), (" */15  * * * MON ", "*/15 * * * MON"), ("@Yearly", "0 0 1 1 *"),
        ("@midnight", "@daily"), ("@hourly", "@hourly"), ("0 3 ? * 7", "0 3 * * 7"), ("0 3 * * * 30", "0 3 * * *"),
    ],
)  # fmt: skip
def test_cron_is_passed_on_or_translated(text: str | None, wanted: str | None) -> None:
    found = from_cron(text)
    assert (found.text, found.is_valid) == (wanted, True)
    assert bool(found.note) == (text == "0 3 * * * 30")


@pytest.mark.parametrize(
    "text", ["now and then", "61 * * * *", "0 3 L * *", "0 0 30 2 *", "* * * * * * *", "R * * * *"]
)
def test_what_is_no_cron_never_ran_and_does_not_now(text: str) -> None:
    found = from_cron(text)
    assert (found.text, found.is_valid) == (None, False)
    assert repr(text) in found.note


@settings(deadline=None, max_examples=200)
@given(st.text())
def test_any_text_for_a_schedule_is_valid_or_refused(text: str) -> None:
    found = from_cron(text)
    assert found.text is None or check_schedule(found.text) == found.text
