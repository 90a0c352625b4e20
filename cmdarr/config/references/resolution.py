"""A document with its references resolved, and where they stood."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cmdarr.config.document import Document, Loc
from cmdarr.config.document.limits import FINDINGS
from cmdarr.config.references.resolver import Resolver
from cmdarr.config.references.syntax import BadReference, Reference, parse_references
from cmdarr.errors import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The value of a document with its references resolved, and where they stood."""

    value: object
    references: tuple[Reference, ...] = ()
    findings: tuple[Finding, ...] = ()
    texts: Mapping[Loc, str] = field(default_factory=dict, repr=False)
    """Where a reference was resolved -> the text that now stands there."""
    whole: frozenset[Loc] = frozenset()
    """Where the scalar is one reference and nothing else."""
    failed: frozenset[Loc] = frozenset()
    secrets: frozenset[str] = field(default_factory=frozenset, repr=False)


def has_references(document: Document) -> bool:
    """Whether the text may hold references or escapes of them; a quick look that may say yes too often."""
    text = document.text
    return "${" in text or ("\\" in text and "{" in text)


def resolve(document: Document, resolver: Resolver) -> Resolution:
    """Resolve every reference in the text scalars of a document (not in its keys)."""
    if not has_references(document):
        return Resolution(value=document.value)
    walk = _Walk(document, resolver)
    value = walk.visit((), document.value)
    return Resolution(
        value=value,
        references=tuple(walk.references),
        findings=tuple(walk.findings),
        texts=walk.texts,
        whole=frozenset(walk.whole),
        failed=frozenset(walk.failed),
        secrets=frozenset(walk.secrets),
    )


class _Walk:
    """One pass over the value of a document, collecting what `resolve` returns."""

    def __init__(self, document: Document, resolver: Resolver) -> None:
        self._document = document
        self._resolver = resolver
        self.references: dict[Reference, None] = {}
        self.findings: list[Finding] = []
        self.texts: dict[Loc, str] = {}
        self.whole: set[Loc] = set()
        self.failed: set[Loc] = set()
        self.secrets: set[str] = set()

    def visit(self, loc: Loc, value: object) -> object:
        """Return the value with its references resolved."""
        if isinstance(value, dict):
            return {key: self.visit((*loc, key), each) for key, each in value.items()}
        if isinstance(value, tuple):
            return tuple(self.visit((*loc, index), each) for index, each in enumerate(value))
        return self._resolve_text(loc, value) if isinstance(value, str) and "${" in value else value

    def _resolve_text(self, loc: Loc, text: str) -> str:
        try:
            parts = parse_references(text)
        except BadReference as problem:
            self._report(loc, problem)
            return text
        resolved = list(self._resolve_parts(loc, parts))
        if loc in self.failed:
            return text
        self.texts[loc] = "".join(resolved)
        if len(parts) == 1 and isinstance(parts[0], Reference):
            self.whole.add(loc)
        return self.texts[loc]

    def _resolve_parts(self, loc: Loc, parts: tuple[str | Reference, ...]) -> Iterator[str]:
        reported: set[Reference] = set()
        for part in parts:
            if isinstance(part, str):
                yield part
                continue
            self.references[part] = None
            outcome = self._resolver.outcome(part)
            if isinstance(outcome, BadReference):
                if part not in reported:
                    self._report(loc, outcome)
                reported.add(part)
                continue
            if outcome.is_secret:
                self.secrets.add(outcome.text)
            yield outcome.text

    def _report(self, loc: Loc, problem: BadReference) -> None:
        self.failed.add(loc)
        if len(self.findings) < FINDINGS:
            self.findings.append(
                self._document.finding(loc, problem.code, problem.message, hint=problem.hint)
            )
