"""What pydantic found, brought to the places of the file: union tags taken out, one branch of a union kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic_core import ErrorDetails

from cmdarr.config.document.nodes import Loc, Node, child_of

MISSING = "missing"
UNKNOWN = "extra_forbidden"
TEXT_EXPECTED = "string_type"
TOO_SHORT = "too_short"
_TYPE_KINDS = frozenset({"literal_error", "enum", "none_required", "int_from_float", "is_instance_of"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One error of pydantic at a place of the file.

    `missing` is the key that is missing at the place; `branches` are the parts of pydantic's location that are no
    place (union tags), each with the length that `loc` had before it.
    """

    loc: Loc
    kind: str
    message: str
    context: Mapping[str, Any] = field(default_factory=dict)
    missing: str = ""
    at_key: bool = False
    branches: tuple[tuple[int, str], ...] = ()

    @property
    def is_type(self) -> bool:
        """Whether a value of another type was expected, rather than another value of this type."""
        return self.kind.endswith("_type") or self.kind in _TYPE_KINDS


def place_fault(root: Node | None, error: ErrorDetails) -> Fault:
    """Return the fault of an error, walking the nodes along its location and skipping what is no place."""
    parts = error["loc"]
    kind = error["type"]
    missing = str(parts[-1]) if kind == MISSING and parts else ""
    loc: list[str | int] = []
    branches: list[tuple[int, str]] = []
    at_key, node = False, root
    for part in parts[:-1] if missing else parts:
        below = child_of(node, part)
        if below is not None:
            loc.append(part)
            node = below
        elif part == "[key]":
            at_key = True
        else:
            branches.append((len(loc), str(part)))
    return Fault(
        tuple(loc),
        kind,
        error["msg"],
        error.get("ctx", {}),
        missing,
        at_key or kind == UNKNOWN,
        tuple(branches),
    )


def choose_branches(faults: Iterable[Fault]) -> list[Fault]:
    """Keep of every union the faults of the branch that was probably meant.

    A branch that fails inside the value fits better than one that refuses the value as a whole; of several of
    those the one with the fewest faults does. When every branch refuses the value as a whole, all are kept.
    """
    kept: list[Fault] = []
    unions: dict[tuple[Loc, int], dict[str, list[Fault]]] = {}
    for fault in faults:
        if not fault.branches:
            kept.append(fault)
            continue
        depth, tag = fault.branches[0]
        below = replace(fault, branches=fault.branches[1:])
        unions.setdefault((fault.loc[:depth], depth), {}).setdefault(tag, []).append(below)
    for (_, depth), branches in unions.items():
        inner = {tag: choose_branches(each) for tag, each in branches.items()}
        fitting = [each for each in inner.values() if all(_is_below(fault, depth) for fault in each)]
        if fitting:
            best = min(fitting, key=len)
            kept += best
        else:
            kept += [fault for each in inner.values() for fault in each]
    return kept


def _is_below(fault: Fault, depth: int) -> bool:
    return len(fault.loc) > depth or bool(fault.missing)


def without_uncounted(faults: list[Fault]) -> list[Fault]:
    """Leave out that a list is too short where entries of it are wrong: pydantic counts only the good ones."""
    inside = {fault.loc[:depth] for fault in faults for depth in range(len(fault.loc))}
    return [fault for fault in faults if fault.kind != TOO_SHORT or fault.loc not in inside]


def group_by_place(faults: Iterable[Fault]) -> list[list[Fault]]:
    """Return the faults of each place together, those that judge the value before those that judge its type."""
    places: dict[tuple[Loc, str], list[Fault]] = {}
    for fault in faults:
        places.setdefault((fault.loc, fault.missing), []).append(fault)
    return [sorted(group, key=lambda fault: fault.is_type) for group in places.values()]
