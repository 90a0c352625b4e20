"""The engine of the daemon: its start, its ticks, its health, its end."""

import logging
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes_engine import (
    NOON,
    FakeClock,
    Gate,
    MemoryHistory,
    MemoryMarks,
    Probe,
    make_entry,
    make_snapshot,
    succeed,
)

from cmdarr.config.snapshot import Snapshot
from cmdarr.engine.command import Run
from cmdarr.engine.executor import Executor
from cmdarr.engine.housekeeping import FIRST_PRUNE_S, PRUNE_EVERY_S
from cmdarr.engine.launch import Launcher
from cmdarr.engine.lock import CommandLocks
from cmdarr.engine.loop import LATE_S, LONGEST_SLEEP_S, RETRY_S, EngineLoop
from cmdarr.engine.scheduler import Scheduler
from cmdarr.models.clock import Clock, SystemClock
from cmdarr.models.execution import Outcome, Status, Trigger

PATIENCE = timedelta(seconds=10)


class Alarm(threading.Event):
    """An alarm that never sleeps and remembers for how long it should have."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.slept.append(timeout or 0.0)
        return True


class House:
    """An engine over stores in memory; `restart` is the next process over the same stores."""

    def __init__(self, folder: Path, snapshot: Snapshot, clock: Clock | None = None) -> None:
        self.folder = folder
        self.clock = clock or FakeClock()
        self.history = MemoryHistory()
        self.marks = MemoryMarks()
        self.bodies: dict[str, Any] = {}
        self.alarm: threading.Event = Alarm()
        self.swept: list[datetime] = []
        self.restart(snapshot)

    def restart(self, snapshot: Snapshot) -> None:
        launcher = Launcher(
            history=self.history,
            locks=CommandLocks(self.folder / "locks"),
            build=lambda kind, snapshot: Probe(self._dispatch),
            clock=self.clock,
        )
        self.executor = Executor(launcher, clock=self.clock)
        self.scheduler = Scheduler(
            marks=self.marks, submit=self.executor.submit, snapshot=snapshot, clock=self.clock
        )
        self.loop = EngineLoop(
            executor=self.executor,
            scheduler=self.scheduler,
            history=self.history,
            snapshot=snapshot,
            clock=self.clock,
            alarm=self.alarm,
            sweep_cache=lambda: self.swept.append(self.clock.now()),
        )

    def _dispatch(self, run: Run[Any]) -> Outcome:
        outcome = self.bodies.get(run.name, succeed)(run)
        assert isinstance(outcome, Outcome)
        return outcome

    def tick(self) -> float:
        pause = self.loop.tick()
        assert self.executor.wait_idle(PATIENCE)
        return pause

    def advance(self, span: timedelta) -> None:
        assert isinstance(self.clock, FakeClock)
        self.clock.advance(span)

    def story(self, command: str) -> list[tuple[Trigger, Status]]:
        return [(row.trigger, row.status) for row in self.history.of(command)]

    def leave_behind(self, command: str, trigger: Trigger = Trigger.SCHEDULE, **changes: Any) -> int:
        """Leave a row as a killed process does."""
        values: dict[str, Any] = {
            "command": command, "kind": "probe", "trigger": trigger, "dry_run": False, "generation": "g0",
            "document": "{}", "queued_at": self.clock.now(), **changes,
        }  # fmt: skip
        return self.history.queue(**values)


def hourly(**changes: Any) -> Snapshot:
    return make_snapshot(make_entry("x", schedule="0 * * * *"), **changes)


def test_a_tick_says_how_long_nothing_is_due(tmp_path: Path) -> None:
    house = House(tmp_path, hourly())
    assert house.tick() == LONGEST_SLEEP_S
    house.advance(timedelta(minutes=59, seconds=48))
    assert house.tick() == 12.0
    house.advance(timedelta(seconds=12))
    assert house.tick() == LONGEST_SLEEP_S
    assert house.story("x") == [(Trigger.SCHEDULE, Status.SUCCEEDED)]


def test_without_commands_the_loop_still_looks_at_the_clock(tmp_path: Path) -> None:
    assert House(tmp_path, make_snapshot()).tick() == LONGEST_SLEEP_S


def test_an_interrupted_run_is_marked_and_retried_once(tmp_path: Path) -> None:
    house = House(tmp_path, hourly())
    first = house.leave_behind("x")
    house.tick()
    retry = house.history.of("x")[1]
    assert house.story("x") == [(Trigger.SCHEDULE, Status.INTERRUPTED), (Trigger.RETRY, Status.SUCCEEDED)]
    assert retry.retry_of == first
    house.restart(hourly())
    house.tick()
    assert len(house.history.rows) == 2


def test_a_retry_that_was_interrupted_itself_is_not_retried(tmp_path: Path) -> None:
    house = House(tmp_path, hourly())
    house.leave_behind("x", trigger=Trigger.RETRY, retry_of=7)
    house.tick()
    assert house.story("x") == [(Trigger.RETRY, Status.INTERRUPTED)]


@pytest.mark.parametrize(
    "snapshot",
    [
        make_snapshot(),
        make_snapshot(make_entry("x", enabled=False)),
        make_snapshot(make_entry("x"), retry_interrupted=False),
    ],
    ids=["removed", "disabled", "switched off"],
)
def test_an_interrupted_run_is_not_retried_against_the_configuration(
    tmp_path: Path, snapshot: Snapshot
) -> None:
    house = House(tmp_path, snapshot)
    house.leave_behind("x")
    house.tick()
    assert house.story("x") == [(Trigger.SCHEDULE, Status.INTERRUPTED)]


def test_an_interrupted_dry_run_is_not_retried(tmp_path: Path) -> None:
    house = House(tmp_path, hourly())
    house.leave_behind("x", dry_run=True)
    house.tick()
    assert house.story("x") == [(Trigger.SCHEDULE, Status.INTERRUPTED)]


def test_two_interrupted_runs_of_one_command_are_retried_as_one(tmp_path: Path) -> None:
    house = House(tmp_path, hourly())
    house.leave_behind("x")
    house.leave_behind("x", trigger=Trigger.MANUAL)
    house.tick()
    assert [trigger for trigger, _ in house.story("x")].count(Trigger.RETRY) == 1


def test_a_run_whose_record_was_made_and_whose_mark_was_not_is_only_retried(tmp_path: Path) -> None:
    house = House(tmp_path, hourly())
    house.tick()
    house.advance(timedelta(hours=1))
    house.leave_behind("x", due_at=house.clock.now())
    house.restart(hourly())
    house.tick()
    assert house.story("x") == [(Trigger.SCHEDULE, Status.INTERRUPTED), (Trigger.RETRY, Status.SUCCEEDED)]


def test_run_at_start_runs_once_at_each_start_and_not_at_a_reload(tmp_path: Path) -> None:
    snapshot = make_snapshot(
        make_entry("x", run_at_start=True), make_entry("off", run_at_start=True, enabled=False)
    )
    house = House(tmp_path, snapshot)
    house.tick()
    house.loop.reload(make_snapshot(*snapshot.commands.values(), make_entry("new", run_at_start=True)))
    house.tick()
    assert house.story("x") == [(Trigger.START, Status.SUCCEEDED)]
    assert house.story("off") == house.story("new") == []
    house.restart(snapshot)
    house.tick()
    assert house.story("x") == [(Trigger.START, Status.SUCCEEDED)] * 2


def test_run_at_start_does_not_add_to_a_retry(tmp_path: Path) -> None:
    house = House(tmp_path, make_snapshot(make_entry("x", run_at_start=True)))
    gate = house.bodies["x"] = Gate()
    house.leave_behind("x")
    house.loop.tick()
    gate.opened.set()
    assert house.executor.wait_idle(PATIENCE)
    assert house.story("x") == [(Trigger.SCHEDULE, Status.INTERRUPTED), (Trigger.RETRY, Status.SUCCEEDED)]


def test_a_store_that_is_down_at_the_start_loses_nothing(tmp_path: Path) -> None:
    house = House(tmp_path, hourly())
    house.leave_behind("x")
    house.marks.is_down = True
    for _ in range(3):
        assert house.loop.tick() == RETRY_S
    house.marks.is_down = False
    house.tick()
    house.tick()
    assert house.story("x") == [(Trigger.SCHEDULE, Status.INTERRUPTED), (Trigger.RETRY, Status.SUCCEEDED)]


def test_a_store_that_is_down_when_a_run_is_due_delays_the_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    house = House(tmp_path, hourly())
    house.tick()
    house.advance(timedelta(hours=1))
    house.history.is_down = True
    for _ in range(5):
        assert house.loop.tick() == RETRY_S
    assert caplog.messages.count("the disk is full.") == 1
    house.history.is_down = False
    house.advance(timedelta(minutes=2))
    house.tick()
    assert [row.due_at for row in house.history.of("x")] == [NOON + timedelta(hours=1)]


def test_an_error_of_a_tick_does_not_end_the_loop(tmp_path: Path) -> None:
    class Broken(MemoryMarks):
        def set_mark(self, command: str, schedule: str, last_due: datetime) -> None:
            raise ZeroDivisionError

    house = House(tmp_path, hourly())
    house.marks = Broken()
    house.restart(hourly())
    alarm = house.alarm
    assert isinstance(alarm, Alarm)
    house.loop.start()
    while len(alarm.slept) < 3:
        time.sleep(0.001)
    assert house.loop.problem() == "the scheduler met an unexpected ZeroDivisionError."
    house.loop.stop(timedelta())
    assert house.loop.problem() == "the scheduler is not running."


def test_leftover_outcomes_are_written_at_each_tick(tmp_path: Path) -> None:
    house = House(tmp_path, hourly())
    house.tick()
    house.tick()
    assert house.history.flushed == 2


def test_old_history_is_removed_a_while_after_the_start_and_then_daily(tmp_path: Path) -> None:
    house = House(tmp_path, hourly())
    house.tick()
    assert house.history.pruned == []
    house.advance(timedelta(seconds=FIRST_PRUNE_S))
    house.tick()
    house.tick()
    assert house.history.pruned == [(365, 500, house.clock.now())]
    assert house.swept == [house.clock.now()]
    house.advance(timedelta(seconds=PRUNE_EVERY_S))
    house.tick()
    assert len(house.history.pruned) == 2
    assert len(house.history.rows) == len(house.history.of("x"))  # it leaves no record of itself


def test_a_loop_that_hangs_is_a_problem(tmp_path: Path) -> None:
    let_go = threading.Event()

    class Hanging(MemoryMarks):
        def load_marks(self) -> dict[str, Any]:
            let_go.wait(PATIENCE.total_seconds())
            return {}

    house = House(tmp_path, hourly())
    house.marks = Hanging()
    house.restart(hourly())
    assert house.loop.problem() == "the scheduler is not running."
    house.loop.start()
    assert house.loop.problem() is None
    house.advance(timedelta(seconds=LATE_S + 1))
    assert house.loop.problem() == "the scheduler has not looked at the schedule for 121 s."
    let_go.set()
    house.loop.stop(timedelta())


def test_a_reload_wakes_the_loop_and_takes_effect_at_once(tmp_path: Path) -> None:
    house = House(tmp_path, make_snapshot(make_entry("x", schedule="manual")), clock=SystemClock())
    house.alarm = threading.Event()  # this one really sleeps
    house.restart(make_snapshot(make_entry("x", schedule="manual")))
    house.loop.start()
    deadline = time.monotonic() + 10
    house.loop.reload(hourly())
    while "x" not in house.marks.marks:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    assert house.loop.problem() is None
    assert house.loop.stop(timedelta()) == ()


def test_stop_ends_the_schedule_before_it_ends_the_runs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    house = House(tmp_path, hourly(), clock=SystemClock())
    gate = house.bodies["x"] = Gate()
    house.restart(make_snapshot(make_entry("x", run_at_start=True)))
    house.loop.start()
    assert gate.entered.wait(PATIENCE.total_seconds())
    assert house.loop.stop(timedelta(seconds=0.02)) == ()
    assert house.story("x") == [(Trigger.START, Status.CANCELLED)]
    assert "queued" not in caplog.text


def test_stop_now_ends_a_stop_at_once_and_leaves_the_run_to_the_next_start(tmp_path: Path) -> None:
    let_go = threading.Event()

    def deaf(run: Run[Any]) -> Outcome:
        let_go.wait(PATIENCE.total_seconds())
        return succeed(run)

    house = House(tmp_path, make_snapshot(make_entry("x", run_at_start=True)), clock=SystemClock())
    house.bodies["x"] = deaf
    house.loop.start()
    while not house.executor.is_active("x"):
        time.sleep(0.001)
    house.loop.stop_now()
    began = time.monotonic()
    assert house.loop.stop(timedelta(minutes=5)) == ("x",)
    assert time.monotonic() - began < 5
    assert house.story("x")[0][1] in {Status.QUEUED, Status.RUNNING}
    let_go.set()
    while house.executor.is_active("x"):
        time.sleep(0.001)


def test_a_restart_between_the_two_equal_times_of_autumn_does_not_double_the_run(tmp_path: Path) -> None:
    snapshot = make_snapshot(make_entry("x", schedule="30 2 * * *"), timezone="Europe/Berlin")
    house = House(tmp_path, snapshot, clock=FakeClock(datetime(2026, 10, 24, 22, tzinfo=UTC)))
    house.tick()
    house.advance(timedelta(hours=2, minutes=30))
    house.tick()
    house.restart(snapshot)
    house.advance(timedelta(hours=1))
    house.tick()
    assert [row.due_at for row in house.history.of("x")] == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]
