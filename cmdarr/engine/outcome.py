"""What an exception means for the record of a run: each class becomes one status and one sentence."""

import traceback
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from cmdarr.engine.lock import AlreadyRunning
from cmdarr.errors import CmdarrError, RunCancelled, RunHeld
from cmdarr.models.execution import Outcome, Status
from cmdarr.models.redaction import Redactor

_STATUS: tuple[tuple[type[CmdarrError], Status], ...] = (
    (RunHeld, Status.HELD),
    (RunCancelled, Status.CANCELLED),
    (AlreadyRunning, Status.SKIPPED),
    (CmdarrError, Status.FAILED),
)
_UNITS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def outcome_of(error: BaseException, redactor: Redactor) -> Outcome:
    """Return the outcome of a run that ended with an exception, without any secret."""
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return _ended(status, redactor(str(error)), type(error).__name__)
    name = type(error).__name__
    sentence = f"an unexpected {name} stopped the run; the log has its traceback at level debug."
    return _ended(Status.FAILED, sentence, name)


def skipped(reason: str) -> Outcome:
    """Return the outcome of a run that was due but does not happen."""
    return Outcome(status=Status.SKIPPED, summary=reason)


def _ended(status: Status, sentence: str, error_class: str) -> Outcome:
    failed = status in {Status.FAILED, Status.CANCELLED}
    return Outcome(
        status=status,
        summary=sentence,
        error=sentence if failed else None,
        error_class=None if status is Status.SKIPPED else error_class,
    )


def redacted_outcome(outcome: Outcome, redactor: Redactor) -> Outcome:
    """Return the outcome with every text in it redacted, and with nothing that JSON cannot hold."""
    return replace(
        outcome,
        summary=redactor(outcome.summary),
        result={redactor(str(key)): _redacted(value, redactor) for key, value in outcome.result.items()},
        error=redactor(outcome.error) if outcome.error is not None else None,
    )


def _redacted(value: object, redactor: Redactor) -> object:
    match value:
        case None | bool() | int() | float():
            return value
        case Mapping():
            return {redactor(str(key)): _redacted(item, redactor) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_redacted(item, redactor) for item in value]
        case _:
            return redactor(str(value))


def redacted_traceback(error: BaseException, redactor: Redactor) -> str:
    """Return the traceback, causes included, with every secret masked."""
    return redactor("".join(traceback.format_exception(error)))


def duration_text(span: timedelta) -> str:
    """Write a duration as the configuration does, in the largest unit that is exact: `30m`, `90s`."""
    seconds = span.total_seconds()
    for size, unit in _UNITS:
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size:.0f}{unit}"
    return f"{seconds:g}s"
