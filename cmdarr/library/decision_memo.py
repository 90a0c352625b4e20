"""Decisions remembered within the process: a playlist that nothing changed for costs next to nothing.

A decision holds for its ground only: the tokens of the index, the pins and the versions that it was made with. What
changes any of them makes the decision anew, so neither a miss nor a mistake lasts.
"""

from collections.abc import Iterable, Sequence
from threading import Lock
from typing import NamedTuple

from cmdarr.models.match import Decision, Pin, Versions
from cmdarr.models.track import WantedTrack


class Ground(NamedTuple):
    """All that a decision depends on beside the wanted track; `tokens` are those of the sections, by name."""

    server: str
    tokens: tuple[tuple[str, str], ...]
    pins: tuple[Pin, ...]
    versions: Versions


class DecisionMemo:
    """The last decisions, `most` at the utmost. Safe to share by threads."""

    def __init__(self, most: int = 4_000) -> None:
        self._most = most
        self._lock = Lock()
        self._held: dict[Ground, dict[WantedTrack, Decision]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def recall(self, ground: Ground, wanted: Sequence[WantedTrack]) -> list[Decision | None]:
        """Return the decision for each wanted track, None where there is none of that ground."""
        with self._lock:
            held = self._held.get(ground)
            return [None] * len(wanted) if held is None else list(map(held.get, wanted))

    def remember(self, ground: Ground, decisions: Iterable[Decision]) -> None:
        """Keep decisions; those made with a former index of the server go, and the oldest beyond the bound."""
        with self._lock:
            for other in [one for one in self._held if _is_outdated(one, ground)]:
                self._count -= len(self._held.pop(other))
            held = self._held.pop(ground, {})  # put back as the newest
            before = len(held)
            held.update((decision.wanted, decision) for decision in decisions)
            self._count += len(held) - before
            self._held[ground] = held
            self._shrink()

    def _shrink(self) -> None:
        """Drop the oldest decisions of the oldest ground until the bound holds."""
        while self._count > self._most:
            oldest, held = next(iter(self._held.items()))
            for wanted in list(held)[: self._count - self._most]:
                del held[wanted]
                self._count -= 1
            if not held:
                del self._held[oldest]


def _is_outdated(one: Ground, by: Ground) -> bool:
    return one.server == by.server and one.tokens != by.tokens
