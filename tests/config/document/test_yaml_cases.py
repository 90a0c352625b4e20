"""The numbered cases Y1 to Y22: what YAML does to people, and what Cmdarr makes of it."""

import threading
import time
from collections.abc import Callable

import pytest
from fakes_document import Options

from cmdarr.config.document import Document, limits, parse_document, validate
from cmdarr.errors import Finding

Parse = Callable[[str | bytes], Document]


def only(document: Document) -> Finding:
    assert len(document.findings) == 1, document.findings
    return document.findings[0]


def place(finding: Finding) -> tuple[int, int]:
    return finding.line, finding.column


def all_findings(document: Document) -> list[Finding]:
    return [*document.findings, *validate(document, Options).findings]


@pytest.mark.parametrize("word", ["Yes", "NO", "On", "Off", "y", "n", "yes"])
def test_y1_words_that_were_booleans_are_text(parse: Parse, word: str) -> None:
    assert parse(f"artist: {word}").value == {"artist": word}


@pytest.mark.parametrize("word", ["true", "True", "FALSE", "311", "1.10", "0x1F"])
def test_y1_a_text_field_keeps_the_source_text(parse: Parse, word: str) -> None:
    validation = validate(parse(f"artist: {word}"), Options)
    assert validation.model is not None
    assert validation.model.artist == word
    assert validation.texts == {("artist",): word}


Y2 = {
    "311": 311,
    "+44": 44,
    "-0": 0,
    "2:54": "2:54",
    "3:16": "3:16",
    "22:15:30": "22:15:30",
    "012": "012",
    "0777": "0777",
    "0o17": 15,
    "1_000": "1_000",
    "0x1F": 31,
    "1.10": 1.1,
    "1e3": 1000.0,
    "1.0e+3": 1000.0,
    "01.5": "01.5",
    ".5": 0.5,
    "5.": 5.0,
    ".inf": float("inf"),
    "-.INF": float("-inf"),
    "2024-01-01": "2024-01-01",
    "null": None,
    "~": None,
    "nULL": "nULL",
    "=": "=",
    "<<": "<<",
}


@pytest.mark.parametrize(("text", "meaning"), list(Y2.items()))
def test_y2_plain_scalars_mean_what_yaml_1_2_says(parse: Parse, text: str, meaning: object) -> None:
    value = parse(f"key: {text}").value
    assert isinstance(value, dict)
    assert (type(value["key"]), value["key"]) == (type(meaning), meaning)


@pytest.mark.parametrize("text", [text for text, meaning in Y2.items() if meaning is not None])
def test_y2_a_text_field_takes_each_as_it_was_written(text: str) -> None:
    validation = validate(parse_document("x.yaml", f"artist: {text}".encode()), Options)
    assert validation.model is not None
    assert validation.model.artist == text


@pytest.mark.parametrize(("text", "meaning"), list(Y2.items()))
def test_y2_number_fields_take_numbers_only(text: str, meaning: object) -> None:
    document = parse_document("x.yaml", f"limit: {text}\nratio: {text}".encode())
    refused = {finding.key for finding in all_findings(document)}
    is_whole = isinstance(meaning, int) and meaning >= 1
    assert ("limit" not in refused) == is_whole
    assert ("ratio" not in refused) == isinstance(meaning, int | float)


@pytest.mark.parametrize(
    "text",
    [
        "2024-13-45",
        "1" * 5_000,
        "0x" + "f" * 5_000,
        "0x_",
        "1" + ":59" * 3_000,
        "1" + ":59" * 3_000 + ".5",
        "!!bool foo",
        "!!timestamp foo",
        '!!int ""',
        "1" * 5_000 + ".5",
    ],
)
def test_y3_what_made_other_errors_than_yaml_errors_is_one_finding(parse: Parse, text: str) -> None:
    findings = all_findings(parse(f"enabled: true\nlimit: {text}\n"))
    assert len(findings) == 1
    assert place(findings[0]) == (2, 8)


