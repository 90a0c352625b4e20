"""Bytes to a document: every problem of the text becomes a finding, and nothing raises."""

import re
from dataclasses import replace

from yaml.error import YAMLError

from cmdarr.config.document import codes
from cmdarr.config.document.compose import Composer, Stopped
from cmdarr.config.document.decoding import decode, find_forbidden
from cmdarr.config.document.document import Document
from cmdarr.config.document.events import OpenParser, open_parser
from cmdarr.config.document.nodes import Node, Value
from cmdarr.config.document.problem import Problem
from cmdarr.config.document.source import SourceText, key_of_line
from cmdarr.config.document.syntax import explain
from cmdarr.config.document.tabs import settle_tabs

_BYTE_ORDER_MARK = "\ufeff"
_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


def parse_document(file: str, data: bytes, *, parser: OpenParser = open_parser) -> Document:
    """Read one file; whatever is wrong becomes a finding.

    Args:
        file: the name for findings, relative to the config folder (`commands/x.yaml`).
        data: the bytes of the file.
        parser: opens the YAML parser; only tests name one.
    """
    text, problem = decode(data)
    document = Document(file, SourceText(text))
    problems = [problem] if problem else _read(document, parser)
    if problems:
        problems.sort(key=lambda each: (each.line, each.column))
        document.findings = tuple(document.finding_for(each) for each in problems)
    return document


def _read(document: Document, parser: OpenParser) -> list[Problem]:
    """Put root and value into the document and return the problems of the text."""
    text, tab = document.text, None
    if "\t" in text:
        text, tab = settle_tabs(document.source, parser)
    if tab is not None and tab.severity == "error":
        problems = [tab]
    else:
        problems = _compose(document, _joined_surrogates(text), parser)
        problems += [tab] if tab else []
    is_stopped = document.root is None and bool(problems)
    if (is_stopped or _BYTE_ORDER_MARK in text) and (forbidden := find_forbidden(document.text)):
        document.root, document.value, document.is_empty = None, None, False
        return [forbidden]
    return problems


def _compose(document: Document, text: str, parser: OpenParser) -> list[Problem]:
    composer = Composer(document.source)
    try:
        composer.compose(parser(text))
    except Stopped:
        if composer.problems[-1].code == codes.SEVERAL_DOCUMENTS:
            _publish(document, composer.root)
        return composer.problems
    except (YAMLError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError) as error:
        # Nothing of this is expected beyond YAMLError; a parser that stumbles is one more finding.
        problem = _with_loc(explain(error, document.source), composer, document.source)
        return [*(each for each in composer.problems if each.line != problem.line), problem]
    _publish(document, composer.root)
    return composer.problems


def _with_loc(problem: Problem, composer: Composer, source: SourceText) -> Problem:
    """Name the place of a syntax error when what was read last is surely the line that it stands in."""
    loc = composer.current_loc()
    if loc and loc[-1] == key_of_line(source.line(problem.line)):
        return replace(problem, loc=loc)
    return problem


def _publish(document: Document, root: Node | None) -> None:
    document.root = root
    if root is None:
        document.is_empty = True
        return
    value = root.value
    if isinstance(value, dict):
        may_have_free = "x-" in document.text or "\\" in document.text
        document.value = _without_free_keys(value) if may_have_free else value
        return
    document.value = value
    document.is_empty = document.source_text(()) == ""


def _without_free_keys(value: dict[str, Value]) -> dict[str, Value]:
    return {key: each for key, each in value.items() if not key.startswith("x-")}


def _joined_surrogates(text: str) -> str:
    """Write the two escapes that JSON has for one character as that character: YAML has no such pairs."""
    if "\\u" not in text or text.lstrip()[:1] not in {"{", "[", '"'}:
        return text
    return _JSON_STRING.sub(lambda string: _PAIR.sub(_join_pair, string[0]), text)


def _join_pair(found: re.Match[str]) -> str:
    high, low = int(found[2], 16), int(found[3], 16)
    return found[1] + chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
