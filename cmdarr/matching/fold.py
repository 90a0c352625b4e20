"""Folding: texts that people write differently for the same name become equal. Pure, idempotent, cached."""
# ruff: noqa: RUF001 - quotation marks, hyphens and letters of every kind are the subject

import re
import unicodedata
from functools import lru_cache

_DROPPED = "'`´‘’ʼʻ′‚‛\"“”„″.©®℗™℠"
_KEPT_AS_THEY_ARE = frozenset("йЙ")
"""Letters of their own whose decomposition would make them another letter."""

_SPECIAL = {
    "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "ŋ": "n", "æ": "ae", "œ": "oe", "þ": "th",
}  # fmt: skip

_STRIPPED_MARKS = ((0x0300, 0x036F), (0x0591, 0x05C7), (0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670),
                   (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE00, 0xFE0F))  # fmt: skip
"""Combining marks that only colour a letter: accents, Hebrew points, Arabic vowels. Kana and Indic marks stay."""

_STYLISED = re.compile(r"(?<=[^\W\d_])!(?=[^\W\d_])|(?<=[^\W\d_])\$|\$(?=[^\W\d_])")
_SEVERAL_DOTS = re.compile(r"\.{2,}")
_SEVERAL_SPACES = re.compile(r"\s+")
_PASSES = 6
_BEFORE_NFKC = {ord(character): None for character in "™℠"} | {ord("…"): " "}
"""What NFKC would turn into letters or dots."""


class _FoldTable(dict[int, str]):
    """What each character becomes, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        return folded


def _fold_character(character: str) -> str:
    if character in _DROPPED:
        return ""
    if character in "&+":
        return " and "
    lowered = character.casefold()
    if character in _KEPT_AS_THEY_ARE or lowered in _SPECIAL:
        return _SPECIAL.get(lowered, lowered)
    letters = (c for c in unicodedata.normalize("NFKD", lowered) if not _is_stripped_mark(c))
    return "".join(_fold_part(c) for c in unicodedata.normalize("NFKC", "".join(letters)))


def _fold_part(character: str) -> str:
    category = unicodedata.category(character)
    if category[0] in "LNM" or category == "So":
        return _SPECIAL.get(character, character)
    return "" if category == "Cf" or character in _DROPPED else " "


def _is_stripped_mark(character: str) -> bool:
    code = ord(character)
    return code >= 0x0300 and any(first <= code <= last for first, last in _STRIPPED_MARKS)


_TABLE = _FoldTable()
_ASCII_TABLE = {code: _fold_character(chr(code)) for code in range(128) if chr(code) not in "&+"}


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Return the text in lower case without accents and punctuation, words parted by one space.

    NFKC joins full-width and compatibility forms; `&` and `+` become `and`, `P!nk` becomes `pink`, `Ke$ha`
    `kesha`. A text of punctuation only keeps it (`!!!`), so that it equals nothing but itself.
    """
    return fold_anew(text)


def fold_anew(text: str) -> str:
    """Fold a text that will hardly come again: looking it up and keeping it would be half of the work."""
    folded = _fold_once(text)
    return folded if folded == text or folded.isascii() else _settle(folded)


def normal_form(text: str) -> str:
    """Return the text in NFKC: one form for composed, decomposed and full-width letters; `™` is dropped."""
    if text.isascii():
        return text
    if "…" in text or "™" in text or "℠" in text:
        text = text.translate(_BEFORE_NFKC)
    return unicodedata.normalize("NFKC", text)


def compact(folded: str) -> str:
    """Return a folded text without its spaces: `ac dc` and `acdc` are one name."""
    return folded.replace(" ", "")


def _fold_once(text: str) -> str:
    words = _fold_words(text)
    if "n" in words[1:-1]:
        words[1:-1] = ["and" if word == "n" else word for word in words[1:-1]]
    return " ".join(words) or _keep_punctuation(text)


def _fold_words(text: str) -> list[str]:
    if "$" in text or "!" in text:
        text = _STYLISED.sub(lambda found: "i" if found[0] == "!" else "s", text)
    if ".." in text:
        text = _SEVERAL_DOTS.sub(" ", text)
    if not text.isascii():
        return normal_form(text).translate(_TABLE).split()
    if "&" in text or "+" in text:
        if text.strip() in {"&", "+"}:
            return []
        text = text.replace("&", " and ").replace("+", " and ")
    return text.translate(_ASCII_TABLE).split()


def _keep_punctuation(text: str) -> str:
    return _SEVERAL_SPACES.sub("", unicodedata.normalize("NFKC", text).casefold())


def _settle(folded: str) -> str:
    """Fold again until nothing changes: dropping a character may let its neighbours compose."""
    for _ in range(_PASSES):
        again = _fold_once(folded)
        if again == folded:
            break
        folded = again
    return folded
