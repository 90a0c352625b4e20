"""The answers of the Last.fm API as far as they are read.

They are XML turned into JSON by rule: numbers are texts, and a list of one may be its element.
"""

from typing import TypeAlias, TypeVar

import msgspec

T = TypeVar("T")
Scalar: TypeAlias = str | int | float | bool | None


class Named(msgspec.Struct):
    """An artist or album within a row: its name stands in `name` or in `#text`."""

    name: Scalar = None
    content: Scalar = msgspec.field(name="#text", default=None)


class _Mark(msgspec.Struct):
    nowplaying: Scalar = None


class Track(msgspec.Struct):
    """A track of any list; what is playing now is marked."""

    name: Scalar = None
    artist: Named | Scalar = None
    album: Named | Scalar = None
    mark: _Mark | None = msgspec.field(name="@attr", default=None)

    @property
    def is_playing(self) -> bool:
        """Whether it is no listen yet: it is being played at this moment."""
        return self.mark is not None and text(self.mark.nowplaying) == "true"


class Artist(msgspec.Struct):
    """An artist of a list; `match` from 0 to 1."""

    name: Scalar = None
    mbid: Scalar = None
    match: Scalar = None
    playcount: Scalar = None


class PageMark(msgspec.Struct):
    """Which page it is, of how many entries in all, and what was asked for as Last.fm understood it."""

    page: Scalar = None
    total: Scalar = None
    artist: Scalar = None


class Tracks(msgspec.Struct):
    """A page of tracks."""

    track: list[Track] | Track | Scalar = None
    mark: PageMark | None = msgspec.field(name="@attr", default=None)

    @property
    def rows(self) -> list[Track]:
        """Its tracks."""
        return _listed(self.track)


class Artists(msgspec.Struct):
    """A page of artists."""

    artist: list[Artist] | Artist | Scalar = None
    mark: PageMark | None = msgspec.field(name="@attr", default=None)

    @property
    def rows(self) -> list[Artist]:
        """Its artists."""
        return _listed(self.artist)


class User(msgspec.Struct):
    """A user."""

    name: Scalar = None


class Answer(msgspec.Struct):
    """What every call returns: the one part that was asked for."""

    lovedtracks: Tracks | None = None
    toptracks: Tracks | None = None
    recenttracks: Tracks | None = None
    tracks: Tracks | None = None
    similartracks: Tracks | None = None
    similarartists: Artists | None = None
    topartists: Artists | None = None
    artists: Artists | None = None
    user: User | None = None

    @property
    def has_parts(self) -> bool:
        """Whether it is an answer at all: one of the parts is there."""
        return any(part is not None for part in msgspec.structs.astuple(self))

    @property
    def some_tracks(self) -> Tracks | None:
        """The tracks, under whichever name they come."""
        return self.lovedtracks or self.toptracks or self.recenttracks or self.tracks or self.similartracks


class Problem(msgspec.Struct):
    """Why a call failed."""

    error: Scalar
    message: Scalar = None


def text(value: Scalar) -> str:
    """Return a scalar as text, empty for none."""
    if isinstance(value, str):
        return value
    return "" if value is None else str(value).lower()


def name_of(value: Named | Scalar) -> str:
    """Return the name of an artist or album, which may be a bare text."""
    if isinstance(value, Named):
        return text(value.name) or text(value.content)
    return text(value)


def whole(value: Scalar) -> int | None:
    """Return a whole number from 0 on, None for what is none."""
    try:
        found = int(text(value))
    except ValueError:
        return None
    return found if found >= 0 else None


def share(value: Scalar) -> float:
    """Return a number from 0 to 1, 0 for what is none."""
    try:
        found = float(text(value) or 0)
    except ValueError:
        return 0.0
    return min(max(found, 0.0), 1.0) if found == found else 0.0  # noqa: PLR0124 - not a number


def _listed(value: list[T] | T | Scalar) -> list[T]:
    if isinstance(value, list):
        return value
    if value is None or isinstance(value, str | int | float):  # an empty list comes as a text of spaces
        return []
    return [value]
