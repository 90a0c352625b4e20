"""secrets.yaml: a flat mapping of names to texts. Findings here never quote anything from the file but its names."""

import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeGuard

from cmdarr.config.document import Document, parse_document
from cmdarr.config.tree import Tree
from cmdarr.errors import Finding

SECRETS_FILE = "secrets.yaml"
SECRET_BYTES = 16 * 1024
"""How long one secret may be, here or in a file that `${file:…}` names: room for a key, not for a document."""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_PRIVATE_BITS = 0o077


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secrets of one load. `problem` says why there are none, for whoever refers to one."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    findings: tuple[Finding, ...] = ()
    problem: str = ""


def load_secrets(tree: Tree) -> Secrets:
    """Read the secrets of a tree; what is wrong with the file becomes findings without any of its text."""
    source = tree.files.get(SECRETS_FILE)
    if source is None:
        return Secrets(problem=_absence(tree))
    findings = list(_mode_findings(tree))
    document = parse_document(SECRETS_FILE, source.data)
    findings += [_without_text(finding) for finding in document.findings]
    if any(finding.severity == "error" for finding in document.findings):
        return Secrets(
            findings=tuple(findings), problem="secrets.yaml cannot be read; see the finding there."
        )
    values, problems = _read_values(document)
    return Secrets(MappingProxyType(values), (*findings, *problems))


def _absence(tree: Tree) -> str:
    if any(problem.file == SECRETS_FILE for problem in tree.problems):
        return "secrets.yaml cannot be read; see the finding there."
    return "there is no secrets.yaml in the config folder; create it with mode 0600."


def _mode_findings(tree: Tree) -> Iterator[Finding]:
    try:
        mode = stat.S_IMODE((tree.folder / SECRETS_FILE).stat().st_mode)
    except OSError:  # gone since it was read, or a tree that never was on a disk
        return
    if mode & _PRIVATE_BITS:
        message = f"secrets.yaml has mode {mode:04o}: other users of this machine may read it."
        yield Finding(SECRETS_FILE, 1, 1, "", "secrets_mode", message, "warning", "chmod 600 secrets.yaml")


def _read_values(document: Document) -> tuple[dict[str, str], list[Finding]]:
    if document.is_empty:
        return {}, []
    if not isinstance(document.value, dict):
        problem = document.finding((), "not_a_mapping", "secrets.yaml must be a mapping of names to texts.")
        return {}, [_bare(problem)]
    values: dict[str, str] = {}
    problems: list[Finding] = []
    for name, value in document.value.items():
        if _is_secret(value) and _NAME.fullmatch(name):
            values[name] = value if isinstance(value, str) else document.source_text((name,)) or str(value)
        else:
            problems.append(_bare(_refuse(document, name, value)))
    return values, problems


def _is_secret(value: object) -> TypeGuard[str | int | float]:
    return isinstance(value, int | float) or (isinstance(value, str) and len(value) <= SECRET_BYTES)


def _refuse(document: Document, name: str, value: object) -> Finding:
    if not _NAME.fullmatch(name):
        message = "the name of a secret has letters, digits, '_', '-' and '.' only."
        return document.finding((name,), "bad_secret_name", message, at="key")
    message = "a secret is one text; secrets.yaml has no nested values."
    if isinstance(value, str):
        message = f"a secret has at most {SECRET_BYTES // 1024} KiB."
    if value is None:
        message = "the secret has no value; write the text after the colon."
    return document.finding((name,), "bad_secret", message, hint="quote the value")


def _bare(finding: Finding) -> Finding:
    return replace(finding, excerpt="", key=finding.key if _NAME.fullmatch(finding.key) else "")


def _without_text(finding: Finding) -> Finding:
    """Return a finding of the parser with a sentence of our own: the parser's may quote the line."""
    message = f"secrets.yaml cannot be read from this place on ({finding.code})."
    if finding.severity == "warning":
        message = f"secrets.yaml has a doubtful place here ({finding.code})."
    hint = "write each secret as `name: text`, and put the text in quotes"
    return replace(finding, message=message, hint=hint, excerpt="", key="")
