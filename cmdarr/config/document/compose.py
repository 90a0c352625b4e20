"""Events to nodes and values in one pass that never recurses and stops at the first limit.

Aliases, merge keys, duplicate keys, explicit tags and keys that are no text are settled here.
"""

from typing import Any, Final, TypeAlias

from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from cmdarr.config.document import codes, limits
from cmdarr.config.document.events import EventSource
from cmdarr.config.document.nodes import Loc, Mapping, Mark, Node, Scalar, Sequence, Value
from cmdarr.config.document.problem import Problem
from cmdarr.config.document.scalars import NumberTooLong, plain_value
from cmdarr.config.document.source import SourceText, key_word, quote_hint, quoted, shown, value_text

AnyEvent: TypeAlias = Any
"""An event of either parser: the stubs make every attribute optional, the parsers none."""

MERGE_KEY: Final = "<<"
_INVISIBLE = {
    "\u00a0": "a no-break space (U+00A0)",
    "\u2007": "a figure space (U+2007)",
    "\u200b": "a zero-width space (U+200B)",
    "\u202f": "a narrow no-break space (U+202F)",
    "\u3000": "an ideographic space (U+3000)",
}


class Stopped(Exception):
    """The file is not read any further; the last problem says why."""


class _Frame:
    """An open mapping or list; `key` is the key whose value comes next, `before` the count of nodes at its start."""

    __slots__ = ("before", "key", "merges", "node")

    def __init__(self, node: Mapping | Sequence, before: int) -> None:
        self.node = node
        self.before = before
        self.key: Node | None = None
        self.merges: list[tuple[Scalar, Node]] = []


