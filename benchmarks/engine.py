"""Figures of the engine: what a tick of the scheduler costs, and what the executor adds to the work of a run."""

import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks import Figure
from cmdarr.config.command import CommandOptions
from cmdarr.config.settings import Settings
from cmdarr.config.snapshot import CommandEntry, CommandState, Snapshot
from cmdarr.engine.command import Command, CommandDependencies, Run
from cmdarr.engine.executor import Executor
from cmdarr.engine.launch import Launcher
from cmdarr.engine.lock import CommandLocks
from cmdarr.engine.request import RunRequest
from cmdarr.engine.scheduler import Scheduler
from cmdarr.models.clock import SystemClock
from cmdarr.models.execution import Outcome, Status, Trigger
from cmdarr.models.redaction import Redactor
from cmdarr.models.schedule import ScheduleMark
from cmdarr.storage.config_store import ConfigStore

COMMANDS = 200
RUNS = 200
TICKS = 2_000


class Nothing(Command[CommandOptions]):
    """A command without work."""

    kind = "nothing"
    options_model = CommandOptions

    @classmethod
    def build(cls, deps: CommandDependencies) -> "Nothing":
        del deps
        return cls()

    def run(self, run: Run[CommandOptions]) -> Outcome:
        del run
        return Outcome(status=Status.SUCCEEDED, summary="nothing was done")


class NoMarks:
    """Marks that cost nothing."""

    def load_marks(self) -> dict[str, ScheduleMark]:
        return {}

    def set_mark(self, command: str, schedule: str, last_due: datetime) -> None:
        """Forget it."""

    def drop_marks(self, commands: Any) -> None:
        """Forget them."""


def take(request: RunRequest) -> int:
    """Stand for the executor."""
    return len(request.command)


def build_nothing(kind: str, snapshot: Snapshot) -> Nothing:
    """Build the command of a run."""
    del kind, snapshot
    return Nothing()


def snapshot_of(count: int) -> Snapshot:
    """A configuration of `count` commands, each at its own minute of the night."""
    names = [f"command-{number:03}" for number in range(count)]
    return Snapshot(
        generation="0" * 64,
        settings=Settings(),
        commands={
            name: CommandEntry(
                name=name,
                file=f"commands/{name}.yaml",
                kind="nothing",
                state=CommandState.OK,
                options=CommandOptions.model_construct(
                    kind="nothing", schedule=f"{number % 60} {number % 24} * * *"
                ),
                document="{}",
                digest=name,
            )
            for number, name in enumerate(names)
        },
        pins=(),
        findings=(),
        redactor=Redactor(["a-secret", "another-secret"]),
        loaded_at=datetime.now(UTC),
    )


def plan_and_tick_us() -> tuple[float, float, float]:
    """Return microseconds of a first plan, of a reload with nothing changed, and of a tick with nothing due."""
    snapshot = snapshot_of(COMMANDS)
    scheduler = Scheduler(marks=NoMarks(), submit=take, snapshot=snapshot, clock=SystemClock())
    began = time.perf_counter()
    scheduler.plan_start({})
    planned = time.perf_counter()
    scheduler.reload(snapshot_of(COMMANDS))
    began_reload = time.perf_counter()
    scheduler.tick()
    reloaded = time.perf_counter()
    samples = []
    for _ in range(TICKS):
        began_tick = time.perf_counter()
        scheduler.tick()
        scheduler.next_wake()
        samples.append(time.perf_counter() - began_tick)
    return (planned - began) * 1e6, (reloaded - began_reload) * 1e6, statistics.median(samples) * 1e6


def run_overhead_ms(folder: Path) -> tuple[float, float]:
    """Return milliseconds that a run without work takes, alone in this thread and through the pool."""
    clock = SystemClock()
    snapshot = snapshot_of(RUNS)
    with ConfigStore.open(folder / "config.db", backups=folder / "backups", clock=clock) as store:
        launcher = Launcher(
            history=store.history,
            locks=CommandLocks(folder / "locks"),
            build=build_nothing,
            clock=clock,
        )
        executor = Executor(launcher, clock=clock, thread_ends=store.release)
        requests = [
            RunRequest(command=name, trigger=Trigger.SCHEDULE, snapshot=snapshot)
            for name in snapshot.commands
        ]
        samples = []
        for request in requests:
            began = time.perf_counter()
            executor.run_now(request)
            samples.append(time.perf_counter() - began)
        began = time.perf_counter()
        for request in requests:
            executor.submit(request)
        executor.wait_idle(timedelta(minutes=1))
        pooled = (time.perf_counter() - began) / len(requests)
    return statistics.median(samples) * 1e3, pooled * 1e3


def three_commits_ms(folder: Path) -> float:
    """Return milliseconds of three durable commits of plain SQLite: the floor of a run that is recorded three times."""
    connection = sqlite3.connect(folder / "floor.db", isolation_level=None)
    connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE row (text)")
    samples = []
    for _ in range(RUNS):
        began = time.perf_counter()
        for _ in range(3):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO row VALUES ('nothing was done')")
            connection.execute("COMMIT")
        samples.append(time.perf_counter() - began)
    connection.close()
    return statistics.median(samples) * 1e3


def figures() -> list[Figure]:
    """Measure."""
    plan, reload, tick = plan_and_tick_us()
    with tempfile.TemporaryDirectory() as folder:
        alone, pooled = run_overhead_ms(Path(folder))
        floor = three_commits_ms(Path(folder))
    return [
        Figure(f"first plan of {COMMANDS} commands", plan / 1e3, 30.0, "ms"),
        Figure(
            f"schedule after a reload that changed nothing, {COMMANDS} commands", reload / 1e3, 30.0, "ms"
        ),
        Figure(f"tick of the scheduler with nothing due, {COMMANDS} commands", tick, 100.0, "µs"),
        Figure(
            "run without work, recorded three times / three plain SQLite commits", alone / floor, 2.0, "x"
        ),
        Figure(
            "the same through the pool, a thread and a connection a run / likewise", pooled / floor, 4.0, "x"
        ),
    ]


if __name__ == "__main__":
    for figure in figures():
        sys.stdout.write(f"{figure.name}: {figure.measured:.3g} {figure.unit} (goal {figure.goal:g})\n")
