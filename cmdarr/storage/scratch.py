"""Scratch folders beside a file that is being made; those that killed processes left are removed by the next one."""

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

_PREFIX = ".cmdarr-part-"
_OLD_S = 3600.0
"""What was not touched for this long belongs to no living process."""


def scratch_folder(parent: Path) -> "tempfile.TemporaryDirectory[str]":
    """Return a new folder in `parent` that is removed with its context.

    Raises:
        OSError: it cannot be made there.
    """
    folder = tempfile.TemporaryDirectory(prefix=_PREFIX, dir=parent)
    _remove_leftovers(parent, Path(folder.name).stat().st_mtime)
    return folder


def _remove_leftovers(parent: Path, now: float) -> None:
    """Remove old scratch folders; `now` is of the file system's clock, which may be another machine's."""
    for path in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if path.is_dir() and now - path.stat().st_mtime > _OLD_S:
                shutil.rmtree(path, ignore_errors=True)
