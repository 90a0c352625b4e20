"""Holding a doubtful change back: announced, and applied only when it lasts."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cmdarr.config.reload.doubt import Doubt, DoubtKind
from cmdarr.models.clock import Clock

HOLD_S = 10.0
"""So long a doubtful change waits before it is applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldChange:
    """A change that waits: why, since when, until when (None: until the files are back), and what it would remove."""

    kind: DoubtKind
    reason: str
    removed: tuple[str, ...]
    since: datetime
    until: datetime | None
    due: float | None
    """`until` on the monotonic clock."""


class Hold:
    """Remembers the change that waits. One doubt of another kind begins the waiting anew."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.change: HeldChange | None = None

    def weigh(self, doubt: Doubt | None) -> bool:
        """Whether the change must still wait; when not, nothing is held any longer."""
        held = self.change
        if doubt is None:
            self.change = None
        elif held is None or (held.kind, held.due is None) != (doubt.kind, doubt.is_lasting):
            self.change = self._begin(doubt)
        elif held.due is not None and self._clock.monotonic() >= held.due:
            self.change = None
        else:
            self.change = replace(held, reason=doubt.reason, removed=doubt.removed)
        return self.change is not None

    def _begin(self, doubt: Doubt) -> HeldChange:
        now = self._clock.now()
        return HeldChange(
            kind=doubt.kind,
            reason=doubt.reason,
            removed=doubt.removed,
            since=now,
            until=None if doubt.is_lasting else now + timedelta(seconds=HOLD_S),
            due=None if doubt.is_lasting else self._clock.monotonic() + HOLD_S,
        )