def test_y3_a_long_number_is_named_as_such(parse: Parse) -> None:
    assert only(parse("artist: " + "1" * 4_001)).code == "number_too_long"
    assert parse("artist: " + "1" * 4_000).findings == ()


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("!!!", '"!!!"'),
        ("!!! (Chk Chk Chk)", '"!!! (Chk Chk Chk)"'),
        ("*NSYNC", '"*NSYNC"'),
        ("*NSYNC live", '"*NSYNC live"'),
        ("* live", '"* live"'),
        ("@home", '"@home"'),
        ("'68", '"\'68"'),
        ('"Weird Al" Yankovic', "'\"Weird Al\" Yankovic'"),
        ("A: B", '"A: B"'),
        ("& Sons", '"& Sons"'),
        ("`x`", '"`x`"'),
        ("%x", '"%x"'),
        ("- x", '"- x"'),
        ("[a] b", '"[a] b"'),
        ("{a}b", '"{a}b"'),
        (">x", '">x"'),
        ("] x", '"] x"'),
    ],
)
@pytest.mark.parametrize(
    "frame", ["artist: {}\nlimit: 1\n", "limit: 1\nartist: {}", "targets:\n  - artist: {}\n"]
)
def test_y4_the_hint_shows_the_value_in_quotes(parse: Parse, frame: str, text: str, quoted: str) -> None:
    document = parse(frame.format(text))
    finding = only(document)
    assert finding.hint == f"quote the value: {quoted}"
    assert "artist" in document.source.line(finding.line - 1)
    cured = parse(frame.format(quoted))
    assert cured.findings == ()


def test_y4_what_is_text_in_yaml_1_2_stays_text(parse: Parse) -> None:
    assert parse("a: =\nb: <<").value == {"a": "=", "b": "<<"}


def test_y4_a_quote_that_is_closed_by_another_line_is_named_where_it_opens(parse: Parse) -> None:
    finding = only(parse("artist: '68\ntitle: 'til dawn\nlimit: 1\n"))
    assert place(finding) == (1, 9)
    assert finding.hint == 'quote the value: "\'68"'


def test_y4_a_hint_never_quotes_what_may_be_a_secret(parse: Parse) -> None:
    for secret in (
        "@s3cret-s3cret",
        "%s3cret-s3cret",
        "*s3cret-s3cret",
        "!s3cret-s3cret",
        "s3: cret: s3cret-s3cret",
    ):
        finding = only(parse(f"password: {secret}\n"))
        assert "s3cret-s3cret" not in str(finding)
        assert finding.hint == "put the value in quotes"


@pytest.mark.parametrize(
    ("text", "word", "quoted"),
    [
        ("#1 Dads", "comment", '"#1 Dads"'),
        ("[spunge]", "list", '"[spunge]"'),
        ("{x}", "mapping", '"{x}"'),
        ("&Sons", "anchor", '"&Sons"'),
    ],
)
def test_y5_a_type_error_says_what_yaml_read_and_why(parse: Parse, text: str, word: str, quoted: str) -> None:
    (finding,) = validate(parse(f"artist: {text}\n"), Options).findings
    assert word in finding.message
    assert finding.hint == f"quote the value: {quoted}"
    assert finding.code == "wrong_type"


@pytest.mark.parametrize(
    ("key", "read"), [("1", "a number"), ("null", "null"), ("true", "a boolean"), ("1.5", "a number")]
)
def test_y6_a_key_must_be_text(parse: Parse, key: str, read: str) -> None:
    finding = only(parse(f"a: 1\n{key}: 1\n"))
    assert (finding.code, place(finding)) == ("bad_key", (2, 1))
    assert read in finding.message
    assert finding.hint == f'quote the key: "{key}"'


def test_y6_on_is_an_ordinary_key(parse: Parse) -> None:
    document = parse("on: 1\nyes: 2")
    assert document.value == {"on": 1, "yes": 2}
    assert [finding.code for finding in validate(document, Options).findings] == [
        "unknown_key",
        "unknown_key",
    ]


@pytest.mark.parametrize("text", ["[a]: 1", "{x}: y", "? [a, b]\n: 1"])
def test_y6_a_key_is_one_text(parse: Parse, text: str) -> None:
    assert only(parse(text)).code == "bad_key"


