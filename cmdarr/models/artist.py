"""Artists: how services name them, and how Cmdarr knows them. An artist is identified by MBID, never by name."""

import re
from dataclasses import dataclass
from typing import NewType

ArtistMbid = NewType("ArtistMbid", str)
"""The MBID of an artist, 36 characters, lower case."""
ReleaseGroupMbid = NewType("ReleaseGroupMbid", str)
"""The MBID of an album as a work (not of one edition)."""

_MBID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)


def read_artist_mbid(text: str) -> ArtistMbid | None:
    """Return the MBID that a text is, with spaces around it and capitals or not; None when it is none."""
    lowered = text.strip().lower()
    return ArtistMbid(lowered) if _MBID.fullmatch(lowered) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtistRef:
    """An artist as a service names it; `mbid` is None where the service knows none."""

    name: str
    mbid: ArtistMbid | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarArtist:
    """An artist that resembles another one; `score` from 0 to 1, comparable within one service only."""

    artist: ArtistRef
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenedArtist:
    """An artist that a user listened to, and how often."""

    artist: ArtistRef
    listens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifiedArtist:
    """An artist found at MusicBrainz by a safe match, and why it is the one (`reason`, for people)."""

    mbid: ArtistMbid
    name: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifiedAlbum:
    """The release group that a wanted track belongs to."""

    mbid: ReleaseGroupMbid
    title: str
    artist: IdentifiedArtist
