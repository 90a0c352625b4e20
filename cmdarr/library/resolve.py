"""Resolving: the wanted tracks of a whole playlist to the tracks of one server, through the index.

The index lives in a file that may be deleted at any moment. A vanished or emptied index must never look like
"nothing matches", so its tokens are compared before and after the look-ups; what happened in between is looked up
again, and when the cache cannot be used at all the server's own tracks are read through once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from cmdarr.errors import StorageError
from cmdarr.library.decision_memo import DecisionMemo, Ground
from cmdarr.library.look_up import IndexLookUp, KeptTracks, LookUp, decide_all
from cmdarr.library.ports import LibraryIndex, MusicServer, SectionState, SectionWriter
from cmdarr.library.refresh import is_stale, refresh_library
from cmdarr.matching.pins import pins_for
from cmdarr.models.cancel import CancelToken
from cmdarr.models.clock import Clock
from cmdarr.models.match import Decision, Pin, Versions
from cmdarr.models.progress import Progress
from cmdarr.models.track import WantedTrack

MOST_REFRESHES = 2
MOST_LOOKUPS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolver:
    """What resolving works with: the index, how old it may be, and how the run is watched and stopped."""

    index: LibraryIndex
    ttl: timedelta
    clock: Clock
    cancel: CancelToken
    progress: Progress
    explain: bool = False
    """Whether matched tracks get all their nearest candidates too."""
    versions: Versions = "strict"
    memo: DecisionMemo | None = None
    """Where decisions are remembered; explanations never are."""


def explain_match(
    wanted: WantedTrack,
    server: MusicServer,
    index: LibraryIndex,
    pins: Iterable[Pin],
    *,
    ttl: timedelta,
    clock: Clock,
    cancel: CancelToken,
    progress: Progress,
) -> Decision:
    """Decide for one wanted track, with the three nearest candidates and why each was not taken."""
    decisions = resolve_tracks(
        [wanted],
        server,
        index,
        pins,
        ttl=ttl,
        clock=clock,
        cancel=cancel,
        progress=progress,
        explain=True,
    )
    return decisions[0]


def resolve_tracks(
    wanted: Sequence[WantedTrack],
    server: MusicServer,
    index: LibraryIndex,
    pins: Iterable[Pin],
    *,
    ttl: timedelta,
    clock: Clock,
    cancel: CancelToken,
    progress: Progress,
    explain: bool = False,
    versions: Versions = "strict",
    memo: DecisionMemo | None = None,
) -> list[Decision]:
    """Decide for every wanted track which track of the server it is, in the order of `wanted`.

    The index is refreshed first when it is absent or older than `ttl`. With a `memo`, what was decided before on the
    same ground is not decided again.

    Raises:
        SourceIncomplete: the server's library was read incompletely.
        ServiceError: the server failed.
    """
    resolver = Resolver(
        index=index,
        ttl=ttl,
        clock=clock,
        cancel=cancel,
        progress=progress,
        explain=explain,
        versions=versions,
        memo=None if explain else memo,
    )
    counting = pins_for(server.name, pins)
    try:
        decisions = _resolve_by_index(resolver, wanted, server, counting)
    except StorageError:
        decisions = None
    return _resolve_by_reading(resolver, wanted, server, counting) if decisions is None else decisions


def _resolve_by_index(
    resolver: Resolver, wanted: Sequence[WantedTrack], server: MusicServer, pins: Sequence[Pin]
) -> list[Decision] | None:
    """Resolve through the index; None when it does not stay, however often it is built."""
    sections = list(server.list_sections(resolver.cancel))
    refreshes = 0
    for _ in range(MOST_LOOKUPS):
        before = _states(resolver.index, server.name, sections)
        if before is None or (not refreshes and _is_any_stale(resolver, before)):
            if refreshes == MOST_REFRESHES:
                return None
            _refresh(resolver, server, resolver.index)
            refreshes += 1
            before = _states(resolver.index, server.name, sections)
        if before is None:
            return None
        decisions = _decide_by_index(
            resolver, wanted, sections, Ground(server.name, _tokens(before), tuple(pins), resolver.versions)
        )
        if decisions is not None:
            return decisions
    return None


def _decide_by_index(
    resolver: Resolver, wanted: Sequence[WantedTrack], sections: Sequence[str], ground: Ground
) -> list[Decision] | None:
    """Decide what is not remembered; None when the index changed meanwhile."""
    memo = resolver.memo
    known = [None] * len(wanted) if memo is None else memo.recall(ground, wanted)
    unknown = [track for track, decision in zip(wanted, known, strict=True) if decision is None]
    look_up = IndexLookUp(resolver.index, ground.server, sections)
    made = _decide(resolver, look_up, unknown, ground.pins) if unknown else []
    after = _states(resolver.index, ground.server, sections)
    if after is None or _tokens(after) != ground.tokens:
        return None
    if memo is not None:
        memo.remember(ground, made)
    new = iter(made)
    return [next(new) if decision is None else decision for decision in known]


def _resolve_by_reading(
    resolver: Resolver, wanted: Sequence[WantedTrack], server: MusicServer, pins: Sequence[Pin]
) -> list[Decision]:
    """Resolve without the cache: read the whole library once and keep only what the playlist asks for."""
    kept = KeptTracks.asked_for(wanted, pins)
    _refresh(resolver, server, kept)
    return _decide(resolver, kept, wanted, pins)


def _decide(
    resolver: Resolver, look_up: LookUp, wanted: Sequence[WantedTrack], pins: Sequence[Pin]
) -> list[Decision]:
    return decide_all(look_up, wanted, pins, explain=resolver.explain, versions=resolver.versions)


def _refresh(resolver: Resolver, server: MusicServer, tables: SectionWriter) -> None:
    refresh_library(server, tables, clock=resolver.clock, cancel=resolver.cancel, progress=resolver.progress)


def _states(index: LibraryIndex, server: str, sections: Sequence[str]) -> dict[str, SectionState] | None:
    """Return the state of each section by name, None when one of them is not in the index."""
    states = {state.section: state for state in index.info(server)}
    return {name: states[name] for name in sections} if states.keys() >= set(sections) else None


def _is_any_stale(resolver: Resolver, states: Mapping[str, SectionState]) -> bool:
    now = resolver.clock.now()
    return any(is_stale(state, resolver.ttl, now) for state in states.values())


def _tokens(states: Mapping[str, SectionState]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, state.token) for name, state in states.items()))