@pytest.mark.parametrize(
    ("text", "line", "column", "first"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 1, 1),
        ("a:\n  - {x: 1,\n     x: 2}\n", 3, 6, 2),
        ("a:\n  b:\n    c: 1\n    d: 2\n    c: 3\n", 5, 5, 3),
    ],
)
def test_y7_duplicate_keys_are_reported_with_both_places(
    parse: Parse, text: str, line: int, column: int, first: int
) -> None:
    finding = only(parse(text))
    assert (finding.code, place(finding), finding.related_line) == ("duplicate_key", (line, column), first)
    assert f"line {first}" in finding.message


def test_y7_a_key_may_override_a_merged_one(parse: Parse) -> None:
    document = parse("x-base: &base {a: 1, b: 2}\nm: {<<: *base, b: 3}\nn: {b: 4, <<: [*base, {c: 5}]}\n")
    assert document.findings == ()
    assert document.value == {"m": {"a": 1, "b": 3}, "n": {"a": 1, "b": 4, "c": 5}}


def test_y7_two_merge_keys_are_duplicates_and_a_merge_needs_mappings(parse: Parse) -> None:
    assert only(parse("x-a: &a {b: 1}\nm:\n  <<: *a\n  <<: *a\n")).code == "duplicate_key"
    assert place(only(parse("m: {<<: 5}"))) == (1, 9)


def in_small_thread(work: Callable[[], object], stack: int = 128 * 1024) -> object:
    """Do the work in a thread with the stack that musl gives by default."""
    results: list[object] = []
    before = threading.stack_size(stack)
    try:
        thread = threading.Thread(target=lambda: results.append(work()))
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    return results[0]


@pytest.mark.parametrize("bomb", [b"[" * 30_000, b"- " * 30_000, b"{a: " * 30_000, b"? " * 30_000])
def test_y8_a_depth_bomb_is_one_finding_in_a_small_thread(parse: Parse, bomb: bytes) -> None:
    document = in_small_thread(lambda: parse(bomb))
    assert isinstance(document, Document)
    assert only(document).code == "too_deep"


def test_y8_the_depth_limit_is_exact(parse: Parse) -> None:
    assert parse("[" * limits.DEPTH + "]" * limits.DEPTH).findings == ()
    too_deep = only(parse("[" * (limits.DEPTH + 1) + "]" * (limits.DEPTH + 1)))
    assert (too_deep.code, place(too_deep)) == ("too_deep", (1, limits.DEPTH + 1))


ALIAS_BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + before] * 9)}]\n"
    for before, name in zip("abcdefg", "bcdefgh", strict=True)
)


def test_y9_an_alias_bomb_is_one_finding(parse: Parse) -> None:
    start = time.perf_counter()
    finding = only(parse(ALIAS_BOMB))
    assert time.perf_counter() - start < 2
    assert finding.code == "too_many_nodes"


