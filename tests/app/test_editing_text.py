"""Texts of files on their way to a browser and back: line ends, marks for secrets, differences, the enabled switch."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cmdarr.app.editing.line_ends import for_browser, from_browser, unified_diff
from cmdarr.app.editing.switch import NotSwitchable, switch_enabled
from cmdarr.app.editing.veil import UnknownMark, unveil, veil
from cmdarr.config.document import parse_document
from cmdarr.config.document.nodes import Mapping
from cmdarr.models.redaction import Redactor

SALT = b"salt"
FILE = "commands/x.yaml"

line_texts = st.text(st.sampled_from("ab: #é音\x85\u2028\t"), max_size=6)
line_ends = st.sampled_from(["\n", "\r\n", "\r"])
file_texts = st.builds(
    lambda mark, lines, last: mark + "".join(text + end for text, end in lines) + last,
    st.sampled_from(["", "\ufeff"]),
    st.lists(st.tuples(line_texts, line_ends), max_size=12),
    line_texts,
)


def as_sent(text: str) -> str:
    """What a browser sends of a textarea."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


@settings(deadline=None, max_examples=200)
@given(file_texts)
def test_a_text_that_nobody_touched_comes_back_byte_for_byte(text: str) -> None:
    assert from_browser(as_sent(for_browser(text)), text).encode() == text.encode()


@settings(deadline=None, max_examples=200)
@given(file_texts, st.data())
def test_lines_that_were_not_touched_keep_their_ends(text: str, data: st.DataObject) -> None:
    shown = for_browser(text)
    place = data.draw(st.integers(0, shown.count("\n")))
    lines = shown.split("\n")
    lines.insert(place, "a line that was not there")
    stored = from_browser(as_sent("\n".join(lines)), text)
    kept = re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+", stored.removeprefix("\ufeff"))
    fresh = next(line for line in kept if "a line that was not there" in line)
    if place < shown.count("\n"):
        assert "".join(line for line in kept if line is not fresh) == text.removeprefix("\ufeff")
    assert stored.startswith("\ufeff") is text.startswith("\ufeff")


def test_new_lines_end_as_most_lines_do() -> None:
    assert from_browser("a\nb\nnew\nc", "a\r\nb\r\nc") == "a\r\nb\r\nnew\r\nc"
    assert from_browser("a\nnew\nb\nc\n", "a\r\nb\nc\r\n") == "a\r\nnew\r\nb\nc\r\n"
    assert from_browser("a\nb\n", "") == "a\nb\n"


def test_two_very_long_texts_are_compared_in_no_time() -> None:
    before = "".join(f"{number % 7}\r\n{number}\n" for number in range(20_000))
    after = "".join(f"{number % 5}\n{number + 3}\n" for number in range(20_000))
    assert from_browser(after, before)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=9),
    st.lists(st.sampled_from("abcd"), max_size=9),
    st.booleans(),
    st.booleans(),
)
def test_a_difference_is_one_that_git_applies(
    before: list[str], after: list[str], ends: bool, ended: bool
) -> None:
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not installed")
    one, other = "\n".join(before) + "\n" * ends, "\n".join(after) + "\n" * ended
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.yaml"
        path.write_text(one)
        diff = unified_diff(one, other, "x.yaml")
        assert bool(diff) is (one != other)
        if diff:
            subprocess.run(
                [git, "apply", "-"], input=diff, text=True, cwd=folder, check=True, capture_output=True
            )
        assert not path.exists() or path.read_text() == other


@settings(deadline=None, max_examples=200)
@given(
    st.text(st.sampled_from("abs?=&:/@ \n•0"), max_size=60),
    st.lists(st.text(st.sampled_from("abs@ "), min_size=4, max_size=8), max_size=3),
)
@example("url: http://alice:word@host/?s=abab&t=${secret:x}\n", ["abab"])
def test_what_was_veiled_comes_back(text: str, secrets: list[str]) -> None:
    veiled = veil(text, Redactor(secrets), SALT)
    assert unveil(veiled.text, veiled.secrets) == text
    assert not any(secret.strip() in veiled.text for secret in secrets if len(secret.strip()) >= 4)


