"""Tracks: what a source wants and what a library holds.

Identifiers are compared only with their own kind: a release-track MBID is never a recording MBID.
"""

from dataclasses import dataclass
from typing import NewType

RecordingMbid = NewType("RecordingMbid", str)
ReleaseTrackMbid = NewType("ReleaseTrackMbid", str)
Isrc = NewType("Isrc", str)
ServerId = NewType("ServerId", str)
"""A server's own id of an item: rating key (Plex), item id (Jellyfin), song id (Subsonic), path (files)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedTrack:
    """One entry of a source playlist. Texts are as the source wrote them; durations in milliseconds."""

    artist: str
    title: str
    album: str = ""
    album_artist: str = ""
    duration_ms: int | None = None
    recording_mbid: RecordingMbid | None = None
    isrc: Isrc | None = None
    year: int | None = None
    """The year of the release, where the source tells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryTrack:
    """One audio item of a server's section. Texts are as the server has them; durations in milliseconds."""

    server_id: ServerId
    title: str
    artist: str
    album: str = ""
    album_artist: str = ""
    disc: int | None = None
    number: int | None = None
    duration_ms: int | None = None
    year: int | None = None
    recording_mbid: RecordingMbid | None = None
    release_track_mbid: ReleaseTrackMbid | None = None
    isrc: Isrc | None = None
