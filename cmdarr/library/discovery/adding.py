"""Adding listed artists to the catalogue directly: the best first, at most so many a day."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from cmdarr.errors import CommandError, NotFound, RunCancelled, ServiceError
from cmdarr.library.artist_ports import ArtistCatalog, NewArtist
from cmdarr.library.discovery.definition import AddDefinition, DiscoveryContext
from cmdarr.library.discovery.lookups import LookUpFailure, Lookups
from cmdarr.library.discovery.report import Addition
from cmdarr.models.artist import ArtistMbid
from cmdarr.models.decision import DecisionKind, UserDecision
from cmdarr.models.import_list import ImportListEntry, ListedState

_STATES = {
    "added": ListedState.CONSUMED,
    "known": ListedState.CONSUMED,
    "excluded": ListedState.REMOVED,
    "unknown": ListedState.REMOVED,
}


class Adder:
    """Adds artists of a list for one command.

    One that fails stays on the list and is tried by the next run; a wrong folder, profile or tag ends the adding, as
    it would be wrong for all (`problem`).
    """

    def __init__(
        self,
        command: str,
        catalog: ArtistCatalog,
        how: AddDefinition,
        lookups: Lookups,
        room: DiscoveryContext,
    ) -> None:
        self._command = command
        self._catalog = catalog
        self._how = how
        self._lookups = lookups
        self._room = room
        self.problem: LookUpFailure | None = None

    def add(self, entries: Iterable[ImportListEntry]) -> list[Addition]:
        """Add the best artists, as many as today still allows, and note each outcome at once; plan in a dry run."""
        now = self._room.clock.now()
        left = self._how.max_per_day - self._added_today(now)
        ordered = sorted(entries, key=lambda entry: (-(entry.score or 0.0), entry.mbid))
        if self._room.dry_run:
            return [_addition(entry, "planned") for entry in ordered[: max(left, 0)]]
        done: list[Addition] = []
        for entry in ordered:
            if left <= 0 or self.problem or self._lookups.is_out(self._catalog.name):
                break
            self._room.cancel.check()
            outcome = self._hand_over(entry)
            if outcome is not None:
                self._note(entry, outcome, now)
                done.append(_addition(entry, outcome))
                left -= outcome == "added"
        return done

    def _added_today(self, now: datetime) -> int:
        since = self._room.day_start(now)
        return sum(
            decision.source == self._command and decision.decided_at >= since
            for decision in self._room.decisions.list(DecisionKind.ARTIST_ADDED)
        )

    def _hand_over(self, entry: ImportListEntry) -> str | None:
        """Return what came of it, None when it failed."""
        how = self._how
        artist = NewArtist(
            mbid=ArtistMbid(entry.mbid),
            name=entry.name,
            root_folder=how.root_folder,
            quality_profile=how.quality_profile,
            metadata_profile=how.metadata_profile,
            tags=how.tags,
            monitor=how.monitor,
            search=how.search,
        )
        try:
            return self._catalog.add_artist(artist, self._room.cancel)
        except NotFound:
            return "unknown"
        except RunCancelled:
            raise
        except CommandError as error:
            self.problem = self._lookups.note(self._catalog.name, entry.name, error)
        except ServiceError as error:
            self._lookups.note(self._catalog.name, entry.name, error)
        return None

    def _note(self, entry: ImportListEntry, outcome: str, now: datetime) -> None:
        if outcome == "added":
            until = self._room.day_start(now) + timedelta(days=2)
            added = UserDecision(
                kind=DecisionKind.ARTIST_ADDED,
                subject=entry.mbid,
                decided_at=now,
                name=entry.name,
                until=until,
                source=self._command,
            )
            self._room.decisions.save([added])
        self._room.import_lists.set_state(entry.list, [entry.mbid], _STATES[outcome], now)


def _addition(entry: ImportListEntry, outcome: str) -> Addition:
    return Addition(mbid=entry.mbid, name=entry.name, outcome=outcome)
