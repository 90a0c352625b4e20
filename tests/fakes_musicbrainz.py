"""MusicBrainz in memory over real HTTP: one request a second, merged ids, several artists of one name."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from fakes_http import Answer, Seen

from cmdarr.matching.fold import fold

_PHRASE = re.compile(r'(\w+):"((?:[^"\\]|\\.)*)"')


def mbid(number: int) -> str:
    return f"{number:08x}-1111-4111-8111-111111111111"


def artist(number: int, name: str, *aliases: str, score: int = 100, **values: Any) -> dict[str, Any]:
    fields = {"id": mbid(number), "name": name, "sort-name": name, "score": score}
    return fields | {"aliases": [{"name": alias} for alias in aliases]} | values


def credit(*names: dict[str, Any], joined: str = " feat. ") -> list[dict[str, Any]]:
    last = len(names) - 1
    return [
        {"name": one["name"], "joinphrase": joined if place < last else "", "artist": one}
        for place, one in enumerate(names)
    ]


def group(
    number: int, title: str, *by: dict[str, Any], kind: str | None = "Album", secondary: tuple[str, ...] = ()
) -> dict[str, Any]:
    return {
        "id": mbid(number), "title": title, "primary-type": kind, "secondary-types": list(secondary),
        "artist-credit": credit(*by), "score": 100,
    }  # fmt: skip


def recording(
    number: int,
    title: str,
    *by: dict[str, Any],
    groups: tuple[dict[str, Any], ...] = (),
    isrcs: tuple[str, ...] = (),
) -> dict[str, Any]:
    releases = [
        {"id": mbid(900 + n), "title": one["title"], "release-group": one} for n, one in enumerate(groups)
    ]
    return {
        "id": mbid(number), "title": title, "length": None, "artist-credit": credit(*by), "releases": releases,
        "isrcs": list(isrcs), "score": 100,
    }  # fmt: skip


@dataclass
class FakeMusicBrainz:
    """`monotonic` is the clock of the rate limit: two requests within a second are turned away; None: no limit."""

    artists: list[dict[str, Any]] = field(default_factory=list)
    recordings: list[dict[str, Any]] = field(default_factory=list)
    groups: list[dict[str, Any]] = field(default_factory=list)
    merged: dict[str, str] = field(default_factory=dict)
    redirects: bool = False
    """Whether a merged id is answered with a redirect in place of the other artist."""
    monotonic: Callable[[], float] | None = None
    turned_away: int = 0
    seen: list[Seen] = field(default_factory=list)
    last_s: float = -100.0

    def __call__(self, seen: Seen) -> Answer:
        self.seen.append(seen)
        if "Cmdarr/" not in seen.headers.get("user-agent", ""):
            return Answer(status=403, body=b"blocked")
        if self.monotonic is not None:
            now, before = self.monotonic(), self.last_s
            self.last_s = now
            if now - before < 0.999:
                self.turned_away += 1
                return Answer(
                    status=503, body=b'{"error": "Your requests are exceeding the allowable rate limit."}'
                )
        parts = [unquote(part) for part in seen.path.removeprefix("/ws/2").strip("/").split("/")]
        if len(parts) == 1:
            return self._search(parts[0], seen.get("query"))
        return self._look_up(parts[0], parts[1], seen)

    def _look_up(self, entity: str, key: str, seen: Seen) -> Answer:
        if entity == "isrc":
            found = [one for one in self.recordings if key in one["isrcs"]]
            return self._say({"isrc": key, "recordings": found}) if found else self._missing()
        if key in self.merged and self.redirects:
            target = seen.path.replace(key, self.merged[key]) + f"?{seen.query}"
            return Answer(status=301, headers={"Location": target})
        key = self.merged.get(key, key)
        known = {"artist": self.artists, "recording": self.recordings}[entity]
        found = [one for one in known if one["id"] == key]
        if entity == "artist" and key == "89ad4ac3-39f7-470e-963a-56509c546377":
            found = [{"id": key, "name": "Various Artists", "sort-name": "Various Artists"}]
        return self._say({k: v for k, v in found[0].items() if k != "score"}) if found else self._missing()

    def _search(self, entity: str, query: str) -> Answer:
        phrases = [(key, fold(re.sub(r"\\(.)", r"\1", words))) for key, words in _PHRASE.findall(query)]
        rows, list_key = {
            "artist": (self.artists, "artists"),
            "recording": (self.recordings, "recordings"),
            "release-group": (self.groups, "release-groups"),
        }[entity]
        wants = any if " OR " in query else all
        found = [one for one in rows if wants(self._has(one, key, words) for key, words in phrases)]
        return self._say({"count": len(found), "offset": 0, list_key: found})

    def _has(self, row: dict[str, Any], key: str, words: str) -> bool:
        texts = [row.get("title", "")]
        if key == "artist":
            texts = (
                [row["name"]]
                if "name" in row
                else ["".join(c["name"] + c["joinphrase"] for c in row["artist-credit"])]
            )
        elif key == "alias":
            texts = [alias["name"] for alias in row.get("aliases", ())]
        return any(f" {words} " in f" {fold(text)} " for text in texts)

    def _say(self, value: Any) -> Answer:
        return Answer(body=json.dumps(value).encode())

    def _missing(self) -> Answer:
        return Answer(status=404, body=b'{"error": "Not Found"}')
