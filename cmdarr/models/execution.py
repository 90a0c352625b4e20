"""Executions: the record of one run of a command."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    """Where a run stands, or how it ended."""

    QUEUED = "queued"
    """Waits for a free place in the executor."""
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    """Stopped on request, by its time limit, or at shutdown."""
    SKIPPED = "skipped"
    """Was due, but did not run: already running, disabled, expired or not available."""
    HELD = "held"
    """Computed, but waits for the user before it removes that much."""
    INTERRUPTED = "interrupted"
    """The process ended under it; found at the next start."""

    @property
    def is_final(self) -> bool:
        """Whether the run is over."""
        return self not in {Status.QUEUED, Status.RUNNING}


class Trigger(StrEnum):
    """Who started a run."""

    SCHEDULE = "schedule"
    MANUAL = "manual"
    API = "api"
    RETRY = "retry"
    """Started again once after an interruption."""
    START = "start"
    """`run_at_start: true` of the command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command says of its finished run.

    `result` is JSON-ready and has the shape that the kind documents. `changes` counts the changes planned
    (dry run) or made.
    """

    status: Status
    summary: str
    result: Mapping[str, object] = field(default_factory=dict)
    changes: int = 0
    error: str | None = None
    error_class: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One row of the history. Times are aware UTC; `document` is the redacted effective command (JSON text)."""

    id: int
    command: str
    kind: str
    status: Status
    trigger: Trigger
    dry_run: bool
    queued_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    due_at: datetime | None = None
    summary: str = ""
    result: Mapping[str, object] = field(default_factory=dict)
    error: str | None = None
    error_class: str | None = None
    changes: int = 0
    generation: str = ""
    document: str = ""
    retry_of: int | None = None

    @property
    def duration_s(self) -> float | None:
        """Seconds from start to finish; None before the end or when it never started."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()
