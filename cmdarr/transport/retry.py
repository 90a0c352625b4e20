"""When to ask again: how long to wait, and for what it does no harm. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

BUSY = frozenset({429, 502, 503, 504})
"""Statuses of a service that may answer in a moment."""
_LONGEST_HEADER_S = 10_000_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how long: the wait doubles each time, and is shortened at random by up to a half."""

    attempts: int = 3
    first_s: float = 1.0
    longest_s: float = 30.0
    patience_s: float = 60.0
    """A `Retry-After` above this is not waited for: the run goes on without the service."""

    def wait_s(self, attempt: int, chance: float, retry_after_s: float | None) -> float | None:
        """Return how long to wait after the failure of an attempt (from 1), or None to give up.

        `chance` is a random number from 0 to 1; `retry_after_s` what the service asked for.
        """
        if attempt >= self.attempts:
            return None
        if retry_after_s is not None:
            return retry_after_s if retry_after_s <= self.patience_s else None
        wait_s: float = min(self.first_s * 2 ** (attempt - 1), self.longest_s)
        return wait_s * (1 - chance / 2)


def is_worth_repeating(status: int, *, can_be_repeated: bool, retry_after_s: float | None) -> bool:
    """Whether a request that was answered so may be sent again.

    A write is repeated only when the service says that it did nothing: 429, or 503 with a time to come back.
    """
    if can_be_repeated:
        return status in BUSY
    return status == 429 or (status == 503 and retry_after_s is not None)


def parse_retry_after(text: str | None, now: datetime) -> float | None:
    """Read a `Retry-After` header, seconds or a date, as seconds from now; None when it says nothing."""
    text = (text or "").strip()
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return min(float(text), _LONGEST_HEADER_S)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, (aware - now).total_seconds()), _LONGEST_HEADER_S)
