"""One file on its way from text to model: references resolved, validated, its meaning written down."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from pydantic import BaseModel

from cmdarr.config.catalog import OldKey
from cmdarr.config.document import Document, Loc, validate
from cmdarr.config.document.codes import UNKNOWN_KEY
from cmdarr.config.document.scalars import NumberTooLong, plain_value
from cmdarr.config.load.meaning import write_meaning
from cmdarr.config.load.old_keys import find_old_keys, without_old_key
from cmdarr.config.references import Reference, Resolver, resolve
from cmdarr.config.references.redact import FindingRedactor
from cmdarr.config.references.secret_text import (
    find_secrets,
    find_telling,
    is_maskable,
    is_only_references,
    is_telling,
    scalars,
)
from cmdarr.errors import Finding, Severity

_MEANT_KEY = re.compile(r"did you mean '(?P<key>[^']+)'\?")

ModelT = TypeVar("ModelT", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What is known of one file besides its model: findings, meaning as JSON text, references, secret values."""

    findings: tuple[Finding, ...]
    meaning: str = ""
    references: tuple[Reference, ...] = ()
    fingerprint: tuple[str, ...] = field(default=(), repr=False)
    """What the references stood for; in memory only."""
    secrets: frozenset[str] = field(default_factory=frozenset, repr=False)
    secret_keys: frozenset[str] = frozenset()
    """The dotted keys whose values the model takes as secrets."""

    @property
    def has_errors(self) -> bool:
        """Whether the file is invalid."""
        return bool(self.findings) and any(finding.severity == "error" for finding in self.findings)


class FileCheck:
    """Collects what is found out about one document; `finish` returns it, free of secrets."""

    def __init__(self, document: Document, resolver: Resolver) -> None:
        self.document = document
        self._resolver = resolver
        self._resolution = resolve(document, resolver)
        self._findings = [*document.findings, *self._resolution.findings]
        self._texts: dict[Loc, str] = {}
        self._secret_locs: set[Loc] = set()
        self._has_model = False
        self._secrets = {text for text in self._resolution.secrets if is_maskable(text)}

    @property
    def value(self) -> object:
        """The value of the document with its references resolved."""
        return self._resolution.value

    @property
    def has_errors(self) -> bool:
        """Whether an error was found so far."""
        return bool(self._findings) and any(finding.severity == "error" for finding in self._findings)

    def report(
        self,
        loc: Loc,
        code: str,
        message: str,
        *,
        hint: str = "",
        severity: Severity = "error",
        at: Literal["value", "key"] = "value",
    ) -> None:
        """Add a finding at a place of the document."""
        self._findings.append(self.document.finding(loc, code, message, hint=hint, severity=severity, at=at))

    def with_new_keys(self, kind: str, table: tuple[OldKey, ...]) -> dict[str, object]:
        """Return the value, a mapping, with its old keys replaced, and report each."""
        value: dict[str, object] = self.value if isinstance(self.value, dict) else {}
        for loc, old_key in find_old_keys(value, kind, table):
            self.report(loc, "old_key", old_key.message, severity="warning", at="key")
            value = without_old_key(value, old_key)
        return value

    def validate(self, model: type[ModelT], value: object) -> ModelT | None:
        """Validate the resolved value (or a part of it that has the same places) and keep the findings."""
        self._has_model = True
        self._secret_locs.update(find_secrets(model, value))
        validation = validate(self.document, model, value)
        if validation.findings and self._resolution.references:
            plain = self._read_plain({finding.key for finding in validation.findings})
            validation = validate(self.document, model, _replace_at((), value, plain))
        self._texts.update(validation.texts)
        self._findings += self._unexplained(validation.findings)
        return validation.model

    def finish(self) -> Checked:
        """Return everything that was found, with every secret masked."""
        references = self._resolution.references
        meaning = self._write_meaning()
        return Checked(
            findings=tuple(map(self._redactor(), self._findings)) if self._findings else (),
            meaning=meaning,
            references=references,
            fingerprint=self._resolver.fingerprint(references),
            secrets=frozenset(self._secrets),
            secret_keys=frozenset() if self.has_errors else frozenset(map(_dotted, self._secret_locs)),
        )

    def _unexplained(self, findings: tuple[Finding, ...]) -> list[Finding]:
        """Leave out what is wrong only because a reference there could not be resolved."""
        failed = {_dotted(loc) for loc in self._resolution.failed}
        return [finding for finding in findings if finding.key not in failed]

    def _redactor(self) -> FindingRedactor:
        resolved = {_dotted(loc): text for loc, text in self._resolution.texts.items()}
        return FindingRedactor(self.document.text, self._secrets, resolved, self._unknown_texts())

    def _unknown_texts(self) -> Iterator[str]:
        """Yield the texts at keys that the model does not know: one may be a secret under a misspelt key."""
        unknown = {finding.key for finding in self._findings if _may_be_misspelt_secret(finding)}
        for loc, value in scalars(self.document.value) if unknown else ():
            if any(_dotted(loc[:length]) in unknown for length in range(1, len(loc) + 1)):
                yield self.document.source_text(loc) or str(value)

    def _write_meaning(self) -> str:
        value = self.document.value
        if not isinstance(value, dict | tuple):
            return ""
        # Where a model says which fields are secrets, one that merely sounds like one keeps its value.
        telling = set() if self._has_model and not self._findings else set(find_telling(value))
        for loc in self._secret_locs | telling:
            self._secrets |= _plain_secret(_value_at(value, loc), self.document.source_text(loc))
            if is_maskable(text := self._resolution.texts.get(loc, "")):  # also where it is a default
                self._secrets.add(text)
        if self.has_errors:
            return ""  # nobody knows what is a secret in it
        return write_meaning(value, self._texts, self._secret_locs if self._has_model else telling)

    def _read_plain(self, keys: set[str]) -> dict[Loc, object]:
        """Return the plain-scalar meaning of references that stand alone where the model wants no text."""
        wanted = [loc for loc in self._resolution.whole if _dotted(loc) in keys]
        meanings = {loc: _plain_meaning(self._resolution.texts[loc]) for loc in wanted}
        return {loc: meaning for loc, meaning in meanings.items() if not isinstance(meaning, str)}


def _may_be_misspelt_secret(finding: Finding) -> bool:
    """Whether the key is unknown, and what it was probably meant to be is not known to be harmless."""
    meant = _MEANT_KEY.fullmatch(finding.hint)
    return finding.code == UNKNOWN_KEY and (meant is None or is_telling(meant["key"]))


def _plain_secret(value: object, source_text: str | None) -> set[str]:
    if isinstance(value, str):
        return set() if is_only_references(value) else {value}
    return {source_text} if source_text else set()


def _plain_meaning(text: str) -> object:
    """Return what the text would mean as a plain scalar."""
    try:
        return plain_value(text)
    except NumberTooLong:
        return text


def _dotted(loc: Iterable[str | int]) -> str:
    return ".".join(map(str, loc))


def _value_at(value: object, loc: Loc) -> object:
    for step in loc:
        try:
            value = value[step]  # type: ignore[index]  # the place was found by walking the same value
        except (LookupError, TypeError):
            return None
    return value


def _replace_at(loc: Loc, value: object, changes: dict[Loc, object]) -> object:
    if loc in changes:
        return changes[loc]
    if isinstance(value, dict):
        return {key: _replace_at((*loc, key), each, changes) for key, each in value.items()}
    if isinstance(value, tuple):
        return tuple(_replace_at((*loc, index), each, changes) for index, each in enumerate(value))
    return value
