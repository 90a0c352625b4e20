"""The decision of the matcher, with the evidence for it."""

from dataclasses import dataclass
from typing import Literal

from cmdarr.models.track import LibraryTrack, WantedTrack

Versions = Literal["strict", "prefer", "any"]
"""`strict`: only the version that is wanted (live, remix, studio); `prefer`: another one where it is missing; `any`:
the version does not matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A library track that was considered; `reason` says why it was not taken (empty for the one taken)."""

    track: LibraryTrack
    score: float
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided for one wanted track.

    `match` is None when the matcher abstained. `stage` names the rule that decided (`pin`, `exact_album`,
    `exact`, …; empty when it abstained before any). `score` is 0.0 to 1.0. `candidates` holds at most the
    three nearest, best first.
    """

    wanted: WantedTrack
    match: LibraryTrack | None
    stage: str
    score: float
    reason: str
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PinTarget:
    """The library track a pin names by identity; `server` empty means every server."""

    artist: str
    title: str
    album: str = ""
    server: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A match decided by hand in `pins.yaml`; `target` None means `match: never`."""

    artist: str
    title: str
    album: str = ""
    target: PinTarget | None = None