def test_references_are_shown_as_they_are() -> None:
    text = "a: ${secret:plex}\nurl: http://x/?token=${env:TOKEN}\n"
    assert veil(text, Redactor(["value of plex"]), SALT).text == text


def test_equal_secrets_have_equal_marks_and_others_have_others() -> None:
    text = "a: first word\nb: second word\nc: first word\n"
    shown = [line[3:] for line in veil(text, Redactor(["first word", "second word"]), SALT).text.splitlines()]
    assert shown[0] == shown[2] != shown[1]
    assert (
        veil(text, Redactor(["first word"]), b"other").text != veil(text, Redactor(["first word"]), SALT).text
    )


def test_a_mark_may_be_moved_but_not_invented() -> None:
    veiled = veil("password: first word\n", Redactor(["first word"]), SALT)
    mark = veiled.text.removeprefix("password: ").strip()
    assert unveil(f"# moved\ntoken: {mark}\n", veiled.secrets) == "# moved\ntoken: first word\n"
    with pytest.raises(UnknownMark, match="line 2"):
        unveil("a: 1\nb: •••00000000•••\n", veiled.secrets)


def test_secrets_of_a_text_that_is_no_yaml_are_found_by_what_stands_before_them() -> None:
    veiled = veil("web: {password: not known yet\n  : [\n", Redactor(), SALT)
    assert "not known yet" not in veiled.text
    assert unveil(veiled.text, veiled.secrets) == "web: {password: not known yet\n  : [\n"


SWITCHED = {
    "kind: x\n": "kind: x\nenabled: false\n",
    "kind: x": "kind: x\nenabled: false",
    "kind: x  # why\r\nmode: y\r\n": "kind: x  # why\r\nenabled: false\r\nmode: y\r\n",
    "# top\n\nmode: y\nkind: 'x'\n": "# top\n\nmode: y\nkind: 'x'\nenabled: false\n",
    "kind: x\nenabled:   true   # for now\nmode: y\n": "kind: x\nenabled:   false   # for now\nmode: y\n",
    "kind: x\nenabled: TRUE\n": "kind: x\nenabled: FALSE\n",
    "'enabled': True\nkind: x\n": "'enabled': False\nkind: x\n",
    "{kind: x, enabled: true, mode: y}\n": "{kind: x, enabled: false, mode: y}\n",
    "{kind: x}": "{kind: x, enabled: false}",
    '{"kind": "x",\n "mode": "y"}\n': '{"kind": "x", "enabled": false,\n "mode": "y"}\n',
    "--- # a document\n  kind: x\n  mode: y\n...\n": "--- # a document\n  kind: x\n  enabled: false\n  mode: y\n...\n",
    "\ufeffkind: x\r\n": "\ufeffkind: x\r\nenabled: false\r\n",
    "x-a: &a {enabled: true}\n<<: *a\nkind: x\n": "x-a: &a {enabled: true}\n<<: *a\nkind: x\nenabled: false\n",
    "kind: x\nsource:\n  enabled: true\n": "kind: x\nenabled: false\nsource:\n  enabled: true\n",
    "kind: x\ndescription: |\n  enabled: true\n": "kind: x\nenabled: false\ndescription: |\n  enabled: true\n",
    "description: |\n  text\nkind: >-\n  x\n": "description: |\n  text\nkind: >-\n  x\nenabled: false\n",
    "kind: 😀\t# tab\nenabled: true\n": "kind: 😀\t# tab\nenabled: false\n",
}


@pytest.mark.parametrize("text", SWITCHED)
def test_the_switch_changes_one_place(text: str) -> None:
    assert switch_enabled(FILE, text, enabled=False) == SWITCHED[text]


