"""When a changed config folder may be applied: a quiet period, a longest wait, and two equal reads.

Pure timing without a thread or a clock of its own: the watcher says what happened when, and asks when to read next.
Since the watcher's one thread both reads and applies, reloads never overlap; an event during one begins a new period.
"""

from cmdarr.config.tree import Tree

QUIET_S = 0.3
"""So long nothing may happen before a change is applied."""
LONGEST_WAIT_S = 3.0
"""After so long a change is applied although events keep coming."""
STABLE_S = 0.15
"""At least so far apart are two reads that must be equal."""
OPEN_FILE_WAIT_S = 30.0
"""So long a file that is still being written holds everything back at most."""


class Settling:
    """One period between the first sign of a change and the tree to apply."""

    def __init__(self) -> None:
        self._first: float | None = None
        self._last = 0.0
        self._is_open = False
        self._sample: Tree | None = None
        self._sampled_at = 0.0

    @property
    def is_pending(self) -> bool:
        """Whether a change was noticed and is not settled yet."""
        return self._first is not None

    @property
    def _quiet_s(self) -> float:
        return LONGEST_WAIT_S if self._is_open else QUIET_S

    @property
    def _deadline(self) -> float:
        """From here on, events alone no longer put the reading off."""
        waited_from = self._last if self._first is None else self._first
        return waited_from + (OPEN_FILE_WAIT_S if self._is_open else LONGEST_WAIT_S) - QUIET_S

    def note_event(self, now: float, *, is_open: bool = False) -> None:
        """Take note that something happened; `is_open` when a file is known to be half written."""
        if self._first is None:
            self._first = now
        self._last, self._is_open = now, is_open
        if now < self._deadline:
            self._sample = None

    def note_found(self, now: float, tree: Tree) -> None:
        """Take note of a change that a scan found without an event: this was the first of two reads."""
        self._first, self._last, self._is_open = now, now - (QUIET_S - STABLE_S), False
        self._sample, self._sampled_at = tree, now

    def next_read_at(self) -> float:
        """Return when to read the folder next; only while pending."""
        if self._sample is None:
            return min(self._last + self._quiet_s - STABLE_S, self._deadline)
        if self._last > self._sampled_at:  # events keep coming: equal for the whole quiet period is asked for
            return self._sampled_at + QUIET_S
        return max(self._sampled_at + STABLE_S, min(self._last + self._quiet_s, self._deadline + QUIET_S))

    def offer(self, now: float, tree: Tree) -> bool:
        """Hand in a read that was due; True when it may be applied, which ends the period."""
        if self._sample is not None and tree.is_same_read(self._sample):
            self.cancel()
            return True
        self._sample, self._sampled_at = tree, now
        return False

    def cancel(self) -> None:
        """End the period."""
        self._first, self._sample = None, None
