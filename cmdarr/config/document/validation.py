"""A document against a model: pydantic's strict validation, and a finding with a place for everything it refuses.

A text field keeps the source text of a plain scalar: where pydantic misses a text and the file has a plain number,
boolean or float, the text as it was written is put in and the whole is validated again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Literal, TypeVar

from pydantic import BaseModel, RootModel, ValidationError

from cmdarr.config.document import codes, limits
from cmdarr.config.document.annotations import keys_at, may_show, secret_scalars
from cmdarr.config.document.document import Document
from cmdarr.config.document.excerpt import Span
from cmdarr.config.document.faults import (
    MISSING,
    TEXT_EXPECTED,
    UNKNOWN,
    Fault,
    choose_branches,
    group_by_place,
    place_fault,
    without_uncounted,
)
from cmdarr.config.document.nodes import Loc, Scalar, find_node
from cmdarr.config.document.sentences import code_of, describe, name_of
from cmdarr.config.document.source import is_glued
from cmdarr.config.suggest import suggest
from cmdarr.errors import Finding

ModelT = TypeVar("ModelT", bound=BaseModel)

_ROUNDS: Final = 3
"""How often a document is validated at most: what is put in may lead pydantic to places it did not reach before."""
_KEYS_NAMED: Final = 12
_DROPPED: Final = object()


@dataclass(frozen=True, slots=True)
class Validation(Generic[ModelT]):
    """What came of a validation: a model, or findings in file order.

    `texts` says where the source text of a plain scalar was put in, because the model has a text there.
    """

    model: ModelT | None
    findings: tuple[Finding, ...] = ()
    texts: Mapping[Loc, str] = field(default_factory=dict)


def validate(
    document: Document, model: type[ModelT], value: object | None = None, *, context: Any = None
) -> Validation[ModelT]:
    """Validate a document.

    Args:
        document: where the places are looked up.
        model: what is expected.
        value: what is validated when it is not `document.value`: the same places, references resolved.
        context: handed to the validators of the model.
    """
    current = document.value if value is None else value
    takes_any = issubclass(model, RootModel)
    if current is None and document.is_empty and not takes_any:
        current = {}
    if not isinstance(current, dict) and (not takes_any or (document.root is None and not document.is_empty)):
        return Validation(None, tuple(_refuse_top(document)))
    return _Attempt(document, model, context).run(current)


class _Attempt(Generic[ModelT]):
    """One validation, with the changes that the file's own text allows."""

    def __init__(self, document: Document, model: type[ModelT], context: Any) -> None:
        self._document = document
        self._model = model
        self._context = context
        self._texts: dict[Loc, str] = {}
        self._before: dict[Loc, list[Fault]] = {}
        """The faults at a place before its source text was put in."""

    def run(self, value: object) -> Validation[ModelT]:
        """Validate until nothing can be put in any more."""
        faults: list[Fault] = []
        for _ in range(_ROUNDS):
            try:
                return Validation(self._model.model_validate(value, context=self._context), (), self._texts)
            except ValidationError as error:
                details = error.errors(include_url=False, include_input=False)
            faults = [place_fault(self._document.root, each) for each in details]
            changes = self._find_changes(faults)
            if not changes:
                break
            value = _change(value, changes)
        faults = self._take_back(faults)
        return Validation(None, report(self._document, self._model, faults), self._texts)

    def _find_changes(self, faults: list[Fault]) -> dict[Loc, object]:
        """Return what to put in: source texts where a text is expected, nothing in place of free keys."""
        changes: dict[Loc, object] = {}
        places: dict[Loc, list[Fault]] = {}
        for fault in faults:
            places.setdefault(fault.loc, []).append(fault)
            if fault.kind == UNKNOWN and str(fault.loc[-1:][0] if fault.loc else "").startswith("x-"):
                changes[fault.loc] = _DROPPED
        for loc, group in places.items():
            text = self._text_for(loc, group)
            if text is not None:
                changes[loc] = self._texts[loc] = text
                self._before[loc] = group
        return changes

    def _text_for(self, loc: Loc, faults: list[Fault]) -> str | None:
        """Return the source text when a text is expected, and no branch took the value and refused only its size."""
        if loc in self._before or not any(fault.kind == TEXT_EXPECTED for fault in faults):
            return None
        node = find_node(self._document.root, loc)
        if type(node) is not Scalar or not node.is_plain or node.value is None or isinstance(node.value, str):
            return None
        return node.text if all(fault.is_type or fault.at_key for fault in faults) else None

    def _take_back(self, faults: list[Fault]) -> list[Fault]:
        """Forget the texts that did not help; where more than a text was possible, the first faults count."""
        failed = {fault.loc for fault in faults} & self._before.keys()
        restored: list[Fault] = []
        for loc in failed:
            del self._texts[loc]
            if any(fault.kind != TEXT_EXPECTED for fault in self._before[loc]):
                restored += self._before[loc]
        replaced = {fault.loc for fault in restored}
        return [fault for fault in faults if fault.loc not in replaced] + restored


