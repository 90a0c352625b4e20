"""Looking tracks up by key, in batches for a whole playlist, and deciding with what is found."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from cmdarr.library.ports import Keyer, LibraryIndex
from cmdarr.matching.comparison import compare
from cmdarr.matching.decide import decide, decide_exactly, decide_nearly
from cmdarr.matching.keys import match_keys, near_keys, pin_keys
from cmdarr.matching.near import near_matches
from cmdarr.matching.pins import find_pin
from cmdarr.models.match import Decision, Pin, Versions
from cmdarr.models.track import LibraryTrack, WantedTrack

MOST_NEAREST = 50
"""How many tracks of the same title are looked at when only candidates to name are sought."""

AT_ONCE = 100
"""How many wanted tracks are looked up together."""

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
        return cls(frozenset(key for track in wanted for key in (*_keys_of(track, pins), *near_keys(track))))

    def replace_section(
        self,
        server: str,
        section: str,
        batches: Iterable[Sequence[LibraryTrack]],
        keyer: Keyer,
        now: datetime,
    ) -> int:
        """Keep what is asked for and return how many tracks went by."""
        del server, section, now
        count = 0
        for batch in batches:
            count += len(batch)
            for track, keys in zip(batch, keyer(batch), strict=True):
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
    look_up: LookUp,
    wanted: Sequence[WantedTrack],
    pins: Sequence[Pin],
    *,
    explain: bool = False,
    versions: Versions = "strict",
) -> list[Decision]:
    """Decide for every wanted track, in order, part by part: so memory stays flat, however long a playlist is."""
    parts = (wanted[start : start + AT_ONCE] for start in range(0, len(wanted), AT_ONCE))
    return [
        decision
        for part in parts
        for decision in _decide_part(look_up, part, pins, explain=explain, versions=versions)
    ]


def _decide_part(
    look_up: LookUp, wanted: Sequence[WantedTrack], pins: Sequence[Pin], *, explain: bool, versions: Versions
) -> list[Decision]:
    """Decide with two batches of look-ups.

    First the exact keys of all, then wider ones (other spellings, namesakes) for those that no exact stage decided;
    with `explain` for every one.
    """
    keys = [_keys_of(track, pins) for track in wanted]
    found = look_up(_every(keys))
    decisions = [
        decide_exactly(track, _tracks(found, its_keys), pins, versions=versions)
        for track, its_keys in zip(wanted, keys, strict=True)
    ]
    wider = {
        place: near_keys(wanted[place])
        for place, decision in enumerate(decisions)
        if explain or decision is None or decision.match is None
    }
    nearest = look_up(_every(wider.values())) if wider else {}
    for place, its_keys in wider.items():
        asked, sure = wanted[place], decisions[place] is None and not explain
        every = [*_tracks(found, keys[place]), *_fewest(asked, _tracks(nearest, its_keys))]
        decisions[place] = (
            decide_nearly(asked, every, versions=versions)
            if sure
            else decide(asked, every, pins, versions=versions)
        )
    return [decision for decision in decisions if decision is not None]


def _keys_of(track: WantedTrack, pins: Sequence[Pin]) -> tuple[int, ...]:
    pin = find_pin(track, pins)
    return match_keys(track) + (pin_keys(pin.target) if pin and pin.target else ())


def _every(keys: Iterable[Sequence[int]]) -> list[int]:
    return list(dict.fromkeys(key for some in keys for key in some))


def _tracks(found: Found, keys: Sequence[int]) -> list[LibraryTrack]:
    return [track for key in keys for track in found.get(key, ())]


def _fewest(wanted: WantedTrack, tracks: Sequence[LibraryTrack]) -> list[LibraryTrack]:
    """Cut a long list of namesakes ("Intro") down: what may match stays, of the others always the same ones."""
    if len(tracks) <= MOST_NEAREST:
        return list(tracks)
    near = [match.pair.track for match in near_matches(wanted, compare(wanted, tracks, "any"), "any")]
    return near + sorted(tracks, key=lambda track: track.server_id)[:MOST_NEAREST]
