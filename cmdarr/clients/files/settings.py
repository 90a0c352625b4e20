"""The settings of a `files` service, and what can be wrong with them on this machine."""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from cmdarr.config.base import Model


class FilesSettings(Model):
    """A folder of tagged audio files; playlists are written as `.m3u8`."""

    path: str = Field(min_length=1)
    """The folder that holds the music: absolute, `~`, or relative to the folder that holds the config folder."""
    playlists: str = Field(default="data/playlists", min_length=1)
    """The folder of the playlists; it is created when it is missing."""
    demo: bool = False
    """Make a small demo library in `path` when that folder is missing or empty."""


def resolve_folder(text: str, root: Path) -> Path:
    """Return the folder that a setting names; a `~` whose home is not known stays as written."""
    try:
        return root / Path(text).expanduser()
    except RuntimeError:
        return root / text


def find_problems(settings: Model, root: Path) -> Mapping[str, str]:
    """Return setting key -> sentence for what this machine lacks."""
    assert isinstance(settings, FilesSettings)  # noqa: S101 - the catalogue hands over its own model
    problems = {
        "path": _find_path_problem(resolve_folder(settings.path, root), is_demo=settings.demo),
        "playlists": _find_playlists_problem(resolve_folder(settings.playlists, root)),
    }
    return {key: sentence for key, sentence in problems.items() if sentence}


def _find_path_problem(path: Path, *, is_demo: bool) -> str:
    if not path.exists():
        return (
            "" if is_demo else f"the folder {path} does not exist: create or mount it, or set `demo: true`."
        )
    if not path.is_dir():
        return f"{path} is not a folder: name the folder that holds the music."
    if not os.access(path, os.R_OK | os.X_OK):
        return f"the folder {path} cannot be read: give this user permission to read it."
    return ""


def _find_playlists_problem(path: Path) -> str:
    if path.exists() and not path.is_dir():
        return f"{path} is not a folder: name a folder for the playlists."
    if path.exists() and not os.access(path, os.W_OK | os.X_OK):
        return f"the folder {path} cannot be written: give this user permission, or name another folder."
    return ""
