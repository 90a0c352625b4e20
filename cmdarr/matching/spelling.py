"""Misspellings: whether two folded names are one name with typing errors in it. Pure.

Two real names are often one letter apart (Angel, Angels; Night, Light), so what this accepts still needs a witness.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

_DIGITS = re.compile(r"\d+")
_NUMERALS = frozenset(
    ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv", "xvi")
)
_ENDINGS = frozenset(("s", "es", "d", "ed", "r", "er", "n", "en", "ing", "y", "ly", "t", "st", "est", "less"))
"""What turns one real word into another real word."""
_DENSE = re.compile("[\u0590-\u06ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Letters of scripts that say so much with each that another one makes another word."""
_LONG = 14
"""A name of so many letters with one slip in it is hardly another name."""
_SHORT = range(3, 5)
"""In words this short a letter may be missing or surplus, but none be another: "Nevr", not "Sun" for "Son"."""


def distance(one: str, other: str, most: int) -> int:
    """Return how many typing errors (wrong, missing, surplus, swapped letters) part the texts, `most` + 1 if more."""
    from rapidfuzz.distance import OSA

    return OSA.distance(one, other, score_cutoff=most)


def errors_allowed(length: int) -> int:
    """Return how many errors a text of that many letters may hold: none in a short one, one in five letters or so."""
    if length < 5:
        return 0
    return 1 if length < 8 else 2 if length < 16 else 3


@lru_cache(maxsize=2048)
def is_misspelling(one: str, other: str) -> bool:
    """Whether two compact names are one with few errors; numbers must agree to the digit."""
    if one == other:
        return True
    most = errors_allowed(min(len(one), len(other)))
    if not most or _DENSE.search(one) or _DENSE.search(other):
        return False
    if abs(len(one) - len(other)) > most or _DIGITS.findall(one) != _DIGITS.findall(other):
        return False
    return distance(one, other, most) <= most


@lru_cache(maxsize=2048)
def is_misspelt_title(one: str, other: str) -> bool:
    """Whether two folded titles are one with few errors, all of them within the words that differ.

    The words that both have are set aside, so that a long title does not excuse another word in it: "Sonata in A minor"
    is not "Sonata in A major". Numbers and numerals must agree.
    """
    if not is_misspelling(one.replace(" ", ""), other.replace(" ", "")):
        return False
    left, right = _differing(one.split(), other.split())
    if _NUMERALS.intersection(left) != _NUMERALS.intersection(right):
        return False
    return _is_slip("".join(left), "".join(right))


def _is_slip(one: str, other: str) -> bool:
    """Whether the differing words are one with errors; two letters swapped are an error even in a short word."""
    if one == other:
        return True
    shorter = min(len(one), len(other))
    if not shorter:
        return False
    if sorted(one) == sorted(other) and shorter >= 3 and distance(one, other, 1) <= 1:
        return True
    if shorter in _SHORT and len(one) != len(other):
        return distance(one, other, 1) <= 1
    most = errors_allowed(shorter)
    return bool(most) and distance(one, other, most) <= most


def is_inflection(one: str, other: str) -> bool:
    """Whether two folded titles differ by the ending of a word: Dream and Dreams are rather two songs than one slip."""
    left, right = _differing(one.split(), other.split())
    pairs = [sorted(pair, key=len) for pair in zip(left, right, strict=False)]
    return len(left) == len(right) and all(
        longer.startswith(shorter) and longer[len(shorter) :] in _ENDINGS for shorter, longer in pairs
    )


def is_sure_slip(one: str, other: str) -> bool:
    """Whether two folded titles are so long and so near that nothing else must speak for them."""
    if min(len(one), len(other)) < _LONG or distance(one.replace(" ", ""), other.replace(" ", ""), 1) > 1:
        return False
    left, right = ("".join(words) for words in _differing(one.split(), other.split()))
    return min(len(left), len(right)) >= 4 and left[0] == right[0] and not is_inflection(one, other)


def _differing(one: Sequence[str], other: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the words of each side that stand between what both begin and end with."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return list(one[start : len(one) - end]), list(other[start : len(other) - end])
