"""Events of the YAML parser: libyaml where PyYAML has it, PyYAML's own Python otherwise, with equal values."""

import re
from collections.abc import Callable
from typing import Any, Protocol

from yaml.events import ScalarEvent
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner, ScannerError

_SURROGATE = re.compile("[\ud800-\udfff]")


class EventSource(Protocol):
    """Something that hands out one event after the other."""

    def get_event(self) -> Any:
        """Return the next event of `yaml.events`.

        Raises:
            YAMLError: the text is not YAML.
        """


OpenParser = Callable[[str], EventSource]


class PythonParser(Reader, Scanner, Parser):
    """PyYAML's Python parser up to the events; it refuses what libyaml refuses."""

    _is_in_plain = False

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)

    def get_event(self) -> Any:
        """Return the next event; an escape that is half a character is an error, as in libyaml."""
        try:
            event = super().get_event()  # type: ignore[no-untyped-call]
        except (ValueError, OverflowError) as error:  # chr() of a number that is no character
            raise self._bad_escape(self.get_mark()) from error
        if type(event) is ScalarEvent and _SURROGATE.search(event.value):
            raise self._bad_escape(event.start_mark)
        return event

    def scan_plain(self) -> Any:
        """Return the token of a plain scalar: as in libyaml, a `?` ends none, and `:,` in brackets is an error."""
        self._is_in_plain = True
        try:
            token = super().scan_plain()
        finally:
            self._is_in_plain = False
        if self.flow_level and self.peek() == ":" and self.peek(1) in ",?[]{}":
            mark = self.get_mark()
            raise ScannerError(
                "while scanning a plain scalar", token.start_mark, "found unexpected ':'", mark
            )
        return token

    def peek(self, index: int = 0) -> str:
        """Return a character ahead; inside a plain scalar a `?` looks like any other."""
        character: str = super().peek(index)
        return "x" if character == "?" and self._is_in_plain else character

    def scan_directive(self) -> Any:
        """Return the token of a directive; an unknown one is an error, as in libyaml."""
        token = super().scan_directive()
        if token.name not in {"YAML", "TAG"}:
            raise ScannerError(
                "while scanning a directive",
                token.start_mark,
                "found unknown directive name",
                token.start_mark,
            )
        return token

    @staticmethod
    def _bad_escape(mark: Any) -> ScannerError:
        return ScannerError(
            "while parsing a quoted scalar", mark, "found invalid Unicode character escape code", mark
        )


def _choose_parser() -> OpenParser:
    try:
        from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stub forgets to export it
    except ImportError:
        return PythonParser
    return CParser


open_parser: OpenParser = _choose_parser()
"""The parser of this installation."""
