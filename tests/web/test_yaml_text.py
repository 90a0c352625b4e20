"""Text with highlighting: nothing of it is lost or added, lines are numbered, and secrets are masked by their keys."""

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.web.pages.yaml_text import highlight, mask_telling

SOURCE = """\
# a comment
kind: playlist_sync   # why
title: "a # b: \\"c\\""
plain: Friday's hits, all of them
list:
  - {server: plex, users: [alice, 'bob']}
  - *anchor
number: 12
text: 2:54
zero: 012
flag: true
url: https://example.org/x#y
secret: ${secret:name}
block: |
  not: a key
  # no comment
after: done
"""


def plain(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", str(highlight(text, str))))


def parts(text: str, kind: str) -> list[str]:
    found = re.findall(rf'<span class="y-{kind}">(.*?)</span>', str(highlight(text, str)))
    return [html.unescape(one) for one in found]


def test_the_text_is_what_was_written() -> None:
    assert plain(SOURCE) == SOURCE.rstrip("\n")


@settings(deadline=None, max_examples=200)
@given(
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\r"),
        max_size=80,
    )
)
def test_any_text_is_what_was_written(text: str) -> None:
    assert plain(text).split("\n") == [mask_telling(line) for line in text.splitlines()] or not text


def test_words_have_their_kind() -> None:
    assert parts(SOURCE, "comment") == ["# a comment", "# why"]
    assert parts(SOURCE, "text")[0] == '"a # b: \\"c\\""'
    assert "'s hits" not in "".join(parts(SOURCE, "text"))
    assert parts(SOURCE, "word") == ["12", "true"]
    assert parts(SOURCE, "reference") == ["${secret:name}"]
    assert parts(SOURCE, "anchor") == ["*anchor"]
    assert "not" not in parts(SOURCE, "key")
    assert {"kind", "server", "users", "after"} <= set(parts(SOURCE, "key"))


def test_markup_in_a_file_is_text() -> None:
    page = str(highlight("a: <script>alert(1)</script> # <b>\n", str))
    assert "<script" not in page
    assert "<b>" not in page


def test_lines_that_are_wrong_stand_out() -> None:
    page = str(highlight("a: 1\nb: 2\n", str, [2]))
    assert '<span class="line" data-line="1">' in page
    assert '<span class="line wrong" data-line="2">' in page


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("token: abc-def", "token: •••"),
        ('  "api_key": "a b"', '  "api_key": •••'),
        ("x: {password: 'p w', b: 1}", "x: {password: •••, b: 1}"),
        ("plex_token: ${secret:plex}", "plex_token: ${secret:plex}"),
        ("token: abc${env:X}", "token: •••"),
        ("token: ab,cd}ef # gh", "token: •••"),
        ('secret: "one two', "secret: •••"),
        ("- {token: ${secret:a}, pwd: x}", "- {token: ${secret:a}, pwd: •••}"),
        ("auth: {user: alice, token: x, b: 1}", "auth: {user: alice, token: •••, b: 1}"),
        ("tokens: 5", "tokens: 5"),
    ],
)
def test_what_stands_at_a_telling_key_is_masked(line: str, shown: str) -> None:
    assert plain(line) == shown


def test_a_block_at_a_telling_key_is_masked() -> None:
    assert plain("password: |\n  one two\n  three\nnext: 1") == "password: |\n  •••\n  •••\nnext: 1"


def test_known_secrets_are_masked_before_anything_else() -> None:
    page = highlight("a: sesame\n", lambda text: text.replace("sesame", "•••"))
    assert "sesame" not in page
