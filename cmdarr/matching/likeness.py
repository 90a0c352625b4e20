"""How alike two titles or two artists are that are not the same: spelling, script, word order, cut-off ends. Pure.

Every rule is symmetric and leaves a measure of doubt, which the witnesses must outweigh (`cmdarr.matching.near`).
"""

from dataclasses import dataclass

from cmdarr.matching.comparison import ArtistRelation, Comparison, Profile, is_same_but_for_spaces
from cmdarr.matching.fold import fold
from cmdarr.matching.readings import Reading
from cmdarr.matching.script import is_romanised
from cmdarr.matching.spelling import is_inflection, is_misspelling, is_misspelt_title, is_sure_slip
from cmdarr.matching.version import parse_title

_CUT_LENGTHS = range(28, 32)
"""The oldest tags hold 30 characters of a title."""
_ENSEMBLE = frozenset(
    {"band", "orchestra", "orchester", "orchestre", "quartet", "quintet", "sextet", "septet", "octet", "trio", "duo",
     "ensemble", "group", "combo", "choir", "chorus", "singers", "philharmonic", "symphony", "experience", "project"}
)  # fmt: skip
"""Words that one side adds to a name: Miles Davis, Miles Davis Quintet."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How one field agrees: how much doubt is left, and the stage that it makes the match one of (empty: none)."""

    doubt: int = 0
    stage: str = ""


SAME = Likeness()


def compare_titles(one: Reading, other: Reading) -> Likeness | None:
    """Say how alike two titles are, None when they are two titles."""
    left, right = parse_title(one.title), parse_title(other.title)
    if not (left.name and right.name):
        return None
    if left.name == right.name or is_same_but_for_spaces(left, one.title, right, other.title):
        return SAME
    if left.key == right.key:
        return Likeness(1, "spelling")
    if is_misspelt_title(left.name, right.name):
        return Likeness(_doubt_of_slip(left.name, right.name), "spelling")
    if is_romanised(one.title, other.title):
        return Likeness(0, "script")
    return Likeness(1, "cut") if _is_cut(one.title, other.title) else None


def _doubt_of_slip(one: str, other: str) -> int:
    if is_inflection(one, other):
        return 3
    return 0 if is_sure_slip(one, other) else 1


def _is_cut(one: str, other: str) -> bool:
    """Whether one title is the other as an old tag holds it: cut off after 30 characters."""
    shorter, longer = sorted((one.strip(), other.strip()), key=len)
    return len(shorter) in _CUT_LENGTHS and len(longer) > 30 and fold(longer).startswith(fold(shorter))


def compare_artists(pair: Comparison) -> Likeness | None:
    """Say how alike the artists of a pair are, None when they are two artists."""
    if pair.artist <= ArtistRelation.FIRST:
        return SAME
    if pair.artist == ArtistRelation.PART:
        return Likeness(1)
    one, other = pair.wanted, pair.found
    if not one.artist.whole or not other.artist.whole:
        return Likeness(2, "unknown_artist")
    if is_romanised(one.raw_artist, other.raw_artist):
        return Likeness(0, "script")
    return _compare_words(one, other)


def _compare_words(one: Profile, other: Profile) -> Likeness | None:
    """Compare the words of two names: in another order, without the ensemble, without a first name, misspelt."""
    left, right = fold(one.raw_artist).split(), fold(other.raw_artist).split()
    if sorted(left) == sorted(right):
        return Likeness(0, "spelling")
    if set(left) <= set(right) or set(right) <= set(left):
        return Likeness(1 if _ENSEMBLE.intersection(set(left) ^ set(right)) else 2, "spelling")
    return Likeness(1, "spelling") if is_misspelling(one.artist.whole, other.artist.whole) else None
