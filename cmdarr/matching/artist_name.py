"""Names of single artists: whether two are written for the same one. Pure, symmetric."""

import re

from cmdarr.matching.credit import without_the
from cmdarr.matching.fold import compact, fold
from cmdarr.matching.script import is_romanised
from cmdarr.matching.spelling import is_misspelling

_PLACEHOLDER = re.compile(r"\[.*\]")
_NOBODY = frozenset({"various artists", "various", "unknown artist", "unknown", "no artist", "anonymous", ""})


def artist_key(name: str) -> str:
    """Return what two spellings of one name have in common: folded, without spaces and a leading "the"."""
    folded = fold(name)
    return without_the(compact(folded), folded)


def names_nobody(name: str) -> bool:
    """Whether a name stands in for one: `[unknown]`, "Various Artists", nothing."""
    return _PLACEHOLDER.fullmatch(name.strip()) is not None or fold(name) in _NOBODY


def is_like_name(one: str, other: str) -> bool:
    """Whether two names may be one: equal, misspelt, in another order of words or in another script."""
    left, right = artist_key(one), artist_key(other)
    if not left or not right:
        return False
    if left == right or is_misspelling(left, right) or is_romanised(one, other):
        return True
    return sorted(fold(one).split()) == sorted(fold(other).split())
