"""The answers of the ListenBrainz API as far as they are read; metadata that is unknown may be missing."""

from typing import TypeAlias

import msgspec

Scalar: TypeAlias = str | int | float | bool | None


class JspfTrack(msgspec.Struct):
    """A track of a playlist; `duration` in milliseconds, `identifier` a list, in older answers one text."""

    title: Scalar = None
    creator: Scalar = None
    album: Scalar = None
    duration: Scalar = None
    identifier: list[Scalar] | Scalar = None


class _Algorithm(msgspec.Struct):
    source_patch: Scalar = None


class _PlaylistMetadata(msgspec.Struct):
    algorithm_metadata: _Algorithm | None = None


class _PlaylistExtension(msgspec.Struct):
    additional_metadata: _PlaylistMetadata | None = None


class _Extensions(msgspec.Struct):
    playlist: _PlaylistExtension | None = msgspec.field(
        name="https://musicbrainz.org/doc/jspf#playlist", default=None
    )


class JspfPlaylist(msgspec.Struct):
    """A playlist; in a list of playlists it comes without its tracks."""

    title: Scalar = None
    annotation: Scalar = None
    date: Scalar = None
    identifier: list[Scalar] | Scalar = None
    extension: _Extensions | None = None
    track: list[JspfTrack] | None = None

    @property
    def source_patch(self) -> str:
        """Which curated playlist it is, empty for others."""
        found = self.extension and self.extension.playlist
        metadata = found.additional_metadata if found else None
        return (
            text(metadata.algorithm_metadata.source_patch) if metadata and metadata.algorithm_metadata else ""
        )


class PlaylistAnswer(msgspec.Struct):
    """One playlist."""

    playlist: JspfPlaylist


class PlaylistsAnswer(msgspec.Struct):
    """A page of playlists, and how many there are on all pages."""

    playlists: list[PlaylistAnswer]
    playlist_count: int


class TopRecording(msgspec.Struct):
    """A recording of a user's top list."""

    track_name: Scalar = None
    artist_name: Scalar = None
    release_name: Scalar = None
    recording_mbid: Scalar = None


class TopArtist(msgspec.Struct):
    """An artist of a user's top list."""

    artist_name: Scalar = None
    artist_mbid: Scalar = None
    listen_count: Scalar = None


class _TopRecordings(msgspec.Struct):
    recordings: list[TopRecording]
    total_recording_count: int


class _TopArtists(msgspec.Struct):
    artists: list[TopArtist]
    total_artist_count: int


class TopRecordingsAnswer(msgspec.Struct):
    """A page of a user's top recordings."""

    payload: _TopRecordings


class TopArtistsAnswer(msgspec.Struct):
    """A page of a user's top artists."""

    payload: _TopArtists


class _Mapping(msgspec.Struct):
    recording_mbid: Scalar = None


class _TrackMetadata(msgspec.Struct):
    track_name: Scalar = None
    artist_name: Scalar = None
    release_name: Scalar = None
    mbid_mapping: _Mapping | None = None


class Feedback(msgspec.Struct):
    """What a user thinks of a recording: `score` 1 is loved, -1 hated."""

    score: Scalar = None
    recording_mbid: Scalar = None
    recording_msid: Scalar = None
    track_metadata: _TrackMetadata | None = None


class FeedbackAnswer(msgspec.Struct):
    """A page of feedback; `total_count` counts loved and hated ones, whatever was asked for."""

    feedback: list[Feedback]
    total_count: int


class SimilarRow(msgspec.Struct):
    """A similar artist; `score` counts, in no fixed range."""

    artist_mbid: Scalar = None
    name: Scalar = None
    score: Scalar = None
    reference_mbid: Scalar = None


class TokenAnswer(msgspec.Struct):
    """Whose token it is."""

    valid: bool
    user_name: Scalar = None


def text(value: Scalar) -> str:
    """Return a scalar as text, empty for none."""
    if isinstance(value, str):
        return value
    return "" if value is None or isinstance(value, bool) else str(value)


def texts(value: list[Scalar] | Scalar) -> list[str]:
    """Return one scalar or several as texts."""
    return [text(item) for item in (value if isinstance(value, list) else [value])]


def number(value: Scalar) -> float:
    """Return a scalar as a finite number above zero, else 0."""
    try:
        found = float(text(value) or 0)
    except ValueError:
        return 0.0
    return found if 0 < found < 1e15 else 0.0
