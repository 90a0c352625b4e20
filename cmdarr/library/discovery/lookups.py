"""Look-ups at services that may fail: each failure is kept and named, and a service that is down is left alone."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from cmdarr.errors import (
    AuthenticationFailed,
    CmdarrError,
    NotFound,
    RateLimited,
    RunCancelled,
    StorageError,
)

T = TypeVar("T")
MOST_IN_A_ROW = 5
"""After so many failures in a row a service counts as down for the rest of the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpFailure:
    """A question that a service did not answer: never to be taken for "nothing"."""

    service: str
    subject: str
    """What was asked about, for people."""
    message: str
    error_class: str


class Lookups:
    """Asks, and keeps what failed. One for each run."""

    def __init__(self) -> None:
        self.failures: list[LookUpFailure] = []
        self.answered = 0
        self._in_a_row: Counter[str] = Counter()
        self._out: set[str] = set()
        self._skipped: Counter[str] = Counter()

    def ask(self, service: str, subject: str, call: Callable[[], T]) -> T | LookUpFailure | None:
        """Return what the call returns, None where the service says that there is nothing, or the failure.

        Raises:
            RunCancelled: the run is to stop.
            StorageError: a database failed.
        """
        if service in self._out:
            self._skipped[service] += 1
            return _failure(service, subject, f"{service} is not asked any more in this run.", "")
        try:
            answer = call()
        except NotFound:
            answer = None
        except (RunCancelled, StorageError):
            raise
        except CmdarrError as error:
            return self.note(service, subject, error)
        self._in_a_row[service] = 0
        self.answered += 1
        return answer

    def is_out(self, service: str) -> bool:
        """Whether a service is left alone for the rest of the run."""
        return service in self._out

    @property
    def skipped(self) -> Mapping[str, int]:
        """How many questions each service that is down was spared."""
        return self._skipped

    @property
    def unanswered(self) -> int:
        """How many questions got no answer, asked or spared."""
        return len(self.failures) + self._skipped.total()

    def note(self, service: str, subject: str, error: CmdarrError) -> LookUpFailure:
        """Keep a failure; a service that refuses, asks to wait, or fails again and again is left alone from now on."""
        failure = _failure(service, subject, str(error), type(error).__name__)
        self.failures.append(failure)
        self._in_a_row[service] += 1
        is_final = isinstance(error, AuthenticationFailed | RateLimited)
        if is_final or self._in_a_row[service] >= MOST_IN_A_ROW:
            self._out.add(service)
        return failure


def _failure(service: str, subject: str, message: str, error_class: str) -> LookUpFailure:
    return LookUpFailure(service=service, subject=subject, message=message, error_class=error_class)
