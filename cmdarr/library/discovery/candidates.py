"""Candidates: artists that resemble seeds, with the evidence for each, their score and their order. Pure."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from cmdarr.matching.fold import fold
from cmdarr.models.artist import ArtistMbid, ArtistRef, SimilarArtist

Rank: TypeAlias = tuple[float, float, str]
_DIGITS = 6


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Evidence:
    """One service says that the candidate resembles one seed, and how much (0 to 1)."""

    match: float
    seed: str
    """The seed's name."""
    service: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An artist that may be proposed; without `mbid` it must be identified first."""

    name: str
    mbid: ArtistMbid | None
    evidence: tuple[Evidence, ...]

    @property
    def key(self) -> str:
        """What tells it from other candidates: its MBID, else its folded name."""
        return key_of(ArtistRef(name=self.name, mbid=self.mbid))

    @property
    def match(self) -> float:
        """The best single match."""
        return max((each.match for each in self.evidence), default=0.0)

    @property
    def score(self) -> float:
        """How strongly all evidence together speaks for it: 1 - product of (1 - match / 2).

        One perfect match gives 0.5, two 0.75: who resembles several of the seeds comes first. The sum is exact, so
        the order in which the evidence came makes no difference.
        """
        total = math.fsum(math.log1p(-each.match / 2) for each in self.evidence)
        return round(-math.expm1(total), _DIGITS)

    @property
    def rank(self) -> Rank:
        """Sorts the best first; the same for the same evidence."""
        return (-self.score, -self.match, self.key)

    @property
    def seeds(self) -> tuple[str, ...]:
        """The seeds that it resembles, the nearest first."""
        ordered = sorted(self.evidence, key=lambda each: (-each.match, each.seed))
        return tuple(dict.fromkeys(each.seed for each in ordered))

    @property
    def services(self) -> tuple[str, ...]:
        """The services that know of it."""
        return tuple(sorted({each.service for each in self.evidence}))

    def joined(self, other: "Candidate") -> "Candidate":
        """Return it with the evidence of another candidate that turned out to be the same artist."""
        return replace(self, evidence=_strongest((*self.evidence, *other.evidence)))


class Pool:
    """Collects what services say; order makes no difference."""

    def __init__(self) -> None:
        self._found: dict[str, dict[tuple[str, str], float]] = {}
        self._names: dict[str, ArtistRef] = {}

    def add(self, seed: str, service: str, similar: Iterable[SimilarArtist]) -> None:
        """Take what one service said about one seed."""
        for each in similar:
            if not each.artist.name.strip() and each.artist.mbid is None:
                continue
            key = key_of(each.artist)
            self._names[key] = min(self._names.get(key, each.artist), each.artist, key=lambda ref: ref.name)
            matches = self._found.setdefault(key, {})
            match = min(max(each.score, 0.0), 1.0)
            matches[service, seed] = max(match, matches.get((service, seed), 0.0))

    def __len__(self) -> int:
        return len(self._found)

    def candidates(self) -> Iterator[Candidate]:
        """Yield every candidate."""
        for key, matches in self._found.items():
            evidence = (
                Evidence(match=match, seed=seed, service=service)
                for (service, seed), match in matches.items()
            )
            artist = self._names[key]
            yield Candidate(name=artist.name, mbid=artist.mbid, evidence=tuple(sorted(evidence)))


def key_of(artist: ArtistRef) -> str:
    """Return what tells artists apart: the MBID, else the folded name behind a space."""
    return artist.mbid or f" {fold(artist.name)}"


def _strongest(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return one piece of evidence for each service and seed."""
    strongest: dict[tuple[str, str], Evidence] = {}
    for each in sorted(evidence):
        strongest[each.service, each.seed] = each
    return tuple(sorted(strongest.values()))
