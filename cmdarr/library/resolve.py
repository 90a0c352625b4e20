"""Resolving: the wanted tracks of a whole playlist to the tracks of one server, through the index.

The index lives in a file that may be deleted at any moment. A vanished or emptied index must never look like
"nothing matches", so its tokens are compared before and after the look-ups; what happened in between is looked up
again, and when the cache cannot be used at all the server's own tracks are read through once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cmdarr.errors import StorageError
from cmdarr.library.ports import KeyedTrack, LibraryIndex, MusicServer, SectionState
from cmdarr.library.refresh import is_stale, refresh_library
from cmdarr.matching.decide import decide
from cmdarr.matching.keys import match_keys, nearest_keys, pin_keys
from cmdarr.matching.pins import find_pin, pins_for
from cmdarr.models.cancel import CancelToken
from cmdarr.models.clock import Clock
from cmdarr.models.match import Decision, Pin
from cmdarr.models.progress import Progress
from cmdarr.models.track import LibraryTrack, WantedTrack

MOST_REFRESHES = 2
MOST_LOOKUPS = 4
MOST_NEAREST = 50
"""How many tracks of the same title are looked at when only candidates to name are sought."""

_Found = Mapping[int, Sequence[LibraryTrack]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolver:
    """What resolving works with: the index, how old it may be, and how the run is watched and stopped."""

    index: LibraryIndex
    ttl: timedelta
    clock: Clock
    cancel: CancelToken
    progress: Progress


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
) -> list[Decision]:
    """Decide for every wanted track which track of the server it is, in the order of `wanted`.

    The index is refreshed first when it is absent or older than `ttl`.

    Raises:
        SourceIncomplete: the server's library was read incompletely.
        ServiceError: the server failed.
    """
    resolver = Resolver(index=index, ttl=ttl, clock=clock, cancel=cancel, progress=progress)
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
            _refresh(resolver, server)
            refreshes += 1
            before = _states(resolver.index, server.name, sections)
        if before is None:
            continue
        decisions = _decide_all(_IndexLookUp(resolver.index, server.name, sections), wanted, pins)
        if _tokens(_states(resolver.index, server.name, sections)) == _tokens(before):
            return decisions
    return None


def _refresh(resolver: Resolver, server: MusicServer) -> None:
    refresh_library(
        server, resolver.index, clock=resolver.clock, cancel=resolver.cancel, progress=resolver.progress
    )


def _states(index: LibraryIndex, server: str, sections: Sequence[str]) -> dict[str, SectionState] | None:
    """Return the state of each section by name, None when one of them is not in the index."""
    states = {state.section: state for state in index.info(server)}
    return {name: states[name] for name in sections} if states.keys() >= set(sections) else None


def _is_any_stale(resolver: Resolver, states: Mapping[str, SectionState]) -> bool:
    now = resolver.clock.now()
    return any(is_stale(state, resolver.ttl, now) for state in states.values())


def _tokens(states: Mapping[str, SectionState] | None) -> dict[str, str] | None:
    return None if states is None else {name: state.token for name, state in states.items()}


@dataclass(frozen=True, slots=True)
class _IndexLookUp:
    """Look-ups in those sections of the index that the server is configured with."""

    index: LibraryIndex
    server: str
    sections: Sequence[str]

    def __call__(self, keys: Sequence[int]) -> _Found:
        found: dict[int, list[LibraryTrack]] = {}
        for section in self.sections:
            for key, tracks in self.index.find_by_keys(self.server, keys, section).items():
                found.setdefault(key, []).extend(tracks)
        return found


def _decide_all(
    look_up: Callable[[Sequence[int]], _Found], wanted: Sequence[WantedTrack], pins: Sequence[Pin]
) -> list[Decision]:
    """Decide with two batches of look-ups: possible matches for all, then candidates to name for the rest."""
    keys = [_keys_of(track, pins) for track in wanted]
    found = look_up(_every(keys))
    decisions = [
        decide(track, _tracks(found, track_keys_), pins)
        for track, track_keys_ in zip(wanted, keys, strict=True)
    ]
    missing = [place for place, decision in enumerate(decisions) if decision.match is None]
    nearest = look_up(_every(nearest_keys(wanted[place]) for place in missing)) if missing else {}
    for place in missing:
        known = _tracks(found, keys[place])
        more = _tracks(nearest, nearest_keys(wanted[place]))
        decisions[place] = decide(wanted[place], [*known, *_fewest(more)], pins)
    return decisions


def _keys_of(track: WantedTrack, pins: Sequence[Pin]) -> tuple[int, ...]:
    pin = find_pin(track, pins)
    return match_keys(track) + (pin_keys(pin.target) if pin and pin.target else ())


def _every(keys: Iterable[Sequence[int]]) -> list[int]:
    return list(dict.fromkeys(key for some in keys for key in some))


def _tracks(found: _Found, keys: Sequence[int]) -> list[LibraryTrack]:
    return [track for key in keys for track in found.get(key, ())]


def _fewest(tracks: Sequence[LibraryTrack]) -> list[LibraryTrack]:
    """Cut a long list of namesakes ("Intro") down, always to the same ones."""
    return sorted(tracks, key=lambda track: track.server_id)[:MOST_NEAREST]


@dataclass(frozen=True, slots=True)
class _KeptTracks:
    """Those tracks of a server that somebody asks for, picked out while its library is read through."""

    asked: frozenset[int]
    kept: dict[int, list[LibraryTrack]]

    def replace_section(
        self, server: str, section: str, batches: Iterable[Sequence[KeyedTrack]], now: datetime
    ) -> int:
        """Keep what is asked for and return how many tracks went by."""
        del server, section, now
        count = 0
        for batch in batches:
            count += len(batch)
            for track, keys in batch:
                for key in self.asked.intersection(keys):
                    self.kept.setdefault(key, []).append(track)
        return count

    def __call__(self, keys: Sequence[int]) -> _Found:
        return {key: self.kept[key] for key in keys if key in self.kept}


def _resolve_by_reading(
    resolver: Resolver, wanted: Sequence[WantedTrack], server: MusicServer, pins: Sequence[Pin]
) -> list[Decision]:
    """Resolve without the cache: read the whole library once and keep only what the playlist asks for."""
    asked = frozenset(key for track in wanted for key in (*_keys_of(track, pins), *nearest_keys(track)))
    kept = _KeptTracks(asked, {})
    refresh_library(server, kept, clock=resolver.clock, cancel=resolver.cancel, progress=resolver.progress)
    return _decide_all(kept, wanted, pins)
