"""Decisions that outlive a run: what a user has dismissed, ignored, hidden or starred, what waits, and cool-downs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class DecisionKind(StrEnum):
    """What was decided; says what `subject` and `item` of a `UserDecision` are."""

    ARTIST_DISMISSED = "artist_dismissed"
    """Never propose the artist (MBID) again."""
    ALBUM_DISMISSED = "album_dismissed"
    """Never show the release of the artist (MBID) again; item: title, release date."""
    ARTIST_IGNORED = "artist_ignored"
    """Look for no new releases of the artist (MBID)."""
    ARTIST_HIDDEN = "artist_hidden"
    """Show no events of the artist (MBID)."""
    EVENT_HIDDEN = "event_hidden"
    """Do not show the event of the artist (MBID); item: local date, venue, city."""
    EVENT_STARRED = "event_starred"
    """The user is interested in the event of the artist (MBID); item as for hidden events."""
    FESTIVAL_HIDDEN = "festival_hidden"
    """Do not show the festival; subject: its key."""
    RELEASE_PENDING = "release_pending"
    """A release of the artist (MBID) waits for the user; item as for dismissed albums."""
    ARTIST_ASKED = "artist_asked"
    """The artist (MBID) was asked for similar ones; not again before `until`; item: the command."""
    ARTIST_ADDED = "artist_added"
    """The artist (MBID) was added to the catalogue by the command `source`; kept until the day is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDecision:
    """One decision, unique by kind, subject and item. Times are aware UTC; `until` None means for ever.

    `name` is for people. `source` says who decided (`cli`, `web`, `import`, a command), `reason` why, as far as it
    is known. `details` is JSON-ready and free: what the pages show of it.
    """

    kind: DecisionKind
    subject: str
    decided_at: datetime
    item: str = ""
    name: str = ""
    until: datetime | None = None
    source: str = ""
    reason: str = ""
    details: Mapping[str, object] = field(default_factory=dict)


def item_of(*parts: str) -> str:
    """Return the `item` of a decision: its parts as one text that is equal only where all parts are."""
    return json.dumps(parts, ensure_ascii=False)
