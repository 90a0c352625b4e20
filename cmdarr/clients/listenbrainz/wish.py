"""The texts that name a playlist of ListenBrainz. Pure."""

import re
from dataclasses import dataclass
from typing import Literal

from cmdarr.errors import CommandError
from cmdarr.library.formats.identifier import parse_mbid

CURATED = {
    "weekly-exploration": "Weekly Exploration",
    "weekly-jams": "Weekly Jams",
    "daily-jams": "Daily Jams",
}
"""The playlists that ListenBrainz makes for its users: `source_patch` -> title."""
RANGES = {
    "week": "last week",
    "month": "last month",
    "quarter": "last quarter",
    "half_yearly": "last half year",
    "year": "last year",
    "all_time": "all time",
    "this_week": "this week",
    "this_month": "this month",
    "this_year": "this year",
}
_SAME_RANGE = {"half_year": "half_yearly"}
_ADDRESS = re.compile(r"https?://[^/]+/(?:1/)?playlist/(?P<mbid>[0-9a-fA-F-]{36})/?(?:[?#].*)?")
_CHOICES = (
    "name one of weekly-exploration, weekly-jams, daily-jams, loved, top-recordings:month (or another range), "
    "or the address of a playlist"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a text asks for; `value` is the curated kind, the range or the playlist's MBID; `user` empty: the usual."""

    kind: Literal["curated", "top", "loved", "playlist"]
    value: str = ""
    user: str = ""


def parse_wish(service: str, playlist: str) -> Wish:
    """Read `weekly-jams`, `top-recordings:month`, `loved`, each also with `@user`, a playlist's MBID or address.

    Raises:
        CommandError: it is none of them.
    """
    plain = playlist.strip()
    address = _ADDRESS.fullmatch(plain)
    mbid = parse_mbid(address["mbid"] if address else plain)
    if mbid:
        return Wish("playlist", mbid)
    name, has_user, user = plain.partition("@")
    kind, _, span = name.strip().lower().partition(":")
    kind = kind.replace("_", "-")
    wish = _find(kind, _SAME_RANGE.get(span, span), user.strip())
    if wish is None or (has_user and not wish.user) or "://" in plain:
        raise CommandError(f"{service}: '{plain[:100]}' names no playlist: correct `playlist`; {_CHOICES}.")
    return wish


def _find(kind: str, span: str, user: str) -> Wish | None:
    if kind in CURATED and not span:
        return Wish("curated", kind, user)
    if kind == "loved" and not span:
        return Wish("loved", "", user)
    if kind == "top-recordings" and span in RANGES:
        return Wish("top", span, user)
    return None
