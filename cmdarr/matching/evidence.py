"""The evidence of a decision: how near each candidate came, and why it was not taken. Pure."""

from collections.abc import Sequence

from cmdarr.matching.comparison import ArtistRelation, Comparison
from cmdarr.matching.rank import rank
from cmdarr.matching.spelling import is_misspelt_title
from cmdarr.matching.stages import stage_of
from cmdarr.models.match import Candidate

MOST_CANDIDATES = 3
_ARTIST_NEARNESS = {
    ArtistRelation.SAME: 0.4,
    ArtistRelation.SAME_WITH_GUESTS: 0.4,
    ArtistRelation.ALBUM_ARTIST: 0.35,
    ArtistRelation.FIRST: 0.3,
    ArtistRelation.PART: 0.25,
    ArtistRelation.OTHER: 0.0,
}


def nearest(
    pairs: Sequence[Comparison], taken: Comparison | None, score: float = 0.0
) -> tuple[Candidate, ...]:
    """Return the nearest candidates, the one taken first, each other one with why it was not."""
    if taken is not None and len(pairs) == 1:
        return (Candidate(track=taken.track, score=score),)
    others = sorted(
        (pair for pair in pairs if taken is None or pair.track.server_id != taken.track.server_id),
        key=lambda pair: (-_nearness(pair), rank(0, pair)),
    )
    found = [Candidate(track=taken.track, score=score)] if taken else []
    found += [
        Candidate(track=pair.track, score=_nearness(pair), reason=why_not(pair))
        for pair in others[: MOST_CANDIDATES - len(found)]
    ]
    return tuple(found)


def _nearness(pair: Comparison) -> float:
    """Say how near a candidate came, below any accepted one: 0.0 to 0.85."""
    title = 0.3 if _has_same_title(pair) else 0.2 if _is_misspelt(pair) else 0.0
    version = 0.1 if pair.is_wanted_version else 0.0
    duration = 0.0 if pair.is_vetoed else 0.05
    return round(_ARTIST_NEARNESS[pair.artist] + title + version + duration, 2)


def why_not(pair: Comparison) -> str:  # noqa: PLR0911 - one answer a rule
    """Say why a candidate was not taken: the first thing that differs."""
    if not _has_same_title(pair):
        return _why_not_by_title(pair)
    if pair.artist == ArtistRelation.OTHER:
        return "it is by another artist"
    if not pair.same_version and pair.found.kinds == pair.wanted.kinds:
        return f"this is {version_name(pair.found.kinds)}, but another one"
    if not pair.same_version:
        return f"this is {version_name(pair.found.kinds)}, wanted is {version_name(pair.wanted.kinds)}"
    if pair.is_vetoed:
        return f"the durations differ by {(pair.duration_delta_ms or 0) // 1000} s"
    if stage_of(pair) is None:
        return "the artists agree only in part, and neither album nor duration speaks for it"
    return "another one is nearer"


def _why_not_by_title(pair: Comparison) -> str:
    if pair.artist == ArtistRelation.OTHER or not _is_misspelt(pair):
        return "the title differs"
    return "the title is spelt otherwise, and neither album nor duration speaks for it"


def _has_same_title(pair: Comparison) -> bool:
    return pair.same_title or pair.same_title_but_for_spaces


def _is_misspelt(pair: Comparison) -> bool:
    one, other = pair.wanted.title.name, pair.found.title.name
    return bool(one and other) and is_misspelt_title(one, other)


def version_name(kinds: frozenset[str]) -> str:
    """Name a version in a sentence."""
    if kinds == {"other"}:
        return "another version"
    names = sorted(kinds - {"other"})
    return f"the {' '.join(names)} version" if names else "the studio version"
