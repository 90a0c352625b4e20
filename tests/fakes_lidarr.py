"""A Lidarr in memory over real HTTP, with the habits and faults of the real one."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from fakes_http import Answer, Reset, Seen, Silence, Told

KEY = "geheim-0123456789"
_ARTIST_KEYS = ("foreignArtistId", "artistName", "qualityProfileId", "metadataProfileId", "rootFolderPath")


def mbid(number: int) -> str:
    """Return an MBID that carries a number."""
    return f"{number:08x}-0000-4000-8000-{number:012x}"


def make_artist(number: int, name: str = "", *, overview: str = "") -> dict[str, Any]:
    """Return an artist as Lidarr shows it, with much that nobody reads."""
    return {
        "id": number,
        "artistMetadataId": number,
        "status": "continuing",
        "ended": False,
        "artistName": name or f"Artist {number}",
        "foreignArtistId": mbid(number),
        "tadbId": 0,
        "overview": overview,
        "disambiguation": "",
        "links": [{"url": "https://example.org/a", "name": "lastfm"}],
        "images": [{"url": "/MediaCover/1/poster.jpg", "coverType": "poster", "extension": ".jpg"}],
        "path": f"/music/Artist {number}",
        "qualityProfileId": 1,
        "metadataProfileId": 1,
        "monitored": True,
        "monitorNewItems": "all",
        "genres": [],
        "tags": [],
        "added": "2022-03-06T19:32:33Z",
        "ratings": {"votes": 9, "value": 8.4},
        "statistics": {"albumCount": 1, "trackFileCount": 0, "trackCount": 4, "sizeOnDisk": 0},
    }


@dataclass
class FakeLidarr:
    """The state and the habits; call it for an answer."""

    artists: list[dict[str, Any]] = field(default_factory=lambda: [make_artist(1), make_artist(2)])
    known_to_metadata: dict[str, str] = field(default_factory=dict)
    """MBID -> name of what a look-up finds beyond the library."""
    exclusions: list[str] = field(default_factory=list)
    folders: list[dict[str, Any]] = field(default_factory=lambda: [make_folder(1, "/music/")])
    base: str = ""
    app: str = "Lidarr"
    faults: dict[str, Told] = field(default_factory=dict)
    """Path -> what is told instead; `POST artist` is a path of its own."""
    is_search_down: bool = False
    """Whether look-ups by text fail, as they did for months in 2025; those by id work."""
    hides_known: bool = False
    """Whether a query by MBID finds nothing, so that only the refusal says that the artist is there."""
    posted: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)

    def __call__(self, seen: Seen) -> Told:
        self.seen.append(seen)
        path = unquote(seen.path.removeprefix(f"{self.base}/api/v1/"))
        call = f"POST {path}" if seen.method == "POST" else path
        self.calls.append(call)
        if call in self.faults:
            return self.faults[call]
        if seen.headers.get("x-api-key") != KEY:
            return Answer(status=401, body=b"")
        if seen.headers.get("accept") != "application/json":
            return Answer(status=406)
        return self._post(json.loads(seen.body)) if call == "POST artist" else self._get(path, seen)

    def _get(self, path: str, seen: Seen) -> Told:
        found: dict[str, Any] = {
            "system/status": {"appName": self.app, "version": "2.14.5.4836", "urlBase": self.base},
            "importlistexclusion": [
                {"id": n, "foreignId": each, "artistName": "x"} for n, each in enumerate(self.exclusions)
            ],
            "rootfolder": self.folders,
            "qualityprofile": [{"id": 1, "name": "Any"}, {"id": 2, "name": "Lossless"}],
            "metadataprofile": [{"id": 1, "name": "Standard"}, {"id": 3, "name": "None"}],
            "tag": [{"id": 5, "label": "discovered"}, {"id": 6, "label": "jazz"}],
        }
        if path == "artist":
            wanted = seen.get("mbId")
            shown = [each for each in self.artists if wanted in {"", each["foreignArtistId"]}]
            return _json([] if wanted and self.hides_known else shown)
        if path == "artist/lookup":
            return self._look_up(seen.get("term"))
        return _json(found[path]) if path in found else Answer(status=404, body=b'{"message":"NotFound"}')

    def _look_up(self, term: str) -> Told:
        prefix, _, wanted = term.partition(":")
        if prefix not in {"lidarr", "mbid"}:
            status = 503 if self.is_search_down else 200
            return Answer(
                status=status, body=b'{"message":"Search failed"}' if self.is_search_down else b"[]"
            )
        known = {each["foreignArtistId"]: each["artistName"] for each in self.artists}
        name = (known | self.known_to_metadata).get(wanted)
        return _json([] if name is None else [{"artistName": name, "foreignArtistId": wanted, "id": 0}])

    def _post(self, artist: dict[str, Any]) -> Told:
        missing = [key for key in _ARTIST_KEYS if not artist.get(key)]
        if missing:
            return refusal(*(f"'{key}' must not be empty." for key in missing))
        if artist["foreignArtistId"] in {each["foreignArtistId"] for each in self.artists}:
            return refusal("This artist has already been added.")
        self.posted.append(artist)
        self.artists.append({**make_artist(len(self.artists) + 1000), **artist})
        return _json(artist, 201)


def make_folder(number: int, path: str) -> dict[str, Any]:
    """Return a root folder."""
    return {
        "id": number,
        "name": f"folder {number}",
        "path": path,
        "defaultMetadataProfileId": 1,
        "defaultQualityProfileId": 2,
        "defaultMonitorOption": "all",
        "accessible": True,
    }


def refusal(*messages: str) -> Answer:
    """Return the list of what is wrong with a write."""
    complaints = [
        {"propertyName": "X", "errorMessage": each, "severity": "error", "errorCode": "X"}
        for each in messages
    ]
    return _json(complaints, 400)


def broken(kind: str) -> Told:
    """Return a fault by its name."""
    faults: dict[str, Told] = {
        "401": Answer(status=401, body=b""),
        "404": Answer(status=404, body=b"{}"),
        "429": Answer(status=429, headers={"Retry-After": "120"}),
        "500": Answer(status=500, body=b'{"message":"database is locked","description":"x"}'),
        "503": Answer(status=503),
        "page": Answer(body=b"<html>log in</html>"),
        "empty": Answer(body=b""),
        "cut": Answer(body=b'[{"foreignArtistId": "x"}]', cut=9),
        "reset": Reset(),
        "silence": Silence(),
        "object": Answer(body=b'{"message": "x"}'),
    }
    return faults[kind]


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(status=status, body=json.dumps(value).encode())


def mbids(artists: Iterable[dict[str, Any]]) -> set[str]:
    """Return the MBIDs of artists as Lidarr shows them."""
    return {artist["foreignArtistId"] for artist in artists}
