"""What the text `playlist` names: a playlist, an album, the top tracks of an artist, a chart, or a short link. Pure."""

import re
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, TypeAlias
from urllib.parse import urlsplit

from cmdarr.errors import NotFound

Subject: TypeAlias = Literal["playlist", "album", "artist", "chart"]
_SUBJECTS: Final[Mapping[str, Subject]] = {
    "playlist": "playlist",
    "album": "album",
    "artist": "artist",
    "chart": "chart",
}
WEB_HOSTS = frozenset({"www.deezer.com", "deezer.com", "api.deezer.com"})
LINK_HOSTS = frozenset({"link.deezer.com", "deezer.page.link", "dzr.page.link"})
_SHORT_FORM = re.compile(r"(?:(playlist|album|artist|chart):)?(\d{1,18})(?:/top)?", re.ASCII)
_PATH = re.compile(
    r"(?:/[a-z]{2}(?:-[a-z]{2})?)?/(playlist|album|artist)/(\d{1,18})(?:/[a-z_]*)?/?", re.ASCII
)


class Place(NamedTuple):
    """What is read: a subject and its id; a chart has the id of its genre, 0 for all genres."""

    subject: Subject
    number: int


class Link(NamedTuple):
    """A short link: where it leads has to be asked."""

    host: str
    path: str


def parse_address(service: str, text: str) -> Place | Link:
    """Read an id, `album:ID`, `artist:ID`, `chart`, `chart:GENRE`, or an address of Deezer's site.

    Raises:
        NotFound: it is none of them.
    """
    plain = text.strip()
    if plain == "chart":
        return Place("chart", 0)
    found = _SHORT_FORM.fullmatch(plain)
    if found and (found[1] == "artist" or not plain.endswith("/top")):
        return Place(_SUBJECTS[found[1] or "playlist"], int(found[2]))
    place = _parse_url(plain)
    if place is None:
        raise NotFound(
            service,
            f"'{plain[:80]}' names nothing that can be read: put the address of a playlist, an album or an artist on "
            "deezer.com into `playlist`, or `chart`.",
        )
    return place


def _parse_url(text: str) -> Place | Link | None:
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    if parts.scheme not in {"http", "https", "deezer"}:
        return None
    if host in LINK_HOSTS and len(parts.path) > 1:
        return Link(host, parts.path)
    found = _PATH.fullmatch(parts.path.lower())
    if host not in WEB_HOSTS or not found:
        return None
    return Place(_SUBJECTS[found[1]], int(found[2]))
