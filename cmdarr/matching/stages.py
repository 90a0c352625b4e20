"""The stages of the matcher: rules in the order of their strength. A later stage is one more row of the table. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from cmdarr.matching.comparison import ArtistRelation, Comparison

SURE_MS = 2_000
"""Durations this near confirm an identifier even where titles are written differently."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One rule: its name in the evidence, what a match by it is worth, when it accepts, and how it says so."""

    name: str
    score: float
    accepts: Callable[[Comparison], bool]
    reason: str


def _is_same_name(pair: Comparison) -> bool:
    return pair.same_version and not pair.is_vetoed and (pair.same_title or pair.same_title_but_for_spaces)


def _has_sure_duration(pair: Comparison) -> bool:
    return pair.duration_delta_ms is not None and pair.duration_delta_ms <= SURE_MS


def _by_recording_mbid(pair: Comparison) -> bool:
    return pair.same_recording_mbid and (
        _is_same_name(pair)
        or _has_sure_duration(pair)
        or (pair.same_version and pair.duration_delta_ms is not None and not pair.is_vetoed)
    )


def _by_isrc(pair: Comparison) -> bool:
    """An ISRC is shared by several recordings (the movements of a symphony), so it needs a second witness."""
    return pair.same_isrc and (_is_same_name(pair) or _has_sure_duration(pair))


def _by_album(pair: Comparison) -> bool:
    return pair.same_album and _by_name(pair)


def _by_name(pair: Comparison) -> bool:
    return (
        pair.same_title
        and pair.artist <= ArtistRelation.ALBUM_ARTIST
        and pair.same_version
        and not pair.is_vetoed
    )


def _by_part_of_credit(pair: Comparison) -> bool:
    """Accept "A" for "A & B" when A is named in full; else album or duration must speak for it."""
    if not pair.same_title or not pair.same_version or pair.is_vetoed:
        return False
    if pair.artist == ArtistRelation.PART:
        return pair.same_album or pair.has_close_duration
    return pair.artist < ArtistRelation.PART


def _by_spacing(pair: Comparison) -> bool:
    return (
        pair.same_title_but_for_spaces
        and pair.artist <= ArtistRelation.ALBUM_ARTIST
        and pair.same_version
        and not pair.is_vetoed
    )


STAGES: tuple[Stage, ...] = (
    Stage("recording_mbid", 1.0, _by_recording_mbid, "the recording MBID is the same"),
    Stage("isrc", 0.99, _by_isrc, "the ISRC is the same"),
    Stage("exact_album", 0.98, _by_album, "artist, title and album are the same"),
    Stage("exact", 0.95, _by_name, "artist and title are the same"),
    Stage("credit", 0.9, _by_part_of_credit, "the title is the same and the artists are named in part"),
    Stage("spacing", 0.9, _by_spacing, "artist and title differ in spaces only"),
)
"""Every stage, strongest first; the first that accepts a candidate decides where the candidate stands."""
PIN_STAGE = "pin"
PIN_SCORE = 1.0


def stage_of(pair: Comparison) -> int | None:
    """Return the index of the first stage that accepts the pair, None when none does."""
    for index, stage in enumerate(STAGES):
        if stage.accepts(pair):
            return index
    return None
