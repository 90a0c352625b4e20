"""The field types of the configuration that are written as text: durations, sizes, schedules, dates, URLs, secrets.

Each has a JSON schema that draft-7 editors understand; a pattern always lets a `${…}` reference pass. No message
holds the value that was refused: it may be a resolved secret.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, Final, TypeAlias
from urllib.parse import urlsplit

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, SecretStr
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_REFERENCE = r"\$\{"
_SECONDS: Final = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_BYTES: Final = {
    "B": 1,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
}
_UNITS = {unit.lower(): factor for unit, factor in _BYTES.items()}
_DURATION = re.compile(r"(?=[0-9])(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?")
_SIZE = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,3}))? ?([kmgt]i?b|b)", re.IGNORECASE)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PERCENT = re.compile(r"(100|[1-9]?[0-9])%")
_CRON_FIELDS: Final = ("minute", "hour", "day of the month", "month", "day of the week")
_CRON_TERM = r"(?:\*|[0-9]{1,2}|[a-z]{3})(?:-(?:[0-9]{1,2}|[a-z]{3}))?(?:/[0-9]{1,2})?"
_CRON_FIELD = re.compile(rf"{_CRON_TERM}(?:,{_CRON_TERM})*", re.IGNORECASE)
_NAMED_SCHEDULES: Final = ("@hourly", "@daily", "@weekly", "@monthly", "manual")
_ANY_MOMENT: Final = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, eq=False)
class _Written:
    """Reads a text into a value, writes it back, and describes itself to editors."""

    kind: type
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    schema: dict[str, Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        write = core_schema.plain_serializer_function_ser_schema(
            self.write, return_schema=core_schema.str_schema()
        )
        from_text = core_schema.no_info_after_validator_function(
            self.read, core_schema.str_schema(strict=True), serialization=write
        )
        if self.kind in {str, int}:  # a number without a unit is refused, so an instance cannot pass
            return from_text
        return core_schema.no_info_wrap_validator_function(self._accept, from_text, serialization=write)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", **self.schema}

    def _accept(self, value: Any, from_text: core_schema.ValidatorFunctionWrapHandler) -> Any:
        return value if type(value) is self.kind else from_text(value)


def _refuse(code: str, sentence: str) -> PydanticCustomError:
    return PydanticCustomError(code, sentence)


def parse_duration(text: str) -> timedelta:
    """Read `30s`, `15m`, `12h`, `7d` or a combination such as `1h30m`.

    Raises:
        PydanticCustomError: the text is no duration.
    """
    found = _DURATION.fullmatch(text)
    if found is None:
        raise _refuse("duration", "a duration is a number with a unit, such as 30s, 15m, 12h, 7d or 1h30m.")
    seconds = sum(
        int(number or 0) * factor for number, factor in zip(found.groups(), _SECONDS.values(), strict=True)
    )
    try:
        return timedelta(seconds=seconds)
    except OverflowError:
        raise _refuse("duration", "a duration has at most 999999999d.") from None


def format_duration(duration: timedelta) -> str:
    """Write a duration in the form that `parse_duration` reads."""
    rest, text = int(duration.total_seconds()), ""
    for unit, factor in _SECONDS.items():
        number, rest = divmod(rest, factor)
        text += f"{number}{unit}" if number else ""
    return text or "0s"


def parse_size(text: str) -> int:
    """Read `512MB`, `1.5GB` or `64KiB` as a number of bytes; MB is 1000², MiB is 1024².

    Raises:
        PydanticCustomError: the text is no size.
    """
    found = _SIZE.fullmatch(text)
    if found is None:
        raise _refuse("size", "a size is a number with a unit, such as 64KiB, 512MB or 1GB.")
    whole, decimals, unit = found.groups()
    scale = 10 ** len(decimals or "")
    number = int(whole + (decimals or ""))
    return number * _UNITS[str(unit).lower()] // int(scale)


def format_size(size: int) -> str:
    """Write a number of bytes with the largest unit that divides it."""
    unit, factor = max(
        ((unit, factor) for unit, factor in _BYTES.items() if size % factor == 0 and size >= factor),
        key=lambda pair: pair[1],
        default=("B", 1),
    )
    return f"{size // factor}{unit}"


def parse_date(text: str) -> date:
    """Read `YYYY-MM-DD`.

    Raises:
        PydanticCustomError: the text is no date.
    """
    if _DATE.fullmatch(text) is None:
        raise _refuse("date", "a date is written YYYY-MM-DD, such as 2027-01-31.")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _refuse("date", "this day does not exist in the calendar.") from None


@lru_cache(maxsize=512)
def check_schedule(text: str) -> str:
    """Return a schedule as it was written, without spaces around it.

    Raises:
        PydanticCustomError: no schedule; the sentence says which of the five fields is wrong, or that it never comes.
    """
    text = text.strip()
    if text in _NAMED_SCHEDULES:
        return text
    fields = text.split()
    if len(fields) != len(_CRON_FIELDS):
        raise _refuse("schedule", _describe_shape(fields))
    if not all(map(_CRON_FIELD.fullmatch, fields)) or not _fires(text):
        for number, field in enumerate(fields):
            _check_cron_field(number, field)
        raise _refuse("schedule", "this schedule never fires: the month has no such day.")
    return text


def _describe_shape(fields: list[str]) -> str:
    if len(fields) < 2:
        return "a schedule is five cron fields such as '0 3 * * *', or @hourly, @daily, @weekly, @monthly or manual."
    names = ", ".join(_CRON_FIELDS)
    return f"a cron schedule has five fields ({names}), and this one has {len(fields)}."


def _check_cron_field(number: int, field: str) -> None:
    fields = ["*"] * len(_CRON_FIELDS)
    fields[number] = field
    if _CRON_FIELD.fullmatch(field) is None or not _fires(" ".join(fields)):
        limits = ("0-59", "0-23", "1-31", "1-12 or jan-dec", "0-7 or sun-sat")[number]
        raise _refuse(
            "schedule",
            f"field {number + 1} of 5 of the schedule, the {_CRON_FIELDS[number]}, is wrong: it takes {limits}, *, "
            "ranges, steps and lists.",
        )


def _fires(text: str) -> bool:
    from cronsim import CronSim, CronSimError

    try:
        next(CronSim(text, _ANY_MOMENT))
    except (CronSimError, StopIteration):
        return False
    return True


def check_url(text: str) -> str:
    """Return an http or https URL as it was written.

    Raises:
        PydanticCustomError: the text is no such URL.
    """
    try:
        parts = urlsplit(text)
        is_complete = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_complete = False
    if not is_complete or any(character.isspace() or not character.isprintable() for character in text):
        raise _refuse(
            "url", "a URL begins with http:// or https:// and names a host, such as http://lidarr:8686."
        )
    return text


def check_network(text: str) -> str:
    """Return an address or network of a reverse proxy, such as `10.0.0.2` or `172.16.0.0/12`.

    Raises:
        PydanticCustomError: the text is neither.
    """
    import ipaddress

    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise _refuse(
            "network", "an address or network is written like 10.0.0.2, 172.16.0.0/12 or fd00::/8."
        ) from None
    return text


def check_not_blank(text: str) -> str:
    """Return a text that has at least one character that is no space.

    Raises:
        PydanticCustomError: the text is blank.
    """
    if not text.strip():
        raise _refuse("blank", "the text is empty.")
    return text


@dataclass(frozen=True, slots=True)
class Removals:
    """How much a change may remove without being held: a share of the playlist or a number of entries."""

    number: int
    is_percent: bool = False

    def allows(self, removed: int, of: int) -> bool:
        """Whether removing `removed` of `of` entries is within the limit."""
        return removed * 100 <= self.number * of if self.is_percent else removed <= self.number

    def __str__(self) -> str:
        return f"{self.number}%" if self.is_percent else str(self.number)

    @classmethod
    def parse(cls, value: object) -> "Removals":
        """Read `25%` or a whole number.

        Raises:
            PydanticCustomError: it is neither.
        """
        if isinstance(value, Removals):
            return value
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return cls(value)
        found = _PERCENT.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise _refuse(
                "removals", "a limit is a percentage from 0% to 100%, such as 25%, or a whole number."
            )
        return cls(int(found[1]), is_percent=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.parse,
            serialization=core_schema.plain_serializer_function_ser_schema(cls._write),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {
            "anyOf": [
                {
                    "type": "string",
                    "pattern": rf"^(100|[1-9]?[0-9])%$|{_REFERENCE}",
                    "examples": ["25%", "0%"],
                },
                {"type": "integer", "minimum": 0},
            ],
        }

    def _write(self) -> str | int:
        return str(self) if self.is_percent else self.number


Duration: TypeAlias = Annotated[
    timedelta,
    _Written(
        timedelta,
        parse_duration,
        format_duration,
        {
            "pattern": rf"^(?=[0-9])([0-9]{{1,9}}d)?([0-9]{{1,9}}h)?([0-9]{{1,9}}m)?([0-9]{{1,9}}s)?$|{_REFERENCE}",
            "examples": ["30s", "15m", "12h", "7d", "1h30m"],
        },
    ),
]
"""A length of time, such as `30s`, `15m`, `12h`, `7d` or `1h30m`."""

Size: TypeAlias = Annotated[
    int,
    _Written(
        int,
        parse_size,
        format_size,
        {
            "pattern": rf"^[0-9]{{1,12}}(\.[0-9]{{1,3}})? ?([kKmMgGtT]i?)?[bB]$|{_REFERENCE}",
            "examples": ["64KiB", "512MB", "1GB"],
        },
    ),
]
"""A number of bytes, such as `64KiB`, `512MB` or `1GB`."""

Date: TypeAlias = Annotated[
    date,
    _Written(
        date,
        parse_date,
        date.isoformat,
        {"pattern": rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$|{_REFERENCE}", "examples": ["2027-01-31"]},
    ),
]
"""A day, written YYYY-MM-DD."""

ScheduleText: TypeAlias = Annotated[
    str,
    _Written(
        str,
        check_schedule,
        str,
        {
            "pattern": rf"^\s*(@hourly|@daily|@weekly|@monthly|manual|\S+(\s+\S+){{4}})\s*$|{_REFERENCE}",
            "examples": ["0 3 * * *", "@daily", "manual"],
        },
    ),
]
"""Five-field cron as in Debian, `@hourly`, `@daily`, `@weekly`, `@monthly`, or `manual`."""

UrlText: TypeAlias = Annotated[
    str,
    _Written(
        str, check_url, str, {"pattern": rf"^https?://\S+$|{_REFERENCE}", "examples": ["http://lidarr:8686"]}
    ),
]
"""An http or https URL."""

NetworkText: TypeAlias = Annotated[
    str,
    _Written(
        str,
        check_network,
        str,
        {
            "pattern": rf"^[0-9a-fA-F.:]+(/[0-9]{{1,3}})?$|{_REFERENCE}",
            "examples": ["127.0.0.1", "172.16.0.0/12"],
        },
    ),
]
"""An IP address, or a network with its prefix length."""

NonEmptyText: TypeAlias = Annotated[str, _Written(str, check_not_blank, str, {"minLength": 1})]
"""A text with at least one character that is no space."""

SecretText: TypeAlias = Annotated[SecretStr, Field(min_length=1)]
"""A secret: masked wherever it is shown."""

Port: TypeAlias = Annotated[int, Field(ge=1, le=65535)]
"""A TCP port."""
