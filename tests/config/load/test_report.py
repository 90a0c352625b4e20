"""Findings as text, as JSON and as annotations for GitHub."""

import json

import pytest
from fakes_loading import ConfigFolder

from cmdarr.config.report import format_findings, format_github, format_json, format_text, summary
from cmdarr.errors import Finding

ERROR = Finding(
    file="commands/x.yaml",
    line=5,
    column=3,
    key="targets.0.servr",
    code="unknown_key",
    message="the key is not known here.",
    hint="did you mean 'server'?",
    excerpt="- {servr: a}\n   ^",
)
TWICE = Finding("commands/x.yaml", 7, 1, "kind", "duplicate_key", "`kind` stands here again.", related_line=2)
WARNING = Finding("settings.yaml", 1, 1, "", "stray", "100% sure: a, b", "warning")


def test_a3_the_text_has_place_words_excerpt_and_counts() -> None:
    assert format_text([WARNING, ERROR, TWICE]).splitlines() == [
        "settings.yaml:1:1: warning: 100% sure: a, b",
        "",
        "commands/x.yaml:5:3: error: the key is not known here. (targets.0.servr)",
        "    - {servr: a}",
        "       ^",
        "    hint: did you mean 'server'?",
        "commands/x.yaml:7:1: error: `kind` stands here again.",
        "    see also commands/x.yaml:2",
        "",
        "2 errors and 1 warning in 2 files.",
    ]


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([], "no findings: the configuration is valid."),
        ([ERROR], "1 error in 1 file."),
        ([WARNING, WARNING], "2 warnings in 1 file."),
        ([ERROR, ERROR, WARNING], "2 errors and 1 warning in 2 files."),
    ],
)
def test_the_last_line_counts(findings: list[Finding], expected: str) -> None:
    assert summary(findings) == expected
    assert format_text(findings).splitlines()[-1] == expected


def test_a3_the_json_has_exactly_the_promised_fields() -> None:
    assert json.loads(format_json([ERROR])) == [
        {
            "file": "commands/x.yaml",
            "line": 5,
            "column": 3,
            "key": "targets.0.servr",
            "code": "unknown_key",
            "severity": "error",
            "message": "the key is not known here.",
            "hint": "did you mean 'server'?",
        }
    ]
    assert json.loads(format_json([])) == []


def test_a3_annotations_escape_what_would_end_them() -> None:
    odd = Finding("commands/a,b:c%.yaml", 1, 2, "", "x", "50%\nnext: a, b", hint="do\r\nit")
    assert format_github([odd, WARNING]).splitlines() == [
        "::error file=commands/a%2Cb%3Ac%25.yaml,line=1,col=2,title=x::50%25%0Anext: a, b do%0D%0Ait",
        "::warning file=settings.yaml,line=1,col=1,title=stray::100%25 sure: a, b",
    ]
    assert not format_github([])


def test_the_forms_go_by_their_names() -> None:
    assert format_findings([ERROR], "json") == format_json([ERROR])
    assert format_findings((each for each in [ERROR]), "text") == format_text([ERROR])
    with pytest.raises(KeyError):
        format_findings([], "xml")


def test_the_text_of_a_real_finding_shows_the_line(folder: ConfigFolder) -> None:
    folder.write("settings.yaml", "services:\n  lidarr:\n    urll: http://x\n")
    lines = format_text(folder.findings()).splitlines()
    assert lines[0].startswith("settings.yaml:3:5: error: ")
    assert lines[1:3] == ["        urll: http://x", "        ^"]
    assert "    hint: did you mean 'url'?" in lines
