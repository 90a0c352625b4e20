"""A music server, a source, an index and stores that live in memory, and can be told to fail."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cmdarr.errors import NothingFound, ServiceUnavailable
from cmdarr.library.ports import Keyer, MusicServer, PlaylistChange, PlaylistSource
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import (
    Binding,
    HeldChange,
    PlaylistEntry,
    PlaylistId,
    PlaylistInfo,
    Revision,
    SourcePlaylist,
)
from cmdarr.models.track import LibraryTrack, ServerId, WantedTrack

START = datetime(2026, 11, 22, 12, tzinfo=UTC)


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return (self.time - START).total_seconds()

    def advance(self, span: timedelta) -> None:
        self.time += span


class RecordedProgress:
    """Keeps the steps that were reported."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.done = 0

    def step(self, text: str, total: int | None = None) -> None:
        self.steps.append(text)

    def advance(self, count: int = 1) -> None:
        self.done += count


def song(number: int, artist: str = "Artist", **values: Any) -> LibraryTrack:
    """Return a library track whose id and title carry the number."""
    fields: dict[str, Any] = {
        "server_id": ServerId(f"id{number}"),
        "title": f"Song {number}",
        "artist": artist,
    }
    return LibraryTrack(**(fields | values))


def wish(number: int, artist: str = "Artist") -> WantedTrack:
    """Return the wanted track that `song(number)` is the match of."""
    return WantedTrack(artist=artist, title=f"Song {number}")


def entry(server_id: str, entry_id: str = "") -> PlaylistEntry:
    return PlaylistEntry(server_id=ServerId(server_id), entry_id=entry_id)


@dataclass
class FakePlaylist:
    """A playlist of the fake server."""

    title: str
    entries: list[PlaylistEntry]
    user: str = ""
    description: str = ""
    read_only: bool = False


