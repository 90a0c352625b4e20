"""Choosing the best candidates: each is identified only when its turn comes, so that few look-ups are needed."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from cmdarr.library.discovery.candidates import Candidate
from cmdarr.library.discovery.identify import UNVERIFIED
from cmdarr.library.discovery.lookups import LookUpFailure
from cmdarr.library.discovery.standing import Reason, Standing
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
        """Return the best, best first; `left_out` counts the others that were looked at, by reason."""
        waiting = {each.key: each for each in candidates if self._may_be_proposed(each)}
        heap = [(each.rank, each.key) for each in waiting.values()]
        heapq.heapify(heap)
        chosen: dict[str, Choice] = {}
        while heap and len(chosen) < self.limit:
            rank, key = heapq.heappop(heap)
            candidate = waiting.get(key)
            if candidate is None or candidate.rank != rank:  # joined with another meanwhile
                continue
            del waiting[key]
            found = self._settle(candidate)
            if found is None or found.candidate.key in chosen:
                continue
            if self._join(found, waiting, heap):
                continue
            if self._may_be_proposed(found.candidate):
                chosen[found.candidate.key] = found
        return list(chosen.values())

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

    def _join(
        self,
        found: Choice,
        waiting: dict[str, Candidate],
        heap: list[tuple[tuple[float, float, str], str]],
    ) -> bool:
        """Join a candidate with a waiting one that it turned out to be, and put it back by its new rank."""
        key = found.candidate.key
        other = waiting.get(key)
        if other is None:
            return False
        joined = found.candidate.joined(other)
        self._identified[key] = replace(found, candidate=joined)
        waiting[key] = joined
        heapq.heappush(heap, (joined.rank, key))
        return True


def counted(reasons: Mapping[Reason, int]) -> dict[str, int]:
    """Return counts by reason, without the zeros."""
    return {str(reason): count for reason, count in sorted(reasons.items()) if count}
