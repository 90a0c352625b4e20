"""Names of commands: readable ones made of what the user saw, the same at every import."""

import re
from collections.abc import Collection, Iterable

_OTHER = re.compile(r"[^a-z0-9]+")
_LONGEST = 40  # with a number or the name of a playlist behind it, 64 is the limit


def slug(text: str) -> str:
    """Return a text as the stem of a command file, empty when nothing of it can stand there."""
    from anyascii import anyascii  # a table of all scripts, which only an import needs

    folded = anyascii(text.replace("'", "").replace("’", "")).lower()
    return _OTHER.sub("-", folded)[: _LONGEST + 1].strip("-")[:_LONGEST].strip("-")


def assign_names(wanted: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return legacy name -> command name for pairs of legacy name and display name.

    Equal names are numbered in the order given, which is that of creation, so that a command made later never
    changes the name of an older one. Where a display name gives nothing, the legacy name does.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for legacy_name, display_name in wanted:
        name = free_name(slug(display_name) or slug(legacy_name) or "command", taken)
        taken.add(name)
        names[legacy_name] = name
    return names


def free_name(stem: str, taken: Collection[str]) -> str:
    """Return a name, numbered when it is taken."""
    name, number = stem, 2
    while name in taken:
        name, number = f"{stem}-{number}", number + 1
    return name
