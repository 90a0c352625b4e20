"""The engine on the real config.db, with real processes that are killed."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes_engine import Body, Gate, Probe, make_entry, make_snapshot, succeed

from cmdarr.config.snapshot import Snapshot
from cmdarr.engine.command import Run
from cmdarr.engine.executor import Executor
from cmdarr.engine.launch import Launcher
from cmdarr.engine.lock import CommandLocks
from cmdarr.engine.loop import EngineLoop
from cmdarr.engine.request import RunRequest
from cmdarr.engine.scheduler import Scheduler
from cmdarr.models.clock import Clock, SystemClock
from cmdarr.models.execution import Outcome, Status, Trigger
from cmdarr.storage.config_store import ConfigStore

SNAPSHOT = make_snapshot(make_entry("x", schedule="0 3 1 1 *"), secrets=("hunter2-token",))
PATIENCE = timedelta(seconds=20)

OTHER_PROCESS = """
import sys, time
from pathlib import Path
from fakes_engine import Gate
sys.path.insert(0, sys.argv[2])
from test_with_config_store import SNAPSHOT, opened
from cmdarr.engine.request import RunRequest
from cmdarr.models.execution import Trigger

gate = Gate()
with opened(Path(sys.argv[1]), gate) as (store, executor):
    executor.submit(RunRequest(command="x", trigger=Trigger.SCHEDULE, snapshot=SNAPSHOT))
    gate.entered.wait(20)
    print("running", flush=True)
    time.sleep(60)
"""


@contextmanager
def opened(
    folder: Path, body: Body = succeed, clock: Clock | None = None
) -> Iterator[tuple[ConfigStore, Executor]]:
    """config.db and an executor over it, as one process has them."""
    clock = clock or SystemClock()
    with ConfigStore.open(folder / "config.db", backups=folder / "backups", clock=clock) as store:
        launcher = Launcher(
            history=store.history,
            locks=CommandLocks(folder / "locks"),
            build=lambda kind, snapshot: Probe(body),
            clock=clock,
        )
        executor = Executor(launcher, clock=clock, thread_ends=store.release)
        yield store, executor
        executor.stop(timedelta())


def engine_loop(store: ConfigStore, executor: Executor, snapshot: Snapshot) -> EngineLoop:
    clock = SystemClock()
    return EngineLoop(
        executor=executor,
        scheduler=Scheduler(marks=store.marks, submit=executor.submit, snapshot=snapshot, clock=clock),
        history=store.history,
        snapshot=snapshot,
        clock=clock,
        thread_ends=store.release,
    )


@contextmanager
def other_process(folder: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """Another process that runs `x` over the same folder until it is killed."""
    here = Path(__file__).parent
    with subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, str(folder), str(here)],
        stdout=subprocess.PIPE,
        cwd=here.parents[1],
        env={"PYTHONPATH": str(here.parent), "PATH": ""},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"running\n"
        yield process
        process.kill()


def test_the_record_of_a_run_is_in_config_db(tmp_path: Path) -> None:
    def body(run: Run[Any]) -> Outcome:
        return Outcome(
            status=Status.SUCCEEDED, summary="hunter2-token", result={"n": [1, "hunter2-token"]}, changes=1
        )

    with opened(tmp_path, body) as (store, executor):
        done = executor.run_now(RunRequest(command="x", trigger=Trigger.MANUAL, snapshot=SNAPSHOT))
        assert (done.summary, done.result, done.changes) == ("•••", {"n": [1, "•••"]}, 1)
        kept = store.history.get(done.id)
        assert (kept.status, kept.summary, kept.result) == (done.status, done.summary, done.result)
        assert (kept.generation, kept.document) == ("g1", SNAPSHOT.commands["x"].document)
    assert b"hunter2" not in b"".join(path.read_bytes() for path in tmp_path.glob("config.db*"))


def test_runs_of_many_threads_are_all_recorded(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(12)]
    snapshot = make_snapshot(*(make_entry(name) for name in names), max_parallel=4)
    with opened(tmp_path) as (store, executor):
        executor.reload(snapshot)
        for name in names:
            executor.submit(RunRequest(command=name, trigger=Trigger.API, snapshot=snapshot))
        assert executor.wait_idle(PATIENCE)
        assert {row.command for row in store.history.recent(status=Status.SUCCEEDED)} == set(names)


@pytest.mark.e2e
def test_a_run_of_a_killed_process_is_interrupted_and_retried_once(tmp_path: Path) -> None:
    with other_process(tmp_path) as process:
        process.kill()
        process.wait()
    for _ in range(2):
        with opened(tmp_path) as (store, executor):
            loop = engine_loop(store, executor, SNAPSHOT)
            loop.tick()
            assert executor.wait_idle(PATIENCE)
            rows = sorted(store.history.recent(), key=lambda row: row.id)
            assert [(row.trigger, row.status) for row in rows] == [
                (Trigger.SCHEDULE, Status.INTERRUPTED),
                (Trigger.RETRY, Status.SUCCEEDED),
            ]
            assert rows[1].retry_of == rows[0].id


@pytest.mark.e2e
def test_a_run_beside_that_of_another_process_is_skipped_and_leaves_that_one_alone(tmp_path: Path) -> None:
    with other_process(tmp_path), opened(tmp_path) as (store, executor):
        engine_loop(store, executor, SNAPSHOT).tick()
        done = executor.run_now(RunRequest(command="x", trigger=Trigger.MANUAL, snapshot=SNAPSHOT))
        assert (done.status, done.summary) == (Status.SKIPPED, "already running in another process.")
        assert [row.status for row in store.history.recent()] == [Status.SKIPPED, Status.RUNNING]


def test_a_loop_over_config_db_starts_runs_and_stops(tmp_path: Path) -> None:
    gate = Gate()
    snapshot = make_snapshot(make_entry("x", run_at_start=True))
    with opened(tmp_path, gate) as (store, executor):
        loop = engine_loop(store, executor, snapshot)
        loop.start()
        assert gate.entered.wait(PATIENCE.total_seconds())
        assert loop.problem() is None
        gate.opened.set()
        assert loop.stop(PATIENCE) == ()
        assert [row.status for row in store.history.recent()] == [Status.SUCCEEDED]
        assert set(store.marks.load_marks()) == {"x"}