def test_y9_the_node_limit_counts_what_aliases_stand_for(parse: Parse) -> None:
    nodes_of_list = 101
    text = "x: &x [" + "1," * 100 + "]\ny: [" + "*x," * ((limits.NODES // nodes_of_list) - 2) + "]\n"
    assert parse(text).findings == ()
    assert only(parse(text + "z: [*x, *x, *x]\n")).code == "too_many_nodes"


@pytest.mark.parametrize("text", ["a: &a [*a]", "a: &a {<<: *a}", "a: &a {b: [{c: *a}]}"])
def test_y9_a_cycle_is_refused(parse: Parse, text: str) -> None:
    assert only(parse(text)).code == "cycle"


def test_y9_aliases_repeat_values_with_their_place(parse: Parse) -> None:
    document = parse("a: &a [1, &b two]\nc: *a\nd: *b\n*b : e")
    assert document.value == {"a": (1, "two"), "c": (1, "two"), "d": "two", "two": "e"}
    assert document.locate(("c", 1)) == (1, 11)


def test_y10_many_merges_are_one_finding(parse: Parse) -> None:
    keys = ", ".join(f"k{number}: 1" for number in range(1000))
    text = f"a: &a {{{keys}}}\nb:\n" + "".join(f"  m{number}: {{<<: *a}}\n" for number in range(1000))
    start = time.perf_counter()
    assert only(parse(text)).code == "too_many_nodes"
    assert time.perf_counter() - start < 2


def test_y11_a_file_of_more_than_1_mib_is_refused_unread(parse: Parse) -> None:
    finding = only(parse(b"a: b\n" * 2_000_000))
    assert (finding.code, place(finding)) == ("too_large", (1, 1))
    assert parse(b"#" * limits.FILE_BYTES).findings == ()


@pytest.mark.parametrize(
    ("text", "column", "value"),
    [
        ("artist:\tb\n", 8, {"artist": "b"}),
        ("artist: b\t\n", 10, {"artist": "b"}),
        ("a: b\tc\n", 5, {"a": "b c"}),
    ],
)
def test_y12_a_tab_between_words_is_a_warning_with_its_column(
    parse: Parse, text: str, column: int, value: object
) -> None:
    document = parse(text)
    finding = only(document)
    assert (finding.code, finding.severity, place(finding)) == ("tab", "warning", (1, column))
    assert document.value == value


def test_y12_a_tab_in_a_text_or_a_comment_is_nothing_special(parse: Parse) -> None:
    text = "a: \"x\ty\" # c\td\n# e\tf\nb: |\n  g\th\n\nc: 'i\tj'\n"
    document = parse(text)
    assert document.findings == ()
    assert document.value == {"a": "x\ty", "b": "g\th\n", "c": "i\tj"}


def test_y12_json_may_be_indented_with_tabs(parse: Parse) -> None:
    document = parse('{\n\t"a": [\n\t\t1,\t2\n\t]\n}\n')
    assert document.findings == ()
    assert document.value == {"a": (1, 2)}


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a:\n\tb: 1\n", 2, 1),
        ("a:\n  b: 1\n  \tc: 2\n", 3, 3),
        ("a:\n\t- 1\n", 2, 1),
        ("a: |\n\ttext\n", 2, 1),
        ("a: b\n\tc\n", 2, 1),
    ],
)
def test_y13_a_tab_in_the_indentation_is_named(parse: Parse, text: str, line: int, column: int) -> None:
    finding = only(parse(text))
    assert (finding.code, place(finding)) == ("tab", (line, column))
    assert "tab" in finding.message


def test_y14_no_break_spaces_are_named(parse: Parse) -> None:
    document = parse("source:\n\xa0\xa0limit: 1\n")
    (finding,) = all_findings(document)
    assert "U+00A0" in finding.message
    assert place(finding) == (2, 1)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_y15_line_ends_and_a_byte_order_mark_change_no_place(parse: Parse, end: str, mark: bytes) -> None:
    document = parse(mark + end.join(["limit: 1", "targets:", "  - {server: x}", ""]).encode())
    assert document.value == {"limit": 1, "targets": ({"server": "x"},)}
    assert document.locate(("targets", 0, "server")) == (3, 14)
    assert not document.text.startswith("\ufeff")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_y15_utf_16_is_told_to_be_saved_as_utf_8(parse: Parse, encoding: str) -> None:
    finding = only(parse("artist: x\n".encode(encoding)))
    assert finding.code == "encoding"
    assert "UTF-8" in finding.hint


def test_y15_an_invisible_mark_inside_the_text_is_refused(parse: Parse) -> None:
    assert place(only(parse("a: 1\n\ufeffb: 2\n"))) == (2, 1)


def test_y16_latin_1_gets_line_and_column(parse: Parse) -> None:
    finding = only(parse("limit: 1\nartist: Björk\n".encode("latin-1")))
    assert (finding.code, place(finding)) == ("encoding", (2, 11))
    assert "0xF6" in finding.message


@pytest.mark.parametrize("data", [b'artist: "\\ud800"', b"artist: \xed\xa0\x80", b'artist: "\\U00110000"'])
def test_y17_half_a_character_is_one_finding(parse: Parse, data: bytes) -> None:
    finding = only(parse(data))
    assert finding.line == 1
    assert finding.column > 8


def test_y17_json_may_write_one_character_as_two_escapes(parse: Parse) -> None:
    assert parse('{"a": "\\ud83d\\ude00 \\\\ud83d\\\\ude00"}').value == {"a": "😀 \\ud83d\\ude00"}


