"""Runs whose process is gone are told apart from those that go on elsewhere."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from fakes_storage import START, open_config, queue_run, record_run

from cmdarr.models.execution import Status
from cmdarr.storage.process import is_alive, own_process

LEAVE_OPEN = """
import os, sys
from pathlib import Path
from fakes_storage import START, open_config, queue_run
store = open_config(Path(sys.argv[1]))
number = queue_run(store, "other")
store.history.start(number, START)
print(number, flush=True)
if sys.argv[2] == "die":
    os.kill(os.getpid(), 9)
sys.stdin.read()
store.close()
"""


def start_other(folder: Path, end: str) -> tuple["subprocess.Popen[str]", int]:
    process = subprocess.Popen(
        [sys.executable, "-c", LEAVE_OPEN, str(folder), end],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": f"{Path(__file__).parents[1]}:{Path(__file__).parents[2]}"},
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def test_runs_of_a_killed_process_are_marked_and_returned(tmp_path: Path) -> None:
    with open_config(tmp_path) as store:
        record_run(store)
        process, number = start_other(tmp_path, "die")
        process.communicate()
        at = START + timedelta(minutes=5)
        marked = store.history.mark_interrupted(at)
        assert [(run.id, run.status, run.finished_at) for run in marked] == [(number, Status.INTERRUPTED, at)]
        assert marked[0].error == "The process ended under the run."
        assert store.history.mark_interrupted(at) == []


def test_runs_of_a_living_process_beside_are_not_marked(tmp_path: Path) -> None:
    with open_config(tmp_path) as store:
        own = queue_run(store)
        process, number = start_other(tmp_path, "wait")
        try:
            assert store.history.mark_interrupted(START) == []
            assert store.history.get(number).status is Status.RUNNING
        finally:
            process.communicate("")
        assert [run.id for run in store.history.mark_interrupted(START)] == [number]
        assert store.history.get(own).status is Status.QUEUED


def test_a_process_is_more_than_its_number() -> None:
    boot, pid, start = own_process().split(":")
    assert is_alive(f"{boot}:{pid}:{start}")
    assert not is_alive(f"{boot}:{pid}:{int(start) - 1}")
    assert not is_alive(f"00000000:{pid}:{start}")
    assert not is_alive(f"{boot}:4194305:{start}")
    assert not is_alive("")
