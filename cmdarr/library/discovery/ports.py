"""What discovery asks of the stores that outlive a run."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from cmdarr.models.decision import DecisionKind, UserDecision
from cmdarr.models.import_list import ImportListEntry, ListedKind, ListedState


class Decisions(Protocol):
    """What users decided for good, and commands for a while."""

    def save(self, decisions: Iterable[UserDecision]) -> None:
        """Store decisions, each in place of the one of the same kind, subject and item."""

    def remove(self, kind: DecisionKind, subject: str, item: str = "") -> bool:
        """Forget a decision and return whether there was one."""

    def remove_expired(self, now: datetime) -> int:
        """Remove the decisions whose time has passed and return how many."""

    def subjects(self, kind: DecisionKind, now: datetime | None = None) -> frozenset[str]:
        """Return the subjects with a decision of a kind; with `now` only those that still hold."""

    def list(self, kind: DecisionKind | None = None) -> Sequence[UserDecision]:
        """Return the decisions [of one kind]."""


class ImportLists(Protocol):
    """The entries of all import lists, also those that have left."""

    def add(self, entries: Iterable[ImportListEntry], *, again_before: datetime | None = None) -> int:
        """Add the entries that are not there yet, or were removed before that moment; return how many."""

    def set_state(
        self,
        name: str,
        mbids: Iterable[str],
        state: ListedState,
        at: datetime,
        *,
        kind: ListedKind = "artist",
    ) -> int:
        """Change the state of entries of a list and return how many there were."""

    def age(self, name: str, added_before: datetime, at: datetime) -> int:
        """Take off the listed entries that were added before a moment, and return how many."""

    def entries(
        self, name: str, *, kind: ListedKind | None = None, state: ListedState | None = ListedState.LISTED
    ) -> Sequence[ImportListEntry]:
        """Return the entries of a list, the oldest first; every state for `state=None`."""

    def names(self) -> Mapping[str, int]:
        """Return the names of all lists that ever had an entry, with the number of entries listed now."""
