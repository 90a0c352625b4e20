"""Refreshing the library index: a server's tracks, streamed page by page; memory stays flat.

The index of before stays in force until a section was read completely.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cmdarr.errors import SourceIncomplete, StoreUnavailable
from cmdarr.library.ports import MusicServer, SectionState, SectionWriter
from cmdarr.matching.keys import track_keys
from cmdarr.models.cancel import CancelToken
from cmdarr.models.clock import Clock
from cmdarr.models.progress import Progress
from cmdarr.models.track import LibraryTrack


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionReport:
    """One section after its refresh; `announced` is None when the server does not count its tracks."""

    section: str
    tracks: int
    announced: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshReport:
    """What a refresh read from one server."""

    server: str
    sections: tuple[SectionReport, ...]

    @property
    def tracks(self) -> int:
        """The number of tracks of all sections."""
        return sum(section.tracks for section in self.sections)


def refresh_library(
    server: MusicServer,
    tables: SectionWriter,
    *,
    clock: Clock,
    cancel: CancelToken,
    progress: Progress,
) -> RefreshReport:
    """Read every section of the server into the index, each one replaced as a whole or left as it was.

    Raises:
        SourceIncomplete: fewer tracks came than the server announces.
        ServiceError: the server failed.
        StorageError: the cache cannot be written.
    """
    reports = []
    for section in server.list_sections(cancel):
        announced = server.count_tracks(section, cancel)
        progress.step(f"Reading the library of {server.name}: {section}", announced)
        reading = _Reading(server, section, announced, cancel, progress)
        tracks = tables.replace_section(server.name, section, reading.batches(), reading.keys_of, clock.now())
        if tracks < reading.tracks or not reading.is_complete:
            raise StoreUnavailable(
                f"The cache did not take the library of {server.name}: check the space and the permissions of "
                "the data folder."
            )
        reports.append(SectionReport(section=section, tracks=tracks, announced=announced))
    return RefreshReport(server=server.name, sections=tuple(reports))


def is_stale(info: SectionState, ttl: timedelta, now: datetime) -> bool:
    """Whether a section was last read longer ago than `ttl`, or at a time that has not come yet."""
    return not timedelta(0) <= now - info.refreshed_at < ttl


class _Reading:
    """One pass over a section; knows afterwards how far it came."""

    def __init__(
        self,
        server: MusicServer,
        section: str,
        announced: int | None,
        cancel: CancelToken,
        progress: Progress,
    ) -> None:
        self._server = server
        self._section = section
        self._announced = announced
        self._cancel = cancel
        self._progress = progress
        self.tracks = 0
        self.is_complete = False

    def keys_of(self, batch: Sequence[LibraryTrack]) -> list[tuple[int, ...]]:
        """Return the keys of each track of a batch."""
        self._cancel.check()
        return [track_keys(track) for track in batch]

    def batches(self) -> Iterator[Sequence[LibraryTrack]]:
        """Yield the section's tracks; end with an error when some are missing."""
        for batch in self._server.fetch_tracks(self._section, self._cancel):
            self._cancel.check()
            self.tracks += len(batch)
            yield batch
            self._progress.advance(len(batch))
        if self._announced is not None and self.tracks < self._announced:
            self._check_count()
        self.is_complete = True

    def _check_count(self) -> None:
        """Accept a shorter answer only when the server itself counts less by now: tracks were deleted meanwhile."""
        announced = self._server.count_tracks(self._section, self._cancel)
        if announced is not None and self.tracks < announced:
            raise SourceIncomplete(
                f"{self._server.name}: {self.tracks} of {announced} tracks of {self._section} came; "
                "the index of before stays in use."
            )
