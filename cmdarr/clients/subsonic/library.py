"""The library of a Subsonic server: its music folders, and every song of one, completely or not at all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cmdarr.clients.subsonic.answers import Album, Song, text, whole
from cmdarr.clients.subsonic.api import SubsonicApi
from cmdarr.clients.subsonic.parse import track_of
from cmdarr.errors import NotFound, UnexpectedResponse
from cmdarr.models.cancel import CancelToken
from cmdarr.models.track import LibraryTrack

PAGE = 500
"""The most that every server gives at once."""
EVERYTHING = "music"
"""The section of a server that names no music folder."""


@dataclass(slots=True)
class SubsonicLibrary:
    """Reads the library of the service of that name; `wanted` is the one music folder to use, None for all."""

    service: str
    api: SubsonicApi
    wanted: str | None
    _filters: dict[str, str] | None = None
    _announced: dict[str, int | None] = field(default_factory=dict)

    def list_sections(self, cancel: CancelToken) -> list[str]:
        """Return the names of the music folders; two of one name are told apart by their ids.

        Raises:
            NotFound: the folder of `library` does not exist.
        """
        folders = self.api.read("getMusicFolders", cancel).folders
        names = [text(folder.name) or text(folder.id) for folder in folders]
        sections = {
            name if names.count(name) == 1 else f"{name} ({text(folder.id)})": text(folder.id)
            for folder, name in zip(folders, names, strict=True)
        } or {EVERYTHING: ""}
        if len(sections) == 1:  # old servers stumble over the filter, and here it would filter nothing
            sections = dict.fromkeys(sections, "")
        if self.wanted is not None:
            if self.wanted not in sections:
                raise NotFound(
                    self.service,
                    f"there is no music folder '{self.wanted}': set `services.{self.service}.library` to one of "
                    f"{', '.join(sections)}.",
                )
            sections = {self.wanted: sections[self.wanted]}
        self._filters = sections
        return list(sections)

    def count_tracks(self, section: str, cancel: CancelToken) -> int | None:
        """Return how many songs the albums of a section announce together, None when one does not say."""
        counts = [whole(album.song_count) for album in self._albums(section, cancel)]
        announced = None if None in counts else sum(count or 0 for count in counts)
        self._announced[section] = announced
        return announced

    def fetch_tracks(self, section: str, cancel: CancelToken) -> Iterator[Sequence[LibraryTrack]]:
        """Yield every song of a section once: those that a search for everything gives, then those it left out.

        Raises:
            UnexpectedResponse: fewer songs came than the albums announce.
        """
        seen: set[str] = set()
        for songs in self._search(section, cancel):
            yield _new_tracks(songs, "", seen)
        announced = self._announced.pop(section, None) or self.count_tracks(section, cancel)
        if seen and announced is not None and len(seen) >= announced:
            return
        batch: list[LibraryTrack] = []
        for album in self._albums(section, cancel):
            batch += self._fetch_album(album, seen, cancel)
            if len(batch) >= PAGE:
                yield batch
                batch = []
        if batch:
            yield batch
        self._check_complete(section, len(seen), cancel)

    def _check_complete(self, section: str, came: int, cancel: CancelToken) -> None:
        """Accept what came when the server itself announces no more by now."""
        announced = self.count_tracks(section, cancel)
        if announced is not None and came < announced:
            raise UnexpectedResponse(
                self.service,
                f"{came} of {announced} songs of '{section}' came: let the server scan its library and try again.",
            )

    def _search(self, section: str, cancel: CancelToken) -> Iterator[list[Song]]:
        """Yield pages of a search for everything until one brings nothing new; some servers find nothing."""
        folder = self._folder_filter(section, cancel)
        offset, last = 0, ""
        while True:
            cancel.check()
            counts = (("songCount", str(PAGE)), ("songOffset", str(offset)), ("artistCount", "0"))
            answer = self.api.read("search3", cancel, ("query", ""), *counts, ("albumCount", "0"), *folder)
            songs = answer.found_songs
            if not songs or text(songs[0].id) == last:
                return
            last = text(songs[0].id)
            yield songs
            offset += len(songs)

    def _albums(self, section: str, cancel: CancelToken) -> Iterator[Album]:
        folder = self._folder_filter(section, cancel)
        offset, last = 0, ""
        while True:
            cancel.check()
            page = (("type", "alphabeticalByName"), ("size", str(PAGE)), ("offset", str(offset)))
            answer = self.api.read("getAlbumList2", cancel, *page, *folder)
            albums = answer.albums
            if not albums or text(albums[0].id) == last:
                return
            last = text(albums[0].id)
            yield from albums
            offset += len(albums)

    def _fetch_album(self, listing: Album, seen: set[str], cancel: CancelToken) -> list[LibraryTrack]:
        """Return the songs of an album that were not seen yet."""
        cancel.check()
        album = self.api.read("getAlbum", cancel, ("id", text(listing.id))).album
        songs = album.songs if album else []
        announced = (whole(album.song_count) if album else None) or 0
        if len(songs) < announced:
            raise UnexpectedResponse(
                self.service,
                f"{len(songs)} of {announced} songs of the album '{text(listing.name)}' came: let the server scan its "
                "library and try again.",
            )
        return _new_tracks(songs, text(listing.display_artist) or text(listing.artist), seen)

    def _folder_filter(self, section: str, cancel: CancelToken) -> tuple[tuple[str, str], ...]:
        if self._filters is None or section not in self._filters:
            self.list_sections(cancel)
        if self._filters is None or section not in self._filters:
            raise NotFound(self.service, f"there is no music folder '{section}'.")
        folder = self._filters[section]
        return (("musicFolderId", folder),) if folder else ()


def _new_tracks(songs: Sequence[Song], album_artist: str, seen: set[str]) -> list[LibraryTrack]:
    tracks = []
    for song in songs:
        server_id = text(song.id)
        if server_id and server_id not in seen:
            seen.add(server_id)
            tracks.append(track_of(song, album_artist))
    return tracks
