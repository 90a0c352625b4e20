"""Time as a value that is passed in, so that tests run in no time."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """Return the present time, aware, in UTC."""

    def monotonic(self) -> float:
        """Return seconds that never go backwards, for measuring spans."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the present time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never go backwards."""
        return time.monotonic()


def iso_utc(moment: datetime) -> str:
    """Write an aware time as ISO 8601 UTC with `Z` and milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_iso_utc(text: str) -> datetime:
    """Read what `iso_utc` wrote."""
    return datetime.fromisoformat(text)
