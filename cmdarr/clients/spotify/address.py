"""What the text `playlist` names: a playlist, an album or an artist on Spotify. Pure."""

import re
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, TypeAlias
from urllib.parse import urlsplit

from cmdarr.errors import NotFound

Subject: TypeAlias = Literal["playlist", "album", "artist"]
_SUBJECTS: Final[Mapping[str, Subject]] = {"playlist": "playlist", "album": "album", "artist": "artist"}
_ID = r"[0-9A-Za-z]{22}"
_SHORT_FORM = re.compile(rf"(?:spotify:)?(?:user:[^:]+:)?(?:(playlist|album|artist):)?({_ID})", re.ASCII)
_PATH = re.compile(
    rf"(?:/intl-[a-z]+)?(?:/embed)?(?:/user/[^/]+)?/(playlist|album|artist)/({_ID})/?", re.ASCII
)
_HOSTS = frozenset({"open.spotify.com", "play.spotify.com"})


class Place(NamedTuple):
    """What is read: a subject and its id."""

    subject: Subject
    id: str


def parse_address(service: str, text: str) -> Place:
    """Read an id (of a playlist), `album:ID`, `artist:ID`, `spotify:playlist:ID`, or an address of open.spotify.com.

    Raises:
        NotFound: it is none of them.
    """
    plain = text.strip()
    found = _SHORT_FORM.fullmatch(plain) or _match_url(plain)
    if found is None:
        raise NotFound(
            service,
            f"'{plain[:80]}' names nothing that can be read: put the address of a playlist, an album or an artist on "
            "open.spotify.com into `playlist`.",
        )
    return Place(_SUBJECTS[found[1] or "playlist"], found[2])


def _match_url(text: str) -> re.Match[str] | None:
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        is_known = parts.scheme in {"http", "https"} and parts.hostname in _HOSTS
    except ValueError:
        return None
    return _PATH.fullmatch(parts.path) if is_known else None
