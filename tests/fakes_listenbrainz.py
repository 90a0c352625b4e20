"""ListenBrainz and its host of similar artists in memory over real HTTP, with their habits."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from fakes_http import Answer, Seen

USER, TOKEN = "alice", "lb-geheim-0123456789"
JSPF = "https://musicbrainz.org/doc/jspf#playlist"
UNTOLD = 0


def mbid(number: int, kind: int = 0) -> str:
    return f"{number:08x}-{kind:04x}-4000-8000-000000000000"


@dataclass
class StoredPlaylist:
    mbid: str
    title: str
    numbers: list[int]
    date: str = "2026-11-16T00:05:11.123456+00:00"
    source_patch: str = ""
    is_private: bool = False
    annotation: str = ""


def curated(number: int, kind: str, date: str, numbers: Sequence[int], title: str = "") -> StoredPlaylist:
    named = title or f"{kind.replace('-', ' ').title()} for {USER}, week of {date[:10]} Mon"
    return StoredPlaylist(mbid(number, 7), named, list(numbers), date, kind)


@dataclass
class FakeListenBrainz:
    """`mode` says which list `hold` fills: `playlist`, `curated`, `loved` or `top`."""

    mode: str = "playlist"
    page: int = 1000
    is_computed: bool = True
    has_lists_of_identifiers: bool = True
    counts_hated: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    playlists: list[StoredPlaylist] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    total: int | None = None
    artists: list[dict[str, Any]] = field(default_factory=list)
    similar: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    algorithms: frozenset[str] | None = None
    seen: list[Seen] = field(default_factory=list)

    def hold(self, numbers: Sequence[int], *, gives: int | None = None) -> None:
        self.rows = list(numbers)[:gives]
        self.total = len(numbers)
        if self.mode in {"playlist", "curated"}:
            patch = "weekly-jams" if self.mode == "curated" else ""
            title = f"Weekly Jams for {USER}, week of 2026-11-16 Mon"
            self.playlists = [StoredPlaylist(mbid(1, 7), title, self.rows, source_patch=patch)]

    def __call__(self, seen: Seen) -> Answer:
        self.seen.append(seen)
        parts = [unquote(part) for part in seen.path.strip("/").split("/")]
        if parts == ["similar-artists", "json"]:
            return self._similar(seen)
        match parts[1:]:
            case ["validate-token"]:
                return self._say({"code": 200, **self._token(seen)})
            case ["user", user, "listen-count"]:
                return self._say({"payload": {"count": 1}}) if user == USER else self._missing()
            case ["stats", "sitewide", "artists"]:
                return self._say({"payload": {}})
            case ["user", user, "playlists", "createdfor"]:
                return self._created_for(seen) if user == USER else self._missing()
            case ["playlist", wanted]:
                return self._playlist(seen, wanted)
            case ["feedback", "user", user, "get-feedback"]:
                return self._feedback(seen) if user == USER else self._missing()
            case ["stats", "user", user, entity]:
                return self._stats(seen, entity) if user == USER else self._missing()
        return Answer(status=404, body=b'{"code": 404, "error": "no such path"}')

    def _say(self, value: Any) -> Answer:
        return Answer(body=json.dumps(value).encode(), headers=dict(self.headers))

    def _missing(self) -> Answer:
        return Answer(status=404, body=b'{"code": 404, "error": "Cannot find user"}')

    def _token(self, seen: Seen) -> dict[str, Any]:
        is_right = seen.headers.get("authorization") == f"Token {TOKEN}"
        return {"valid": True, "user_name": USER} if is_right else {"valid": False}

    def _slice(self, seen: Seen, rows: Sequence[Any]) -> Sequence[Any]:
        start = int(seen.get("offset", "0"))
        return rows[start : start + min(int(seen.get("count", "25")), self.page)]

    def _created_for(self, seen: Seen) -> Answer:
        shown = [{"playlist": self._jspf(playlist, has_tracks=False)} for playlist in self.playlists]
        return self._say(
            {
                "playlists": self._slice(seen, shown),
                "playlist_count": len(shown),
                "count": 25,
                "offset": int(seen.get("offset", "0")),
            }
        )

    def _playlist(self, seen: Seen, wanted: str) -> Answer:
        for playlist in self.playlists:
            if playlist.mbid == wanted:
                if playlist.is_private and seen.headers.get("authorization") != f"Token {TOKEN}":
                    return Answer(status=401, body=b'{"code": 401, "error": "You are not authorized"}')
                return self._say({"playlist": self._jspf(playlist, has_tracks=True)})
        return Answer(status=404, body=b'{"code": 404, "error": "Cannot find playlist"}')

    def _jspf(self, playlist: StoredPlaylist, *, has_tracks: bool) -> dict[str, Any]:
        metadata = (
            {"algorithm_metadata": {"source_patch": playlist.source_patch}} if playlist.source_patch else {}
        )
        return {
            "title": playlist.title,
            "annotation": playlist.annotation,
            "creator": "listenbrainz",
            "date": playlist.date,
            "identifier": f"https://listenbrainz.org/playlist/{playlist.mbid}",
            "extension": {JSPF: {"public": True, "created_for": USER, "additional_metadata": metadata}},
            "track": [self._jspf_track(number) for number in playlist.numbers] if has_tracks else [],
        }

    def _jspf_track(self, number: int) -> dict[str, Any]:
        place = f"https://musicbrainz.org/recording/{mbid(number)}"
        track: dict[str, Any] = {"identifier": [place] if self.has_lists_of_identifiers else place}
        if number != UNTOLD:
            track |= {
                "title": f"Song {number}", "creator": f"Artist {number}", "album": "Album", "duration": 200_000,
            }  # fmt: skip
        return track

    def _feedback(self, seen: Seen) -> Answer:
        loved = [self._loved(number) for number in self.rows]
        hated = [{**self._loved(900 + number), "score": -1} for number in range(self.counts_hated)]
        rows = self._slice(seen, hated + loved)
        total = (len(loved) if self.total is None else self.total) + len(hated)
        return self._say({"feedback": rows, "count": len(rows), "total_count": total, "offset": 0})

    def _loved(self, number: int) -> dict[str, Any]:
        row: dict[str, Any] = {
            "score": 1,
            "recording_msid": mbid(number, 9),
            "recording_mbid": None,
            "user_id": USER,
        }
        if number == UNTOLD:
            return row
        metadata = {
            "track_name": f"Song {number}",
            "artist_name": f"Artist {number}",
            "release_name": "Album",
            "mbid_mapping": {"recording_mbid": mbid(number), "artist_mbids": [mbid(number, 3)]},
        }
        return row | {"track_metadata": metadata}

    def _stats(self, seen: Seen, entity: str) -> Answer:
        if not self.is_computed:
            return Answer(status=204, body=b"")
        if seen.get("range") not in {
            "week",
            "month",
            "quarter",
            "half_yearly",
            "year",
            "all_time",
            "this_week",
        }:
            return Answer(status=400, body=b'{"code": 400, "error": "Invalid range"}')
        if entity == "artists":
            rows = self._slice(seen, self.artists)
            return self._say(
                {"payload": {"artists": rows, "count": len(rows), "total_artist_count": len(self.artists)}}
            )
        rows = self._slice(seen, [self._top(number) for number in self.rows])
        total = len(self.rows) if self.total is None else self.total
        return self._say(
            {"payload": {"recordings": rows, "count": len(rows), "total_recording_count": total}}
        )

    def _top(self, number: int) -> dict[str, Any]:
        if number == UNTOLD:
            return {"track_name": None, "artist_name": "Somebody", "recording_mbid": None, "listen_count": 3}
        return {
            "track_name": f"Song {number}", "artist_name": f"Artist {number}", "release_name": "Album",
            "recording_mbid": mbid(number), "listen_count": 9,
        }  # fmt: skip

    def _similar(self, seen: Seen) -> Answer:
        if self.algorithms is not None and seen.get("algorithm") not in self.algorithms:
            return Answer(status=400, body=b'{"code": 400, "error": "unknown algorithm"}')
        return self._say(self.similar.get(seen.get("artist_mbids"), []))
