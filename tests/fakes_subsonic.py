"""A Subsonic server in memory over real HTTP, with the habits and faults of the servers that are in use."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from fakes_http import Answer, HttpServer, Reset, Seen, Told

USER, PASSWORD = "alice", "geheim & süß"
WRITES = frozenset({"createPlaylist", "updatePlaylist", "deletePlaylist"})


@dataclass
class StoredPlaylist:
    id: str
    name: str
    songs: list[str]
    owner: str = USER
    comment: str = ""
    public: bool = False
    readonly: bool = False
    hidden: list[str] = field(default_factory=list)
    """Dead entries at the front: counted and indexed, but not shown."""


class Refused(Exception):
    def __init__(self, code: int, message: str, status: int = 200) -> None:
        super().__init__(message)
        self.code, self.status = code, status


def make_songs(count: int, *, folder: str = "1", per_album: int = 5) -> list[dict[str, Any]]:
    """Return songs in albums, titled `Song 1` and so on."""
    return [
        {
            "id": f"s{folder}-{number}",
            "isDir": False,
            "title": f"Song {number}",
            "artist": "Artist",
            "album": f"Album {number // per_album}",
            "albumId": f"a{folder}-{number // per_album}",
            "track": number % per_album + 1,
            "duration": 200 + number,
            "folder": folder,
        }
        for number in range(1, count + 1)
    ]


@dataclass
class FakeSubsonic:
    """The state and the habits; call it for an answer."""

    songs: list[dict[str, Any]] = field(default_factory=lambda: make_songs(30))
    folders: dict[str, str] = field(default_factory=lambda: {"1": "Music"})
    playlists: dict[str, StoredPlaylist] = field(default_factory=dict)
    auth: str = "token"
    """`token`, or the way in which tokens are refused: `code 10`, `code 41`, `old 40`."""
    version: str = "1.16.1"
    is_open: bool = True
    has_forms: bool = True
    needs_view: bool = False
    search: str = "all"
    """What an empty search finds: `all`, `nothing`, `half` (it ends early), `endless` (it ignores the offset)."""
    most: int = 500
    answers_create: bool = True
    longest_address: int = 4094
    counts_songs: bool = True
    numbers_as_ids: bool = False
    fail_at: int = 0
    fault: str = ""
    calls: list[str] = field(default_factory=list)
    writes: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    made: int = 0

    def __call__(self, seen: Seen) -> Told:
        method = seen.path.rpartition("/")[2].removesuffix(".view")
        self.calls.append(method)
        if len(self.calls) == self.fail_at:
            return self._fail(method, seen)
        return self._answer(method, seen)

    def _answer(self, method: str, seen: Seen) -> Answer:
        status = 200
        try:
            self._check_address(seen)
            if method != "getOpenSubsonicExtensions":
                self._check_user(seen)
            part = self._call(method, seen)
            body = {"status": "ok", **part}
        except Refused as refused:
            status = refused.status
            body = {"status": "failed", "error": {"code": refused.code, "message": str(refused)}}
        about = {"version": self.version, "type": "fake"}
        if self.is_open:
            about |= {"openSubsonic": True, "serverVersion": "1"}  # type: ignore[dict-item]
        return Answer(status=status, body=json.dumps({"subsonic-response": about | body}).encode())

    def _fail(self, method: str, seen: Seen) -> Told:
        """Break the call in the way that `fault` names, before or after it took effect."""
        is_after = self.fault.endswith("after")
        if self.fault == "nothing done" and method in WRITES:
            return replace(self._answer("ping", seen))
        if self.fault == "short":
            return self._shortened(self._answer(method, seen))
        answer = self._answer(method, seen) if is_after or self.fault == "cut" else Answer()
        if self.fault.startswith("reset"):
            return Reset()
        if self.fault.startswith("500"):
            return Answer(status=500, body=b"<html>oops</html>")
        if self.fault == "429":
            return Answer(status=429)
        if self.fault == "503":
            return Answer(status=503)
        if self.fault == "cut":
            return replace(answer, cut=len(answer.body) // 2)
        if self.fault == "page":
            return Answer(body=b"<html>please log in</html>")
        error = {"status": "failed", "error": {"code": 0, "message": "database is locked"}}
        return Answer(body=json.dumps({"subsonic-response": error}).encode())

    def _shortened(self, answer: Answer) -> Answer:
        """Leave out the second half of every list, as a server does that fails inside and says `ok`."""

        def halve(value: Any) -> Any:
            if isinstance(value, list):
                return value[: len(value) // 2]
            if isinstance(value, dict):
                return {key: halve(inner) for key, inner in value.items()}
            return value

        return replace(answer, body=json.dumps(halve(json.loads(answer.body))).encode())

    def _check_address(self, seen: Seen) -> None:
        if seen.method == "GET" and sum(len(f"&{k}={v}") for k, v in seen.params) > self.longest_address:
            raise Refused(0, "Request Line is too large", 414)
        if self.needs_view and not seen.path.endswith(".view"):
            raise Refused(0, "nothing here", 404)

    def _check_user(self, seen: Seen) -> None:
        token, plain = seen.get("t"), seen.get("p")
        if not seen.get("u") or not seen.get("c") or seen.get("f") != "json" or not (token or plain):
            raise Refused(10, "A required parameter is missing.")
        if token and self.auth != "token":
            code = int(self.auth.rpartition(" ")[2])
            raise Refused(code, "tokens are not known here")
        if token:
            is_right = token == hashlib.md5(f"{PASSWORD}{seen.get('s')}".encode()).hexdigest()
        else:
            is_right = bytes.fromhex(plain.removeprefix("enc:")).decode() == PASSWORD
        if not is_right or seen.get("u") != USER:
            raise Refused(40, "Wrong username or password")
        if tuple(map(int, seen.get("v").split("."))) > tuple(map(int, self.version.split("."))):
            raise Refused(30, "Incompatible Subsonic REST protocol version. Server must upgrade.")

    def _call(self, method: str, seen: Seen) -> dict[str, Any]:
        calls: dict[str, Callable[[Seen], dict[str, Any]]] = {
            "ping": lambda seen: {},
            "getOpenSubsonicExtensions": self._extensions,
            "getMusicFolders": self._folders,
            "search3": self._search3,
            "getAlbumList2": self._album_list,
            "getAlbum": self._album,
            "getSong": lambda seen: {"song": self._song(seen.get("id"))},
            "getPlaylists": self._list,
            "getPlaylist": lambda seen: {"playlist": self._shown(self._playlist(seen.get("id")))},
            "createPlaylist": self._create,
            "updatePlaylist": self._update,
            "deletePlaylist": self._delete,
        }
        if method not in calls:
            raise Refused(0, "Unknown method", 404)
        if method in WRITES:
            self.writes.append((method, seen.params))
        return calls[method](seen)

    def _extensions(self, seen: Seen) -> dict[str, Any]:
        if not self.is_open:
            raise Refused(0, "Unknown method", 404)
        names = ["formPost"] if self.has_forms else ["songLyrics"]
        return {"openSubsonicExtensions": [{"name": name, "versions": [1]} for name in names]}

    def _folders(self, seen: Seen) -> dict[str, Any]:
        ids: dict[str, Any] = {key: int(key) if self.numbers_as_ids else key for key in self.folders}
        return {
            "musicFolders": {
                "musicFolder": [{"id": ids[key], "name": name} for key, name in self.folders.items()]
            }
        }

    def _of_folder(self, seen: Seen) -> list[dict[str, Any]]:
        folder = seen.get("musicFolderId")
        return [song for song in self.songs if not folder or song["folder"] == folder]

    def _search3(self, seen: Seen) -> dict[str, Any]:
        songs = self._of_folder(seen)
        start, count = int(seen.get("songOffset", "0")), min(int(seen.get("songCount", "20")), self.most)
        if self.search == "nothing":
            songs = []
        elif self.search == "half":
            songs = songs[: len(songs) // 2]
        elif self.search == "endless":
            start = 0
        return {"searchResult3": {"song": songs[start : start + count]} if songs else {}}

    def _album_list(self, seen: Seen) -> dict[str, Any]:
        names = dict.fromkeys(song["albumId"] for song in self._of_folder(seen))
        start, size = int(seen.get("offset", "0")), min(int(seen.get("size", "10")), self.most)
        albums = [self._summary(album_id) for album_id in names][start : start + size]
        return {"albumList2": {"album": albums} if albums else {}}

    def _summary(self, album_id: str) -> dict[str, Any]:
        songs = [song for song in self.songs if song["albumId"] == album_id]
        if not songs:
            raise Refused(70, "Album not found")
        about = {"id": album_id, "name": songs[0]["album"], "artist": "Various Artists"}
        return about | ({"songCount": len(songs)} if self.counts_songs else {})

    def _album(self, seen: Seen) -> dict[str, Any]:
        summary = self._summary(seen.get("id"))
        return {"album": summary | {"song": [s for s in self.songs if s["albumId"] == summary["id"]]}}

    def _song(self, song_id: str) -> dict[str, Any]:
        found = next((song for song in self.songs if song["id"] == song_id), None)
        if found is None:
            raise Refused(70, "Song not found")
        return found

    def _playlist(self, playlist_id: str, *, to_write: bool = False) -> StoredPlaylist:
        if playlist_id not in self.playlists:
            raise Refused(70, "Playlist not found")
        playlist = self.playlists[playlist_id]
        if to_write and (playlist.readonly or playlist.owner != USER):
            raise Refused(50, "User is not authorized for the given operation.")
        return playlist

    def _about(self, playlist: StoredPlaylist) -> dict[str, Any]:
        about = {
            "id": playlist.id,
            "name": playlist.name,
            "owner": playlist.owner,
            "public": playlist.public,
            "comment": playlist.comment,
            "songCount": len(playlist.hidden) + len(playlist.songs),
        }
        return about | ({"readonly": playlist.readonly} if self.is_open else {})

    def _list(self, seen: Seen) -> dict[str, Any]:
        own = [self._about(p) for p in self.playlists.values() if p.owner == USER or p.public]
        return {"playlists": {"playlist": own} if own else {}}

    def _shown(self, playlist: StoredPlaylist) -> dict[str, Any]:
        entries = [self._song(song_id) for song_id in playlist.songs]
        return self._about(playlist) | ({"entry": entries} if entries else {})

    def _create(self, seen: Seen) -> dict[str, Any]:
        songs = [self._song(song_id)["id"] for song_id in seen.all("songId")]
        if seen.get("playlistId"):
            playlist = self._playlist(seen.get("playlistId"), to_write=True)
            playlist.songs, playlist.hidden = songs, []
        else:
            self.made += 1
            playlist = StoredPlaylist(f"p{self.made}", seen.get("name"), songs)
            self.playlists[playlist.id] = playlist
        return {"playlist": self._shown(playlist)} if self.answers_create else {}

    def _update(self, seen: Seen) -> dict[str, Any]:
        playlist = self._playlist(seen.get("playlistId"), to_write=True)
        added = [self._song(song_id)["id"] for song_id in seen.all("songIdToAdd")]
        gone = {int(place) for place in seen.all("songIndexToRemove")}
        entries: list[tuple[str, bool]] = [(s, True) for s in playlist.hidden]
        entries += [(s, False) for s in playlist.songs]
        left = [entry for place, entry in enumerate(entries) if place not in gone]
        playlist.hidden = [song for song, is_hidden in left if is_hidden]
        playlist.songs = [song for song, is_hidden in left if not is_hidden] + added
        playlist.name = seen.get("name", playlist.name)
        playlist.comment = seen.get("comment", playlist.comment)
        return {}

    def _delete(self, seen: Seen) -> dict[str, Any]:
        self._playlist(seen.get("id"), to_write=True)
        del self.playlists[seen.get("id")]
        return {}


def start(fake: FakeSubsonic) -> HttpServer:
    """Start a server that answers as the fake does; stop it at the end."""
    return HttpServer(fake)
