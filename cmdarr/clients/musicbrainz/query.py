"""Search texts in the syntax of Lucene. Pure."""

import re

from cmdarr.library.formats.text import clean_line
from cmdarr.matching.version import parse_title

_SPECIAL = re.compile(r'[+\-&|!(){}\[\]^"~*?:\\/]')
_THE = re.compile(r"^\s*the\s+", re.IGNORECASE)
_LONGEST = 200


def phrase(field: str, text: str) -> str:
    """Return the search for a phrase in a field, with every sign of the syntax escaped."""
    return f'{field}:"{_SPECIAL.sub(lambda found: chr(92) + found[0], clean_line(text)[:_LONGEST])}"'


def any_name(name: str) -> str:
    """Return the search for an artist by name or alias, with and without a leading "the"."""
    bare = _THE.sub("", name)
    forms = [phrase("artist", name), phrase("alias", name)]
    if bare not in {name, ""}:
        forms += [phrase("artist", bare), phrase("alias", bare)]
    return " OR ".join(forms)


def plain_title(title: str) -> str:
    """Return a title without guests, versions and editions, which MusicBrainz writes elsewhere or not at all."""
    parsed = parse_title(title)
    has_parts = parsed.featured or parsed.editions or parsed.version.kinds or parsed.version.detail
    return parsed.name if has_parts else title
