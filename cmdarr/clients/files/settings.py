"""The settings of a `files` service, and what can be wrong with them on this machine."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

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
    state = _look_at(path)
    if state == "missing":
        return (
            "" if is_demo else f"the folder {path} does not exist: create or mount it, or set `demo: true`."
        )
    if state == "other":
        return f"{path} is not a folder: name the folder that holds the music."
    if state == "unreachable" or not os.access(path, os.R_OK | os.X_OK):
        return f"the folder {path} cannot be read: give this user permission to read it."
    return ""


def _find_playlists_problem(path: Path) -> str:
    state = _look_at(path)
    if state == "other":
        return f"{path} is not a folder: name a folder for the playlists."
    if state == "unreachable" or (state == "folder" and not os.access(path, os.W_OK | os.X_OK)):
        return f"the folder {path} cannot be written: give this user permission, or name another folder."
    return ""


def _look_at(path: Path) -> Literal["missing", "folder", "other", "unreachable"]:
    try:
        return "folder" if stat.S_ISDIR(path.stat().st_mode) else "other"
    except (FileNotFoundError, ValueError):
        return "missing"
    except NotADirectoryError:
        return "other"
    except OSError:
        return "unreachable"
