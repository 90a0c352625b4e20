"""The decision for one wanted track: which library track it is, or none, with the evidence. Pure and deterministic.

Wrong is worse than missing: whatever no stage accepts is not matched. The order of candidates never matters.
"""

from collections.abc import Sequence
from typing import NamedTuple

from cmdarr.matching.comparison import Comparison, compare
from cmdarr.matching.evidence import nearest, version_name
from cmdarr.matching.near import REASONS, Near, near_matches
from cmdarr.matching.pins import find_pin, is_target
from cmdarr.matching.rank import rank
from cmdarr.matching.stages import PIN_SCORE, PIN_STAGE, STAGES, stage_of
from cmdarr.models.match import Candidate, Decision, Pin, PinTarget, Versions
from cmdarr.models.track import LibraryTrack, WantedTrack

TOO_CLOSE = 0.05
"""Two misspelt titles whose scores are this near are equally near."""


class _Ground(NamedTuple):
    """By what a match is accepted."""

    stage: str
    score: float
    reason: str


def decide(
    wanted: WantedTrack,
    candidates: Sequence[LibraryTrack],
    pins: Sequence[Pin] = (),
    *,
    versions: Versions = "strict",
) -> Decision:
    """Decide which of the candidates the wanted track is; `pins` are those of the server (`pins_for`)."""
    decision = decide_exactly(wanted, candidates, pins, versions=versions)
    return decision or decide_nearly(wanted, candidates, versions=versions)


def decide_exactly(
    wanted: WantedTrack,
    candidates: Sequence[LibraryTrack],
    pins: Sequence[Pin] = (),
    *,
    versions: Versions = "strict",
) -> Decision | None:
    """Decide by a pin or by an exact stage; None when neither says anything, and other spellings may be looked for."""
    pairs = compare(wanted, candidates, versions)
    pin = find_pin(wanted, pins)
    if pin is not None:
        return _decide_by_pin(wanted, pairs, pin)
    accepted = [(stage, pair) for pair in pairs if (stage := stage_of(pair)) is not None]
    if not accepted:
        return None
    if len(accepted) > 1:
        accepted.sort(key=lambda ranked: rank(*ranked))
    if _is_ambiguous([pair for _, pair in accepted]):
        return _abstain(wanted, pairs, "several versions fit and nothing tells which; pin one in pins.yaml")
    stage, best = accepted[0]
    by = STAGES[stage]
    return _accept(wanted, pairs, best, _Ground(by.name, by.score, by.reason))


def decide_nearly(
    wanted: WantedTrack, candidates: Sequence[LibraryTrack], *, versions: Versions = "strict"
) -> Decision:
    """Decide where no exact stage did: by another reading, script or spelling, and last by another version."""
    pairs = compare(wanted, candidates, versions)
    decision = _decide_by_likeness(wanted, pairs, versions)
    if decision.match is None and versions == "prefer":
        other = decide(wanted, candidates, versions="any")
        return decision if other.match is None else other
    return decision


def _decide_by_likeness(wanted: WantedTrack, pairs: Sequence[Comparison], versions: Versions) -> Decision:
    """Accept the nearest spelling; abstain when two different titles are equally near."""
    accepted = sorted(
        near_matches(wanted, pairs, versions),
        key=lambda near: (-near.score, near.errors, rank(0, near.pair)),
    )
    if not accepted:
        return _abstain(wanted, pairs, None)
    best = accepted[0]
    if any(_is_rival(best, near) for near in accepted[1:]):
        return _abstain(wanted, pairs, "titles that differ are equally near; pin one in pins.yaml")
    return _accept(wanted, pairs, best.pair, _Ground(best.stage, best.score, REASONS[best.stage]))


def _is_rival(best: Near, near: Near) -> bool:
    """Whether another title is as near as the best one, which itself is misspelt."""
    return (
        best.errors > 0
        and near.errors <= best.errors
        and best.score - near.score < TOO_CLOSE
        and best.pair.found.title.key != near.pair.found.title.key
    )


def _accept(wanted: WantedTrack, pairs: Sequence[Comparison], best: Comparison, by: _Ground) -> Decision:
    is_other = not best.is_wanted_version and by.stage != PIN_STAGE
    return Decision(
        wanted=wanted,
        match=best.track,
        stage=by.stage,
        score=by.score,
        reason=f"{by.reason}; this is {version_name(best.found.kinds)}" if is_other else by.reason,
        candidates=nearest(pairs, best, by.score),
    )


def _decide_by_pin(wanted: WantedTrack, pairs: Sequence[Comparison], pin: Pin) -> Decision:
    if pin.target is None:
        return _abstain(wanted, pairs, "pins.yaml says that it never matches", PIN_STAGE)
    pinned = [pair for pair in pairs if is_target(pair.track, pin.target)]
    if not pinned:
        return _abstain(wanted, pairs, _missing_target(pin.target), PIN_STAGE)
    best = min(pinned, key=lambda pair: rank(0, pair))
    return _accept(wanted, pairs, best, _Ground(PIN_STAGE, PIN_SCORE, "pins.yaml names it"))


def _missing_target(target: PinTarget) -> str:
    return f"pins.yaml names “{target.artist} – {target.title}”, which the library does not have"


def _abstain(
    wanted: WantedTrack, pairs: Sequence[Comparison], reason: str | None, stage: str = ""
) -> Decision:
    found = nearest(pairs, None)
    if reason is None:
        reason = _why_nothing(found)
    return Decision(wanted=wanted, match=None, stage=stage, score=0.0, reason=reason, candidates=found)


def _why_nothing(found: Sequence[Candidate]) -> str:
    if not found:
        return "the library has no track of that title"
    best = found[0]
    return f"nearest is “{best.track.artist} – {best.track.title}”: {best.reason}"


def _is_ambiguous(accepted: Sequence[Comparison]) -> bool:
    """Whether the wish says "live" only, and the library has it from several places."""
    best = accepted[0]
    version = best.wanted.title.version
    if not version.kinds or version.detail or best.same_album or best.has_close_duration:
        return False
    if best.same_recording_mbid or not best.found.title.version.detail:
        return False
    return any(pair.found.title.version != best.found.title.version for pair in accepted[1:])
