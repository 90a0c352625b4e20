"""Artist credits: the names in "A & B feat. C", however they are joined. Pure."""
# ruff: noqa: RUF001 - signs of every width are the subject

import re
from dataclasses import dataclass
from functools import lru_cache

from cmdarr.matching.fold import compact, fold, normal_form

FEATURED = r"(?:feat|ft|featuring)\b\.?"
"""How a featured artist is announced, in an artist as in a title; always a whole word ("Left", "Soft" are none)."""

_FEATURED_PART = re.compile(
    rf"[\s,;&]*[\s(\[]{FEATURED}\s*|[\s,;&]+(?:with|w/|pres\.?|presents)\s+", re.IGNORECASE
)
_TRAILING_THE = re.compile(r"^(?P<name>[^,;&/]+),\s*the$", re.IGNORECASE)
_JOINED = re.compile(
    r"\s*[,;/&+×、•|，；＆]\s*|\s+(?:and|und|et|y|x|vs\.?|versus|con|['‘’]?n['‘’]?)\s+", re.IGNORECASE
)
_JOINING_WORDS = frozenset({"and", "und", "et", "y", "x", "vs", "versus", "con"})
_QUICK = re.compile(
    r"[^\w' -]|\b(?:and|und|et|y|x|vs|versus|con|n|feat|ft|featuring|with|w|pres|presents)\b", re.IGNORECASE
)
_VARIOUS = frozenset(
    {"various artists", "various", "va", "verschiedene interpreten", "varios artistas", "soundtrack", "unknown artist",
     "unknown", "null", "unk", "original soundtrack", "artistes divers", "artisti vari", "diverse", "sampler"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Credit:
    """The names of an artist text, folded, compact, without a leading "the".

    `whole` is every main name in its order without what joins them, so that "Simon & Garfunkel", "Simon and Garfunkel"
    and "Simon, Garfunkel" are one. `names` are the main names, `featured` the ones after "feat.".
    """

    whole: str
    names: tuple[str, ...]
    featured: tuple[str, ...] = ()
    first_is_full: bool = False
    """Whether the first name has several words ("Kenny Chesney", not "Earth"): then it says who is meant."""

    @property
    def everyone(self) -> frozenset[str]:
        """Every name, main or featured."""
        return frozenset((*self.names, *self.featured))


NOBODY = Credit("", ())


@lru_cache(maxsize=8192)
def parse_credit(artist: str) -> Credit:
    """Split an artist text into its names; "Various Artists" and an empty text are nobody."""
    folded = fold(artist)
    if not folded or folded in _VARIOUS:
        return NOBODY
    if artist.isascii() and not _QUICK.search(artist):
        name = without_the(compact(folded), folded)
        return Credit(name, (name,), (), " " in folded)
    if not any(map(str.isalnum, folded)):
        return Credit(folded, (folded,))
    artist = normal_form(artist)
    turned = _TRAILING_THE.match(artist)
    main, *featured = _FEATURED_PART.split(turned["name"] if turned else artist)
    names = split_names(main)
    if not names:
        return Credit(compact(folded), (compact(folded),), (), " " in folded)
    guests = tuple(name for part in featured for name in split_names(part))
    return Credit(_whole(fold(main)), names, guests, " " in fold(_JOINED.split(main, maxsplit=1)[0]))


def _whole(folded: str) -> str:
    """Join the words of a folded artist without the words that join names."""
    first, *words = folded.split(" ")
    last = words[-1:]
    kept = [word for word in words[:-1] if word not in _JOINING_WORDS]
    return without_the("".join((first, *kept, *last)), folded)


def split_names(text: str) -> tuple[str, ...]:
    """Return the names in a text such as "A, B & C", folded and compact, each once."""
    parts = (fold(part) for part in _JOINED.split(text.strip(" ()[]")))
    return tuple(dict.fromkeys(without_the(compact(part), part) for part in parts if part))


def without_the(key: str, folded: str) -> str:
    """Drop a leading "the" from a compact key of the folded text; "The The" stays "the"."""
    return key[3:] if folded.startswith("the ") else key


def first_name(artist: str) -> str:
    """Return the first main name of an artist text as it is written; "Earth, Wind & Fire" begins with "Earth"."""
    main = _FEATURED_PART.split(normal_form(artist), maxsplit=1)[0]
    return _JOINED.split(main.strip(" ()[]"), maxsplit=1)[0].strip() or artist.strip()
