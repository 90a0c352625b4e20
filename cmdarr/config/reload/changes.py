"""What differs between two snapshots, by name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from cmdarr.config.services import ServiceEntry
from cmdarr.config.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What differs: `added` commands could not run before, `removed` ones no longer can."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    """Dotted keys of settings.yaml; never a value."""

    def __str__(self) -> str:
        groups = {
            "added": self.added,
            "changed": self.changed,
            "removed": self.removed,
            "settings": self.settings,
        }
        found = [f"{len(names)} {word} ({_shorten(names)})" for word, names in groups.items() if names]
        return ", ".join(found) or "nothing that runs differs"


NO_CHANGES = Changes()


def find_changes(before: Snapshot, after: Snapshot) -> Changes:
    """Compare what runs in two snapshots."""
    return Changes(
        added=tuple(sorted(_missing_in(before, after))),
        changed=tuple(sorted(_changed_commands(before, after))),
        removed=tuple(sorted(_missing_in(after, before))),
        settings=tuple(_changed_keys("", before.settings, after.settings)),
    )


def _missing_in(one: Snapshot, other: Snapshot) -> Iterator[str]:
    """Yield the names that run in `other` and not in `one`."""
    for name, entry in other.commands.items():
        if entry.options is not None and ((known := one.commands.get(name)) is None or known.options is None):
            yield name


def _changed_commands(before: Snapshot, after: Snapshot) -> Iterator[str]:
    for name, entry in after.commands.items():
        known = before.commands.get(name)
        if known is not None and known.digest != entry.digest and known.options and entry.options:
            yield name


def _changed_keys(key: str, before: object, after: object) -> Iterator[str]:
    if before is after or before == after:
        return
    old, new = _parts(before), _parts(after)
    if type(before) is not type(after) or not (old or new):
        yield key
        return
    for name in sorted(old.keys() | new.keys()):
        yield from _changed_keys(f"{key}.{name}" if key else name, old.get(name), new.get(name))


def _parts(value: object) -> Mapping[str, object]:
    """Return the parts of a value that have keys of their own in settings.yaml."""
    if isinstance(value, ServiceEntry):
        return {"type": value.type, "enabled": value.enabled, **_parts(value.settings)}
    if isinstance(value, BaseModel):
        return dict(value)
    return {str(name): part for name, part in value.items()} if isinstance(value, Mapping) else {}


def _shorten(names: tuple[str, ...], most: int = 5) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
