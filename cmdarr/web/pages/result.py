"""The result of a run as pages show it: read with care, as kinds and earlier versions wrote it in their own ways."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_SIGNS = {"+": "added", "-": "removed", "~": "moved"}
_SIGN_WIDTH = 2


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change of a playlist: `kind` is `added`, `removed` or `moved`."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """A library track that was near, and why it was not taken."""

    artist: str
    title: str
    album: str
    score: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """A track of the source that a server does not have."""

    artist: str
    title: str
    album: str
    reason: str
    candidates: tuple[Nearest, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetResult:
    """How one playlist of a sync went; `plan` is None where the run kept none."""

    server: str
    user: str
    title: str
    playlist_id: str
    matched: int
    unmatched: tuple[Unmatched, ...]
    added: int
    removed: int
    moved: int
    unchanged: int
    writes: int
    is_held: bool
    held_reason: str
    notes: tuple[str, ...]
    error: str
    plan: tuple[ChangeLine, ...] | None

    @property
    def tracks(self) -> int:
        """How many tracks were wanted."""
        return self.matched + len(self.unmatched)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What a run left behind, by sections; those that it has nothing for are empty."""

    source: Mapping[str, object]
    sources: tuple[Mapping[str, object], ...]
    targets: tuple[TargetResult, ...]
    servers: tuple[Mapping[str, object], ...]
    discovery: Mapping[str, object]


def read_result(result: Mapping[str, object]) -> RunResult:
    """Return the sections of a result."""
    return RunResult(
        source=_mapping(result.get("source")),
        sources=tuple(_mappings(result.get("sources"))),
        targets=tuple(map(_target, _mappings(result.get("targets")))),
        servers=tuple(_mappings(result.get("servers"))),
        discovery=_discovery(result),
    )


def read_lines(lines: Sequence[object]) -> tuple[ChangeLine, ...]:
    """Return the lines of a plan (`+ Artist – Title (to 3)`) by their sign."""
    return tuple(
        ChangeLine(_SIGNS[line[0]], line[_SIGN_WIDTH:])
        for line in lines
        if isinstance(line, str) and line[:1] in _SIGNS
    )


def _target(values: Mapping[str, Any]) -> TargetResult:
    notes = (
        f"renamed to “{values['renamed_to']}”" if values.get("renamed_to") else "",
        f"described as “{values['described_as']}”" if values.get("described_as") else "",
        _text(values.get("note")),
    )
    plan = values.get("plan")
    return TargetResult(
        server=_text(values.get("server")),
        user=_text(values.get("user")),
        title=_text(values.get("title")),
        playlist_id=_text(values.get("playlist_id")),
        matched=_count(values.get("matched")),
        unmatched=tuple(map(_unmatched, _mappings(values.get("unmatched")))),
        added=_count(values.get("added")),
        removed=_count(values.get("removed")),
        moved=_count(values.get("moved")),
        unchanged=_count(values.get("unchanged")),
        writes=_count(values.get("writes")),
        is_held=bool(values.get("held")),
        held_reason=_text(values.get("held_reason")),
        notes=tuple(filter(None, notes)),
        error=_text(values.get("error")),
        plan=read_lines(plan) if isinstance(plan, list | tuple) else None,
    )


def _unmatched(values: Mapping[str, Any]) -> Unmatched:
    return Unmatched(
        artist=_text(values.get("artist")),
        title=_text(values.get("title")),
        album=_text(values.get("album")),
        reason=_text(values.get("reason")),
        candidates=tuple(map(_nearest, _mappings(values.get("candidates")))),
    )


def _nearest(values: Mapping[str, Any]) -> Nearest:
    score = values.get("score")
    return Nearest(
        artist=_text(values.get("artist")),
        title=_text(values.get("title")),
        album=_text(values.get("album")),
        score=float(score) if isinstance(score, int | float) else 0.0,
        reason=_text(values.get("reason")),
    )


def _discovery(result: Mapping[str, object]) -> Mapping[str, object]:
    """Return what a discovery found: of a run of its own, or of the part that a sync has of it."""
    own = result if "proposed" in result else _mapping(result.get("discovery"))
    if not own:
        return {}
    return {
        "import_list": _text(own.get("import_list")),
        "counts": {
            words: _count(own.get(key))
            for key, words in (
                ("seeds", "seeds"),
                ("asked", "asked about"),
                ("candidates", "candidates"),
                ("consumed", "taken by Lidarr"),
                ("removed", "left the list"),
                ("unanswered", "unanswered"),
            )
            if key in own
        },
        "proposed": tuple(_mappings(own.get("proposed"))),
        "added": tuple(_mappings(own.get("added"))),
        "failures": tuple(_mappings(own.get("failures"))),
        "left_out": _mapping(own.get("left_out")),
        "not_asked": _mapping(own.get("not_asked")),
    }


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    for each in value if isinstance(value, list | tuple) else ():
        if isinstance(each, Mapping):
            yield each


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
