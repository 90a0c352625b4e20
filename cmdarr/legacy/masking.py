"""Masking the secrets of an install in each of its texts, of which there may be millions."""

import re
from collections.abc import Iterable

from cmdarr.models.redaction import Redactor

_PLACE = re.compile(r"://|[=@]|authorization|\bx-", re.IGNORECASE)
"""What every secret that is known by its place has beside it."""
_SHORTEST_VALUE = 4
"""Shorter values would mask ordinary text, as for the redactor itself."""


class Mask:
    """A redactor that looks first whether a text can hold anything to mask."""

    def __init__(self, values: Iterable[str]) -> None:
        wanted = sorted({value.strip() for value in values}, key=len, reverse=True)
        self._redactor = Redactor(wanted)
        terms = [re.escape(value) for value in wanted if len(value) >= _SHORTEST_VALUE]
        self._values = re.compile("|".join(terms)) if terms else None

    def __call__(self, text: str) -> str:
        """Return the text with every secret masked."""
        if _PLACE.search(text) or (self._values is not None and self._values.search(text)):
            return self._redactor(text)
        return text
