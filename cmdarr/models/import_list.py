"""Import lists: artists and albums that are proposed to Lidarr, each with where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

ListedKind = Literal["artist", "album"]


class ListedState(StrEnum):
    """Where an entry stands."""

    LISTED = "listed"
    """Lidarr is told of it."""
    CONSUMED = "consumed"
    """Lidarr has it."""
    REMOVED = "removed"
    """It was taken off: too old, dismissed, or by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportListEntry:
    """One entry, unique by list, kind and MBID; times are aware UTC.

    `mbid` is an artist's, or a release group's for an album; `artist` is the name of an album's artist. `source`
    says who proposed it (a command), `score` how near it was (0.0 to 1.0, None where nothing was measured), and
    `details` what else is known of where it came from (JSON-ready and free). `state_at` is when the state changed.
    """

    list: str
    mbid: str
    name: str
    added_at: datetime
    kind: ListedKind = "artist"
    artist: str = ""
    source: str = ""
    score: float | None = None
    details: Mapping[str, object] = field(default_factory=dict)
    state: ListedState = ListedState.LISTED
    state_at: datetime | None = None
