"""What git says about the work tree that holds the config folder: its lock, its HEAD, its changed files."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from cmdarr.models.clock import Clock

GIT_LOCK_WAIT_S = 10.0
"""So long a reload waits for git at most."""
GIT_LOCK_WARNING = (
    f"git held its index.lock for {GIT_LOCK_WAIT_S:.0f} s, so the files were read although it may still be writing; "
    "remove a stale .git/index.lock."
)
_GIT_TIMEOUT_S = 2.0
_ANSWER_LASTS_S = 5.0
_POINTER = "gitdir:"


@dataclass(frozen=True, slots=True)
class GitStatus:
    """The short hash of HEAD, and the files below the config folder that differ from it."""

    head: str
    dirty: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"HEAD {self.head}" + (f" (dirty: {', '.join(self.dirty)})" if self.dirty else "")


def find_git_folder(folder: Path) -> Path | None:
    """Return the git folder of the work tree that holds `folder`, None outside of one."""
    here = folder.resolve()
    for parent in (here, *here.parents):
        candidate = parent / ".git"
        if candidate.is_dir():
            return candidate
        if candidate.is_file():
            return _follow_pointer(candidate)
    return None


def _follow_pointer(file: Path) -> Path | None:
    """Return the folder that the `.git` file of a linked work tree or submodule names."""
    try:
        text = file.read_text("utf-8", errors="replace").strip()
    except OSError:
        return None
    return file.parent / text.removeprefix(_POINTER).strip() if text.startswith(_POINTER) else None


def is_git_locked(folder: Path) -> bool:
    """Whether git is changing the work tree that holds `folder`: its `index.lock` exists."""
    try:
        git_folder = find_git_folder(folder)
        return git_folder is not None and (git_folder / "index.lock").exists()
    except OSError:
        return False


def read_git_status(folder: Path) -> GitStatus | None:
    """Ask git about the config folder; None outside of a work tree, without git, and when it is slow."""
    head = _run_git(folder, "rev-parse", "--short", "HEAD")
    if not head:
        return None
    changes = _run_git(folder, "status", "--porcelain", "-z", "--no-renames", "--", ".") or ""
    prefix = (_run_git(folder, "rev-parse", "--show-prefix") or "").strip()
    paths = [entry[3:].removeprefix(prefix) for entry in changes.split("\0") if entry]
    return GitStatus(head.strip(), tuple(paths))


class GitProbe:
    """Asks git again only when the last answer is a few seconds old. Safe to call from any thread."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._answer: tuple[float, GitStatus | None] | None = None

    def status(self) -> GitStatus | None:
        """Return what git says about the config folder."""
        now, answer = self._clock.monotonic(), self._answer
        if answer is None or now - answer[0] >= _ANSWER_LASTS_S:
            self._answer = answer = (now, read_git_status(self._folder))
        return answer[1]


def _run_git(folder: Path, *arguments: str) -> str | None:
    # Asking must not take the lock that the watcher waits for, nor run a program that the repository names.
    command = ["git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-C", str(folder), *arguments]
    try:
        answer = subprocess.run(
            command, capture_output=True, timeout=_GIT_TIMEOUT_S, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.decode("utf-8", "replace") if answer.returncode == 0 else None