@pytest.mark.parametrize("character", ["\0", "\x07", "\x1b", "\x7f", "\x9f", "\ufffe"])
def test_y17_control_characters_are_one_finding(parse: Parse, character: str) -> None:
    finding = only(parse(f"limit: 1\nartist: a{character}b\n"))
    assert (finding.code, place(finding)) == ("encoding", (2, 10))
    assert f"U+{ord(character):04X}" in finding.message


@pytest.mark.parametrize(
    ("text", "line"), [("a: 1\n---\nb: 2\n", 2), ("a: 1\n...\nb: 2\n", 3), ("---\na: 1\n---\n", 3)]
)
def test_y18_a_file_holds_one_document(parse: Parse, text: str, line: int) -> None:
    finding = only(parse(text))
    assert (finding.code, place(finding)) == ("several_documents", (line, 1))
    assert "one document" in finding.message


@pytest.mark.parametrize("text", ["", "# nothing\n", "\n\n", "---\n", "\ufeff"])
def test_y19_a_file_without_content_is_empty(parse: Parse, text: str) -> None:
    document = parse(text)
    assert document.is_empty
    assert document.value is None
    assert document.findings == ()
    assert validate(document, Options).model == Options()


@pytest.mark.parametrize("text", ["- a\n", "text\n", "5\n", "null\n", '""\n', "[]\n"])
def test_y19_a_list_or_scalar_at_the_top_is_refused(parse: Parse, text: str) -> None:
    document = parse(text)
    assert not document.is_empty
    (finding,) = validate(document, Options).findings
    assert (finding.code, place(finding)) == ("not_a_mapping", (1, 1))


@pytest.mark.parametrize(
    "text",
    [
        "artist:1",
        "artist:x\nlimit: 2\n",
        "limit: 2\nartist:x\n",
        "source:\n  service:x\n",
        "source: service:x\n",
        "source: {service:x, playlist: y}\n",
        "targets:\n  - server:x\n",
        "limit: 1\nsource: {service: x, playlist:}\n",
    ],
)
def test_y20_a_missing_space_is_named(parse: Parse, text: str) -> None:
    assert [finding.hint for finding in all_findings(parse(text))] == ["missing space after ':'"]


@pytest.mark.parametrize("directive", ["%YAML 1.1\n---\n", "%YAML 1.2\n---\n"])
def test_y21_the_directive_does_not_change_the_dialect(parse: Parse, directive: str) -> None:
    text = "a: no\nb: 012\nc: 1e3\n"
    assert parse(directive + text).value == parse(text).value == {"a": "no", "b": "012", "c": 1000.0}


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system [x]", "!unknown x", "!!str 5", "! x", "!<tag:x> y"]
)
def test_y22_tags_are_refused_and_nothing_is_constructed(parse: Parse, tag: str) -> None:
    finding = only(parse(f"a: {tag}\n"))
    assert (finding.code, place(finding)) == ("tag", (1, 4))


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a:\n  b: 1\n c: 2\n", 3, 2, "indentation"),
        ("a: 1\n  b: 2\n", 2, 3, "deeper"),
        ("enabled\nb: 1\n", 1, 1, "no 'key: value'"),
        ("a: [1, 2\nb: 3\n", 1, 4, "never closed"),
        ("a: {x: 1\nb: 3\n", 1, 4, "never closed"),
        ("a: {x: 1 y: 2}\n", 1, 11, "is missing"),
        ('a: "x\nb: 1\n', 1, 4, "never closed"),
        ('a: "C:\\Music"\n', 1, 7, "escape"),
        ("@x: 1\n", 1, 1, "key"),
        ("%FOO\n---\na: 1\n", 1, 1, "directive"),
        ("- a\nb: 1\n", 2, 1, "indentation"),
    ],
)
def test_errors_of_the_parser_are_plain_sentences_at_the_place_that_helps(
    parse: Parse, text: str, line: int, column: int, words: str
) -> None:
    finding = only(parse(text))
    assert (finding.code, place(finding)) == ("syntax", (line, column))
    assert words in finding.message
    assert finding.hint