@dataclass
class FakeServer:
    """A music server in memory. `fail_at` names the call (from 1) that fails, `fault` how it does."""

    name: str = "fake"
    sections: dict[str, list[LibraryTrack]] = field(default_factory=lambda: {"Music": []})
    playlists: dict[str, FakePlaylist] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    announced: dict[str, int] = field(default_factory=dict)
    fail_at: int = 0
    fault: str = "before"
    batch: int = 2
    drops_duplicates: bool = False
    title_suffix: str = ""
    drops_silently: frozenset[str] = frozenset()
    on_call: Callable[[str], None] = lambda name: None

    def list_sections(self, cancel: CancelToken) -> Sequence[str]:
        self._enter("list_sections", cancel)
        return tuple(self.sections)

    def fetch_tracks(self, section: str, cancel: CancelToken) -> Iterator[Sequence[LibraryTrack]]:
        tracks = self.sections[section]
        for start in range(0, max(len(tracks), 1), self.batch):
            self._enter("fetch_tracks", cancel)
            yield tracks[start : start + self.batch]

    def count_tracks(self, section: str, cancel: CancelToken) -> int | None:
        self._enter("count_tracks", cancel)
        return self.announced.get(section, len(self.sections[section]))

    def list_playlists(self, user: str, cancel: CancelToken) -> Sequence[PlaylistInfo]:
        self._enter("list_playlists", cancel)
        return [
            PlaylistInfo(
                playlist_id=PlaylistId(key),
                title=held.title,
                user=user,
                read_only=held.read_only,
                description=held.description,
            )
            for key, held in self.playlists.items()
            if held.user == user
        ]

    def fetch_entries(
        self, playlist_id: PlaylistId, user: str, cancel: CancelToken
    ) -> Sequence[PlaylistEntry] | None:
        self._enter("fetch_entries", cancel)
        held = self.playlists.get(playlist_id)
        return None if held is None else list(held.entries)

    def create_playlist(
        self, title: str, entries: Sequence[PlaylistEntry], description: str, user: str, cancel: CancelToken
    ) -> PlaylistId:
        fails = self._enter("create_playlist", cancel)
        self.writes.append(f"create {title}")
        playlist_id = PlaylistId(f"p{len(self.playlists) + 1}")
        landing = self._landing(entries)
        kept = landing[: len(landing) // 2] if fails == "half" else landing
        self.playlists[playlist_id] = FakePlaylist(title, kept, user, description)
        self._leave("create_playlist", fails)
        return playlist_id

    def apply_change(
        self, playlist_id: PlaylistId, change: PlaylistChange, user: str, cancel: CancelToken
    ) -> int:
        fails = self._enter("apply_change", cancel)
        self.writes.append(f"change {playlist_id}")
        held = self.playlists[playlist_id]
        assert [item.server_id for item in held.entries] == [item.server_id for item in change.current]
        if fails == "half":
            held.entries = [item for item in held.entries if item not in change.removed]
        else:
            held.entries = self._landing(change.wanted)
        self._leave("apply_change", fails)
        return 1

    def keeps_duplicates(self, cancel: CancelToken) -> bool:
        self._enter("keeps_duplicates", cancel)
        return not self.drops_duplicates

    def rename_playlist(
        self, playlist_id: PlaylistId, title: str, user: str, cancel: CancelToken
    ) -> PlaylistId:
        self._enter("rename_playlist", cancel)
        self.writes.append(f"rename {playlist_id} {title}")
        self.playlists[playlist_id].title = title
        return playlist_id

    def describe_playlist(
        self, playlist_id: PlaylistId, description: str, user: str, cancel: CancelToken
    ) -> None:
        self._enter("describe_playlist", cancel)
        self.writes.append(f"describe {playlist_id} {description}")
        self.playlists[playlist_id].description = description

    def delete_playlist(self, playlist_id: PlaylistId, user: str, cancel: CancelToken) -> None:
        self._enter("delete_playlist", cancel)
        self.writes.append(f"delete {playlist_id}")
        self.playlists.pop(playlist_id, None)

    def fetch_titles(self, server_ids: Sequence[ServerId], cancel: CancelToken) -> Mapping[ServerId, str]:
        self._enter("fetch_titles", cancel)
        known = {
            track.server_id: track.title + self.title_suffix
            for tracks in self.sections.values()
            for track in tracks
        }
        return {server_id: known[server_id] for server_id in server_ids if server_id in known}

    def ids(self, playlist_id: str) -> list[str]:
        """Return the server ids of a playlist in order."""
        return [item.server_id for item in self.playlists[playlist_id].entries]

    def _landing(self, entries: Iterable[PlaylistEntry]) -> list[PlaylistEntry]:
        if self.drops_duplicates:
            entries = {item.server_id: item for item in reversed(list(entries))}.values()
            entries = list(entries)[::-1]
        return [
            replace(item, entry_id=f"e{place}")
            for place, item in enumerate(entries)
            if item.server_id not in self.drops_silently
        ]

    def _enter(self, call: str, cancel: CancelToken) -> str:
        """Record the call; return how it shall fail, empty when it shall not."""
        cancel.check()
        self.calls.append(call)
        self.on_call(call)
        if len(self.calls) != self.fail_at:
            return ""
        if self.fault == "before" or call not in {"create_playlist", "apply_change"}:
            raise ServiceUnavailable(self.name, f"{call} was cut off.")
        return self.fault

    def _leave(self, call: str, fails: str) -> None:
        if fails:
            raise ServiceUnavailable(self.name, f"the answer of {call} was lost.")


@dataclass
class FakeSource:
    """A playlist source in memory."""

    playlist: SourcePlaylist
    name: str = "source"
    error: Exception | None = None
    reads: int = 0

    def fetch_playlist(self, playlist: str, cancel: CancelToken) -> SourcePlaylist:
        self.reads += 1
        if self.error is not None:
            raise self.error
        return self.playlist


class FakeServices:
    """The services of a snapshot."""

    def __init__(
        self, source: FakeSource, *servers: FakeServer, sources: Mapping[str, FakeSource] | None = None
    ) -> None:
        self._source = source
        self._sources = sources or {}
        self._servers = {server.name: server for server in servers}

    def server(self, name: str) -> MusicServer:
        if name not in self._servers:
            raise NothingFound(f"there is no service {name!r}.")
        return self._servers[name]

    def source(self, name: str) -> PlaylistSource:
        return self._sources.get(name, self._source)

    def server_names(self) -> Sequence[str]:
        return tuple(self._servers)


@dataclass(frozen=True)
class FakeState:
    """The state of a section of the fake index."""

    server: str
    section: str
    token: str
    refreshed_at: datetime
    tracks: int


class FakeIndex:
    """A library index in memory; `vanish` is what deleting its file does."""

    def __init__(self) -> None:
        self._sections: dict[tuple[str, str], tuple[FakeState, dict[int, list[LibraryTrack]]]] = {}
        self._generation = 0
        self.replaced = 0
        self.is_off = False
        self.before_find: Callable[[], None] = lambda: None
        self.after_find: Callable[[], None] = lambda: None
        self.after_replace: Callable[[], None] = lambda: None

    def replace_section(
        self,
        server: str,
        section: str,
        batches: Iterable[Sequence[LibraryTrack]],
        keyer: Keyer,
        now: datetime,
    ) -> int:
        found: dict[int, list[LibraryTrack]] = {}
        count = 0
        for batch in batches:
            for track, keys in zip(batch, keyer(batch), strict=True):
                count += 1
                for key in keys:
                    found.setdefault(key, []).append(track)
        if self.is_off:
            return 0
        self._generation += 1
        state = FakeState(server, section, f"token{self._generation}", now, count)
        self._sections[server, section] = (state, found)
        self.replaced += 1
        self.after_replace()
        return count

    def find_by_keys(
        self, server: str, keys: Sequence[int], section: str | None = None
    ) -> Mapping[int, Sequence[LibraryTrack]]:
        self.before_find()
        found: dict[int, list[LibraryTrack]] = {}
        for (its_server, its_section), (_, tracks) in self._sections.items():
            if its_server == server and section in {None, its_section}:
                for key in keys:
                    if key in tracks:
                        found.setdefault(key, []).extend(tracks[key])
        self.after_find()
        return found

    def info(self, server: str | None = None) -> Sequence[FakeState]:
        states = [state for state, _ in self._sections.values()]
        return [state for state in states if server in {None, state.server}]

    def vanish(self) -> None:
        """Forget everything."""
        self._sections.clear()


class FakeBindings:
    """Bindings in memory."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str, str, str], Binding] = {}
        self.on_write: Callable[[], None] = lambda: None

    def find(self, command: str, server: str, user: str = "", slot: str = "") -> Binding | None:
        return self.held.get((command, server, user, slot))

    def save(self, binding: Binding) -> None:
        self.on_write()
        self.held[binding.command, binding.server, binding.user, binding.slot] = binding

    def remove(self, binding: Binding) -> None:
        self.held.pop((binding.command, binding.server, binding.user, binding.slot), None)

    def list(self, command: str | None = None) -> Sequence[Binding]:
        return [binding for binding in self.held.values() if command in {None, binding.command}]


class FakeRevisions:
    """Revisions in memory."""

    def __init__(self) -> None:
        self.held: list[Revision] = []
        self.on_write: Callable[[], None] = lambda: None

    def add(self, revision: Revision) -> int:
        self.on_write()
        self.held.append(revision)
        return len(self.held)

    def newest(self, server: str, user: str, playlist_id: PlaylistId) -> Revision | None:
        found = [
            each
            for each in self.held
            if (each.server, each.user, each.playlist_id) == (server, user, playlist_id)
        ]
        return found[-1] if found else None


class FakeHeld:
    """Held changes in memory."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str, str, str], HeldChange] = {}

    def save(self, change: HeldChange) -> None:
        self.held[change.command, change.server, change.user, change.slot] = change

    def find(self, command: str, server: str, user: str = "", slot: str = "") -> HeldChange | None:
        return self.held.get((command, server, user, slot))

    def remove(self, command: str, server: str, user: str = "", slot: str = "") -> None:
        self.held.pop((command, server, user, slot), None)
