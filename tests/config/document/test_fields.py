"""The field types: what they take, what they refuse, how they are written back and described."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from pydantic import ValidationError

from cmdarr.config.base import Model
from cmdarr.config.document import parse_document, validate
from cmdarr.config.fields import (
    Date,
    Duration,
    NonEmptyText,
    Port,
    Removals,
    ScheduleText,
    SecretText,
    Size,
    UrlText,
    format_duration,
    format_size,
    parse_duration,
    parse_size,
)


class Fields(Model):
    duration: Duration | None = None
    size: Size | None = None
    schedule: ScheduleText | None = None
    date: Date | None = None
    secret: SecretText | None = None
    removals: Removals | None = None
    url: UrlText | None = None
    text: NonEmptyText | None = None
    port: Port | None = None


GOOD: list[tuple[str, object, object]] = [
    ("duration", "30s", timedelta(seconds=30)),
    ("duration", "15m", timedelta(minutes=15)),
    ("duration", "12h", timedelta(hours=12)),
    ("duration", "7d", timedelta(days=7)),
    ("duration", "1h30m", timedelta(minutes=90)),
    ("duration", "0s", timedelta(0)),
    ("duration", "90m", timedelta(minutes=90)),
    ("duration", timedelta(hours=2), timedelta(hours=2)),
    ("size", "512MB", 512_000_000),
    ("size", "1GB", 10**9),
    ("size", "64KiB", 65_536),
    ("size", "1.5GiB", 3 * 2**29),
    ("size", "10 mb", 10_000_000),
    ("size", "7B", 7),
    ("schedule", "0 3 * * *", "0 3 * * *"),
    ("schedule", "*/5 0-6 1,15 jan-mar mon", "*/5 0-6 1,15 jan-mar mon"),
    ("schedule", "0 0 * * 7", "0 0 * * 7"),
    ("schedule", "0 0 29 2 *", "0 0 29 2 *"),
    ("schedule", "0 0 30 2 1", "0 0 30 2 1"),
    ("schedule", "@hourly", "@hourly"),
    ("schedule", "@monthly", "@monthly"),
    ("schedule", "manual", "manual"),
    ("date", "2027-01-31", date(2027, 1, 31)),
    ("date", date(2027, 1, 31), date(2027, 1, 31)),
    ("removals", "25%", Removals(25, is_percent=True)),
    ("removals", "0%", Removals(0, is_percent=True)),
    ("removals", "100%", Removals(100, is_percent=True)),
    ("removals", 10, Removals(10)),
    ("url", "http://lidarr:8686", "http://lidarr:8686"),
    ("url", "https://user:pass@host/base?x=1", "https://user:pass@host/base?x=1"),
    ("url", "http://[::1]:8686", "http://[::1]:8686"),
    ("text", "x", "x"),
    ("port", 1, 1),
    ("port", 65535, 65535),
]


@pytest.mark.parametrize(("name", "value", "expected"), GOOD)
def test_what_is_written_is_read(name: str, value: object, expected: object) -> None:
    assert getattr(Fields.model_validate({name: value}), name) == expected


BAD: list[tuple[str, object, str]] = [
    ("duration", "30", "unit"),
    ("duration", "", "unit"),
    ("duration", "1m1h", "unit"),
    ("duration", "1.5h", "unit"),
    ("duration", "-1h", "unit"),
    ("duration", "٣s", "unit"),
    ("duration", "999999999d24h", "at most"),
    ("size", "512", "unit"),
    ("size", 512, "valid string"),
    ("size", "1XB", "unit"),
    ("schedule", "0 3 * *", "has 4"),
    ("schedule", "0 0 3 * * *", "has 6"),
    ("schedule", "@yearly", "@monthly"),
    ("schedule", "daily", "@daily"),
    ("schedule", "60 3 * * *", "field 1 of 5 of the schedule, the minute"),
    ("schedule", "0 24 * * *", "field 2 of 5 of the schedule, the hour"),
    ("schedule", "0 0 0 * *", "field 3 of 5 of the schedule, the day of the month"),
    ("schedule", "0 0 * 13 *", "field 4 of 5 of the schedule, the month"),
    ("schedule", "0 0 * * 8", "field 5 of 5 of the schedule, the day of the week"),
    ("schedule", "0 0 * * fri#2", "field 5"),
    ("schedule", "0 0 L * *", "field 3"),
    ("schedule", "*/0 * * * *", "field 1"),
    ("schedule", "x * * * *", "field 1"),
    ("schedule", "0 0 30 2 *", "never fires"),
    ("schedule", "0 0 31 2,4,6 *", "never fires"),
    ("date", "31.01.2027", "YYYY-MM-DD"),
    ("date", "20270131", "YYYY-MM-DD"),
    ("date", "2027-02-30", "does not exist"),
    ("secret", "", "at least 1"),
    ("removals", "101%", "percentage"),
    ("removals", "025%", "percentage"),
    ("removals", -1, "percentage"),
    ("removals", True, "percentage"),
    ("removals", 2.5, "percentage"),
    ("url", "ftp://host", "http://"),
    ("url", "host:8686", "http://"),
    ("url", "http://", "http://"),
    ("url", "http://host:99999", "http://"),
    ("url", "http://[::1", "http://"),
    ("url", "http://ho st", "http://"),
    ("text", " ", "empty"),
    ("port", 0, "1"),
    ("port", "80", "integer"),
]


@pytest.mark.parametrize(("name", "value", "words"), BAD)
def test_what_is_no_such_text_is_refused(name: str, value: object, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Fields.model_validate({name: value})
    assert words in caught.value.errors()[0]["msg"]


@pytest.mark.parametrize("name", ["duration", "size", "schedule", "date", "removals", "url"])
def test_no_message_holds_what_was_refused(name: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Fields.model_validate({name: "http://user:s3cret@"})
    assert "s3cret" not in str(caught.value)
    assert "s3cret" not in str(caught.value.errors(include_input=False))


def test_numbers_without_a_unit_get_the_sentence_of_the_type() -> None:
    document = parse_document(
        "x.yaml", b"duration: 30\nsize: 512\nschedule: 5\ndate: 2027\ntext: 5\nsecret: 7\n"
    )
    found = validate(document, Fields).findings
    assert [finding.key for finding in found] == ["duration", "size", "schedule", "date"]
    assert all(finding.code == "wrong_value" for finding in found)
    assert "such as 30s" in found[0].message


def test_values_are_written_back_as_text() -> None:
    fields = Fields.model_validate(
        {"duration": "90m", "size": "512MB", "schedule": "@daily", "date": "2027-01-31", "removals": "25%"}
    )
    written = fields.model_dump(mode="json", exclude_none=True)
    assert written == {
        "duration": "1h30m",
        "size": "512MB",
        "schedule": "@daily",
        "date": "2027-01-31",
        "removals": "25%",
    }
    assert Fields.model_validate(written) == fields
    assert Fields(removals=Removals(7)).model_dump()["removals"] == 7


def test_a_secret_is_never_shown() -> None:
    fields = Fields.model_validate({"secret": "s3cret"})
    assert "s3cret" not in f"{fields!r} {fields} {fields.model_dump()} {fields.model_dump_json()}"


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 10**10))
def test_durations_and_sizes_round_trip(number: int) -> None:
    duration = timedelta(seconds=number)
    assert parse_duration(format_duration(duration)) == duration
    assert parse_size(format_size(number)) == number


@pytest.mark.parametrize(
    ("removals", "removed", "of", "allowed"),
    [
        (Removals(25, is_percent=True), 25, 100, True),
        (Removals(25, is_percent=True), 26, 100, False),
        (Removals(25, is_percent=True), 0, 0, True),
        (Removals(25, is_percent=True), 1, 3, False),
        (Removals(0, is_percent=True), 1, 1000, False),
        (Removals(10), 10, 10, True),
        (Removals(10), 11, 1000, False),
    ],
)
def test_removals_say_how_much_may_go(removals: Removals, removed: int, of: int, *, allowed: bool) -> None:
    assert removals.allows(removed, of) is allowed


def schema() -> dict[str, Any]:
    return Fields.model_json_schema()


def test_the_schema_suits_draft_7_and_agrees_with_the_types() -> None:
    Draft7Validator.check_schema(schema())
    validator = Draft7Validator(schema())
    for name, value, _ in GOOD:
        if isinstance(value, str | int):
            assert validator.is_valid({name: value}), (name, value)
    for name, value in [
        ("duration", "30"),
        ("size", 512),
        ("schedule", "0 3 * *"),
        ("removals", "101%"),
        ("port", 0),
    ]:
        assert not validator.is_valid({name: value}), (name, value)


def test_the_schema_lets_references_pass() -> None:
    validator = Draft7Validator(schema())
    for name in ("duration", "size", "schedule", "date", "secret", "removals", "url", "text"):
        assert validator.is_valid({name: "${env:NAME}"}), name


def test_patterns_are_ones_that_editors_know() -> None:
    patterns = re.findall(r"'pattern': '([^']*)'", str(schema()))
    assert len(patterns) >= 6
    assert not [pattern for pattern in patterns if re.search(r"\(\?P|\(\?<|\\Z|\\A", pattern)]
