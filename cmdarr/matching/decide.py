"""The decision for one wanted track: which library track it is, or none, with the evidence. Pure and deterministic.

Wrong is worse than missing: whatever no stage accepts is not matched. The order of candidates never matters.
"""

from collections.abc import Sequence

from cmdarr.matching.comparison import ArtistRelation, Comparison, profile
from cmdarr.matching.pins import find_pin, is_target
from cmdarr.matching.stages import PIN_SCORE, PIN_STAGE, STAGES, stage_of
from cmdarr.models.match import Candidate, Decision, Pin, PinTarget
from cmdarr.models.track import LibraryTrack, WantedTrack

MOST_CANDIDATES = 3
_FAR_MS = 1 << 40
_Ranked = tuple[int | None, Comparison]


def decide(wanted: WantedTrack, candidates: Sequence[LibraryTrack], pins: Sequence[Pin] = ()) -> Decision:
    """Decide which of the candidates the wanted track is; `pins` are those of the server (`pins_for`)."""
    pairs = _compare(wanted, candidates)
    pin = find_pin(wanted, pins)
    if pin is not None:
        return _decide_by_pin(wanted, pairs, pin)
    accepted = sorted(
        ((stage, pair) for pair in pairs if (stage := stage_of(pair)) is not None),
        key=lambda ranked: _rank(*ranked),
    )
    if not accepted:
        return _abstain(wanted, pairs, None)
    if _is_ambiguous([pair for _, pair in accepted]):
        return _abstain(wanted, pairs, "several versions fit and nothing tells which; pin one in pins.yaml")
    stage, best = accepted[0]
    return Decision(
        wanted=wanted,
        match=best.track,
        stage=STAGES[stage].name,
        score=STAGES[stage].score,
        reason=STAGES[stage].reason,
        candidates=_nearest(pairs, best, STAGES[stage].score),
    )


def _compare(wanted: WantedTrack, candidates: Sequence[LibraryTrack]) -> list[Comparison]:
    """Pair the wanted track with each candidate once."""
    unique = {track.server_id: track for track in candidates}
    asked = profile(wanted)
    return [Comparison(asked, profile(track), track) for track in unique.values()]


def _decide_by_pin(wanted: WantedTrack, pairs: Sequence[Comparison], pin: Pin) -> Decision:
    if pin.target is None:
        return Decision(
            wanted=wanted,
            match=None,
            stage=PIN_STAGE,
            score=0.0,
            reason="pins.yaml says that it never matches",
            candidates=_nearest(pairs, None),
        )
    pinned = [pair for pair in pairs if is_target(pair.track, pin.target)]
    if not pinned:
        return _abstain(wanted, pairs, _missing_target(pin.target), PIN_STAGE)
    best = min(pinned, key=lambda pair: _rank(0, pair))
    return Decision(
        wanted=wanted,
        match=best.track,
        stage=PIN_STAGE,
        score=PIN_SCORE,
        reason="pins.yaml names it",
        candidates=_nearest(pairs, best, PIN_SCORE),
    )


def _missing_target(target: PinTarget) -> str:
    return f"pins.yaml names “{target.artist} – {target.title}”, which the library does not have"


def _abstain(
    wanted: WantedTrack, pairs: Sequence[Comparison], reason: str | None, stage: str = ""
) -> Decision:
    nearest = _nearest(pairs, None)
    if reason is None:
        reason = _why_nothing(nearest)
    return Decision(wanted=wanted, match=None, stage=stage, score=0.0, reason=reason, candidates=nearest)


def _why_nothing(nearest: Sequence[Candidate]) -> str:
    if not nearest:
        return "the library has no track of that title"
    best = nearest[0]
    return f"nearest is “{best.track.artist} – {best.track.title}”: {best.reason}"


def _rank(stage: int, pair: Comparison) -> tuple[object, ...]:
    """Order what is accepted: stage, album, plainest edition, credit, duration, then things that never change."""
    track = pair.track
    return (
        stage,
        not pair.same_album,
        pair.edition_distance,
        pair.artist,
        pair.found.artist.whole != pair.found.album_artist.whole,
        pair.duration_delta_ms if pair.duration_delta_ms is not None else _FAR_MS,
        track.year or 9999,
        track.album,
        track.disc or 0,
        track.number or 0,
        str(track.server_id),
    )


def _is_ambiguous(accepted: Sequence[Comparison]) -> bool:
    """Whether the wish says "live" only, and the library has it from several places."""
    best = accepted[0]
    version = best.wanted.title.version
    if not version.kinds or version.detail or best.same_album or best.has_close_duration:
        return False
    if best.same_recording_mbid or not best.found.title.version.detail:
        return False
    return any(pair.found.title.version != best.found.title.version for pair in accepted[1:])


def _nearest(
    pairs: Sequence[Comparison], taken: Comparison | None, score: float = 0.0
) -> tuple[Candidate, ...]:
    """Return the nearest candidates, the one taken first, each other one with why it was not."""
    others = sorted(
        (pair for pair in pairs if pair is not taken),
        key=lambda pair: (-_nearness(pair), _rank(0, pair)),
    )
    found = [Candidate(track=taken.track, score=score)] if taken else []
    found += [
        Candidate(track=pair.track, score=_nearness(pair), reason=why_not(pair))
        for pair in others[: MOST_CANDIDATES - len(found)]
    ]
    return tuple(found)


_ARTIST_NEARNESS = {
    ArtistRelation.SAME: 0.4,
    ArtistRelation.SAME_WITH_GUESTS: 0.4,
    ArtistRelation.ALBUM_ARTIST: 0.35,
    ArtistRelation.FIRST: 0.3,
    ArtistRelation.PART: 0.25,
    ArtistRelation.OTHER: 0.0,
}


def _nearness(pair: Comparison) -> float:
    """Say how near a candidate came, below any accepted one: 0.0 to 0.85."""
    title = 0.3 if pair.same_title or pair.same_title_but_for_spaces else 0.0
    version = 0.1 if pair.same_version else 0.0
    duration = 0.0 if pair.is_vetoed else 0.05
    return round(_ARTIST_NEARNESS[pair.artist] + title + version + duration, 2)


def why_not(pair: Comparison) -> str:  # noqa: PLR0911 - one answer a rule
    """Say why a candidate was not taken: the first thing that differs."""
    if not (pair.same_title or pair.same_title_but_for_spaces):
        return "the title differs"
    if pair.artist == ArtistRelation.OTHER:
        return "it is by another artist"
    if not pair.same_version and pair.found.kinds == pair.wanted.kinds:
        return f"this is {_version(pair.found.kinds)}, but another one"
    if not pair.same_version:
        return f"this is {_version(pair.found.kinds)}, wanted is {_version(pair.wanted.kinds)}"
    if pair.is_vetoed:
        return f"the durations differ by {(pair.duration_delta_ms or 0) // 1000} s"
    if stage_of(pair) is None:
        return "the artists agree only in part, and neither album nor duration speaks for it"
    return "another one is nearer"


def _version(kinds: frozenset[str]) -> str:
    if kinds == {"other"}:
        return "another version"
    names = sorted(kinds - {"other"})
    return f"the {' '.join(names)} version" if names else "the studio version"
