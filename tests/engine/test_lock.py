"""Locks across processes."""

import subprocess
import sys
from pathlib import Path

import pytest

from cmdarr.engine.lock import AlreadyRunning, CommandLocks
from cmdarr.errors import StoreUnavailable

HOLDER = """
import sys, time
from pathlib import Path
from cmdarr.engine.lock import CommandLocks
with CommandLocks(Path(sys.argv[1])).hold("x"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_lock_is_held_once_even_within_one_process(tmp_path: Path) -> None:
    locks = CommandLocks(tmp_path / "locks")
    with locks.hold("x"):
        assert locks.is_held("x")
        assert not locks.is_held("y")
        with (
            pytest.raises(AlreadyRunning, match="already running"),
            CommandLocks(tmp_path / "locks").hold("x"),
        ):
            pass
    assert not locks.is_held("x")


def test_a_lock_is_free_after_an_error(tmp_path: Path) -> None:
    locks = CommandLocks(tmp_path)
    with pytest.raises(KeyError), locks.hold("x"):
        raise KeyError
    assert not locks.is_held("x")


def test_a_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    locks = CommandLocks(tmp_path)
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert locks.is_held("x")
        holder.kill()
        holder.wait()
    assert not locks.is_held("x")


def test_a_folder_that_cannot_be_made_is_named_with_the_cure(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    with (
        pytest.raises(StoreUnavailable, match=r"x\.lock cannot be opened.*data folder"),
        CommandLocks(tmp_path / "data" / "locks").hold("x"),
    ):
        pass


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    locks = CommandLocks(tmp_path)
    with locks.hold("x"):
        before = open_descriptors()
    for _ in range(20):
        with locks.hold("x"):
            locks.is_held("x")
            assert open_descriptors() == before


def open_descriptors() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())
