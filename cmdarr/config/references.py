"""References inside values: `${env:NAME}`, `${file:/path}`, `${secret:name}`, and how they are resolved.

No message of this module holds a resolved value, nor a text that might be one written in the wrong place.
"""

import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from cmdarr.config.document import Document
from cmdarr.config.secret_file import Secrets
from cmdarr.config.suggest import did_you_mean
from cmdarr.errors import Finding

Loc: TypeAlias = tuple[str | int, ...]

FILE_LIMIT = 64 * 1024
"""Bytes that a file named by `${file:…}` may have: it holds one secret, not a document."""

_PART = re.compile(r"\$\$\{|\$\{(?P<body>[^{}]*)\}|\$\{")
_SCHEME = re.compile(r"(?P<scheme>[a-z]{1,20}):(?P<rest>.*)", re.DOTALL)
_NAME = {
    "env": re.compile(r"[A-Za-z_][A-Za-z0-9_]*"),
    "secret": re.compile(r"[^\s:]+"),
    "file": re.compile(r".*\S.*"),
}
_FORM = (
    "write ${env:NAME}, ${env:NAME:-default}, ${file:/path} or ${secret:name}; a literal ${ is written $${"
)


class BadReference(Exception):
    """A reference that cannot be resolved; becomes a finding at the value."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference as it was written; `default` is None where none was given."""

    scheme: Literal["env", "file", "secret"]
    name: str
    default: str | None = None

    def __str__(self) -> str:
        return f"${{{self.scheme}:{self.name}}}"


def parse_references(text: str) -> tuple[str | Reference, ...]:
    """Split a text into literal parts and references, in order.

    Raises:
        BadReference: a `${` that begins no reference.
    """
    parts: list[str | Reference] = []
    end = 0
    for found in _PART.finditer(text):
        parts.append(text[end : found.start()])
        end = found.end()
        parts.append("${" if found[0] == "$${" else _parse_body(found["body"]))
    parts.append(text[end:])
    return tuple(part for part in parts if part)


def _parse_body(body: str | None) -> Reference:
    if body is None:
        raise BadReference("bad_reference", "a `${` has no closing `}`.", _FORM)
    found = _SCHEME.fullmatch(body)
    if found is None:
        raise BadReference("bad_reference", "a reference names its scheme before a colon.", _FORM)
    scheme, name, default = found["scheme"], found["rest"], None
    if scheme == "env":
        name, separator, rest = name.partition(":-")
        default = rest if separator else None
    if scheme not in _NAME:
        raise BadReference("unknown_reference", f"${{{scheme}:…}} is no kind of reference.", _FORM)
    if _NAME[scheme].fullmatch(name) is None:
        raise BadReference("bad_reference", f"a ${{{scheme}:…}} reference lacks a valid name.", _FORM)
    return Reference(scheme, name, default)  # type: ignore[arg-type]  # one of the keys of _NAME


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a reference stands for; `is_secret` is False for a default, which stands in the file itself."""

    text: str
    is_secret: bool = True


class Resolver:
    """Looks references up, each once: all files of one load see the same values."""

    def __init__(self, *, environ: Mapping[str, str], root: Path, secrets: Secrets) -> None:
        self._environ = environ
        self._root = root
        self._secrets = secrets
        self._known: dict[Reference, Resolved | BadReference] = {}
        self.files: dict[Path, None] = {}
        """Every file that a reference named, read or not."""

    def outcome(self, reference: Reference) -> Resolved | BadReference:
        """Return what the reference stands for, or what is wrong with it."""
        if reference not in self._known:
            try:
                self._known[reference] = self._look_up(reference)
            except BadReference as problem:
                self._known[reference] = problem
        return self._known[reference]

    def fingerprint(self, references: Sequence[Reference]) -> tuple[str, ...]:
        """Return what must stay equal for an earlier result to be used again. In memory only: it holds values."""
        outcomes = map(self.outcome, references)
        return tuple(f"={each.text}" if isinstance(each, Resolved) else f"!{each}" for each in outcomes)

    def _look_up(self, reference: Reference) -> Resolved:
        if reference.scheme == "env":
            return self._look_up_variable(reference)
        text = self._look_up_secret(reference) if reference.scheme == "secret" else self._read(reference)
        return Resolved(text)

    def _look_up_variable(self, reference: Reference) -> Resolved:
        text = self._environ.get(reference.name)
        if reference.default is not None and not text:
            return Resolved(reference.default, is_secret=False)
        if text is None:
            hint = f"set it, or give a default: ${{env:{reference.name}:-default}}"
            raise BadReference(
                "missing_variable", f"{reference}: the environment has no such variable.", hint
            )
        if not text.isprintable() and any("\ud800" <= character <= "\udfff" for character in text):
            raise BadReference("bad_variable", f"{reference}: the variable is not valid UTF-8.")
        return Resolved(text)

    def _look_up_secret(self, reference: Reference) -> str:
        if reference.name in self._secrets.values:
            return self._secrets.values[reference.name]
        if self._secrets.problem:
            raise BadReference("unknown_secret", f"{reference}: {self._secrets.problem}")
        hint = did_you_mean(reference.name, self._secrets.values) or f"add {reference.name} to secrets.yaml"
        raise BadReference("unknown_secret", f"{reference}: secrets.yaml has no secret of that name.", hint)

    def _read(self, reference: Reference) -> str:
        try:
            path = self._root / Path(reference.name).expanduser()
            self.files[path] = None
            data = _read_small(path)
        except (OSError, ValueError, RuntimeError) as error:  # a NUL in the path, a home that is not known
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
            raise BadReference(
                "missing_file",
                f"{reference}: the file cannot be read ({reason}).",
                "check the path and its rights",
            ) from error
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadReference("bad_file", f"{reference}: the file is not UTF-8 text.") from error
        return text.removesuffix("\n").removesuffix("\r")


def _read_small(path: Path) -> bytes:
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError("it is no ordinary file")
    with path.open("rb") as stream:
        data = stream.read(FILE_LIMIT + 1)
    if len(data) > FILE_LIMIT:
        raise ValueError(f"it is larger than {FILE_LIMIT // 1024} KiB")
    return data


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
        for part in parts:
            if isinstance(part, str):
                yield part
                continue
            self.references[part] = None
            outcome = self._resolver.outcome(part)
            if isinstance(outcome, BadReference):
                self._report(loc, outcome)
                continue
            if outcome.is_secret:
                self.secrets.add(outcome.text)
            yield outcome.text

    def _report(self, loc: Loc, problem: BadReference) -> None:
        self.failed.add(loc)
        self.findings.append(self._document.finding(loc, problem.code, problem.message, hint=problem.hint))
