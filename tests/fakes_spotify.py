"""Spotify in memory over real HTTP: its sign-in, and its API in the form of before or after February 2026."""

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from fakes_http import Answer, Seen, Told

CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN = "app-4711", "app-s3cret-value", "refresh-s3cret-value"
PLAYLIST, ALBUM, ARTIST = "3cEYpjA9oz9GiPac4AsH4n", "4aawyAB9vmqN3uQ7FjRGTy", "0TnOYISbd1XYRBk9myaseg"
ACCESS = "access-s3cret-value"


def make_track(number: int, **more: Any) -> dict[str, Any] | None:
    """Return a track as playlists have it; number 0 is one that Spotify has no longer."""
    if not number:
        return None
    return {
        "type": "track",
        "id": f"t{number}",
        "name": f"Song {number}",
        "duration_ms": 200_000 + number,
        "artists": [{"name": f"Artist {number}"}],
        "album": {"name": "Album", "release_date": "2019-03-01", "artists": [{"name": "Artists"}]},
        "external_ids": {"isrc": f"GBDUW{number:07}"},
    } | more


@dataclass
class FakeSpotify:
    """The state and the habits; call it for an answer."""

    form: str = "item"
    """`item`: since 2026; `track`: before, without the new path; `both`: an app that has either."""
    items: dict[str, list[Any]] = field(default_factory=dict)
    """What playlists hold: tracks, or None."""
    about: dict[str, dict[str, Any]] = field(default_factory=dict)
    foreign: set[str] = field(default_factory=set)
    """Playlists of others: their contents are refused."""
    albums: dict[str, tuple[dict[str, Any], list[Any]]] = field(default_factory=dict)
    top: dict[str, list[Any]] = field(default_factory=dict)
    most: int = 50
    gives: int | None = None
    sign_in_error: str = ""
    lasts: int = 10**9
    """How many requests a token is good for."""
    tokens: list[str] = field(default_factory=list)
    grants: list[dict[str, str]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    used: int = 0

    def hold(self, numbers: Sequence[int], *, gives: int | None = None) -> None:
        self.put(PLAYLIST, map(make_track, numbers), name="Friday hits")
        self.gives = gives

    def put(self, playlist_id: str, tracks: Iterable[Any], **about: Any) -> None:
        self.items[playlist_id] = list(tracks)
        self.about[playlist_id] = {"name": "Mix", "description": ""} | about

    def __call__(self, seen: Seen) -> Told:
        if seen.path.endswith("/api/token"):
            return self._grant(seen)
        path = seen.path.removeprefix("/v1")
        self.calls.append(path)
        self.used += 1
        if not self.tokens or seen.headers.get("authorization") != f"Bearer {self.tokens[-1]}":
            return refusal(401, "Invalid access token")
        if self.used > self.lasts:
            return refusal(401, "The access token expired")
        return self._answer(path.strip("/").split("/"), seen)

    def _grant(self, seen: Seen) -> Told:
        form = dict(seen.params)
        self.grants.append(form)
        pair = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        problem = self.sign_in_error
        if seen.headers.get("authorization") != f"Basic {pair}":
            problem = "invalid_client"
        elif form["grant_type"] == "refresh_token" and form.get("refresh_token") != REFRESH_TOKEN:
            problem = "invalid_grant"
        if problem:
            body = {"error": problem, "error_description": f"about {CLIENT_SECRET}"}
            return Answer(status=400, body=json.dumps(body).encode())
        self.tokens.append(f"{ACCESS}-{len(self.tokens)}")
        self.used = 0
        return _json({"access_token": self.tokens[-1], "token_type": "Bearer", "expires_in": 3600})

    def _answer(self, parts: list[str], seen: Seen) -> Told:
        match parts:
            case ["me"]:
                return _json({"id": "alice", "display_name": "Alice"})
            case ["playlists", playlist_id] if playlist_id in self.items:
                return _json(self._about_playlist(playlist_id))
            case ["playlists", playlist_id, "items" | "tracks" as part] if playlist_id in self.items:
                return self._contents(playlist_id, part, seen)
            case ["albums", album_id] if album_id in self.albums:
                return _json(self.albums[album_id][0])
            case ["albums", album_id, "tracks"] if album_id in self.albums:
                return _json(self._page(self.albums[album_id][1], seen))
            case ["artists", artist_id]:
                return _json({"id": artist_id, "name": "Pitbull"})
            case ["artists", artist_id, "top-tracks"] if artist_id in self.top:
                return _json({"tracks": self.top[artist_id]})
        return refusal(404, "Resource not found")

    def _about_playlist(self, playlist_id: str) -> dict[str, Any]:
        count = {"total": len(self.items[playlist_id])}
        known = {} if playlist_id in self.foreign else {"tracks" if self.form == "track" else "items": count}
        return self.about[playlist_id] | known

    def _contents(self, playlist_id: str, part: str, seen: Seen) -> Told:
        is_there = self.form == "both" or part == {"item": "items", "track": "tracks"}[self.form]
        if playlist_id in self.foreign or not is_there:
            return refusal(403, "Forbidden")
        key = "track" if part == "tracks" else "item"
        page = self._page(self.items[playlist_id], seen)
        page["items"] = [
            {"added_at": None, "is_local": bool(track and track.get("id") is None), key: track}
            for track in page["items"]
        ]
        return _json(page)

    def _page(self, entries: list[Any], seen: Seen) -> dict[str, Any]:
        offset, limit = int(seen.get("offset", "0")), min(int(seen.get("limit", "20")), self.most)
        end = min(offset + limit, len(entries) if self.gives is None else self.gives)
        next_url = f"https://api.spotify.com{seen.path}?offset={end}" if end < len(entries) else None
        return {"items": entries[offset:end], "total": len(entries), "offset": offset, "next": next_url}


def refusal(status: int, message: str) -> Answer:
    return Answer(status=status, body=json.dumps({"error": {"status": status, "message": message}}).encode())


def _json(value: Any) -> Answer:
    return Answer(body=json.dumps(value).encode())
