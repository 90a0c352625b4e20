"""Looking tracks up by key, in batches for a whole playlist, and deciding with what is found."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from cmdarr.library.ports import KeyedTrack, LibraryIndex
from cmdarr.matching.decide import decide
from cmdarr.matching.keys import match_keys, nearest_keys, pin_keys
from cmdarr.matching.pins import find_pin
from cmdarr.models.match import Decision, Pin
from cmdarr.models.track import LibraryTrack, WantedTrack

MOST_NEAREST = 50
"""How many tracks of the same title are looked at when only candidates to name are sought."""

Found = Mapping[int, Sequence[LibraryTrack]]
LookUp = Callable[[Sequence[int]], Found]
"""Returns the tracks of each key that has any."""


@dataclass(frozen=True, slots=True)
class IndexLookUp:
    """Look-ups in those sections of the index that the server is configured with."""

    index: LibraryIndex
    server: str
    sections: Sequence[str]

    def __call__(self, keys: Sequence[int]) -> Found:
        """Return the tracks of each key."""
        found: dict[int, list[LibraryTrack]] = {}
        for section in self.sections:
            for key, tracks in self.index.find_by_keys(self.server, keys, section).items():
                found.setdefault(key, []).extend(tracks)
        return found


@dataclass(frozen=True, slots=True)
class KeptTracks:
    """Those tracks of a library that somebody asks for, picked out while it is read through."""

    asked: frozenset[int]
    kept: dict[int, list[LibraryTrack]] = field(default_factory=dict)

    @classmethod
    def asked_for(cls, wanted: Iterable[WantedTrack], pins: Sequence[Pin]) -> Self:
        """Return an empty set that keeps whatever the wanted tracks may need."""
        return cls(
            frozenset(key for track in wanted for key in (*_keys_of(track, pins), *nearest_keys(track)))
        )

    def replace_section(
        self, server: str, section: str, batches: Iterable[Sequence[KeyedTrack]], now: datetime
    ) -> int:
        """Keep what is asked for and return how many tracks went by."""
        del server, section, now
        count = 0
        for batch in batches:
            count += len(batch)
            for track, keys in batch:
                self.keep(track, keys)
        return count

    def keep(self, track: LibraryTrack, keys: Sequence[int]) -> None:
        """Keep a track by those of its keys that are asked for."""
        for key in self.asked.intersection(keys):
            self.kept.setdefault(key, []).append(track)

    def __call__(self, keys: Sequence[int]) -> Found:
        """Return the tracks of each key."""
        return {key: self.kept[key] for key in keys if key in self.kept}


def decide_all(
    look_up: LookUp, wanted: Sequence[WantedTrack], pins: Sequence[Pin], *, explain: bool = False
) -> list[Decision]:
    """Decide for every wanted track, in order.

    Two batches of look-ups: possible matches for all, then candidates to name for those that have none; with
    `explain` for every one.
    """
    keys = [_keys_of(track, pins) for track in wanted]
    found = look_up(_every(keys))
    decisions = [
        decide(track, _tracks(found, its_keys), pins) for track, its_keys in zip(wanted, keys, strict=True)
    ]
    missing = [place for place, decision in enumerate(decisions) if explain or decision.match is None]
    nearest = look_up(_every(nearest_keys(wanted[place]) for place in missing)) if missing else {}
    for place in missing:
        more = _fewest(_tracks(nearest, nearest_keys(wanted[place])))
        decisions[place] = decide(wanted[place], [*_tracks(found, keys[place]), *more], pins)
    return decisions


def _keys_of(track: WantedTrack, pins: Sequence[Pin]) -> tuple[int, ...]:
    pin = find_pin(track, pins)
    return match_keys(track) + (pin_keys(pin.target) if pin and pin.target else ())


def _every(keys: Iterable[Sequence[int]]) -> list[int]:
    return list(dict.fromkeys(key for some in keys for key in some))


def _tracks(found: Found, keys: Sequence[int]) -> list[LibraryTrack]:
    return [track for key in keys for track in found.get(key, ())]


def _fewest(tracks: Sequence[LibraryTrack]) -> list[LibraryTrack]:
    """Cut a long list of namesakes ("Intro") down, always to the same ones."""
    return sorted(tracks, key=lambda track: track.server_id)[:MOST_NEAREST]
