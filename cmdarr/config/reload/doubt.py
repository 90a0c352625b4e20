"""When a change is not believed at once: files that vanish together are more often a lost mount than a wish."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from cmdarr.config.reload.effective import GoodFile
from cmdarr.config.tree import CommandsState, Tree, is_command_file

_FEWEST_REMOVED = 3
_SETTINGS = "settings.yaml"

DoubtKind = Literal["folder", "commands", "device", "settings", "removal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why a tree is not applied now; `is_lasting` when no time makes it right."""

    kind: DoubtKind
    reason: str
    removed: tuple[str, ...] = ()
    is_lasting: bool = False


def doubt_lost_folder(reason: str) -> Doubt:
    """Return the doubt about a config folder that is gone or cannot be listed."""
    return Doubt(kind="folder", reason=reason.removesuffix("."), is_lasting=True)


def find_doubt(
    tree: Tree, good: Mapping[str, GoodFile], devices: tuple[int, ...], *, is_git_locked: bool
) -> Doubt | None:
    """Return why the tree should not replace what runs (`good`, read from `devices`); None when it may."""
    known = {file for file in good if is_command_file(file)}
    found = {*tree.files, *(problem.file for problem in tree.problems)}
    removed = tuple(sorted(known - found))
    return (
        _doubt_commands(tree, known)
        or _doubt_device(tree, known, devices)
        or _doubt_settings(good.get(_SETTINGS), found, removed)
        or _doubt_removal(known, removed, is_git_locked=is_git_locked)
    )


def _doubt_commands(tree: Tree, known: set[str]) -> Doubt | None:
    folder = tree.folder / "commands"
    if tree.commands_state is CommandsState.UNREADABLE:
        reason = f"{folder} cannot be read"
    elif tree.commands_state is CommandsState.MISSING and known:
        reason = f"{folder} is missing; create it, empty when there shall be no commands"
    else:
        return None
    return Doubt(kind="commands", reason=reason, removed=tuple(sorted(known)), is_lasting=True)


def _doubt_device(tree: Tree, known: set[str], devices: tuple[int, ...]) -> Doubt | None:
    if all(now == before for now, before in zip(tree.devices, devices, strict=False)):
        return None
    is_empty = tree.commands_state is CommandsState.EMPTY and bool(known)
    reason = f"{tree.folder} is suddenly on another file system" + (
        " and holds no commands; mount it again, or restart Cmdarr when this is meant" if is_empty else ""
    )
    return Doubt(kind="device", reason=reason, is_lasting=is_empty)


def _doubt_settings(good: GoodFile | None, found: set[str], removed: tuple[str, ...]) -> Doubt | None:
    if good is None or _SETTINGS in found:
        return None
    return Doubt(kind="settings", reason=f"{_SETTINGS} is gone", removed=(_SETTINGS, *removed))


def _doubt_removal(known: set[str], removed: tuple[str, ...], *, is_git_locked: bool) -> Doubt | None:
    if is_git_locked or len(removed) < _FEWEST_REMOVED or 2 * len(removed) <= len(known):
        return None
    reason = f"{len(removed)} of {len(known)} command files are gone at once"
    return Doubt(kind="removal", reason=reason, removed=removed)
