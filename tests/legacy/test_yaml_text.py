"""Written YAML means what was meant, for our own reader and for everybody else's."""

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.config.document import parse_document
from cmdarr.config.references.syntax import parse_references
from cmdarr.legacy.yaml_text import Reference, commented, quoted, yaml_text

NASTY = st.sampled_from(
    [
        "no", "Yes", "on", "y", "2:54", "012", "1e3", "1_000", "0x1F", "2024-01-01", "null", "~", "", " a", "a ", "- a",
        "a: b", "a #b", "#a", "*a", "&a", "!a", "@a", "`a`", "%a", "[a]", "{a}", "'a'", '"a"', "\\", "a\nb", "a\r\nb",
        "\t", "\0", "\x7f", "\x85", "\u2028", "\ufeff", "\U0001f600", "${env:HOME}", "$${x}", "${", "=", "<<", "...",
        "---", ".inf", "1.10", "-1", "true", "http://a:1", "30m", "a\u00a0b", "?", "|", ">",
    ]
)  # fmt: skip
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | NASTY
KEYS = st.from_regex(r"[a-w][A-Za-z _:#-]{0,8}", fullmatch=True) | st.sampled_from(
    ["on", "2:54", "é", "a: b"]
)
VALUES = st.recursive(
    TEXTS | st.booleans() | st.integers(-(10**12), 10**12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def meaning(text: str) -> object:
    document = parse_document("x.yaml", text.encode())
    assert [finding.code for finding in document.findings] == []
    return resolved(document.value)


def resolved(value: object) -> object:
    """Undo the escapes of `${`, as resolving references does; sequences are read as tuples."""
    if isinstance(value, str):
        return "".join(map(str, parse_references(value)))
    if isinstance(value, tuple):
        return [resolved(each) for each in value]
    return {key: resolved(each) for key, each in value.items()} if isinstance(value, dict) else value


def own(value: object) -> object:
    if isinstance(value, dict):
        return {key: own(each) for key, each in value.items()}
    return [own(each) for each in value] if isinstance(value, list) else value


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True), VALUES, max_size=4))
def test_any_value_survives_our_own_reader(document: dict[str, object]) -> None:
    if document:
        assert meaning(yaml_text(document)) == own(document)


@settings(deadline=None, max_examples=150)
@given(TEXTS)
def test_any_text_is_the_same_text_for_a_reader_of_yaml_1_1(text: str) -> None:
    written = yaml_text({"a": text, "b": [text], "c": {"d": text}}, is_resolved=False)
    assert yaml.safe_load(written) == {"a": text, "b": [text], "c": {"d": text}}


@settings(deadline=None, max_examples=100)
@given(TEXTS)
def test_any_key_is_the_same_key(text: str) -> None:
    assert yaml.safe_load(yaml_text({"a": {text: 1}}, is_resolved=False)) == {"a": {text: 1}}


def test_half_a_character_becomes_the_sign_for_it() -> None:
    assert yaml_text({"a": "x\ud800y"}) == 'a: "x\ufffdy"\n'


def test_a_reference_stays_one_and_a_text_that_looks_like_one_stays_a_text() -> None:
    written = yaml_text({"a": Reference("${secret:x}"), "b": "${secret:x}"})
    assert written == 'a: "${secret:x}"\nb: "$${secret:x}"\n'


def test_what_needs_no_quotes_has_none() -> None:
    written = yaml_text(
        {"a": "Friday hits", "b": "30m", "c": "http://plex:32400", "d": 5, "e": True, "f": 0.5}
    )
    assert written == "a: Friday hits\nb: 30m\nc: http://plex:32400\nd: 5\ne: true\nf: 0.5\n"


def test_lists_of_mappings_are_written_as_people_write_them() -> None:
    document = {
        "targets": [{"server": "plex", "users": ["1", "2"]}, {"server": "files"}],
        "none": [],
        "nothing": {},
    }
    assert yaml_text(document) == (
        'targets:\n  - server: plex\n    users:\n      - "1"\n      - "2"\n  - server: files\nnone: []\nnothing: {}\n'
    )
    assert commented("a:\n  b: 1\n") == "# a:\n#   b: 1\n"
    assert quoted("é\x01\u2028") == '"é\\x01\\u2028"'
