"""What the YAML parser refuses, said in plain sentences at the place that helps."""

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from yaml.error import MarkedYAMLError

from cmdarr.config.document import codes
from cmdarr.config.document.nodes import Mark, Place
from cmdarr.config.document.problem import Problem
from cmdarr.config.document.source import SourceText, key_of_line, quote_hint, value_column, value_text

Explainer: TypeAlias = Callable[[SourceText, Mark, Mark], Problem]
"""Takes the text, where the parser stopped, and where it began what it could not finish."""

_MISSING_SPACE: Final = re.compile(r"\s*(?:-\s+)*[\w.-]+:(?=[^\s:])")
_BEGINNINGS: Final = {
    "*": "a value that begins with '*' is read as an alias.",
    "&": "a value that begins with '&' is read as an anchor.",
    "!": "a value that begins with '!' is read as a YAML tag, and tags are not supported.",
    "-": "'- ' begins a list item, and no list can begin here.",
    "?": "'? ' begins a key, and no key can begin here.",
    "|": "'|' begins a block of text, which must begin in the next line.",
    ">": "'>' begins a block of text, which must begin in the next line.",
}
_INDENTATION_HINT: Final = "indent it like the lines it belongs to, with spaces"


def explain(error: Exception, source: SourceText) -> Problem:
    """Return the problem that a parser error stands for."""
    if not isinstance(error, MarkedYAMLError):
        return _unreadable(source, Place(0, 0))
    words = f"{error.context or ''} {error.problem or ''}"
    mark: Mark = error.problem_mark or error.context_mark or Place(0, 0)
    context: Mark = error.context_mark or mark
    for needles, explainer in _EXPLAINERS:
        if any(needle in words for needle in needles):
            return explainer(source, mark, context)
    return _unreadable(source, mark)


def _problem(
    source: SourceText, mark: Mark, message: str, hint: str = "", code: str = codes.SYNTAX
) -> Problem:
    line, column = source.clamp(mark.line, mark.column)
    return Problem(code, message, line, column, hint=hint)


def _quote_hint(source: SourceText, line: int, column: int) -> str:
    text = source.line(line)
    return quote_hint(value_text(text, column), key=key_of_line(text))


def _unreadable(source: SourceText, mark: Mark) -> Problem:
    hint = "check the indentation, the quotes and the colons of this line and the one above"
    return _problem(source, mark, "YAML cannot read the file from this place on.", hint)


def _explain_beginning(source: SourceText, mark: Mark, context: Mark) -> Problem:
    """Explain a character that cannot stand where a value begins."""
    if source.line(context.line)[context.column : context.column + 1] in {"*", "&", "!", "|", ">"}:
        mark = context
    line = source.line(mark.line)
    character = line[mark.column : mark.column + 1]
    if character == "\t":
        return tab_problem(source, mark)
    message = _BEGINNINGS.get(character, f"a value cannot begin with '{character}'.")
    if character in {"", ",", "]", "}", ":"}:
        message = f"'{character}' has nothing to belong to here." if character else "a value is missing here."
    indent = len(line) - len(line.lstrip())
    if mark.column == indent and (key := key_of_line(line)):
        return _problem(
            source, mark, message.replace("a value", "a key"), quote_hint(key).replace("value", "key")
        )
    return _problem(source, mark, message, _quote_hint(source, mark.line, mark.column))


def tab_problem(source: SourceText, mark: Mark) -> Problem:
    """Return the problem of a tab that stands where only spaces may."""
    message = "a tab stands in the indentation; YAML takes only spaces there."
    return _problem(source, mark, message, "replace the tab with spaces", codes.TAB)


def _explain_colon(source: SourceText, mark: Mark, context: Mark) -> Problem:
    """Explain a `: ` where no key can be: inside a value, or below a line that is no key."""
    line = source.line(mark.line)
    if key_of_line(line) and mark.column >= value_column(line):
        hint = _quote_hint(source, mark.line, value_column(line))
        message = "': ' stands inside this value, where YAML reads it as the end of a second key."
        return _problem(source, mark, message, hint)
    above = _line_above(source, mark.line)
    text = source.line(above)
    if above < mark.line and not key_of_line(text):
        return _explain_no_key(source, Place(above, len(text) - len(text.lstrip())), context)
    message = "this key is indented deeper than the line above, which has a value already."
    place = Place(mark.line, len(line) - len(line.lstrip()))
    return _problem(source, place, message, "indent it like the key above")


def _explain_no_key(source: SourceText, mark: Mark, context: Mark) -> Problem:
    """Explain a line that should be `key: value` and is not."""
    del context
    line = source.line(mark.line)
    found = _MISSING_SPACE.match(line)
    if found:
        place = Place(mark.line, found.end() - 1)
        return _problem(
            source, place, "the ':' of this line has no space after it.", "missing space after ':'"
        )
    return _problem(source, mark, "this line is no 'key: value'.", "missing ':' after the key")


def _explain_glued_colon(source: SourceText, mark: Mark, context: Mark) -> Problem:
    del context
    return _problem(
        source, mark, "the ':' has neither a space nor a value after it.", "missing space after ':'"
    )


