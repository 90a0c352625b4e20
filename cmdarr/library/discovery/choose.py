"""Choosing the best candidates: each is identified only when its turn comes, so that few look-ups are needed."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from cmdarr.library.discovery.candidates import Candidate, Rank
from cmdarr.library.discovery.identify import UNVERIFIED
from cmdarr.library.discovery.lookups import LookUpFailure
from cmdarr.library.discovery.standing import Reason, Standing
from cmdarr.matching.fold import fold
from cmdarr.models.artist import IdentifiedArtist

MOST_IDENTIFIED = 300
"""Look-ups of one run at most, or three for each artist wanted: MusicBrainz answers one a second."""

Identify: TypeAlias = Callable[[Candidate], IdentifiedArtist | LookUpFailure | None]
"""Says who a candidate is: None when that is not safe to tell, a failure when nobody could say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A candidate that is proposed; `reason` says why it is the one."""

    candidate: Candidate
    reason: str = ""


@dataclass(slots=True)
class Chooser:
    """Takes the best candidates that nothing speaks against. For one run."""

    standing: Standing
    identify: Identify
    limit: int
    min_match: float = 0.0
    left_out: Counter[Reason] = field(default_factory=Counter)
    _identified: dict[str, Choice] = field(default_factory=dict)
    _looked_up: int = 0

    def choose(self, candidates: Iterable[Candidate]) -> list[Choice]:
        """Return the best, best first; `left_out` counts the others that were looked at, by reason.

        Candidates of one name may be one artist, known by MBID to one service and by name to another: each is looked
        at as early as all of them together deserve, and waits again when it turns out to be alone.
        """
        queue = _Queue(each for each in candidates if self._may_be_proposed(each))
        chosen: dict[str, Choice] = {}
        while len(chosen) < self.limit and (next_one := queue.pop()):
            rank, candidate = next_one
            found = self._settle(candidate)
            if found is None:
                continue
            twin = queue.take(found.candidate.key)
            joined = found.candidate.joined(twin) if twin else found.candidate
            found = self._identified[joined.key] = replace(found, candidate=joined)
            same = chosen.get(joined.key)
            if same is not None:
                chosen[joined.key] = replace(same, candidate=same.candidate.joined(joined))
            elif joined.rank != rank:
                queue.put(joined)
            elif self._may_be_proposed(joined):
                chosen[joined.key] = found
        return sorted(chosen.values(), key=lambda choice: choice.candidate.rank)

    def _may_be_proposed(self, candidate: Candidate) -> bool:
        is_weak = candidate.match < self.min_match
        reason = self.standing.why_not(candidate.mbid, candidate.name) or ("weak_match" if is_weak else None)
        if reason is not None:
            self.left_out[reason] += 1
        return reason is None

    def _settle(self, candidate: Candidate) -> Choice | None:
        """Return who a candidate is, None when nobody can say safely."""
        if candidate.key in self._identified:
            return replace(self._identified[candidate.key], candidate=candidate)
        if self._looked_up >= max(MOST_IDENTIFIED, 3 * self.limit):
            found: IdentifiedArtist | LookUpFailure | None = None
        else:
            self._looked_up += 1
            found = self.identify(candidate)
        if isinstance(found, LookUpFailure) and candidate.mbid is not None:
            return Choice(candidate=candidate, reason=UNVERIFIED)
        if found is None or isinstance(found, LookUpFailure):
            self.left_out["unidentified"] += 1
            return None
        named = replace(candidate, mbid=found.mbid, name=found.name or candidate.name)
        return Choice(candidate=named, reason=found.reason)


class _Queue:
    """The candidates that wait, those with the best prospects first."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self._waiting = {candidate.key: candidate for candidate in candidates}
        by_name: dict[str, Candidate] = {}
        for candidate in self._waiting.values():
            name = fold(candidate.name)
            by_name[name] = by_name[name].joined(candidate) if name in by_name else candidate
        self._heap = [
            ((*by_name[fold(candidate.name)].rank[:2], key), key) for key, candidate in self._waiting.items()
        ]
        heapq.heapify(self._heap)

    def pop(self) -> tuple[Rank, Candidate] | None:
        """Take the next one and the rank that it was given, None when nobody waits."""
        while self._heap:
            rank, key = heapq.heappop(self._heap)
            candidate = self.take(key)
            if candidate is not None:
                return rank, candidate
        return None

    def put(self, candidate: Candidate) -> None:
        """Let one wait by its own rank."""
        self._waiting[candidate.key] = candidate
        heapq.heappush(self._heap, (candidate.rank, candidate.key))

    def take(self, key: str) -> Candidate | None:
        """Take the one of a key, None when it does not wait."""
        return self._waiting.pop(key, None)


def counted(reasons: Mapping[Reason, int]) -> dict[str, int]:
    """Return counts by reason, without the zeros."""
    return {str(reason): count for reason, count in sorted(reasons.items()) if count}
