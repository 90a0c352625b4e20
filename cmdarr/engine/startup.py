"""The start of the engine: what the process before it left behind is taken up before the schedule is followed."""

import logging
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from cmdarr.config.snapshot import Snapshot
from cmdarr.engine.executor import Executor
from cmdarr.engine.ports import History
from cmdarr.engine.request import RunRequest, is_startable, local_date
from cmdarr.engine.scheduler import Scheduler
from cmdarr.errors import CmdarrError, StorageError
from cmdarr.models.clock import Clock
from cmdarr.models.execution import Execution, Trigger

logger = logging.getLogger(__name__)

_EVER = datetime.min.replace(tzinfo=UTC)


class StartUp:
    """The steps of a start, each done once: `advance` goes on with the step that failed before."""

    def __init__(
        self, *, history: History, executor: Executor, scheduler: Scheduler, snapshot: Snapshot, clock: Clock
    ) -> None:
        self._history = history
        self._executor = executor
        self._scheduler = scheduler
        self._snapshot = snapshot
        self._clock = clock
        self._interrupted: list[Execution] = []
        self._left: deque[RunRequest] = deque()
        """What is left of the requests of the present step."""
        self._steps = deque(
            [
                self._find_interrupted,
                self._make_plan,
                self._retry_interrupted,
                self._scheduler.tick,
                self._run_at_start,
            ]
        )

    def advance(self) -> None:
        """Do the steps that are left.

        Raises:
            StorageError: config.db does not answer; call again later.
        """
        while self._steps:
            self._steps[0]()
            self._steps.popleft()

    def _find_interrupted(self) -> None:
        self._interrupted = list(self._history.mark_interrupted(self._clock.now()))
        for execution in self._interrupted:
            logger.warning(
                "%s was interrupted (execution %d).",
                execution.command,
                execution.id,
                extra={"run_id": execution.id, "command": execution.command, "action": "run_interrupted"},
            )

    def _make_plan(self) -> None:
        self._scheduler.plan_start(
            recorded_dues([*self._interrupted, *self._history.last_of_each().values()])
        )

    def _retry_interrupted(self) -> None:
        self._submit(runs_to_retry(self._interrupted, self._snapshot, self._clock.now()))

    def _run_at_start(self) -> None:
        self._submit(runs_at_start(self._snapshot, self._clock.now()))

    def _submit(self, requests: Iterable[RunRequest]) -> None:
        """Submit the runs of commands that are not active anyway; one that is refused does not keep the others.

        Raises:
            StorageError: config.db does not take a run; the next call goes on with that one.
        """
        if not self._left:
            self._left = deque(requests)
        while self._left:
            self._try_submit(self._left[0])
            self._left.popleft()

    def _try_submit(self, request: RunRequest) -> None:
        if self._executor.is_active(request.command):
            return
        try:
            self._executor.submit(request)
        except StorageError:
            raise
        except CmdarrError as error:
            logger.warning("%s cannot be queued (%s): %s", request.command, request.trigger, error)


def recorded_dues(executions: Iterable[Execution]) -> dict[str, datetime]:
    """Return the latest due time of each command among the executions."""
    dues: dict[str, datetime] = {}
    for execution in executions:
        due = execution.due_at
        if due is not None and due > dues.get(execution.command, _EVER):
            dues[execution.command] = due
    return dues


def runs_to_retry(interrupted: Sequence[Execution], snapshot: Snapshot, now: datetime) -> list[RunRequest]:
    """Return one request for each interrupted run that deserves a second try: a real run that was no retry itself."""
    if not snapshot.settings.executor.retry_interrupted:
        return []
    today = local_date(now, snapshot)
    ids = {
        execution.command: execution.id
        for execution in sorted(interrupted, key=lambda one: one.id)
        if not execution.dry_run
        and execution.trigger is not Trigger.RETRY
        and is_startable(snapshot.commands.get(execution.command), today)
    }
    return [
        RunRequest(command=name, trigger=Trigger.RETRY, snapshot=snapshot, retry_of=execution_id)
        for name, execution_id in ids.items()
    ]


def runs_at_start(snapshot: Snapshot, now: datetime) -> list[RunRequest]:
    """Return one request for each command with `run_at_start`."""
    today = local_date(now, snapshot)
    return [
        RunRequest(command=name, trigger=Trigger.START, snapshot=snapshot)
        for name, entry in snapshot.commands.items()
        if is_startable(entry, today) and entry.options is not None and entry.options.run_at_start
    ]
