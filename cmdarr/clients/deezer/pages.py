"""Lists page by page: every place is either read, or known to be one that Deezer hides; never silently short.

Deezer counts entries that it does not show (withdrawn, or not sold in the country of the caller) and leaves them out
of the page that has their places: a playlist of 102 answers with 93 tracks. A page that lost something looks
the same, so a short page is read once more in halves, and the last place of the list must be told.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from cmdarr.clients.deezer.answers import Page, Track
from cmdarr.errors import SourceIncomplete

PAGE = 100
FetchPage = Callable[[int, int], Page]
"""Asks for the entries from an index on, and at most how many."""


@dataclass(slots=True)
class TrackList:
    """What was read: the tracks in order, and a line for each entry that Deezer hides."""

    tracks: list[Track] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)


@dataclass(slots=True)
class PageReader:
    """Reads one list to its end; `name` is the service, `what` the list, for messages."""

    name: str
    what: str
    fetch: FetchPage
    allow_hidden_end: bool = False

    def read(self, announced: int | None) -> TrackList:
        """Read every page; `announced` is how many entries the list is said to have elsewhere.

        Raises:
            SourceIncomplete: entries are missing, or the list changed meanwhile.
        """
        first = page = self.fetch(0, PAGE)
        if announced is not None and announced != first.total:
            raise self._incomplete(f"has {announced} tracks by one answer and {first.total} by another")
        found = TrackList()
        index = 0
        while True:
            if (page.total, page.checksum) != (first.total, first.checksum):
                raise self._incomplete("changed while it was read")
            end = min(self._end_of(page, index), first.total)
            self._account_for(page, index, end, found)
            if end >= first.total:
                return found
            index = end
            page = self.fetch(index, PAGE)

    def _end_of(self, page: Page, index: int) -> int:
        """Return the place behind the last one that a page stands for; a server may give smaller pages than asked."""
        after = page.next_index
        return after if after is not None and index < after < index + PAGE else index + PAGE

    def _account_for(self, page: Page, index: int, end: int, found: TrackList) -> None:
        missing = end - index - len(page.data)
        if missing < 0:
            raise self._incomplete(f"has more than the {page.total} tracks that it announces")
        if missing:
            self._confirm(page, index, end)
        found.tracks += page.data
        found.hidden += [f"an entry between {index + 1} and {end} that Deezer does not show"] * missing

    def _confirm(self, page: Page, index: int, end: int) -> None:
        """Make sure that a short page hides entries and has not lost them."""
        is_last = end == page.total
        may_be_empty = is_last and self.allow_hidden_end
        if not (page.data or may_be_empty):
            raise self._incomplete(
                f"announces {page.total} tracks, and none came from {index + 1} on", is_last
            )
        middle = (index + end + 1) // 2
        again = list(self.fetch(index, middle - index).data)
        if end > middle:
            again += self.fetch(middle, end - middle).data
        if [track.id for track in again] != [track.id for track in page.data]:
            raise self._incomplete("gave different tracks for the same places")
        if is_last and not self.allow_hidden_end and not self.fetch(end - 1, 1).data:
            raise self._incomplete(f"announces {page.total} tracks, and the last ones did not come", is_last)

    def _incomplete(self, reason: str, is_last: bool = False) -> SourceIncomplete:  # noqa: FBT001, FBT002 - of this class
        cure = "run again"
        if is_last:
            cure += f", or set `services.{self.name}.allow_hidden_end` to true if Deezer hides them for good"
        return SourceIncomplete(f"{self.name}: {self.what} {reason}: {cure}.")
