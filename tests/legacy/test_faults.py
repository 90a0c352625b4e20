"""A fault at every file operation of an import: one sentence, nothing or everything, and the next one completes it."""

import errno
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from fakes_importing import Place, write_lists
from fakes_legacy import a_whole_life, fingerprint

from cmdarr.errors import CmdarrError

EVENTS = frozenset(
    {"open", "os.chmod", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.listdir", "os.scandir", "os.utime",
     "shutil.copyfile", "shutil.rmtree", "sqlite3.connect", "tempfile.mkdtemp"}
)  # fmt: skip
DONE, SENTENCE, SURPRISE = 0, 1, 2
LIST = [{"MusicBrainzId": "a74b1b7f-71a5-4011-9441-d0b5e4122711", "ArtistName": "Sigur Rós"}]


def bring_with_fault(place: Place, old: Path, step: int, number: int) -> int:
    """Import in another process where the file operation after so many others, and all that follow it, fail."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    left = [step]
    folder = str(place.root.parent)

    def fail(event: str, arguments: tuple[object, ...]) -> None:
        if event in EVENTS and folder in str(arguments[:1]):
            left[0] -= 1
            if left[0] < 0:
                raise OSError(number, os.strerror(number), str(arguments[0]))

    sys.addaudithook(fail)
    code = SURPRISE
    try:
        place.bring(old)
        code = DONE
    except CmdarrError as error:
        code = SENTENCE if "\n" not in str(error) else SURPRISE
    except OSError as error:
        code = SENTENCE if error.filename else SURPRISE  # the command line makes a sentence of it
    finally:
        os._exit(code)


def break_at(tmp_path: Path, steps: Iterable[int], number: int, *, is_there: bool) -> None:
    old = tmp_path / "old"
    a_whole_life().write(old)
    write_lists(old / "import_lists", {"discovery_lastfm.json": LIST})
    whole = Place(tmp_path / "whole")
    whole.bring(old)
    source = fingerprint(old)
    for step in steps:
        place = Place(tmp_path / f"new-{step}")
        if is_there:
            (place.config / "commands").mkdir(parents=True)
            place.data.mkdir()
            place.store().close()
        code = bring_with_fault(place, old, step, number)
        assert code in {DONE, SENTENCE}, step
        assert fingerprint(old) == source
        restarted = place.app()
        try:
            store = restarted.store_if_present()
            found = len(store.history.recent(limit=9)) if store else 0
        finally:
            restarted.close()
        files = place.files() if place.config.exists() else {}
        assert (files, found) in (({}, 0), (whole.files(), 4)), step
        place.bring(old)
        assert place.files() == whole.files()
        shutil.rmtree(place.root)
        if code == DONE:
            return
    raise AssertionError("it never came to its end")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_a_fault_leaves_nothing_or_everything(tmp_path: Path, number: int) -> None:
    break_at(tmp_path, range(number % 7, 2_000, 13), number, is_there=number == errno.EACCES)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("is_there", [True, False])
def test_a_fault_at_every_step_leaves_nothing_or_everything(tmp_path: Path, is_there: bool) -> None:
    break_at(tmp_path, range(2_000), errno.EIO, is_there=is_there)
