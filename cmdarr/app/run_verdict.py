"""What a run says about its command: that it works or that it fails, or nothing; and the runs before a run."""

from collections.abc import Callable, Iterator
from typing import Literal, Protocol

from cmdarr.models.execution import Execution, Status

Verdict = Literal["working", "failing"]
_PAGE = 10
_MOST = 200  # runs further back say nothing about the present


class RecentRuns(Protocol):
    """Where runs of before are found."""

    def recent(
        self, command: str | None = None, status: Status | None = None, limit: int = 50,
        before_id: int | None = None,
    ) -> list[Execution]:  # fmt: skip
        """Return executions, newest first."""


def verdict_of(execution: Execution) -> Verdict | None:
    """Return whether the command works; None for a run that was skipped, cut off, or stopped by somebody."""
    if execution.status in {Status.SUCCEEDED, Status.HELD}:
        return "working"
    is_too_slow = execution.status is Status.CANCELLED and execution.error_class == "TimeLimitReached"
    return "failing" if execution.status is Status.FAILED or is_too_slow else None


def runs_before(history: RecentRuns, command: str, before_id: int | None = None) -> Iterator[Execution]:
    """Yield the real runs of a command that worked or failed, newest first, read as they are asked for."""
    for _ in range(_MOST // _PAGE):
        page = history.recent(command, None, _PAGE, before_id)
        yield from (run for run in page if not run.dry_run and verdict_of(run) is not None)
        if len(page) < _PAGE:
            return
        before_id = page[-1].id


class Past:
    """The runs before a run, newest first; each is read once, and only as far back as somebody looks."""

    def __init__(self, runs: Iterator[Execution]) -> None:
        self._runs = runs
        self._seen: list[Execution] = []

    def find(self, is_it: Callable[[Execution], bool] = lambda _: True) -> Execution | None:
        """Return the newest run that fits, None when there is none."""
        for run in self._seen:
            if is_it(run):
                return run
        for run in self._runs:
            self._seen.append(run)
            if is_it(run):
                return run
        return None
