"""The enabled switch: one scalar of a command file is exchanged, or one line added, and every other byte stays."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from cmdarr.config.document import Document, parse_document
from cmdarr.config.document.nodes import Mapping, Node, Scalar
from cmdarr.errors import CommandError

_KEY = "enabled"
_BREAKS = ("\r\n", "\n", "\r")
_MOST_PLACES = 20


class NotSwitchable(CommandError):
    """The file is written in a form in which the switch cannot be changed safely; edit the file."""


@dataclass(frozen=True, slots=True)
class _Edit:
    """Text in the place of what stands between two offsets."""

    start: int
    end: int
    text: str


def switch_enabled(file: str, text: str, *, enabled: bool) -> str:
    """Return the text of a command file with `enabled` as asked, proven by reading both.

    Raises:
        NotSwitchable: no edit of a single place does exactly this.
    """
    before = parse_document(file, text.encode())
    root = before.root
    if before.findings and any(one.severity == "error" for one in before.findings):
        raise NotSwitchable(f"{file} is broken: correct it first.")
    if type(root) is not Mapping:
        raise NotSwitchable(f"{file} holds no command: write one first.")
    if root.value.get(_KEY, True) is enabled:
        return text
    mark = text[: len(text) - len(before.text)]
    wanted = {**root.value, _KEY: enabled}
    for edit in _edits(before, root, enabled=enabled):
        new = mark + before.text[: edit.start] + edit.text + before.text[edit.end :]
        after = parse_document(file, new.encode())
        if type(after.root) is Mapping and after.root.value == wanted and _is_as_sound(before, after):
            return new
    raise NotSwitchable(
        f"{file} is written in a form in which this cannot be changed safely: edit it, and write "
        f"`{_KEY}: {_word(enabled=enabled)}`."
    )


def _is_as_sound(before: Document, after: Document) -> bool:
    """Whether nothing new is found; lines may have moved."""
    return [one.code for one in before.findings] == [one.code for one in after.findings]


def _edits(document: Document, root: Mapping, *, enabled: bool) -> Iterator[_Edit]:
    """Yield what might do it, the plainest first; whether it does is seen by reading the result."""
    text, word = document.text, _word(enabled=enabled)
    if _KEY in root.entries:
        _, node = root.entries[_KEY]
        if (place := _place_of(node, text)) is not None:
            yield _Edit(*place, _in_case(text[place[0] : place[1]], word))
        if type(node) is Scalar and not isinstance(node.value, bool):
            return
    for name in ("kind", *islice(root.entries, _MOST_PLACES)):
        if name in root.entries:
            key, node = root.entries[name]
            if type(node) is Scalar:
                yield from _additions(text, key, node, root, word)


def _place_of(node: Node, text: str) -> tuple[int, int] | None:
    """Return where a plain boolean stands."""
    if type(node) is not Scalar or not node.is_plain or not isinstance(node.value, bool):
        return None
    start = node.start.index
    end = start + len(node.text)
    return (start, end) if text[start:end] == node.text else None


def _additions(text: str, key: Scalar, node: Scalar, root: Mapping, word: str) -> Iterator[_Edit]:
    """Yield ways to write the key after another one: on a line of its own, or behind it within brackets."""
    end = node.end.index
    line_stop = next((place for place in range(end, len(text)) if text[place] in "\r\n"), len(text))
    break_after = next((one for one in _BREAKS if text.startswith(one, line_stop)), "")
    usual = next((one for one in _BREAKS if one in text), "\n")
    indent = " " * root.start.column
    if text[:end].endswith(("\n", "\r")):  # a block text ends where the next line begins
        yield _Edit(end, end, f"{indent}{_KEY}: {word}{usual}")
    if break_after:
        yield _Edit(
            line_stop + len(break_after), line_stop + len(break_after), f"{indent}{_KEY}: {word}{break_after}"
        )
    else:
        yield _Edit(line_stop, line_stop, f"{usual}{indent}{_KEY}: {word}")
    quote = '"' if text[key.start.index : key.start.index + 1] == '"' else ""
    yield _Edit(end, end, f", {quote}{_KEY}{quote}: {word}")


def _word(*, enabled: bool) -> str:
    return "true" if enabled else "false"


def _in_case(before: str, word: str) -> str:
    """Return the word as the other was written: `True`, `TRUE` or `true`."""
    return word.upper() if before.isupper() else word.capitalize() if before[:1].isupper() else word
