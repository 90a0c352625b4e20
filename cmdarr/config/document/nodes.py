"""The values of a file with the places where they were written."""

from typing import Protocol, TypeAlias

Loc: TypeAlias = tuple[str | int, ...]
"""A place in a file: the keys and indexes that lead to it."""
Value: TypeAlias = "dict[str, Value] | tuple[Value, ...] | str | int | float | bool | None"


class Mark(Protocol):
    """A place in the text; `line` and `column` count from 0, `index` is a character offset."""

    line: int
    column: int
    index: int


class Place:
    """A mark that this layer made itself."""

    __slots__ = ("column", "index", "line")

    def __init__(self, line: int, column: int, index: int = 0) -> None:
        self.line = line
        self.column = column
        self.index = index


class Scalar:
    """A text, number, boolean or null; `text` is what was written, after quotes and folding were taken away."""

    __slots__ = ("end", "is_plain", "start", "text", "value")
    size = 1

    def __init__(self, start: Mark, end: Mark, text: str, value: Value, *, is_plain: bool) -> None:
        self.start = start
        self.end = end
        self.text = text
        self.value = value
        self.is_plain = is_plain


class Sequence:
    """A list; `size` counts its nodes after alias expansion and is 0 while the list is still open."""

    __slots__ = ("items", "size", "start", "value")

    def __init__(self, start: Mark) -> None:
        self.start = start
        self.items: list[Node] = []
        self.value: tuple[Value, ...] = ()
        self.size = 0


class Mapping:
    """A mapping; `entries` holds merged keys too, each with the node of the key where it was written."""

    __slots__ = ("entries", "size", "start", "value")

    def __init__(self, start: Mark) -> None:
        self.start = start
        self.entries: dict[str, tuple[Scalar, Node]] = {}
        self.value: dict[str, Value] = {}
        self.size = 0


Node: TypeAlias = Scalar | Sequence | Mapping


def child_of(node: Node | None, step: str | int) -> Node | None:
    """Return the node that one step of a place leads to, None when there is none."""
    if isinstance(node, Mapping) and isinstance(step, str):
        entry = node.entries.get(step)
        return None if entry is None else entry[1]
    if isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step]
    return None


def find_node(root: Node | None, loc: Loc) -> Node | None:
    """Return the node at a place, None when the place does not exist."""
    node = root
    for step in loc:
        node = child_of(node, step)
    return node
