"""The line of a finding with its caret: widths, cuts and masks."""

import pytest

from cmdarr.config.document.excerpt import excerpt


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ("limit: x", 7, "limit: x\n       ^"),
        ("limit:", 6, "limit:\n      ^"),
        ("", 0, "\n^"),
        ("a:\tb", 3, "a: b\n   ^"),
        ("歌手: x", 4, "歌手: x\n      ^"),
        ("e\u0301: x", 4, "e\u0301: x\n   ^"),
        ("a: \x1b[31m", 3, "a: \ufffd[31m\n   ^"),
        ("a: \u202ex", 4, "a: \ufffdx\n    ^"),
    ],
)
def test_the_caret_stands_under_the_character(line: str, column: int, expected: str) -> None:
    assert excerpt(line, column) == expected


@pytest.mark.parametrize("column", [0, 50, 499, 500, 501, 950, 999, 1000])
def test_a_long_line_is_cut_around_the_caret(column: int) -> None:
    line = "".join(chr(0x100 + number % 500) for number in range(1000))
    shown, caret = excerpt(line, column).split("\n")
    assert len(shown) <= 102
    assert column == 1000 or shown[len(caret) - 1] == line[column]


def test_a_hostile_line_is_looked_at_only_around_the_caret() -> None:
    shown, caret = excerpt("a" * 1_000_000 + "!", 1_000_000).split("\n")
    assert shown[len(caret) - 1] == "!"


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ("  api_key: abcdef, limit: x", 26, "  api_key: •••, limit: x\n                       ^"),
        ("password: 'a b'", 10, "password: •••\n          ^"),
        ("password: 'a b'", 13, "password: •••\n          ^"),
        ("password: ${secret:x} #", 22, "password: ${secret:x} #\n                      ^"),
        ("url: http://user:pass@host/x", 5, "url: http://•••\n     ^"),
        ("urls: [discord://id/token]", 6, "urls: [discord://•••]\n      ^"),
        ("url: http://host:8686/x", 5, "url: http://host:8686/x\n     ^"),
        ("monkey: x", 8, "monkey: x\n        ^"),
    ],
)
def test_what_sounds_like_a_secret_is_masked(line: str, column: int, expected: str) -> None:
    assert excerpt(line, column) == expected


def test_named_columns_are_masked_and_the_caret_follows() -> None:
    assert excerpt("a: [xx, yyyy, z]", 14, [(8, 12), (4, 6)]) == "a: [•••, •••, z]\n              ^"
