"""The answers of Spotify's API as far as they are read, in the forms of before and after February 2026."""

import msgspec

from cmdarr.models.redaction import mask_places


class Artist(msgspec.Struct):
    """One of the artists of a track or album."""

    name: str | None = None


class Album(msgspec.Struct):
    """The album of a track, or one that was asked for."""

    name: str | None = None
    artists: list[Artist] | None = None
    release_date: str | None = None
    total_tracks: int | None = None


class ExternalIds(msgspec.Struct):
    """Identifiers of a recording; some apps get none."""

    isrc: str | None = None


class Track(msgspec.Struct):
    """A track, a local file or an episode (`type`)."""

    type: str = "track"
    name: str | None = None
    duration_ms: int | None = None
    artists: list[Artist] | None = None
    album: Album | None = None
    external_ids: ExternalIds | None = None
    is_local: bool | None = None


class PlaylistItem(msgspec.Struct):
    """A place of a playlist: `item` since 2026, `track` before; null when Spotify has it no longer."""

    item: Track | None = None
    track: Track | None = None
    is_local: bool | None = None


class PlaylistPage(msgspec.Struct):
    """A part of a playlist."""

    items: list[PlaylistItem | None]
    total: int


class TrackPage(msgspec.Struct):
    """A part of an album."""

    items: list[Track | None]
    total: int


class _Count(msgspec.Struct):
    total: int | None = None


class Playlist(msgspec.Struct):
    """A playlist without its contents; `items` since 2026, `tracks` before; neither when it is somebody else's."""

    name: str
    description: str | None = None
    items: _Count | None = None
    tracks: _Count | None = None

    @property
    def announced(self) -> int | None:
        """How many entries it has, None where Spotify does not say."""
        count = self.items or self.tracks
        return count.total if count else None


class TopTracks(msgspec.Struct):
    """The top tracks of an artist."""

    tracks: list[Track | None]


class User(msgspec.Struct):
    """A user, or anything else of which only the name is read."""

    id: str = ""
    display_name: str | None = None
    name: str | None = None


class Grant(msgspec.Struct):
    """An answer of the sign-in: a token, or why there is none."""

    access_token: str = ""
    refresh_token: str | None = None
    error: str = ""


class _Problem(msgspec.Struct):
    message: str = ""


class _Refusal(msgspec.Struct):
    error: _Problem | None = None


def reason_of(body: bytes) -> str:
    """Return why a call was refused, in Spotify's words, or a few words in place of none."""
    try:
        refusal = msgspec.json.decode(body, type=_Refusal)
    except (msgspec.DecodeError, RecursionError):
        return "no reason was given"
    message = " ".join(refusal.error.message.split()) if refusal.error else ""
    return mask_places(message)[:160].rstrip(".") or "no reason was given"
