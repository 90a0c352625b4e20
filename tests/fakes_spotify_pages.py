"""Spotify's public pages in memory over real HTTP: the embedded player, and what the web player asks."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from fakes_http import Answer, Seen, Told
from fakes_spotify import ALBUM, PLAYLIST

EMBEDDED = 100
"""The embedded player shows no more tracks than this."""


def make_track(number: int) -> dict[str, Any]:
    """Return a track as the web player gets it; number 0 has no artist."""
    return {
        "__typename": "Track",
        "uri": f"spotify:track:{number:022}",
        "name": f"Song {number}" if number else "Untold",
        "trackDuration": {"totalMilliseconds": 200_000 + number},
        "duration": {"totalMilliseconds": 200_000 + number},
        "artists": {
            "items": [{"profile": {"name": f"Artist {number}" if number else ""}, "uri": "spotify:artist:x"}]
        },
        "albumOfTrack": {"name": "Album", "uri": "spotify:album:x"},
    }


@dataclass
class FakePages:
    """The tracks of one playlist and of one album; `gives`: so many of them come."""

    tracks: list[dict[str, Any]] = field(default_factory=list)
    gives: int | None = None
    has_player: bool = True
    """Whether the web player's question is still understood."""
    hosts: list[str] = field(default_factory=list)

    def hold(self, numbers: Sequence[int], *, gives: int | None = None) -> None:
        self.tracks = [make_track(number) for number in numbers]
        self.gives = gives

    def __call__(self, seen: Seen) -> Told:
        _, host, *parts = seen.path.split("/")
        self.hosts.append(host)
        if host == "open.spotify.com":
            kind, entity_id = parts[-2:]
            return self._embed(kind, entity_id) if entity_id in {PLAYLIST, ALBUM} else Answer(status=404)
        if not self.has_player:
            return _json({"errors": [{"message": "PersistedQueryNotFound"}]})
        return self._player(json.loads(seen.get("variables")))

    def _embed(self, kind: str, entity_id: str) -> Told:
        rows = [
            {
                "uri": track["uri"],
                "title": track["name"],
                "subtitle": track["artists"]["items"][0]["profile"]["name"],
                "duration": 1,
            }
            for track in self.tracks[:EMBEDDED]
        ]
        entity = {
            "id": entity_id,
            "uri": f"spotify:{kind}:{entity_id}",
            "title": "Friday hits",
            "trackList": rows,
        }
        session = {
            "accessToken": "anonymous",
            "accessTokenExpirationTimestampMs": 10**15,
            "isAnonymous": True,
        }
        state = {"data": {"entity": entity}, "settings": {"session": session}}
        data = json.dumps({"props": {"pageProps": {"state": state}}})
        page = f'<html><script id="__NEXT_DATA__" type="application/json">{data}</script></html>'
        return Answer(body=page.encode(), headers={"Content-Type": "text/html"})

    def _player(self, asked: Mapping[str, Any]) -> Told:
        start, kind = asked["offset"], asked["uri"].split(":")[1]
        shown = self.tracks if self.gives is None else self.tracks[: self.gives]
        window = shown[start : start + asked["limit"]]
        if kind == "album":
            tracks = {"totalCount": len(self.tracks), "items": [{"track": track} for track in window]}
            about = {"uri": asked["uri"], "name": "Discovery", "type": "ALBUM", "tracksV2": tracks}
            about["artists"] = {"items": [{"profile": {"name": "Daft Punk"}, "uri": "spotify:artist:y"}]}
            about["date"] = {"isoString": "2001-03-07T00:00:00Z"}
            return _json({"data": {"albumUnion": about}})
        items = [{"itemV2": {"data": track}} for track in window]
        content = {"totalCount": len(self.tracks), "items": items}
        about = {"uri": asked["uri"], "name": "Friday hits", "description": "By me", "content": content}
        return _json({"data": {"playlistV2": about}})


def _json(value: Any) -> Answer:
    return Answer(body=json.dumps(value).encode(), headers={"Content-Type": "application/json"})


def there(fake_url: str, url: str) -> str:
    """Return the address at the fake that stands for one on the web."""
    parts = urlsplit(url)
    return f"{fake_url}/{parts.hostname}{parts.path}" + (f"?{parts.query}" if parts.query else "")
