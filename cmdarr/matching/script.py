"""Names in another script: romanised texts that equal what people write in Latin letters. Pure.

Transliteration is not one system: "Цой" is Tsoi, Tsoy or Tzoy. Both sides are therefore brought to what the systems
have in common; Hebrew and Arabic, which write few vowels, to their consonants.
"""

import re
import unicodedata
from functools import lru_cache

from cmdarr.matching.fold import compact, fold

_SCRIPT_LETTERS = re.compile(
    "[\u0370-\u03ff\u1f00-\u1fff\u0400-\u052f\u0530-\u058f\u0590-\u05ff\u0600-\u06ff\u0900-\u0dff\u0e00-\u0eff"
    "\u10a0-\u10ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]"
)
_FEW_VOWELS = re.compile("[\u0590-\u06ff]")
_COMMON = (
    ("shch", "sh"), ("sch", "sh"), ("kh", "h"), ("ch", "h"), ("ts", "z"), ("tz", "z"), ("zh", "z"), ("ph", "f"),
    ("th", "t"), ("ks", "x"), ("ou", "o"), ("oo", "o"), ("uu", "u"),
)  # fmt: skip
"""What one system writes in one way and another in another."""
_COMMON_LETTERS = str.maketrans("cqwjy", "kkvii")
_DOUBLED = re.compile(r"(.)\1+")
_VOWELS = re.compile("[aeiouvh]")
_GREEK_OU = "\u03bf\u03c5"


class _LatinTable(dict[int, str]):
    """What each character is in Latin letters, looked up when it is first met."""

    def __missing__(self, code: int) -> str:
        from anyascii import anyascii

        latin = self[code] = anyascii(chr(code))
        return latin


_LATIN = _LatinTable()


def is_foreign(text: str) -> bool:
    """Whether a text has letters of a script that people also write in Latin letters."""
    return not text.isascii() and _SCRIPT_LETTERS.search(text) is not None


@lru_cache(maxsize=8192)
def in_latin(text: str) -> str:
    """Return a text transliterated and folded, in words."""
    folded = fold(text)
    if folded.isascii():
        return folded
    return fold(unicodedata.normalize("NFC", folded).replace(_GREEK_OU, "ou").translate(_LATIN))


@lru_cache(maxsize=8192)
def romanised(text: str) -> str:
    """Return a text in Latin letters, brought to what the systems of transliteration have in common."""
    name = compact(in_latin(text))
    for written, common in _COMMON:
        name = name.replace(written, common)
    name = name.translate(_COMMON_LETTERS)
    return _DOUBLED.sub(r"\1", name) if _DOUBLED.search(name) else name


def consonants(text: str) -> str:
    """Return the consonants of a text in Latin letters, as far as Hebrew and Arabic write them."""
    return _VOWELS.sub("", romanised(text)).replace("f", "p").replace("b", "")


def has_few_vowels(text: str) -> bool:
    """Whether a text has Hebrew or Arabic letters."""
    return not text.isascii() and _FEW_VOWELS.search(text) is not None


def is_romanised(one: str, other: str) -> bool:
    """Whether one text is the other in another script; two texts of one script are never compared this way."""
    if is_foreign(one) == is_foreign(other):
        return False
    if has_few_vowels(one) or has_few_vowels(other):
        left, right = consonants(one), consonants(other)
        return left == right and len(left) >= 3
    left, right = romanised(one), romanised(other)
    return left == right and len(left) >= 2
