"""Tabs: an error in the indentation, a warning between key and value, and nothing special in a text or comment.

libyaml and PyYAML's Python parser disagree on tabs, so that neither of them gets to see one outside of a text.
"""

import re
from bisect import bisect_right
from contextlib import suppress
from itertools import islice

from yaml.error import YAMLError
from yaml.events import CollectionEndEvent, CollectionStartEvent, ScalarEvent, StreamEndEvent

from cmdarr.config.document import codes, limits
from cmdarr.config.document.decoding import BREAK, position_of
from cmdarr.config.document.events import EventSource, OpenParser
from cmdarr.config.document.nodes import Place
from cmdarr.config.document.problem import Problem
from cmdarr.config.document.source import SourceText
from cmdarr.config.document.syntax import tab_problem

_RUN = re.compile(r"\t+")
_INDENTATION = re.compile(
    "(?:^|(?<=[\n\r\x85\u2028\u2029])) *(?P<tab>\t)[ \t]*(?![ \t\n\r\x85\u2028\u2029#]|$)"
)
_MOST_RUNS = 1_000
_COMMENT = re.compile(r"(?:^|\s)#")


def settle_tabs(source: SourceText, open_parser: OpenParser) -> tuple[str, Problem | None]:
    """Return the text for the parser, tabs outside of texts replaced by spaces, and what is wrong with the tabs."""
    spans = _Spans()
    blank = source.text.replace("\t", " ")
    with suppress(YAMLError):  # reported when the text is composed; what was found until here is good
        spans.collect(open_parser(blank))
    return _restore(source.text, blank, spans), _find_problem(source, spans)


class _Spans:
    """Character offsets of quoted and block texts, and of the outermost lists and mappings in brackets."""

    def __init__(self) -> None:
        self.texts: list[tuple[int, int]] = []
        self.flows: list[tuple[int, int]] = []

    def collect(self, events: EventSource) -> None:
        """Read the events up to the end, an error or a limit."""
        flow_starts: list[int] = []
        depth = 0
        for _ in range(3 * limits.NODES):
            event = events.get_event()
            start, end = event.start_mark.index, event.end_mark.index
            if isinstance(event, ScalarEvent):
                if event.style:
                    self.texts.append((start, end))
            elif isinstance(event, CollectionStartEvent):
                depth += 1
                if flow_starts or event.flow_style:
                    flow_starts.append(start)
            elif isinstance(event, CollectionEndEvent):
                depth -= 1
                if flow_starts:
                    start = flow_starts.pop()
                    if not flow_starts:
                        self.flows.append((start, end))
            if isinstance(event, StreamEndEvent) or depth > limits.DEPTH:
                return


def _contains(spans: list[tuple[int, int]], index: int) -> bool:
    """Whether an offset lies in one of the spans, which are in order and apart."""
    position = bisect_right(spans, (index, index)) - 1
    return position >= 0 and spans[position][0] <= index < spans[position][1]


def _restore(text: str, blank: str, spans: _Spans) -> str:
    """Put the tabs of quoted and block texts back."""
    parts: list[str] = []
    end = 0
    for start, stop in spans.texts:
        begin = start
        if text[start] in "|>":  # a tab behind the indicator is none of the text
            found = BREAK.search(text, start, stop)
            begin = found.end() if found else stop
        parts += [blank[end:begin], text[begin:stop]]
        end = stop
    return "".join([*parts, blank[end:]])


def _find_problem(source: SourceText, spans: _Spans) -> Problem | None:
    """Return the error for the first tab in the indentation, else a warning for the first one outside of a text."""
    for found in _INDENTATION.finditer(source.text):
        index = found.start("tab")
        if not _contains(spans.texts, index) and not _contains(spans.flows, index):
            return tab_problem(source, Place(*position_of(source.text, index)))
    for found in islice(_RUN.finditer(source.text), _MOST_RUNS):
        index = found.start()
        if (
            _contains(spans.texts, index)
            or _contains(spans.flows, index)
            or _is_comment(source.text, index, spans)
        ):
            continue
        line, column = position_of(source.text, index)
        message = "a tab stands here, and is read as a space."
        hint = "replace the tab with a space; some programs refuse it"
        return Problem(codes.TAB, message, line, column, hint=hint, severity="warning")
    return None


def _is_comment(text: str, index: int, spans: _Spans) -> bool:
    """Whether an offset outside of every text lies in a comment."""
    start = max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1
    comments = _COMMENT.finditer(text[start:index])
    return any(not _contains(spans.texts, start + found.end() - 1) for found in comments)
