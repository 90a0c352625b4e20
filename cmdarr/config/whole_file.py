"""Writing a file of the config folder, on the user's order, whole or not at all."""

import os
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write a text beside its place and rename it into it; missing folders are made.

    Raises:
        OSError: it cannot be written; the error names the file, and what was there before is unchanged.
    """
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(text, encoding="utf-8")
        new.replace(path)
    except OSError as error:
        if new.exists():
            new.unlink()
        raise OSError(error.errno, error.strerror, str(path)) from error
