"""The answers of the Subsonic API as far as they are read. Everything but ids may be missing.

Some servers turn XML into JSON by rule: a list of one is then its element, a title of digits a number.
"""

from typing import TypeAlias, TypeVar

import msgspec

T = TypeVar("T")
Scalar: TypeAlias = str | int | float | bool | None


class Problem(msgspec.Struct):
    """Why a call failed."""

    code: Scalar = None
    message: Scalar = None


class Named(msgspec.Struct):
    """A music folder or an extension."""

    id: Scalar = None
    name: Scalar = None


class Song(msgspec.Struct, rename="camel"):
    """A song, as the library and a playlist hold it; `duration` in seconds."""

    id: Scalar = None
    title: Scalar = None
    artist: Scalar = None
    album: Scalar = None
    display_artist: Scalar = None
    display_album_artist: Scalar = None
    track: Scalar = None
    disc_number: Scalar = None
    year: Scalar = None
    duration: Scalar = None
    path: Scalar = None
    music_brainz_id: Scalar = None
    isrc: list[Scalar] | Scalar = None

    @property
    def isrcs(self) -> list[str]:
        """Its ISRCs as texts."""
        found = self.isrc if isinstance(self.isrc, list) else [self.isrc]
        return [text(isrc) for isrc in found if isrc]


class Album(msgspec.Struct, rename="camel"):
    """An album, with its songs where they were asked for."""

    id: Scalar = None
    name: Scalar = None
    artist: Scalar = None
    display_artist: Scalar = None
    song_count: Scalar = None
    song: list[Song] | Song | None = None

    @property
    def songs(self) -> list[Song]:
        """Its songs."""
        return _listed(self.song)


class Playlist(msgspec.Struct, rename="camel"):
    """A playlist, with its entries where they were asked for."""

    id: Scalar = None
    name: Scalar = None
    owner: Scalar = None
    song_count: Scalar = None
    readonly: Scalar = None
    comment: Scalar = None
    entry: list[Song] | Song | None = None

    @property
    def songs(self) -> list[Song]:
        """Its entries, in order."""
        return _listed(self.entry)


class _MusicFolders(msgspec.Struct, rename="camel"):
    music_folder: list[Named] | Named | None = None


class _Playlists(msgspec.Struct):
    playlist: list[Playlist] | Playlist | None = None


class _Found(msgspec.Struct):
    song: list[Song] | Song | None = None


class _AlbumList(msgspec.Struct):
    album: list[Album] | Album | None = None


class Answer(msgspec.Struct, rename="camel"):
    """What every call returns: `status` and the one part that was asked for."""

    status: str
    version: str = ""
    type: Scalar = None
    server_version: Scalar = None
    open_subsonic: bool = False
    error: Problem | None = None
    playlist: Playlist | None = None
    album: Album | None = None
    song: Song | None = None
    music_folders: _MusicFolders | None = None
    playlists: _Playlists | None = None
    search_result3: _Found | None = None
    album_list2: _AlbumList | None = None
    open_subsonic_extensions: list[Named] | Named | None = None

    @property
    def is_ok(self) -> bool:
        """Whether the call succeeded."""
        return self.status == "ok"

    @property
    def code(self) -> int:
        """Why it failed; 0 also when the server does not say."""
        return (whole(self.error.code) if self.error else None) or 0

    @property
    def folders(self) -> list[Named]:
        """The music folders."""
        return _listed(self.music_folders.music_folder) if self.music_folders else []

    @property
    def all_playlists(self) -> list[Playlist]:
        """The playlists, without their entries."""
        return _listed(self.playlists.playlist) if self.playlists else []

    @property
    def found_songs(self) -> list[Song]:
        """The songs of a search."""
        return _listed(self.search_result3.song) if self.search_result3 else []

    @property
    def albums(self) -> list[Album]:
        """The albums of a list, without their songs."""
        return _listed(self.album_list2.album) if self.album_list2 else []

    @property
    def extensions(self) -> frozenset[str]:
        """The names of the extensions that the server has."""
        return frozenset(text(extension.name) for extension in _listed(self.open_subsonic_extensions))


class Envelope(msgspec.Struct):
    """The outermost object of every answer."""

    answer: Answer = msgspec.field(name="subsonic-response")


def text(value: Scalar) -> str:
    """Return a text whatever a server made of it."""
    if isinstance(value, str):  # nearly always
        return value
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def whole(value: Scalar) -> int | None:
    """Return a whole number whatever a server made of it, None for what is none."""
    if value is None or type(value) is int:  # nearly always
        return value
    try:
        return int(float(text(value)))
    except (ValueError, OverflowError):
        return None


def _listed(value: list[T] | T | None) -> list[T]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
