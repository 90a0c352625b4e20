"""A Jellyfin server in memory over real HTTP, with the habits and faults of the versions that are in use."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any
from uuid import UUID, uuid5

from fakes_http import Answer, HttpServer, Reset, Seen, Silence, Told

USER, PASSWORD, TOKEN, KEY = "alice", "geheim & süß", "a" * 31 + "1", "b" * 31 + "2"
_SPACE = UUID(int=7)


def make_id(name: str) -> str:
    """Return the id of a name, without dashes."""
    return uuid5(_SPACE, name).hex


ALICE, BOB = make_id("user alice"), make_id("user bob")


@dataclass
class Child:
    """A place of a playlist."""

    item: str
    entry: str


@dataclass
class StoredPlaylist:
    id: str
    name: str
    owner: str = ALICE
    children: list[Child] = field(default_factory=list)
    overview: str | None = None
    media_type: str = "Audio"
    is_public: bool = False

    @property
    def items(self) -> list[str]:
        return [child.item for child in self.children]


class Refused(Exception):
    def __init__(self, status: int, message: str = "Error processing request.") -> None:
        super().__init__(message)
        self.status = status


def make_tracks(number: int, *, library: str = "Music", first: int = 1) -> list[dict[str, Any]]:
    """Return tracks titled `Song 1` and so on."""
    return [
        {
            "Id": make_id(f"{library} {n}"),
            "Name": f"Song {n}",
            "Type": "Audio",
            "MediaType": "Audio",
            "Artists": ["Artist"],
            "AlbumArtist": "Artist",
            "Album": f"Album {n // 5}",
            "IndexNumber": n % 5 + 1,
            "ParentIndexNumber": 1,
            "RunTimeTicks": (200 + n) * 10_000_000,
            "ProductionYear": 1999,
            "ProviderIds": {},
            "library": make_id(library),
        }
        for n in range(first, first + number)
    ]


def track_id(number: int) -> str:
    """Return the id of one of `make_tracks`."""
    return make_id(f"Music {number}")


@dataclass
class FakeJellyfin:
    """The state and the habits; call it for an answer."""

    tracks: list[dict[str, Any]] = field(default_factory=lambda: make_tracks(30))
    libraries: dict[str, tuple[str, str]] = field(
        default_factory=lambda: {make_id("Music"): ("Music", "music"), make_id("Films"): ("Films", "movies")}
    )
    users: dict[str, str] = field(default_factory=lambda: {ALICE: "Alice", BOB: "bob"})
    passwords: dict[str, str] = field(default_factory=lambda: {ALICE: PASSWORD, BOB: "bobs"})
    admins: set[str] = field(default_factory=set)
    tokens: dict[str, str] = field(default_factory=lambda: {TOKEN: ALICE})
    devices: dict[tuple[str, str], str] = field(default_factory=dict)
    playlists: dict[str, StoredPlaylist] = field(default_factory=dict)
    version: str = "10.11.2"
    keeps_duplicates: bool = False
    entry_ids: str = "item"
    """`item`: the id of a place is that of its track; `own`: it is its own; `changing`: another at every look."""
    moves: str = "adjusted"
    """`plain`, or where 10.10 and later put a track: `adjusted`, and `first` (never to the front)."""
    has_dashes: bool = False
    key_can_edit: bool = False
    most: int = 1000
    ignores_start: bool = False
    starting: int = 0
    """How many calls are answered with 503 at first."""
    fail_at: int = 0
    fault: str = ""
    calls: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: count(1))

    def __call__(self, seen: Seen) -> Told:
        self.calls.append(f"{seen.method} {seen.path}")
        if self.starting > 0:
            self.starting -= 1
            return Answer(status=503, body=b'"The server is loading"')
        if len(self.calls) == self.fail_at:
            return self._fail(seen)
        return self._answer(seen)

    def _answer(self, seen: Seen) -> Answer:
        try:
            status, body = self._route(seen)
        except Refused as refused:
            status, body = refused.status, str(refused)
        if body is None:
            return Answer(status=status, body=b"")
        return Answer(
            status=status, body=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
        )

    def _fail(self, seen: Seen) -> Told:
        """Break the call in the way that `fault` names, before or after it took effect."""
        is_write = seen.method != "GET" and not seen.path.startswith("/Users")
        if self.fault == "nothing done" and is_write:
            return Answer(status=204, body=b"")
        if self.fault in {"short", "nothing done"}:
            return self._shortened(self._answer(seen)) if self.fault == "short" else self._answer(seen)
        answer = self._answer(seen) if self.fault.endswith("after") or self.fault == "cut" else Answer()
        if self.fault.startswith("reset"):
            return Reset()
        if self.fault == "silence":
            return Silence()
        if self.fault == "cut":
            return replace(answer, cut=len(answer.body) // 2)
        if self.fault == "page":
            return Answer(body=b"<html>please log in</html>")
        if self.fault == "gone":
            return Answer(status=404, body=b"<html>no such host</html>")
        return Answer(status=int(self.fault.split()[0]), body=b"<html>oops</html>")

    def _shortened(self, answer: Answer) -> Answer:
        """Leave out the second half of every list of items, and go on announcing all of them."""
        body = json.loads(answer.body) if answer.body else None
        if isinstance(body, dict) and isinstance(body.get("Items"), list):
            body["Items"] = body["Items"][: len(body["Items"]) // 2]
        elif isinstance(body, list):
            body = body[: len(body) // 2]
        return replace(answer, body=json.dumps(body).encode() if answer.body else b"")

    def _route(self, seen: Seen) -> tuple[int, Any]:
        if (seen.method, seen.path) == ("GET", "/System/Info/Public"):
            return 200, {"Version": self.version, "ServerName": "attic", "Id": make_id("server")}
        if (seen.method, seen.path) == ("POST", "/Users/AuthenticateByName"):
            return 200, self._sign_in(seen)
        caller = self._caller(seen)
        for method, pattern, call in self._calls():
            found = re.fullmatch(pattern, seen.path)
            if found and method == seen.method:
                parts = [
                    self._guid(part) if place == 0 else part for place, part in enumerate(found.groups())
                ]
                return call(seen, caller, *parts)
        raise Refused(404, "")

    def _calls(self) -> list[tuple[str, str, Callable[..., tuple[int, Any]]]]:
        one = r"([^/]+)"
        return [
            ("GET", "/Users/Me", self._me),
            ("GET", "/Users", self._list_users),
            ("GET", "/UserViews", self._views),
            ("GET", "/Items", self._items),
            ("GET", f"/Items/{one}", self._item),
            ("POST", f"/Items/{one}", self._edit_item),
            ("DELETE", f"/Items/{one}", self._delete),
            ("POST", "/Playlists", self._create),
            ("POST", f"/Playlists/{one}", self._update),
            ("GET", f"/Playlists/{one}/Items", self._entries),
            ("POST", f"/Playlists/{one}/Items", self._add),
            ("DELETE", f"/Playlists/{one}/Items", self._remove),
            ("POST", f"/Playlists/{one}/Items/{one}/Move/{one}", self._move),
        ]

    def _credentials(self, seen: Seen) -> dict[str, str]:
        header = seen.headers.get("authorization", "")
        if not header.startswith("MediaBrowser "):
            return {}
        return dict(re.findall(r'(\w+)="([^"]*)"', header))

    def _sign_in(self, seen: Seen) -> dict[str, Any]:
        about = self._credentials(seen)
        if not {"Client", "Device", "DeviceId", "Version"} <= set(about):
            raise Refused(400)
        body = json.loads(seen.body)
        for user_id, name in self.users.items():
            if name.casefold() == body["Username"].casefold() and self.passwords[user_id] == body["Pw"]:
                token = make_id(f"token {next(self.numbers)}")
                self.tokens.pop(self.devices.get((user_id, about["DeviceId"]), ""), None)
                self.devices[user_id, about["DeviceId"]] = token
                self.tokens[token] = user_id
                return {"AccessToken": token, "User": self._user(user_id)}
        raise Refused(401)

    def _caller(self, seen: Seen) -> str:
        """Return the user of the token, empty for an API key."""
        token = self._credentials(seen).get("Token", "")
        if token == KEY:
            return ""
        if token not in self.tokens:
            raise Refused(401, "")
        return self.tokens[token]

    def _acting(self, seen: Seen, caller: str) -> str:
        """Return the user that a call is for: `userId`, else the caller."""
        asked = self._guid(seen.get("userId")) if seen.get("userId") else ""
        user = asked or caller
        if caller and user != caller and caller not in self.admins:
            raise Refused(403)
        if user not in self.users:
            raise Refused(404 if asked else 400)
        return user

    def _own(self, caller: str) -> str:
        """Return the user of a call that looks at nothing but the token."""
        if not caller and not self.key_can_edit:
            raise Refused(400)
        return caller

    def _user(self, user_id: str) -> dict[str, Any]:
        return {"Id": self._shown(user_id), "Name": self.users[user_id]}

    def _me(self, seen: Seen, caller: str) -> tuple[int, Any]:
        if not caller:
            raise Refused(400, "")
        return 200, self._user(caller)

    def _list_users(self, seen: Seen, caller: str) -> tuple[int, Any]:
        return 200, [self._user(user_id) for user_id in self.users]

    def _views(self, seen: Seen, caller: str) -> tuple[int, Any]:
        self._acting(seen, caller)
        views = [
            {"Id": self._shown(key), "Name": name, "Type": "CollectionFolder", "CollectionType": kind}
            for key, (name, kind) in self.libraries.items()
        ]
        return 200, {"Items": views, "TotalRecordCount": len(views), "StartIndex": 0}

    def _items(self, seen: Seen, caller: str) -> tuple[int, Any]:
        user = self._acting(seen, caller)
        ids = {self._guid(each) for each in seen.all("ids")}
        if seen.all("includeItemTypes") == ["Playlist"]:
            found = [self._about(playlist, user) for playlist in self._visible(user)]
        elif ids:
            known = [*self.tracks, *(self._about(playlist, user) for playlist in self._visible(user))]
            found = [self._told(item) for item in known if self._guid(item["Id"]) in ids]
        else:
            parent = self._guid(seen.get("parentId"))
            found = [self._told(track) for track in self.tracks if track["library"] == parent]
        return 200, self._page(seen, found)

    def _page(self, seen: Seen, found: list[dict[str, Any]]) -> dict[str, Any]:
        start = 0 if self.ignores_start else int(seen.get("startIndex", "0"))
        size = min(int(seen.get("limit", "1000000")), self.most)
        return {"Items": found[start : start + size], "TotalRecordCount": len(found), "StartIndex": start}

    def _told(self, item: dict[str, Any]) -> dict[str, Any]:
        shown = {key: value for key, value in item.items() if key != "library" and value is not None}
        return shown | {"Id": self._shown(self._guid(item["Id"]))}

    def _about(self, playlist: StoredPlaylist, user: str) -> dict[str, Any]:
        about = {
            "Id": self._shown(playlist.id),
            "Name": playlist.name,
            "Type": "Playlist",
            "MediaType": playlist.media_type,
            "CanDelete": user == playlist.owner or user in self.admins,
            "Genres": ["kept"],
        }
        return about | ({"Overview": playlist.overview} if playlist.overview else {})

    def _visible(self, user: str) -> list[StoredPlaylist]:
        return [
            playlist for playlist in self.playlists.values() if playlist.is_public or playlist.owner == user
        ]

    def _item(self, seen: Seen, caller: str, item_id: str) -> tuple[int, Any]:
        user = self._acting(seen, caller)
        for playlist in self._visible(user):
            if playlist.id == item_id:
                return 200, self._about(playlist, user)
        raise Refused(404)

    def _edit_item(self, seen: Seen, caller: str, item_id: str) -> tuple[int, Any]:
        self.writes.append("edit")
        if caller and caller not in self.admins:
            raise Refused(403)
        body = json.loads(seen.body)
        if item_id not in self.playlists:
            raise Refused(404)
        assert body["Genres"] == ["kept"], "an item was written back without all of its values"
        playlist = self.playlists[item_id]
        playlist.name, playlist.overview = body["Name"], body.get("Overview")
        return 204, None

    def _delete(self, seen: Seen, caller: str, item_id: str) -> tuple[int, Any]:
        self.writes.append("delete")
        playlist = self.playlists.get(item_id)
        if playlist is None:
            raise Refused(404)
        if caller and caller != playlist.owner and caller not in self.admins:
            raise Refused(401, "Unauthorized access")
        del self.playlists[item_id]
        return 204, None

    def _create(self, seen: Seen, caller: str) -> tuple[int, Any]:
        self.writes.append("create")
        body = json.loads(seen.body)
        owner = self._guid(body["UserId"])
        if caller and caller != owner:
            raise Refused(403)
        playlist = StoredPlaylist(make_id(f"playlist {next(self.numbers)}"), body["Name"], owner)
        playlist.is_public = body["IsPublic"]
        self.playlists[playlist.id] = playlist
        self._append(playlist, [self._guid(each) for each in body["Ids"]])
        return 200, {"Id": self._shown(playlist.id)}

    def _update(self, seen: Seen, caller: str, playlist_id: str) -> tuple[int, Any]:
        self.writes.append("update")
        playlist = self._to_write(playlist_id, self._own(caller))
        body = json.loads(seen.body)
        assert set(body) == {"Name"}, "a playlist is replaced"
        playlist.name = body["Name"]
        return 204, None

    def _entries(self, seen: Seen, caller: str, playlist_id: str) -> tuple[int, Any]:
        playlist = self._seen_by(playlist_id, self._acting(seen, caller))
        if self.entry_ids == "changing" and seen.get("startIndex", "0") == "0":
            self._rename_entries(playlist)
        known = {track["Id"]: track for track in self.tracks}
        found = [
            self._told(known[child.item]) | {"PlaylistItemId": child.entry}
            for child in playlist.children
            if child.item in known
        ]
        return 200, self._page(seen, found)

    def _add(self, seen: Seen, caller: str, playlist_id: str) -> tuple[int, Any]:
        self.writes.append("add")
        playlist = self._to_write(playlist_id, self._acting(seen, caller))
        self._append(playlist, [self._guid(each) for each in seen.all("ids")])
        return 204, None

    def _append(self, playlist: StoredPlaylist, items: list[str]) -> None:
        """Append what can be: no videos, nothing unknown, and on older versions nothing that is there."""
        audio = {track["Id"] for track in self.tracks if track["MediaType"] == "Audio"}
        for item in items:
            if item in audio and (self.keeps_duplicates or item not in playlist.items):
                entry = item if self.entry_ids == "item" else make_id(f"entry {next(self.numbers)}")
                playlist.children.append(Child(item, entry))
        if self.entry_ids == "changing":
            self._rename_entries(playlist)

    def _rename_entries(self, playlist: StoredPlaylist) -> None:
        for child in playlist.children:
            child.entry = make_id(f"entry {next(self.numbers)}")

    def _remove(self, seen: Seen, caller: str, playlist_id: str) -> tuple[int, Any]:
        user = self._own(caller)
        if UUID(playlist_id).int == 1:
            raise Refused(404, "Playlist not found")
        self.writes.append("remove")
        playlist = self._to_write(playlist_id, user)
        gone = set(seen.all("entryIds"))
        playlist.children = [child for child in playlist.children if child.entry not in gone]
        if self.entry_ids == "changing":
            self._rename_entries(playlist)
        return 204, None

    def _move(self, seen: Seen, caller: str, playlist_id: str, entry: str, place: str) -> tuple[int, Any]:
        self.writes.append("move")
        playlist = self._to_write(playlist_id, self._own(caller))
        entries = [child.entry for child in playlist.children]
        if entry not in entries:
            raise Refused(400)
        playlist.children = self._moved(playlist.children, entries.index(entry), int(place))
        if self.entry_ids == "changing":
            self._rename_entries(playlist)
        return 204, None

    def _moved(self, children: list[Child], origin: int, place: int) -> list[Child]:
        """Move as the versions do: from 10.10 on they look for the place behind the one that comes before."""
        if origin == place:
            return children
        left = list(children)
        child = left.pop(origin)
        if self.moves != "plain":
            before = place if place > origin else max(place - 1, 0)
            is_front = place == 0 and self.moves == "adjusted"
            place = len(left) if place >= len(left) else 0 if is_front else before + 1
        left.insert(place, child)
        return left

    def _seen_by(self, playlist_id: str, user: str) -> StoredPlaylist:
        for playlist in self._visible(user):
            if playlist.id == playlist_id:
                return playlist
        raise Refused(404, "Playlist not found")

    def _to_write(self, playlist_id: str, user: str) -> StoredPlaylist:
        if not user and playlist_id in self.playlists:
            return self.playlists[playlist_id]
        playlist = self._seen_by(playlist_id, user)
        if playlist.owner != user:
            raise Refused(403)
        return playlist

    def _guid(self, text: str) -> str:
        try:
            return UUID(text).hex
        except ValueError:
            raise Refused(400, "The value is not valid.") from None

    def _shown(self, item_id: str) -> str:
        return str(UUID(item_id)) if self.has_dashes else item_id

    def rekey(self) -> None:
        """Give every track another id; the playlists keep those that died."""
        for track in self.tracks:
            track["Id"] = make_id(f"new {track['Id']}")


def start(fake: FakeJellyfin) -> HttpServer:
    """Start a server that answers as the fake does; stop it at the end."""
    return HttpServer(fake)
