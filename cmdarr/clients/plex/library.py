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

    def find_missing(self, server_ids: Sequence[ServerId], cancel: CancelToken) -> frozenset[ServerId]:
        """Return those of the ids that are no tracks of the server any more; each call asks for a batch."""
        ids = list(dict.fromkeys(server_ids))
        missing: set[ServerId] = set()
        for start in range(0, len(ids), self.batch_size):
            missing |= self._find_missing(ids[start : start + self.batch_size], cancel)
        return frozenset(missing)

    def _find_missing(self, ids: list[ServerId], cancel: CancelToken) -> set[ServerId]:
        """Ask until nothing more comes: an answer may be cut to a page, and a single dead id may spoil it."""
        while ids:
            try:
                alive = self._fetch_alive(ids, cancel)
            except NotFound:
                if len(ids) == 1:
                    return set(ids)
                middle = len(ids) // 2
                halves = ids[:middle], ids[middle:]
                return {dead for half in halves for dead in self._find_missing(half, cancel)}
            if alive.isdisjoint(ids):
                break
            ids = [server_id for server_id in ids if server_id not in alive]
        return set(ids)

    def _fetch_alive(self, ids: Sequence[ServerId], cancel: CancelToken) -> set[str]:
        path = f"/library/metadata/{','.join(map(quote_id, ids))}"
        page = self.api.read_page(path, cancel, start=0, size=len(ids))
        return {text(item.rating_key) for item in page.items or () if item.type in {"track", None}}

    def _path(self, section: str, cancel: CancelToken) -> str:
        if section not in self._keys:
            self.list_sections(cancel)
        if section not in self._keys:
            raise NotFound(self.api.service, f"there is no music library '{section}'.")
        return f"/library/sections/{quote_id(self._keys[section])}/all"
