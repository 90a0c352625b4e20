"""Findings as text for people, as JSON for programs, and as annotations for GitHub."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from cmdarr.errors import Finding

_INDENT = "    "


def format_findings(findings: Iterable[Finding], form: str) -> str:
    """Return the findings in one of the forms `text`, `json` and `github`.

    Raises:
        KeyError: there is no such form.
    """
    return FORMATS[form](tuple(findings))


def format_text(findings: Iterable[Finding]) -> str:
    """Return the findings for people: grouped by file, each with its excerpt, and the counts last."""
    listed = tuple(findings)
    blocks: list[str] = []
    file = None
    for finding in listed:
        if finding.file != file and blocks:
            blocks.append("")
        file = finding.file
        blocks += _text_lines(finding)
    blocks += ["", summary(listed)]
    return "\n".join(blocks).lstrip("\n")


def _text_lines(finding: Finding) -> Iterator[str]:
    key = f" ({finding.key})" if finding.key and finding.key not in finding.message else ""
    place = f"{finding.file}:{finding.line}:{finding.column}"
    yield f"{place}: {finding.severity}: {finding.message}{key}"
    for line in finding.excerpt.splitlines():
        yield f"{_INDENT}{line}"
    if finding.related_line:
        yield f"{_INDENT}see also {finding.file}:{finding.related_line}"
    if finding.hint:
        yield f"{_INDENT}hint: {finding.hint}"


def summary(findings: Sequence[Finding]) -> str:
    """Return the counts as one line."""
    errors = sum(finding.severity == "error" for finding in findings)
    warnings = len(findings) - errors
    files = len({finding.file for finding in findings})
    if not findings:
        return "no findings: the configuration is valid."
    parts = [_count(errors, "error")] if errors else []
    parts += [_count(warnings, "warning")] if warnings else []
    return f"{' and '.join(parts)} in {_count(files, 'file')}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def as_record(finding: Finding) -> dict[str, str | int]:
    """Return a finding as the JSON object of `config check --format json`."""
    return {
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "key": finding.key,
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "hint": finding.hint,
    }


def format_json(findings: Iterable[Finding]) -> str:
    """Return the findings as a JSON list."""
    return json.dumps([as_record(finding) for finding in findings], ensure_ascii=False, indent=2)


def format_github(findings: Iterable[Finding]) -> str:
    """Return the findings as workflow commands that annotate a commit on GitHub, one a line."""
    return "\n".join(_annotation(finding) for finding in findings)


def _annotation(finding: Finding) -> str:
    text = f"{finding.message} {finding.hint}".strip() if finding.hint else finding.message
    place = f"file={_property(finding.file)},line={finding.line},col={finding.column}"
    return f"::{finding.severity} {place},title={_property(finding.code)}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


FORMATS: Mapping[str, Callable[[Iterable[Finding]], str]] = MappingProxyType(
    {"text": format_text, "json": format_json, "github": format_github}
)
"""How findings are written, by the name of the form."""
