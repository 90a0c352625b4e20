"""The nearest of several names, for "did you mean"."""

from collections.abc import Iterable
from difflib import get_close_matches


def suggest(name: str, names: Iterable[str]) -> str | None:
    """Return the name that was probably meant, None when nothing is near."""
    by_folded = {known.casefold(): known for known in sorted(names)}
    found = get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return the hint `did you mean 'x'?`, or an empty text."""
    nearest = suggest(name, names)
    return f"did you mean '{nearest}'?" if nearest else ""
