"""Last.fm in memory over real HTTP, with its habits: errors in 200, numbers as texts, lists of one as their element."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fakes_http import Answer, Seen

USER, KEY = "alice", "0123456789abcdef0123456789abcdef"
UNTOLD = 0
LISTS = {
    "user.getLovedTracks": "lovedtracks",
    "user.getTopTracks": "toptracks",
    "user.getRecentTracks": "recenttracks",
    "chart.getTopTracks": "tracks",
    "tag.getTopTracks": "tracks",
    "geo.getTopTracks": "tracks",
    "track.getSimilar": "similartracks",
}


def problem(code: int, message: str, status: int = 200) -> Answer:
    return Answer(status=status, body=json.dumps({"message": message, "error": code}).encode())


@dataclass
class FakeLastfm:
    page: int = 1000
    rows: list[int] = field(default_factory=list)
    total: int | None = None
    is_playing: bool = False
    has_single_elements: bool = False
    countries: frozenset[str] = frozenset({"germany"})
    similar: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """By name, or by MBID."""
    names: dict[str, str] = field(default_factory=dict)
    """What an MBID or a name is taken for; the name itself where nothing stands here."""
    corrections: dict[str, str] = field(default_factory=dict)
    artists: list[dict[str, Any]] = field(default_factory=list)
    seed_artist: str = "Artist"
    seen: list[Seen] = field(default_factory=list)

    def hold(self, numbers: Sequence[int], *, gives: int | None = None) -> None:
        self.rows, self.total = list(numbers)[:gives], len(numbers)

    def __call__(self, seen: Seen) -> Answer:
        self.seen.append(seen)
        method = seen.get("method")
        if seen.get("api_key") != KEY:
            return problem(10, f"Invalid API key {seen.get('api_key')}", 403)
        if seen.path != "/2.0/" or seen.get("format") != "json":
            return problem(3, "Invalid Method")
        if method.startswith("user.") and seen.get("user") != USER:
            return problem(6, "User not found", 404)
        if method == "artist.getSimilar":
            return self._similar(seen)
        if method == "user.getTopArtists":
            return self._say("topartists", "artist", self._slice(seen, self.artists), seen, len(self.artists))
        if method == "user.getInfo":
            return Answer(body=json.dumps({"user": {"name": "Alice", "playcount": "12"}}).encode())
        if method == "chart.getTopArtists":
            return self._say("artists", "artist", [], seen, 0)
        if method == "geo.getTopTracks" and seen.get("country").lower() not in self.countries:
            return problem(6, "country param invalid")
        return self._tracks(seen, method)

    def _slice(self, seen: Seen, rows: Sequence[Any]) -> list[Any]:
        size = min(int(seen.get("limit", "50")), self.page)
        start = (int(seen.get("page", "1")) - 1) * size
        return list(rows[start : start + size])

    def _tracks(self, seen: Seen, method: str) -> Answer:
        rows = [self._track(number, method) for number in self._slice(seen, self.rows)]
        if method == "user.getRecentTracks" and self.is_playing:
            rows.insert(0, {**self._track(999, method), "@attr": {"nowplaying": "true"}})
        total = len(self.rows) if self.total is None else self.total
        return self._say(LISTS[method], "track", rows, seen, None if method == "track.getSimilar" else total)

    def _track(self, number: int, method: str) -> dict[str, Any]:
        name = "#text" if method == "user.getRecentTracks" else "name"
        track: dict[str, Any] = {
            "name": "" if number == UNTOLD else f"Song {number}",
            "artist": {name: "Artist" if number == UNTOLD else f"Artist {number}", "mbid": ""},
            "mbid": "027b553e-7c74-3ed4-a95e-1d4fea51f174",
            "duration": "449",
        }
        if method == "user.getRecentTracks":
            track["album"] = {"#text": "Album", "mbid": ""}
        return track

    def _say(self, part: str, key: str, rows: list[Any], seen: Seen, total: int | None) -> Answer:
        mark = {"artist": self.seed_artist, "track": seen.get("track")}
        if total is not None:
            size = min(int(seen.get("limit", "50")), self.page)
            mark = {
                "page": seen.get("page", "1"), "perPage": str(size), "total": str(total),
                "totalPages": str(-(-total // size)), "user": USER,
            }  # fmt: skip
        shown: Any = rows[0] if self.has_single_elements and len(rows) == 1 else rows
        return Answer(body=json.dumps({part: {key: shown, "@attr": mark}}).encode())

    def _similar(self, seen: Seen) -> Answer:
        asked = seen.get("mbid") or seen.get("artist")
        name = self.names.get(asked, asked)
        if seen.get("autocorrect") == "1":
            name = self.corrections.get(name, name)
        if name not in self.similar and name != "[unknown]":
            return problem(6, "The artist you supplied could not be found")
        rows = self.similar.get(name, [])
        shown: Any = rows[0] if self.has_single_elements and len(rows) == 1 else rows
        return Answer(
            body=json.dumps({"similarartists": {"artist": shown, "@attr": {"artist": name}}}).encode()
        )
