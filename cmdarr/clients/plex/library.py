"""The music libraries of a Plex server: their names, and every track of one, completely or not at all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cmdarr.clients.plex.answers import text, whole
from cmdarr.clients.plex.api import PlexApi, quote_id
from cmdarr.clients.plex.parse import track_of
from cmdarr.errors import NotFound
from cmdarr.models.cancel import CancelToken
from cmdarr.models.track import LibraryTrack, ServerId

_MUSIC = "artist"
_TRACKS = ("type", "10")


@dataclass(slots=True)
class PlexLibrary:
    """Reads with the token of the owner; `wanted` is the one library to use, None for all with music."""

    api: PlexApi
    wanted: str | None
    batch_size: int
    _keys: dict[str, str] = field(default_factory=dict)

    def list_sections(self, cancel: CancelToken) -> list[str]:
        """Return the titles of the music libraries; two of one title are told apart by their keys.

        Raises:
            NotFound: there is none, or not the one of `library`.
        """
        found = self.api.read("/library/sections", cancel).sections or []
        music = [section for section in found if section.type == _MUSIC]
        titles = [text(section.title) for section in music]
        keys = {
            title if titles.count(title) == 1 else f"{title} ({text(section.key)})": text(section.key)
            for section, title in zip(music, titles, strict=True)
        }
        if not keys:
            raise NotFound(
                self.api.service, "there is no music library: add one in Plex, or use the token of its owner."
            )
        if self.wanted is not None:
            if self.wanted not in keys:
                raise NotFound(
                    self.api.service,
                    f"there is no music library '{self.wanted}': set `services.{self.api.service}.library` to one "
                    f"of {', '.join(keys)}.",
                )
            keys = {self.wanted: keys[self.wanted]}
        self._keys = keys
        return list(keys)

    def count_tracks(self, section: str, cancel: CancelToken) -> int | None:
        """Return how many tracks a library announces, None when it does not say."""
        page = self.api.read_page(self._path(section, cancel), cancel, _TRACKS, start=0, size=0)
        return whole(page.total_size)

    def fetch_tracks(self, section: str, cancel: CancelToken) -> Iterator[Sequence[LibraryTrack]]:
        """Yield every track of a library, page by page.

        Raises:
            ServiceUnavailable: the library changed meanwhile.
            UnexpectedResponse: fewer tracks came than are announced.
        """
        path = self._path(section, cancel)
        for page in self.api.read_pages(path, cancel, _TRACKS, ("includeGuids", "1")):
            yield [track_of(item, page) for item in page.items or ()]

    def fetch_any_track(self, cancel: CancelToken) -> ServerId:
        """Return some track.

        Raises:
            NotFound: there is none.
        """
        for section in self.list_sections(cancel):
            page = self.api.read_page(self._path(section, cancel), cancel, _TRACKS, start=0, size=1)
            for item in page.items or ():
                return ServerId(text(item.rating_key))
        raise NotFound(self.api.service, "the music library is empty: let the server scan it.")

    def fetch_titles(self, server_ids: Sequence[ServerId], cancel: CancelToken) -> dict[ServerId, str]:
        """Return the titles of those of the ids that are still tracks of the server; each call asks for a batch."""
        ids = list(dict.fromkeys(server_ids))
        titles: dict[ServerId, str] = {}
        for start in range(0, len(ids), self.batch_size):
            titles |= self._fetch_titles(ids[start : start + self.batch_size], cancel)
        return titles

    def _fetch_titles(self, ids: list[ServerId], cancel: CancelToken) -> dict[ServerId, str]:
        """Ask until nothing more comes: an answer may be cut to a page, and a single dead id may spoil it."""
        titles: dict[ServerId, str] = {}
        while ids:
            try:
                found = self._fetch_page(ids, cancel)
            except NotFound:
                if len(ids) == 1:
                    return titles
                middle = len(ids) // 2
                return (
                    titles
                    | self._fetch_titles(ids[:middle], cancel)
                    | self._fetch_titles(ids[middle:], cancel)
                )
            if found.keys().isdisjoint(ids):
                break
            titles |= {server_id: found[server_id] for server_id in ids if server_id in found}
            ids = [server_id for server_id in ids if server_id not in found]
        return titles

    def _fetch_page(self, ids: Sequence[ServerId], cancel: CancelToken) -> dict[ServerId, str]:
        path = f"/library/metadata/{','.join(map(quote_id, ids))}"
        page = self.api.read_page(path, cancel, start=0, size=len(ids))
        tracks = (item for item in page.items or () if item.type in {"track", None})
        return {ServerId(text(item.rating_key)): text(item.title) for item in tracks}

    def _path(self, section: str, cancel: CancelToken) -> str:
        if section not in self._keys:
            self.list_sections(cancel)
        if section not in self._keys:
            raise NotFound(self.api.service, f"there is no music library '{section}'.")
        return f"/library/sections/{quote_id(self._keys[section])}/all"
