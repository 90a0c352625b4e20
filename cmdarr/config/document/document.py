"""One parsed file: its value, and the place of everything in it."""

from collections.abc import Iterable
from typing import Literal

from cmdarr.config.document.excerpt import Span, excerpt
from cmdarr.config.document.nodes import Loc, Mapping, Node, Scalar, Value, find_node
from cmdarr.config.document.problem import Problem
from cmdarr.config.document.source import SourceText, key_word
from cmdarr.errors import Finding, Severity


class Document:
    """One file, read. Treat `value` as frozen: an alias makes two places share one mapping.

    `value` is made of `dict`, `tuple`, `str`, `int`, `float`, `bool` and None, with merges and aliases applied and
    without the top-level keys that begin with `x-`; None when the file could not be read. `findings` are in
    file order. `is_empty` says that the file holds no content: the caller decides what that means.
    """

    __slots__ = ("file", "findings", "is_empty", "root", "source", "value")

    def __init__(self, file: str, source: SourceText) -> None:
        self.file = file
        self.source = source
        self.root: Node | None = None
        self.value: Value = None
        self.findings: tuple[Finding, ...] = ()
        self.is_empty = False

    @property
    def text(self) -> str:
        """The text of the file, without a byte order mark."""
        return self.source.text

    def locate(self, loc: Loc) -> tuple[int, int]:
        """Return line and column (from 1) of the value at a place, or of the nearest value above it."""
        return self._place(loc, "value")

    def locate_key(self, loc: Loc) -> tuple[int, int]:
        """Return line and column (from 1) of the key at a place; of the value when it has no key."""
        return self._place(loc, "key")

    def source_text(self, loc: Loc) -> str | None:
        """Return what was written at a place when that is a plain scalar, else None."""
        node = find_node(self.root, loc)
        return node.text if type(node) is Scalar and node.is_plain else None

    def finding(
        self,
        loc: Loc,
        code: str,
        message: str,
        *,
        hint: str = "",
        severity: Severity = "error",
        at: Literal["value", "key"] = "value",
        secrets: Iterable[Span] = (),
    ) -> Finding:
        """Return a finding at a place, or at the nearest place above it, with its excerpt.

        Args:
            loc: the keys and indexes that lead to the place.
            code: a stable word for scripts.
            message: one sentence for the user, without any secret.
            hint: the likely cure.
            severity: an error makes the file invalid.
            at: whether the caret points at the value or at its key.
            secrets: columns of the source line (from 0) that the excerpt must not show.
        """
        line, column = self._place(loc, at)
        place = Problem(code, message, line - 1, column - 1, loc, hint, severity)
        return self.finding_for(place, secrets)

    def finding_for(self, problem: Problem, secrets: Iterable[Span] = ()) -> Finding:
        """Return the finding of a problem; a place outside of the text becomes the nearest one inside."""
        line, column = self.source.clamp(problem.line, problem.column)
        return Finding(
            self.file,
            line + 1,
            column + 1,
            ".".join(map(key_word, problem.loc)),
            problem.code,
            problem.message,
            problem.severity,
            problem.hint,
            excerpt(self.source.line(line), column, secrets),
            problem.related_line,
        )

    def _place(self, loc: Loc, at: Literal["value", "key"]) -> tuple[int, int]:
        node = self.root
        if node is None:
            return 1, 1
        mark = node.start
        for step in loc:
            if type(node) is Mapping and step in node.entries:
                key, node = node.entries[step]
                mark = key.start if at == "key" else node.start
                continue
            below = find_node(node, (step,))
            if below is None:
                mark = node.start
                break
            node, mark = below, below.start
        line, column = self.source.clamp(mark.line, mark.column)
        return line + 1, column + 1