@pytest.mark.parametrize(
    "text",
    [
        "kind: x\nenabled: yes\n",
        "kind: x\nenabled:\n",
        "kind: x\nenabled: 'true'\n",
        "kind: x\nflag: &on true\nenabled: *on\n",
        "enabled: &on true\nkind: x\nother: *on\n",
        "- a\n",
        "",
        "kind: [\n",
        "kind: x\nkind: y\n",
    ],
)
def test_the_switch_refuses_what_is_not_safe(text: str) -> None:
    with pytest.raises(NotSwitchable):
        switch_enabled(FILE, text, enabled=False)


def test_the_switch_leaves_alone_what_is_so_already() -> None:
    for text in ("kind: x\n", "kind: x\nenabled: true\n", "{enabled: True, kind: x}"):
        assert switch_enabled(FILE, text, enabled=True) == text


words = st.sampled_from(
    [
        "x",
        "a b",
        "'q'",
        '"d\\u00e9"',
        "1",
        "true",
        "null",
        "",
        "[1, 2]",
        "{enabled: true}",
        "|\n    enabled: true",
        "~",
        "é",
        "\U0001f600",
    ]
)
keys = st.sampled_from(["kind", "mode", "'quoted'", "x-free", "source", "a b", "Enabled"])
comments = st.sampled_from(["", "  # enabled: true", " #", "\n# a line", "\n\n"])


@st.composite
def mappings(draw: st.DrawFn) -> str:
    """Draw the text of a mapping, in block or flow style, with comments and all kinds of line ends."""
    entries = draw(
        st.lists(st.tuples(keys, words, comments), min_size=1, max_size=5, unique_by=lambda one: one[0])
    )
    if draw(st.booleans()):
        place = draw(st.integers(0, len(entries)))
        value = draw(st.sampled_from(["true", "false", "True", "yes", "", "&a true"]))
        entries.insert(place, (draw(st.sampled_from(["enabled", '"enabled"'])), value, draw(comments)))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    if draw(st.booleans()):
        indent = draw(st.sampled_from(["", "  "]))
        text = end.join(f"{indent}{key}: {value}{comment}" for key, value, comment in entries)
        text = (
            draw(st.sampled_from(["", "# top\n", "---\n"]))
            + text
            + draw(st.sampled_from(["", "\n", "\n...\n"]))
        )
    else:
        text = (
            "{"
            + ", ".join(f"{key}: {value}" for key, value, _ in entries)
            + draw(st.sampled_from(["}", "}\n", " } # end", ",}"]))
        )
    return draw(st.sampled_from(["", "\ufeff"])) + text.replace("\n", end)


@settings(deadline=None, max_examples=400)
@given(mappings(), st.booleans())
def test_b8_y24_after_the_switch_only_that_value_differs_and_every_other_byte_is_the_same(
    text: str, enabled: bool
) -> None:
    try:
        new = switch_enabled(FILE, text, enabled=enabled)
    except NotSwitchable:
        return
    before, after = parse_document(FILE, text.encode()).root, parse_document(FILE, new.encode()).root
    assert type(before) is Mapping
    assert type(after) is Mapping
    assert after.value == ({**before.value, "enabled": enabled} if new != text else before.value)
    assert after.value.get("enabled", True) is enabled
    start = next(
        (at for at, (one, other) in enumerate(zip(text, new, strict=False)) if one != other),
        min(len(text), len(new)),
    )
    rest = min(len(text), len(new)) - start
    tail = next((at for at in range(rest) if text[-1 - at] != new[-1 - at]), rest)
    assert len(new) - start - tail <= len('\r\n  , "enabled": false\r\n')
    assert len(text) - start - tail <= len("false")


def test_the_switch_is_rarely_refused() -> None:
    """The property above must not hold because everything is refused."""
    for indent in ("", "  "):
        for end in ("\n", "\r\n"):
            text = f"{indent}kind: x{end}{indent}mode: y{end}"
            assert (
                switch_enabled(FILE, text, enabled=False)
                == f"{indent}kind: x{end}{indent}enabled: false{end}{indent}mode: y{end}"
            )
