"""Findings without secrets: what a line, a key or a reference betrays is masked before anybody sees it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from cmdarr.config.references.secret_text import forms_of, is_only_references, without_references
from cmdarr.errors import Finding
from cmdarr.models.redaction import MASK, Redactor

# Without the look-behind, a long word would be searched again from each of its characters.
_TELLING = re.compile(
    r"(?<![\w.-])[\w.-]*(?:token|key|secret|password|passwd|pwd|auth|credentials?|urls)['\"]?\s*:(?P<value>.*)",
    re.IGNORECASE,
)
_END = re.compile(r"[,}\]]")
_BLOCK = re.compile(r"\s*[|>][-+0-9]*\s*(?:#.*)?")


class FindingRedactor:
    """Masks secrets in the findings of one file: the known ones, and what follows a telling key on its line.

    `resolved` maps the dotted key of a value with references to the text that stands there: it is masked in the
    findings of that key however short it is. `doubtful` texts may be secrets and are masked in excerpts only: a
    sentence never needs them, but may use the same words.
    """

    def __init__(
        self, text: str, secrets: Iterable[str], resolved: Mapping[str, str], doubtful: Iterable[str] = ()
    ) -> None:
        self._text = text
        self._lines: list[str] | None = None
        self._redactor = Redactor(form for secret in secrets for form in forms_of(secret))
        self._resolved = resolved
        self._doubtful = Redactor(form for text in doubtful for form in forms_of(text))

    def __call__(self, finding: Finding) -> Finding:
        """Return the finding with every secret masked."""
        hidden = sorted(set(self._hidden_texts(finding)), key=lambda text: (-len(text), text))
        message, hint = (self._mask(text, hidden) for text in (finding.message, finding.hint))
        excerpt = self._mask_excerpt(finding.excerpt, hidden)
        if (message, hint, excerpt) == (finding.message, finding.hint, finding.excerpt):
            return finding
        return replace(finding, message=message, hint=hint, excerpt=excerpt)

    def _mask(self, text: str, hidden: Iterable[str]) -> str:
        for secret in hidden:
            text = text.replace(secret, MASK)
        return self._redactor(text)

    def _mask_excerpt(self, excerpt: str, hidden: Iterable[str]) -> str:
        source, _, caret = excerpt.partition("\n")
        masked = self._doubtful(self._mask(source, hidden))
        column = len(caret) - len(caret.lstrip())
        is_caret_right = caret and masked[:column] == source[:column]
        return f"{masked}\n{caret}" if is_caret_right else masked

    def _hidden_texts(self, finding: Finding) -> Iterator[str]:
        if text := self._resolved.get(finding.key, ""):
            yield text
        if self._lines is None:
            self._lines = self._text.splitlines()
        if 0 < finding.line <= len(self._lines):
            for text in _texts_of_line(finding.line, self._lines):
                bare = text.strip().strip("'\"")
                if len(bare) > 1 and not is_only_references(bare):
                    yield bare


def _texts_of_line(number: int, lines: list[str]) -> Iterator[str]:
    """Yield what may be a secret in a line: what follows a telling key, or all of it below such a key."""
    line = without_references(lines[number - 1])  # `${secret:name}` is no telling key
    if found := _TELLING.search(line):
        yield found["value"]
        yield _END.split(found["value"])[0]
    if _TELLING.search(_owner_of(number, lines)) or _is_in_block(number, lines):
        yield line
        yield line.strip().removeprefix("- ")


def _owner_of(number: int, lines: list[str]) -> str:
    """Return the nearest line above that is indented less, from the key that the line belongs to."""
    line = lines[number - 1]
    depth = len(line) - len(line.lstrip())
    above = (other for other in reversed(lines[: number - 1]) if other.strip())
    return next((other for other in above if len(other) - len(other.lstrip()) < depth), "")


def _is_in_block(number: int, lines: list[str]) -> bool:
    """Whether the line above begins a block at a telling key, however this line is indented."""
    above = next((other for other in reversed(lines[: number - 1]) if other.strip()), "")
    found = _TELLING.search(above)
    return found is not None and _BLOCK.fullmatch(found["value"]) is not None