class Composer:
    """Builds the nodes of one document; `problems` and `root` are good to read at any time."""

    def __init__(self, source: SourceText) -> None:
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self._source = source
        self._anchors: dict[str, Node] = {}
        self._frames: list[_Frame] = []
        self._count = 0
        self._documents = 0

    def compose(self, events: EventSource) -> None:
        """Read all events.

        Raises:
            Stopped: a limit was reached.
            YAMLError: the text is not YAML.
        """
        get_event = events.get_event
        while True:
            event = get_event()
            kind = type(event)
            if kind is ScalarEvent:
                self._add(self._scalar(event))
            elif kind is MappingStartEvent:
                self._open(event, Mapping(event.start_mark))
            elif kind is SequenceStartEvent:
                self._open(event, Sequence(event.start_mark))
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self._close()
            elif kind is AliasEvent:
                self._alias(event)
            elif kind is DocumentStartEvent:
                self._start_document(event)
            elif kind is StreamEndEvent:
                return

    def _scalar(self, event: AnyEvent) -> Scalar:
        text: str = event.value
        is_plain = not event.style
        if event.tag is not None:
            self._refuse_tag(event)
            is_plain = False
        value: Value = text
        if is_plain:
            try:
                value = plain_value(text)
            except NumberTooLong:
                message = f"a number of {len(text)} digits stands here, more than Cmdarr takes."
                self._report(codes.NUMBER_TOO_LONG, message, event.start_mark, hint="quote it if it is text")
        node = Scalar(event.start_mark, event.end_mark, text, value, is_plain=is_plain)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _open(self, event: AnyEvent, node: Mapping | Sequence) -> None:
        if len(self._frames) >= limits.DEPTH:
            message = f"values are nested more than {limits.DEPTH} deep here."
            self._stop(
                codes.TOO_DEEP, message, event.start_mark, hint="check for brackets that are never closed"
            )
        if event.tag is not None:
            self._refuse_tag(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        self._frames.append(_Frame(node, self._count))

    def _close(self) -> None:
        frame = self._frames[-1]
        node = frame.node
        if type(node) is Sequence:
            node.value = tuple([item.value for item in node.items])
        elif frame.merges and type(node) is Mapping:
            self._merge(node, frame.merges)
        self._frames.pop()
        node.size = self._count - frame.before + 1
        self._add(node)

    def _alias(self, event: AnyEvent) -> None:
        node = self._anchors.get(event.anchor)
        if node is None:
            node = self._unknown_alias(event)
        elif node.size == 0:
            message = f"the alias '*{shown(event.anchor)}' stands inside its own anchor."
            self._stop(
                codes.CYCLE, message, event.start_mark, hint="let the alias stand outside of what it repeats"
            )
        else:
            self._count += node.size - 1
        self._add(node, event.start_mark)

    def _add(self, node: Node, mark: Mark | None = None) -> None:
        self._count += 1
        if self._count > limits.NODES:
            message = f"the file has more than {limits.NODES} values, counting what its aliases stand for."
            self._stop(codes.TOO_MANY_NODES, message, mark or node.start, hint="split it into several files")
        if not self._frames:
            self.root = node
            return
        frame = self._frames[-1]
        parent = frame.node
        if type(parent) is Sequence:
            parent.items.append(node)
        elif frame.key is None:
            frame.key = node
        else:
            self._put(frame, parent, node)  # type: ignore[arg-type]  # what is no list is a mapping
            frame.key = None

    def _put(self, frame: _Frame, parent: Mapping, node: Node) -> None:
        key = frame.key
        if type(key) is not Scalar or not isinstance(key.value, str):
            self._refuse_key(key)
        elif key.text == MERGE_KEY and key.is_plain:
            if frame.merges:
                self._refuse_duplicate(key, frame.merges[0][0])
            frame.merges.append((key, node))
        elif key.text in parent.entries:
            self._refuse_duplicate(key, parent.entries[key.text][0])
        else:
            if not key.text.isascii():
                self._check_invisible(key)
            parent.entries[key.text] = (key, node)
            parent.value[key.text] = node.value

    def _merge(self, target: Mapping, merges: list[tuple[Scalar, Node]]) -> None:
        for _, node in merges:
            sources = node.items if type(node) is Sequence else [node]
            for source in sources:
                if type(source) is Mapping:
                    for name, entry in source.entries.items():
                        if name not in target.entries:
                            target.entries[name] = entry
                            target.value[name] = source.value[name]
                else:
                    message = "'<<' merges a mapping or a list of mappings, and this is neither."
                    self._report(codes.MERGE, message, source.start)

    def _start_document(self, event: AnyEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            message = "a second document begins here; a file holds one document."
            hint = "remove the line '---', or move what follows into a file of its own"
            self._stop(codes.SEVERAL_DOCUMENTS, message, event.start_mark, hint=hint)

    def _refuse_tag(self, event: AnyEvent) -> None:
        mark = event.start_mark
        text = value_text(self._source.line(mark.line), mark.column)
        message = "a value that begins with '!' is read as a YAML tag, and tags are not supported."
        self._report(codes.TAG, message, mark, hint=quote_hint(text, key=self._current_key()))

    def _unknown_alias(self, event: AnyEvent) -> Scalar:
        text = f"*{event.anchor}"
        message = (
            "a value that begins with '*' is read as an alias, and no anchor of that name stands above it."
        )
        hint = quote_hint(text, key=self._current_key())
        self._report(codes.ALIAS, message, event.start_mark, hint=hint)
        return Scalar(event.start_mark, event.end_mark, text, text, is_plain=False)

    def _refuse_key(self, key: Node | None) -> None:
        mark = key.start if key is not None else self._frames[-1].node.start
        if type(key) is Scalar:
            word = "null" if key.value is None else "a boolean" if isinstance(key.value, bool) else "a number"
            message = f"a key must be text, and this one is read as {word}."
            hint = (
                f"quote the key: {quoted(shown(key_word(key.text)))}"
                if key.text
                else "write a key before the colon"
            )
        else:
            message = f"a key must be text, and this one is read as a {kind_word(key)}."
            hint = "quote the key"
        self._report(codes.BAD_KEY, message, mark, hint=hint)

    def _refuse_duplicate(self, key: Scalar, first: Scalar) -> None:
        line = first.start.line + 1
        message = f"the key '{shown(key_word(key.text))}' stands here for the second time; the first is in line {line}."
        self._report(codes.DUPLICATE_KEY, message, key.start, hint="remove one of the two", related_line=line)

    def _check_invisible(self, key: Scalar) -> None:
        found = next((char for char in _INVISIBLE if char in key.text), None)
        if found is None:
            return
        bare = shown("".join(char for char in key.text if char not in _INVISIBLE))
        message = f"{_INVISIBLE[found]} is part of the key '{bare}'; YAML takes only ordinary spaces as indentation."
        self._report(codes.BAD_KEY, message, key.start, hint="replace it with ordinary spaces")

    def _current_key(self) -> str:
        key = self._frames[-1].key if self._frames else None
        return key.text if type(key) is Scalar else ""

    def _report(
        self,
        code: str,
        message: str,
        mark: Mark,
        *,
        hint: str = "",
        related_line: int = 0,
    ) -> None:
        place = self.current_loc()
        self.problems.append(
            Problem(code, message, mark.line, mark.column, place, hint, related_line=related_line)
        )
        if len(self.problems) >= limits.FINDINGS:
            raise Stopped

    def _stop(self, code: str, message: str, mark: Mark, *, hint: str = "") -> None:
        self._report(code, message, mark, hint=hint)
        raise Stopped

    def current_loc(self) -> Loc:
        """Return the place that is being read."""
        steps: list[str | int] = []
        for frame in self._frames:
            if type(frame.node) is Sequence:
                steps.append(len(frame.node.items))
            elif type(frame.key) is Scalar:
                steps.append(frame.key.text)
        return tuple(steps)


def kind_word(node: Node | None) -> str:
    """Return what a node is, in one word for a message."""
    return "mapping" if type(node) is Mapping else "list" if type(node) is Sequence else "value"
