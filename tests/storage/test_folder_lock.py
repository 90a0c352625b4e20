"""One daemon for each data folder, also after `kill -9`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cmdarr.errors import FolderInUse, StoreUnavailable
from cmdarr.storage.lock import FolderLock

HOLD = """
import sys
from pathlib import Path
from cmdarr.storage.lock import FolderLock
FolderLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_one_says_who_holds_it(tmp_path: Path) -> None:
    with FolderLock(tmp_path) as lock:
        lock.acquire()
        with pytest.raises(FolderInUse, match=rf"another Cmdarr \(process {os.getpid()}\): stop that one"):
            FolderLock(tmp_path).acquire()
    with FolderLock(tmp_path):
        pass


def test_it_is_free_again_after_kill_9(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with pytest.raises(FolderInUse, match=rf"process {process.pid}"):
        FolderLock(tmp_path).acquire()
    process.kill()
    process.communicate()
    with FolderLock(tmp_path):
        assert (tmp_path / "cmdarr.lock").read_text() == f"{os.getpid()}\n"


def test_a_folder_that_takes_no_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(StoreUnavailable, match=r"cmdarr\.lock cannot be opened"):
        FolderLock(tmp_path / "data").acquire()


def test_releasing_twice_is_fine(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    lock.acquire()
    lock.release()
    lock.release()