def _change(value: object, changes: Mapping[Loc, object]) -> object:
    """Return a copy of the value with the changes made; only what leads to them is copied."""
    if () in changes:
        return changes[()]
    below: dict[str | int, dict[Loc, object]] = {}
    for loc, new in changes.items():
        below.setdefault(loc[0], {})[loc[1:]] = new
    if isinstance(value, dict):
        changed = {key: _change(value[key], each) for key, each in below.items() if key in value}
        return {key: new for key, new in (value | changed).items() if new is not _DROPPED}
    if isinstance(value, tuple):
        items = list(value)
        for index, each in below.items():
            if isinstance(index, int) and index < len(items):
                items[index] = _change(items[index], each)
        return tuple(items)
    return value


def report(document: Document, model: type[BaseModel], faults: list[Fault]) -> tuple[Finding, ...]:
    """Return one finding for each place, in file order, without those that the text itself has already."""
    known = {(each.line, each.column) for each in document.findings if each.severity == "error"}
    chosen = [(_position(document, fault), fault) for fault in without_uncounted(choose_branches(faults))]
    ordered = [fault for position, fault in sorted(chosen, key=lambda each: each[0]) if position not in known]
    groups = group_by_place(_without_misspelt(model, ordered[: limits.FINDINGS]))
    secrets = _secret_spans(document, model)
    return tuple(_finding(document, model, group, secrets) for group in groups)


def _position(document: Document, fault: Fault) -> tuple[int, int]:
    return document.locate_key(fault.loc) if fault.at_key else document.locate(fault.loc)


def _finding(
    document: Document, model: type[BaseModel], faults: list[Fault], secrets: dict[int, list[Span]]
) -> Finding:
    fault = faults[0]
    loc, message, hint, code = fault.loc, "", "", code_of(fault)
    if fault.kind == MISSING:
        loc = (*loc, fault.missing)
        message = f"the key '{fault.missing}' is missing" + (
            f" in {name_of(fault.loc)}." if fault.loc else "."
        )
        hint = f"add '{fault.missing}: …' here"
    elif fault.kind == UNKNOWN:
        message = f"the key {name_of(loc)} is not known here."
        hint = _unknown_hint(model, loc)
    else:
        message, hint = describe(document, faults, may_show=may_show(model, loc))
    at: Literal["key", "value"] = "key" if fault.at_key else "value"
    spans = secrets.get(_position(document, fault)[0] - 1, ())
    return document.finding(loc, code, message, hint=hint, at=at, secrets=spans)


def _meant_key(model: type[BaseModel], loc: Loc) -> str | None:
    """Return the key that an unknown one was probably meant to be."""
    key = str(loc[-1])
    return suggest(key.partition(":")[0] if is_glued(key) else key, keys_at(model, loc[:-1]))


def _unknown_hint(model: type[BaseModel], loc: Loc) -> str:
    if is_glued(str(loc[-1])):
        return "missing space after ':'"
    meant = _meant_key(model, loc)
    if meant:
        return f"did you mean '{meant}'?"
    keys = keys_at(model, loc[:-1])
    more = ", …" if len(keys) > _KEYS_NAMED else ""
    return f"known here: {', '.join(keys[:_KEYS_NAMED])}{more}" if keys else ""


def _without_misspelt(model: type[BaseModel], faults: list[Fault]) -> list[Fault]:
    """Leave out the missing keys that stand there misspelt: one mistake is one finding."""
    unknown = [fault.loc for fault in faults if fault.kind == UNKNOWN and fault.loc]
    meant = {(loc[:-1], _meant_key(model, loc)) for loc in unknown}
    return [fault for fault in faults if fault.kind != MISSING or (fault.loc, fault.missing) not in meant]


def _secret_spans(document: Document, model: type[BaseModel]) -> dict[int, list[Span]]:
    """Return, by line from 0, the columns that hold what the model takes as secrets."""
    spans: dict[int, list[Span]] = {}
    for scalar in secret_scalars(model, document.root):
        for number in range(scalar.start.line, scalar.end.line + 1):
            start = scalar.start.column if number == scalar.start.line else 0
            end = scalar.end.column if number == scalar.end.line else len(document.source.line(number))
            if end > start:
                spans.setdefault(number, []).append((start, end))
    return spans


def _refuse_top(document: Document) -> list[Finding]:
    if any(finding.severity == "error" for finding in document.findings):
        return []
    node = document.root
    kind = "a list" if isinstance(document.value, tuple) else "no mapping"
    message = f"the file must be a mapping of keys to values, and YAML reads {kind}."
    is_text = type(node) is Scalar and node.is_plain and is_glued(node.text)
    hint = "missing space after ':'" if is_text else "begin each line with 'key: '"
    return [document.finding((), codes.NOT_A_MAPPING, message, hint=hint)]
