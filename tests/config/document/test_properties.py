"""Properties that hold for every text."""

import json
from typing import Any

import pytest
from fakes_document import Options
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.config.document import Document, parse_document, validate
from cmdarr.config.document.events import PythonParser
from cmdarr.config.document.source import quoted

quick = settings(deadline=None, max_examples=150)

PIECES = st.sampled_from(
    [
        *"abc019.~-?:,[]{}#&*!|>'\"%@`\\\t\n é歌",
        "  ",
        "\r\n",
        ": ",
        "- ",
        "<<: ",
        "---",
        "...",
        "x-a: ",
        "\u2028",
        "\ufeff",
        "artist: ",
        "limit: ",
        "targets: ",
        "api_key: ",
        "&a ",
        "*a",
        "!t ",
        "null",
        "true",
        "\x00",
        "\x85",
        '\\ud800"',
    ]
)
YAML_LIKE = st.lists(PIECES, max_size=25).map("".join)

TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\ufffe\uffff\u2028\u2029"),
    max_size=12,
)
PRINTABLE = TEXT.filter(
    lambda text: all(ord(character) < 0x10000 or character.isprintable() for character in text)
)
KEYS = TEXT.filter(lambda key: not key.startswith("x-") and key.isascii())
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | PRINTABLE,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(KEYS, below, max_size=4),
    max_leaves=12,
)


def with_tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(with_tuples, value))
    return {key: with_tuples(each) for key, each in value.items()} if isinstance(value, dict) else value


def check_places(document: Document) -> None:
    lines = document.source.lines
    for finding in (*document.findings, *validate(document, Options).findings):
        assert 1 <= finding.line <= len(lines)
        assert 1 <= finding.column <= len(lines[finding.line - 1]) + 1
        assert finding.message.endswith(".")
        assert finding.excerpt.count("\n") == 1


@quick
@given(st.binary(max_size=60))
def test_any_bytes_give_a_document_with_places(data: bytes) -> None:
    check_places(parse_document("x.yaml", data))


@quick
@given(st.text(max_size=40) | YAML_LIKE)
def test_any_text_gives_a_document_with_places(text: str) -> None:
    document = parse_document("x.yaml", text.encode("utf-8", "surrogatepass"))
    check_places(document)
    if not document.findings:
        assert document.is_empty == (document.value is None and document.source_text(()) in {None, ""})


@quick
@given(YAML_LIKE)
def test_any_text_is_read_by_the_python_parser_too(text: str) -> None:
    check_places(parse_document("x.yaml", text.encode(), parser=PythonParser))


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("parser", [None, PythonParser])
@settings(deadline=None, max_examples=60)
@given(value=st.lists(JSON_VALUES, max_size=3) | st.dictionaries(KEYS, JSON_VALUES, max_size=5))
def test_json_is_read_as_json(value: Any, *, ascii_only: bool, parser: Any) -> None:
    data = json.dumps(value, ensure_ascii=ascii_only).encode()
    document = parse_document("x.yaml", data, **({"parser": parser} if parser else {}))
    assert document.findings == ()
    assert document.value == with_tuples(value)
    assert repr(document.value) == repr(with_tuples(value)), "true is not 1, and 1 is not 1.0"


@quick
@given(TEXT)
def test_a_quoted_text_is_itself(text: str) -> None:
    document = parse_document("x.yaml", f"artist: {quoted(text)}\n".encode())
    assert document.findings == ()
    assert document.value == {"artist": text}
    assert document.source_text(("artist",)) is None


WORDS = st.from_regex(r"[A-Za-z0-9.+-][A-Za-z0-9.+:_-]{0,8}( [A-Za-z0-9.+_-]{1,6}){0,2}", fullmatch=True)


@quick
@given(
    WORDS.filter(
        lambda text: not text.startswith(("- ", "---", "...")) and text != "-" and ": " not in text + " "
    )
)
def test_plain_text_in_a_text_field_is_what_was_written(text: str) -> None:
    document = parse_document("x.yaml", f"artist: {text}\n".encode())
    validation = validate(document, Options)
    if text in {"null", "Null", "NULL"}:
        assert validation.model is None
        return
    assert validation.model is not None, validation.findings
    assert validation.model.artist == text
    assert document.source_text(("artist",)) == text


FRAMES = st.recursive(
    WORDS.filter(lambda text: ":" not in text) | st.integers() | st.booleans() | st.none(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from("abcdef"), below, max_size=4),
    max_leaves=15,
)


def write(value: object, depth: int = 0) -> str:
    """Write a value in block style."""
    pad = "  " * depth
    if isinstance(value, dict) and value:
        return "".join(f"\n{pad}{key}:{write(each, depth + 1)}" for key, each in value.items())
    if isinstance(value, list) and value:
        return "".join(f"\n{pad}-{write(each, depth + 1)}" for each in value)
    return f" {json.dumps(value)}"


@quick
@given(st.dictionaries(st.sampled_from("abcdef"), FRAMES, min_size=1, max_size=5))
def test_both_parsers_read_block_style_alike(value: dict[str, Any]) -> None:
    data = write(value).encode()
    one, other = parse_document("x.yaml", data), parse_document("x.yaml", data, parser=PythonParser)
    assert one.value == other.value == with_tuples(value)
    assert one.findings == other.findings == ()


EDITS = st.lists(
    st.tuples(st.integers(0, 400), st.sampled_from([*"ab1:-[]{},\"'#&* \n", ": ", "- ", "  "])), max_size=3
)
COMMAND = """\
kind: playlist_sync
description: Hits of the week
schedule: "0 */6 * * *"
source: {service: deezer, playlist: https://example.org/playlist?id=9}
targets:
  - {server: plex, title: "Friday hits", users: [alice, bob]}
  - server: files
x-base: &base {a: 1}
x-more: {<<: *base, b: 2}
text: >-
  some
  text
"""


@settings(deadline=None, max_examples=100)
@given(EDITS)
def test_both_parsers_find_the_first_mistake_of_an_edited_file_in_the_same_line(
    edits: list[tuple[int, str]],
) -> None:
    text = COMMAND
    for position, piece in edits:
        text = text[:position] + piece + text[position:]
    one = parse_document("x.yaml", text.encode())
    other = parse_document("x.yaml", text.encode(), parser=PythonParser)
    assert one.value == other.value
    assert bool(one.findings) == bool(other.findings)
