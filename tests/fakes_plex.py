"""A Plex Media Server and plex.tv in memory over real HTTP, with their habits and faults."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any
from urllib.parse import unquote

from fakes_http import Answer, HttpServer, Reset, Seen, Silence, Told

MACHINE = "f00d0123456789abcdef"
TOKEN = "owner-token-geheim"
Json = dict[str, Any]


@dataclass
class StoredPlaylist:
    """`items` are pairs of playlistItemID and rating key."""

    id: str
    title: str
    items: list[tuple[str, str]] = field(default_factory=list)
    owner: str = "owner"
    summary: str = ""
    smart: bool = False
    poster: str = "made by hand"

    @property
    def keys(self) -> list[str]:
        return [key for _, key in self.items]


class Refused(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def make_tracks(number: int, *, section: str = "1") -> list[Json]:
    """Return tracks in albums of five, titled `Song 1` and so on, with rating keys from 101 on."""
    return [
        {
            "ratingKey": str(int(section) * 100 + place),
            "type": "track",
            "title": f"Song {place}",
            "grandparentTitle": "Artist",
            "parentTitle": f"Album {place // 5}",
            "index": place % 5 + 1,
            "parentIndex": 1,
            "duration": 200_000 + place,
            "guid": f"plex://track/{place}",
            "section": section,
        }
        for place in range(1, number + 1)
    ]


@dataclass
class FakePlex:
    """The state and the habits; call it for an answer. `fault` breaks the call number `fail_at`."""

    tracks: list[Json] = field(default_factory=lambda: make_tracks(30))
    sections: list[Json] = field(
        default_factory=lambda: [
            {"key": "1", "title": "Music", "type": "artist"},
            {"key": "9", "title": "Films", "type": "movie"},
        ]
    )
    playlists: dict[str, StoredPlaylist] = field(default_factory=dict)
    tokens: dict[str, str] = field(
        default_factory=lambda: {TOKEN: "owner", "token-of-alice": "alice", "token-of-bob": "bob"}
    )
    most: int = 10_000
    """The largest page that it gives."""
    counts: bool = True
    """Whether it announces `totalSize`."""
    counts_in_header: bool = False
    hoists: bool = False
    """Whether what all items have in common stands at the container only."""
    numbers_as_text: bool = False
    lists_missing: str = "fewer"
    """How dead ids are answered among living ones: `fewer` come, or `404`."""
    says_added: bool = True
    drops: str = ""
    """Which duplicates it drops: those of one `batch`, or `all`."""
    pages: str = ""
    """A wrong way of paging: `repeat` (it ignores the start), `shrink` (it announces less), `short` (it ends early)."""
    refuses_empty: bool = True
    dead: set[str] = field(default_factory=set)
    """Rating keys that it shows but does not take into a playlist."""
    account: Json = field(default_factory=lambda: {"id": 1, "title": "Owner", "username": "owner"})
    home: Any = field(
        default_factory=lambda: {
            "id": 5,
            "users": [
                {"id": 1, "title": "Owner", "username": "owner", "friendlyName": "", "admin": True},
                {"id": 2, "title": "Alice", "username": "", "friendlyName": "Mum"},
                {"id": 4, "title": "Nobody", "username": "", "friendlyName": ""},
            ],
        }
    )
    shares: list[Json] = field(
        default_factory=lambda: [
            {"id": 71, "userID": 2, "username": "", "accessToken": "token-of-alice"},
            {"id": 72, "userID": 3, "username": "bob@net", "accessToken": "token-of-bob"},
        ]
    )
    prologue: str = '<?xml version="1.0" encoding="UTF-8"?>\n'
    is_owned: bool = True
    fail_at: int = 0
    fault: str = ""
    calls: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    before_call: Callable[[str], None] = lambda call: None
    numbers: Any = field(default_factory=lambda: count(5_001))

    def __call__(self, seen: Seen) -> Told:
        call = f"{seen.method} {seen.path}"
        self.calls.append(call)
        self.before_call(call)
        if len(self.calls) == self.fail_at:
            return self._fail(seen)
        return self._answer(seen)

    def rekey(self, *, is_kept_in_playlists: bool = False) -> None:
        """Give every track and playlist a new id; entries follow their tracks, or are lost."""
        new = {track["ratingKey"]: str(next(self.numbers)) for track in self.tracks}
        for track in self.tracks:
            track["ratingKey"] = new[track["ratingKey"]]
        for playlist in list(self.playlists.values()):
            del self.playlists[playlist.id]
            playlist.id = str(next(self.numbers))
            self.playlists[playlist.id] = playlist
            items = [(item, new[key]) for item, key in playlist.items] if is_kept_in_playlists else []
            playlist.items = items

    def add_playlist(self, title: str, *keys: str, **values: Any) -> StoredPlaylist:
        playlist = StoredPlaylist(str(next(self.numbers)), title, **values)
        playlist.items = [(str(next(self.numbers)), key) for key in keys]
        self.playlists[playlist.id] = playlist
        return playlist

    def _fail(self, seen: Seen) -> Told:
        """Break the call in the way that `fault` names, before or after it took effect."""
        is_write = seen.method != "GET"
        if self.fault == "nothing done":
            return Answer(body=b'{"MediaContainer":{}}') if is_write else self._answer(seen)
        if self.fault == "short":
            return self._shortened(self._answer(seen))
        answer = self._answer(seen) if self.fault.endswith("after") or self.fault == "cut" else Answer()
        if self.fault.startswith("reset"):
            return Reset()
        if self.fault == "silence":
            return Silence()
        if self.fault == "cut":
            return replace(answer, cut=len(answer.body) // 2, status=answer.status)
        if self.fault == "page":
            return Answer(body=b"<html>please log in</html>")
        return Answer(status=int(self.fault.split()[0]), body=b"<html>oops</html>")

    def _shortened(self, answer: Answer) -> Answer:
        """Leave out the second half of every list, but announce all of it."""
        if not answer.body.startswith(b"{"):
            return answer
        body = json.loads(answer.body)
        for values in body.get("MediaContainer", {}).values():
            if isinstance(values, list):
                del values[len(values) // 2 :]
        return replace(answer, body=json.dumps(body).encode())

    def _answer(self, seen: Seen) -> Answer:
        try:
            if seen.path.startswith("/api/"):
                return self._answer_of_plex_tv(seen)
            container = self._call(seen)
        except Refused as refused:
            return Answer(status=refused.status, body=b"<html><h1>no</h1></html>")
        if container is None:
            return Answer(status=204, body=b"")
        headers = {}
        if self.counts_in_header and "totalSize" in container:
            headers["X-Plex-Container-Total-Size"] = str(container.pop("totalSize"))
        if seen.headers.get("accept") != "application/json":
            return Answer(body=b'<?xml version="1.0"?><MediaContainer/>', headers=headers)
        body = {"MediaContainer": _as_text(container) if self.numbers_as_text else container}
        return Answer(body=json.dumps(body).encode(), headers=headers)

    def _call(self, seen: Seen) -> Json | None:
        parts = [unquote(part) for part in seen.path.strip("/").split("/")]
        if parts == ["identity"]:
            return {"size": 0, "machineIdentifier": MACHINE, "version": "1.41.0", "claimed": True}
        if not seen.headers.get("x-plex-client-identifier") or seen.get("X-Plex-Token"):
            raise Refused(400)
        user = self.tokens.get(seen.headers.get("x-plex-token", ""))
        if user is None:
            raise Refused(401)
        if seen.method != "GET":
            self.writes.append(f"{seen.method} {seen.path}")
        match parts:
            case [""]:
                return {"size": 1, "friendlyName": "attic", "machineIdentifier": MACHINE, "version": "1.41.0"}
            case ["library", "sections"]:
                return {"size": len(self.sections), "Directory": self.sections}
            case ["library", "sections", key, "all"]:
                return self._tracks(seen, key)
            case ["library", "metadata", ids]:
                return self._metadata(seen, ids.split(","))
            case ["playlists"]:
                return self._create(seen, user) if seen.method == "POST" else self._list(seen, user)
            case ["playlists", key, *rest]:
                return self._on_playlist(seen, self._playlist(key, user), rest)
        raise Refused(404)

    def _tracks(self, seen: Seen, section: str) -> Json:
        if seen.get("type") != "10":
            raise Refused(400)
        tracks = [
            {name: value for name, value in track.items() if name not in {"section", "Guid"}}
            | ({"Guid": track["Guid"]} if "Guid" in track and seen.get("includeGuids") == "1" else {})
            for track in self.tracks
            if track["section"] == section
        ]
        return self._page(seen, tracks)

    def _metadata(self, seen: Seen, ids: list[str]) -> Json:
        found = [track for track in self.tracks if track["ratingKey"] in ids]
        if not found or (self.lists_missing == "404" and len(found) < len(set(ids))):
            raise Refused(404)
        return self._page(seen, found)

    def _page(self, seen: Seen, items: list[Json], **about: Any) -> Json:
        start = int(seen.headers.get("x-plex-container-start", "0"))
        size = min(int(seen.headers.get("x-plex-container-size", "50")), self.most)
        total = len(items)
        if self.pages == "repeat":
            start = 0
        if self.pages == "short":
            items = items[: total // 2]
        if self.pages == "shrink" and start:
            total -= 1
        page = items[start : start + size]
        about |= {"size": len(page), "offset": start} | ({"totalSize": total} if self.counts else {})
        if self.hoists and page and "parentTitle" in page[0]:
            about |= {name: page[0][name] for name in ("parentTitle", "grandparentTitle", "parentIndex")}
            page = [
                {name: value for name, value in item.items() if item.get(name) != about.get(name)}
                for item in page
            ]
        return about | ({"Metadata": page} if page else {})

    def _list(self, seen: Seen, user: str) -> Json:
        own = [self._about(playlist) for playlist in self.playlists.values() if playlist.owner == user]
        return self._page(seen, own)

    def _about(self, playlist: StoredPlaylist) -> Json:
        return {
            "ratingKey": playlist.id,
            "key": f"/playlists/{playlist.id}/items",
            "type": "playlist",
            "playlistType": "audio",
            "title": playlist.title,
            "summary": playlist.summary,
            "smart": playlist.smart,
            "leafCount": len(playlist.items),
        }

    def _playlist(self, key: str, user: str) -> StoredPlaylist:
        playlist = self.playlists.get(key)
        if playlist is None or playlist.owner != user:
            raise Refused(404)
        return playlist

    def _create(self, seen: Seen, user: str) -> Json:
        ids = _ids(seen.get("uri"))
        if seen.get("type") != "audio" or seen.get("smart") != "0" or not seen.get("title"):
            raise Refused(400)
        if not ids and self.refuses_empty:
            raise Refused(400)
        playlist = self.add_playlist(seen.get("title"), owner=user)
        self._take(playlist, ids)
        return {"size": 1, "Metadata": [self._about(playlist)]}

    def _take(self, playlist: StoredPlaylist, ids: list[str]) -> int:
        known = {track["ratingKey"] for track in self.tracks} - self.dead
        taken = [key for key in ids if key in known]
        if self.drops:
            taken = list(dict.fromkeys(taken))
        if self.drops == "all":
            taken = [key for key in taken if key not in playlist.keys]
        playlist.items += [(str(next(self.numbers)), key) for key in taken]
        return len(taken)

    def _on_playlist(self, seen: Seen, playlist: StoredPlaylist, rest: list[str]) -> Json | None:
        match seen.method, rest:
            case "GET", ["items"]:
                return self._items(seen, playlist)
            case "PUT", []:
                playlist.title = seen.get("title", playlist.title)
                playlist.summary = seen.get("summary", playlist.summary)
                return None
            case "DELETE", []:
                del self.playlists[playlist.id]
                return None
            case _, ["items", *_] if playlist.smart:
                raise Refused(400)
            case "PUT", ["items"]:
                ids = _ids(seen.get("uri"))
                added = self._take(playlist, ids)
                said = {"leafCountRequested": len(ids), "leafCountAdded": added} if self.says_added else {}
                return {"size": 1, **said, "Metadata": [self._about(playlist)]}
            case "DELETE", ["items"]:
                playlist.items = []
            case "DELETE", ["items", item]:
                playlist.items.remove(_entry(playlist, item))
            case "PUT", ["items", item, "move"]:
                self._move(playlist, item, seen.get("after"))
            case _:
                raise Refused(404)
        return {"size": 1, "Metadata": [self._about(playlist)]}

    def _move(self, playlist: StoredPlaylist, item: str, after: str) -> None:
        entry = _entry(playlist, item)
        behind = _entry(playlist, after) if after else None
        playlist.items.remove(entry)
        playlist.items.insert(playlist.items.index(behind) + 1 if behind else 0, entry)

    def _items(self, seen: Seen, playlist: StoredPlaylist) -> Json:
        tracks = {track["ratingKey"]: track for track in self.tracks}
        items = [
            {name: value for name, value in tracks[key].items() if name not in {"section", "Guid"}}
            | ({} if playlist.smart else {"playlistItemID": int(item)})
            for item, key in playlist.items
        ]
        return self._page(
            seen, items, title=playlist.title, smart=playlist.smart, leafCount=len(playlist.items)
        )

    def _answer_of_plex_tv(self, seen: Seen) -> Answer:
        if self.tokens.get(seen.headers.get("x-plex-token", "")) is None:
            raise Refused(401)
        if seen.path == f"/api/servers/{MACHINE}/shared_servers":
            if self.tokens[seen.headers["x-plex-token"]] != "owner":
                raise Refused(401)
            rows = "".join(map(_shared_server, self.shares))
            return Answer(body=f'{self.prologue}<MediaContainer size="1">{rows}</MediaContainer>'.encode())
        other = {"clientIdentifier": "another", "provides": "server", "owned": True}
        device = {"clientIdentifier": MACHINE, "provides": "player,server", "owned": self.is_owned}
        bodies: Json = {
            "/api/v2/user": self.account,
            "/api/v2/home/users": self.home,
            "/api/v2/resources": [other, device],
        }
        if seen.path not in bodies:
            raise Refused(404)
        return Answer(body=json.dumps(bodies[seen.path]).encode())


def _ids(uri: str) -> list[str]:
    """Return the rating keys of an address of items; one of another server is refused."""
    if not uri:
        return []
    before, _, ids = uri.rpartition("/")
    if before != f"server://{MACHINE}/com.plexapp.plugins.library/library/metadata":
        raise Refused(400)
    return ids.split(",")


def _shared_server(share: Json) -> str:
    values = " ".join(f'{name}="{value}"' for name, value in share.items())
    return f"<SharedServer {values}/>"


def _entry(playlist: StoredPlaylist, item: str) -> tuple[str, str]:
    found = next((entry for entry in playlist.items if entry[0] == item), None)
    if found is None:
        raise Refused(404)
    return found


def _as_text(value: Any) -> Any:
    """Write every number and flag as a text, as the XML form does."""
    if isinstance(value, dict):
        return {name: _as_text(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_text(inner) for inner in value]
    return str(int(value)) if isinstance(value, int) else value


def start(fake: FakePlex) -> HttpServer:
    """Start a server that answers as the fake does, also for plex.tv; stop it at the end."""
    return HttpServer(fake)
