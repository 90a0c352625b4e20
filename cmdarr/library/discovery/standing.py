"""Who is not proposed, and why: known, excluded, dismissed, proposed before, or no artist at all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from cmdarr.library.artist_ports import CatalogArtist
from cmdarr.library.discovery.import_list import all_entries
from cmdarr.library.discovery.ports import Decisions, ImportLists
from cmdarr.matching.artist_name import names_nobody
from cmdarr.matching.fold import fold
from cmdarr.models.decision import DecisionKind
from cmdarr.models.import_list import ImportListEntry, ListedState

Reason = Literal[
    "known",
    "same_name",
    "excluded",
    "dismissed",
    "proposed_before",
    "weak_match",
    "unidentified",
    "no_artist",
]
_VARIOUS_ARTISTS = "89ad4ac3-39f7-470e-963a-56509c546377"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of artists before any is proposed: MBIDs, and the folded names of those that the catalogue has."""

    known: frozenset[str] = frozenset()
    known_names: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    dismissed: frozenset[str] = frozenset()
    proposed: frozenset[str] = frozenset()

    def why_not(self, mbid: str | None, name: str) -> Reason | None:
        """Return why an artist is not proposed, None when nothing speaks against it.

        One that has the name of an artist in the catalogue is left out too: Lidarr would put both into one folder,
        and it may be the same artist under an id of before.
        """
        if mbid == _VARIOUS_ARTISTS or is_no_artist(name):
            return "no_artist"
        if mbid is not None:
            if mbid in self.known:
                return "known"
            if mbid in self.excluded:
                return "excluded"
            if mbid in self.dismissed:
                return "dismissed"
            if mbid in self.proposed:
                return "proposed_before"
        return "same_name" if fold(name) in self.known_names else None

    def may_list(self, album: str, artist: str) -> bool:
        """Whether an album may be listed: neither it nor its artist was excluded or dismissed, nor it listed before."""
        return not {album, artist} & (self.excluded | self.dismissed) and album not in self.proposed


def make_standing(
    artists: Sequence[CatalogArtist],
    excluded: frozenset[str],
    *,
    decisions: Decisions,
    import_lists: ImportLists,
    own_list: str,
    again_after: timedelta,
    now: datetime,
) -> Standing:
    """Return what speaks against artists: what the catalogue has and excludes, and what config.db remembers."""
    return Standing(
        known=frozenset(artist.mbid for artist in artists),
        known_names=frozenset(fold(artist.name) for artist in artists if artist.name),
        excluded=excluded,
        dismissed=decisions.subjects(DecisionKind.ARTIST_DISMISSED, now),
        proposed=proposed_before(all_entries(import_lists), own_list, again_after, now),
    )


def is_no_artist(name: str) -> bool:
    """Whether a name stands for nobody: `[unknown]`, `Various Artists`; no name at all says nothing."""
    return bool(name.strip()) and names_nobody(name)


def proposed_before(
    entries: Iterable[ImportListEntry], own_list: str, again_after: timedelta, now: datetime
) -> frozenset[str]:
    """Return the MBIDs that are not proposed (again) yet: on a list, taken by the catalogue, or taken off lately."""
    return frozenset(
        entry.mbid for entry in entries if _is_settled(entry, own_list) or _moment(entry) > now - again_after
    )


def _is_settled(entry: ImportListEntry, own_list: str) -> bool:
    is_own = entry.list == own_list and entry.state is ListedState.LISTED
    return is_own or entry.state is ListedState.CONSUMED


def _moment(entry: ImportListEntry) -> datetime:
    return entry.state_at or entry.added_at
