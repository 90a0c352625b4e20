"""Deezer in memory over real HTTP: lists by pages, entries that it hides, and errors with status 200."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from fakes_http import Answer, Seen, Told

PLAYLIST = 908622995


def make_track(number: int, **more: Any) -> dict[str, Any]:
    """Return a track as lists have it; number 0 has neither artist nor title."""
    told = number > 0
    return {
        "id": 1000 + number,
        "readable": number % 2 == 0,
        "title": f"Song {number}" if told else "",
        "title_short": f"Song {number}" if told else "",
        "title_version": "",
        "duration": 200 + number,
        "artist": {"id": number, "name": f"Artist {number}" if told else ""},
        "album": {"id": 1, "title": "Album"},
        "type": "track",
    } | more


def error(kind: str, code: int, message: str) -> Answer:
    return Answer(body=json.dumps({"error": {"type": kind, "message": message, "code": code}}).encode())


NO_DATA = error("DataException", 800, "no data")
QUOTA = error("Exception", 4, "Quota limit exceeded")


@dataclass
class FakeDeezer:
    """The lists by their path (`/playlist/1`); None in a list is an entry that Deezer hides."""

    lists: dict[str, list[dict[str, Any] | None]] = field(default_factory=dict)
    about: dict[str, dict[str, Any]] = field(default_factory=dict)
    tracks: dict[int, dict[str, Any]] = field(default_factory=dict)
    most: int = 2000
    """The most entries of a page, whatever is asked."""
    gives: int | None = None
    """Only so many entries are given."""
    checksum: str = "abc"
    has_next: bool = True
    calls: list[str] = field(default_factory=list)

    def hold(self, numbers: Sequence[int], *, gives: int | None = None) -> None:
        self.put(f"/playlist/{PLAYLIST}", map(make_track, numbers), title="Friday hits")
        self.gives = gives

    def put(self, path: str, entries: Iterable[dict[str, Any] | None], **about: Any) -> None:
        self.lists[path] = list(entries)
        self.about[path] = {"id": 1, "nb_tracks": len(self.lists[path])} | about

    def __call__(self, seen: Seen) -> Told:
        self.calls.append(seen.path)
        base, _, part = seen.path.rpartition("/")
        if base in self.lists and part in {"tracks", "top"}:
            return self._page(base, seen)
        if seen.path in self.about:
            return _json(self.about[seen.path])
        if base == "/track" and part.isdigit() and int(part) in self.tracks:
            return _json(self.tracks[int(part)])
        return NO_DATA

    def _page(self, path: str, seen: Seen) -> Told:
        entries = self.lists[path]
        index, limit = int(seen.get("index", "0")), min(int(seen.get("limit", "25")), self.most)
        end = min(index + limit, len(entries), len(entries) if self.gives is None else self.gives)
        page: dict[str, Any] = {
            "data": [entry for entry in entries[index:end] if entry is not None],
            "total": len(entries),
            "checksum": self.checksum,
        }
        if self.has_next and index + limit < len(entries):
            page["next"] = f"https://api.deezer.com{seen.path}?limit={limit}&index={index + limit}"
        return _json(page)


def _json(value: Any) -> Answer:
    return Answer(body=json.dumps(value).encode())