def _explain_simple_key(source: SourceText, mark: Mark, context: Mark) -> Problem:
    del mark
    return _explain_no_key(source, context, context)


def _explain_open_quote(source: SourceText, mark: Mark, context: Mark) -> Problem:
    del mark
    quote = source.line(context.line)[context.column : context.column + 1]
    message = f"the quote {quote} that opens here is never closed."
    return _problem(source, context, message, _quote_hint(source, context.line, context.column))


def _explain_block(source: SourceText, mark: Mark, context: Mark) -> Problem:
    """Explain what follows a finished value, and lines whose indentation fits nowhere."""
    del context
    line = source.line(mark.line)
    start = value_column(line)
    if mark.column <= len(line) - len(line.lstrip()):
        message = "the indentation of this line fits none of the lines above."
        return _problem(source, mark, message, _INDENTATION_HINT)
    opening = line[start : start + 1]
    if opening in {"'", '"'}:
        if mark.column == start + 1:
            return _explain_crossed_quote(source, mark, opening)
        message = f"text follows after the closing {opening} of this value."
    elif opening in {"[", "{"}:
        message = f"text follows after the closing {']' if opening == '[' else '}'} of this value."
    else:
        message = _BEGINNINGS.get(opening, "this text does not belong to the value before it.")
    return _problem(source, mark, message, _quote_hint(source, mark.line, start))


def _explain_crossed_quote(source: SourceText, mark: Mark, quote: str) -> Problem:
    """Explain a quote that was meant to open here but closes one of an earlier line."""
    for number in range(mark.line - 1, -1, -1):
        line = source.line(number)
        start = value_column(line)
        if line[start : start + 1] == quote:
            message = f"the quote {quote} that opens here is closed only in line {mark.line + 1}."
            return _problem(source, Place(number, start), message, _quote_hint(source, number, start))
    return _unreadable(source, mark)


def _explain_flow(source: SourceText, mark: Mark, context: Mark) -> Problem:
    """Explain a list or mapping in brackets that goes wrong."""
    opening = source.line(context.line)[context.column : context.column + 1]
    closing = "]" if opening == "[" else "}"
    hint = _quote_hint(source, context.line, value_column(source.line(context.line)))
    if mark.line > context.line or mark.column >= len(source.line(mark.line)):
        message = f"the {opening} that opens here is never closed."
        return _problem(source, context, message, f"close it with {closing}, or {hint}")
    return _problem(source, mark, f"',' or '{closing}' is missing before this place.", hint)


def _explain_escape(source: SourceText, mark: Mark, context: Mark) -> Problem:
    del context
    line = source.line(mark.line)
    backslash = line.rfind("\\", 0, mark.column + 1)
    if line[mark.column : mark.column + 1] == '"':  # the whole text is blamed, not the escape
        backslash = line.find("\\", mark.column)
    place = Place(mark.line, backslash if backslash >= 0 else mark.column)
    message = "the backslash in double quotes begins an escape, and this is none."
    return _problem(source, place, message, r"write \\ for a backslash, or use single quotes")


def _explain_directive(source: SourceText, mark: Mark, context: Mark) -> Problem:
    del context
    mark = Place(mark.line, 0)
    hint = "remove the line; a value that begins with '%' needs quotes"
    return _problem(
        source, mark, "a line that begins with '%' is a YAML directive, and this one is not known.", hint
    )


def _explain_end(source: SourceText, mark: Mark, context: Mark) -> Problem:
    del context
    above = source.line(_line_above(source, mark.line)).strip()
    if not above.startswith("..."):
        return _unreadable(source, mark)
    message = "the file goes on after its end; a file holds one document."
    hint = "remove the line '...' above, or move what follows into a file of its own"
    return _problem(source, mark, message, hint, codes.SEVERAL_DOCUMENTS)


def _explain_tab(source: SourceText, mark: Mark, context: Mark) -> Problem:
    del context
    return tab_problem(source, mark)


def _line_above(source: SourceText, number: int) -> int:
    """Return the nearest line above that is neither blank nor a comment; the line itself when there is none."""
    for above in range(number - 1, -1, -1):
        text = source.line(above).strip()
        if text and not text.startswith("#"):
            return above
    return number


_EXPLAINERS: Final[tuple[tuple[tuple[str, ...], Explainer], ...]] = (
    (("tab character",), _explain_tab),
    (("escape",), _explain_escape),
    (("quoted scalar",), _explain_open_quote),
    (("mapping values are not allowed",), _explain_colon),
    (("could not find expected ':'",), _explain_simple_key),
    (("found unexpected ':'",), _explain_glued_colon),
    (("document start>",), _explain_end),
    (("directive", "incompatible YAML", "YAML version"), _explain_directive),
    (
        (
            "cannot start any token",
            "alphabetic or numeric",
            "tag",
            "entries are not allowed",
            "keys are not allowed",
            "node content",
            "scanning a block scalar",
            "scanning an anchor",
            "scanning an alias",
        ),
        _explain_beginning,
    ),
    (("flow",), _explain_flow),
    (("block",), _explain_block),
)
