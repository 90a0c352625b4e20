"""Refreshing the library index: a server's tracks, streamed with their keys; memory stays flat.

The index of before stays in force until a section was read completely.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cmdarr.errors import SourceIncomplete
from cmdarr.library.ports import KeyedTrack, MusicServer, SectionState, SectionWriter
from cmdarr.matching.keys import track_keys
from cmdarr.models.cancel import CancelToken
from cmdarr.models.clock import Clock
from cmdarr.models.progress import Progress


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
        batches = _read_section(server, section, announced, cancel, progress)
        tracks = tables.replace_section(server.name, section, batches, clock.now())
        reports.append(SectionReport(section=section, tracks=tracks, announced=announced))
    return RefreshReport(server=server.name, sections=tuple(reports))


def is_stale(info: SectionState, ttl: timedelta, now: datetime) -> bool:
    """Whether a section was last read longer ago than `ttl`, or at a time that has not come yet."""
    return not timedelta(0) <= now - info.refreshed_at < ttl


def _read_section(
    server: MusicServer, section: str, announced: int | None, cancel: CancelToken, progress: Progress
) -> Iterator[Sequence[KeyedTrack]]:
    """Yield the section's tracks with their keys; end with an error when some are missing."""
    count = 0
    for batch in server.fetch_tracks(section, cancel):
        cancel.check()
        count += len(batch)
        yield [(track, track_keys(track)) for track in batch]
        progress.advance(len(batch))
    if announced is not None and count < announced:
        _check_count(server, section, count, cancel)


def _check_count(server: MusicServer, section: str, count: int, cancel: CancelToken) -> None:
    """Accept a shorter answer only when the server itself counts less by now: tracks were deleted meanwhile."""
    announced = server.count_tracks(section, cancel)
    if announced is not None and count < announced:
        raise SourceIncomplete(
            f"{server.name}: {count} of {announced} tracks of {section} came; the index of before stays in use."
        )
