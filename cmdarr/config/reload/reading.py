"""Reading the config folder on request: not while git or an editor is in the middle of writing it."""

from collections.abc import Callable, Iterable
from pathlib import Path

from cmdarr.config.tree import Tree, TreeScanner
from cmdarr.config.watch.git import GIT_LOCK_WAIT_S, GIT_LOCK_WARNING, is_git_locked
from cmdarr.config.watch.settling import LONGEST_WAIT_S, STABLE_S
from cmdarr.models.clock import Clock

_LOCK_POLL_S = 0.1


def read_stable_tree(
    folder: Path, referenced: Iterable[Path], clock: Clock, wait: Callable[[float], None], in_force: str
) -> tuple[Tree, tuple[str, ...]]:
    """Return a tree that two reads found equal, and warnings about what could not be waited for.

    A tree whose digest is `in_force` is returned at once.

    Raises:
        NothingFound: the folder does not exist or cannot be listed.
    """
    warnings = _wait_for_git(folder, clock, wait)
    paths = tuple(referenced)
    scanner, deadline = TreeScanner(folder, clock=clock), clock.monotonic() + LONGEST_WAIT_S
    tree = scanner.scan(paths)
    while tree.digest != in_force:
        wait(STABLE_S)
        again = scanner.scan(paths)
        if again.is_same_read(tree):
            break
        if clock.monotonic() >= deadline:
            return again, (*warnings, "The files kept changing while they were read.")
        tree = again
    return tree, warnings


def _wait_for_git(folder: Path, clock: Clock, wait: Callable[[float], None]) -> tuple[str, ...]:
    deadline = clock.monotonic() + GIT_LOCK_WAIT_S
    while is_git_locked(folder):
        if clock.monotonic() >= deadline:
            return (GIT_LOCK_WARNING,)
        wait(_LOCK_POLL_S)
    return ()
