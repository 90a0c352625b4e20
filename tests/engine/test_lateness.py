"""How late the schedule is, and which runs ignore a cancel: what is watched from outside."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from fakes_engine import FakeClock, MemoryHistory, MemoryMarks, Submissions, make_entry, make_snapshot

from cmdarr.config.snapshot import Snapshot
from cmdarr.engine.command import Command
from cmdarr.engine.executor import Executor
from cmdarr.engine.launch import Launcher
from cmdarr.engine.lock import CommandLocks
from cmdarr.engine.loop import EngineLoop
from cmdarr.engine.scheduler import Scheduler


def test_a_schedule_is_late_for_as_long_as_nobody_follows_it(tmp_path: Path) -> None:
    clock, history, submissions = FakeClock(), MemoryHistory(), Submissions()
    snapshot = make_snapshot(
        make_entry("hourly", schedule="0 * * * *", enabled=True, expires=None, run_at_start=False)
    )
    launcher = Launcher(history=history, locks=CommandLocks(tmp_path), build=_never, clock=clock)
    executor = Executor(launcher, clock=clock)
    scheduler = Scheduler(marks=MemoryMarks(), submit=submissions, snapshot=snapshot, clock=clock)
    loop = EngineLoop(executor=executor, scheduler=scheduler, history=history, snapshot=snapshot, clock=clock)
    assert loop.lateness_s() == 0
    loop.tick()
    clock.advance(timedelta(minutes=59))
    assert loop.lateness_s() == 0
    clock.advance(timedelta(minutes=3))
    assert loop.lateness_s() == 120
    loop.tick()
    assert loop.lateness_s() == 0 and len(submissions.requests) == 1
    assert executor.stubborn() == ()


def _never(kind: str, snapshot: Snapshot) -> Command[Any]:
    raise AssertionError(kind)
