"""Keys of earlier versions: still understood, with a warning that names the new key. Nothing rewrites a file."""

from collections.abc import Iterator, Mapping

from cmdarr.config.catalog import OldKey
from cmdarr.config.document import Loc


def find_old_keys(
    value: Mapping[str, object], kind: str, table: tuple[OldKey, ...]
) -> Iterator[tuple[Loc, OldKey]]:
    """Yield the place of each old key that a file uses."""
    for old_key in table:
        loc = tuple(old_key.old.split("."))
        if old_key.kind == kind and _has(value, loc):
            yield loc, old_key


def without_old_key(value: dict[str, object], old_key: OldKey) -> dict[str, object]:
    """Return the value with the old key moved to its new place, unless something is written there, or dropped."""
    old, new = old_key.old.split("."), old_key.new.split(".")
    moved = _get(value, tuple(old))
    value = _without(value, old)
    return value if not old_key.new or _has(value, tuple(new)) else _with(value, new, moved)


def _get(value: object, loc: Loc) -> object:
    for step in loc:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _has(value: object, loc: Loc) -> bool:
    return isinstance(above := _get(value, loc[:-1]), dict) and loc[-1] in above


def _without(value: dict[str, object], steps: list[str]) -> dict[str, object]:
    below = value[steps[0]]
    if len(steps) > 1 and isinstance(below, dict):
        return value | {steps[0]: _without(below, steps[1:])}
    return {key: each for key, each in value.items() if key != steps[0]}


def _with(value: dict[str, object], steps: list[str], new: object) -> dict[str, object]:
    if len(steps) == 1:
        return value | {steps[0]: new}
    below = value.get(steps[0])
    return value | {steps[0]: _with(below if isinstance(below, dict) else {}, steps[1:], new)}
