"""The texts that name a list of tracks at Last.fm. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from cmdarr.errors import CommandError

SIMILAR_TRACKS = "track.getSimilar"
PERIODS = {
    "7day": "last 7 days",
    "1month": "last month",
    "3month": "last 3 months",
    "6month": "last 6 months",
    "12month": "last 12 months",
    "overall": "all time",
}
_SAME_PERIOD = {
    "week": "7day",
    "month": "1month",
    "quarter": "3month",
    "half_year": "6month",
    "year": "12month",
    "all_time": "overall",
}
_CHOICES = (
    "name one of loved, recent, top:<7day|1month|3month|6month|12month|overall>, chart, tag:<name>, "
    "country:<name>, similar:<artist> - <title>"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a text asks for, as a call: `user` is None where no user counts, empty for the configured one."""

    method: str
    title: str
    params: tuple[tuple[str, str], ...] = ()
    user: str | None = None
    is_complete: bool = False
    """Whether every entry is wanted, however many; else the first ones."""


def parse_wish(service: str, playlist: str) -> Wish:
    """Read `loved`, `top:7day`, `recent` (each also with `@user`), `chart`, `tag:…`, `country:…`, `similar:… - …`.

    Raises:
        CommandError: it is none of them.
    """
    plain = playlist.strip()
    kind, _, rest = plain.partition(":")
    of_name = _OF_NAME.get(kind.strip().lower())
    wish = of_name(rest.strip()) if of_name else _of_user(plain)
    if wish is None:
        raise CommandError(f"{service}: '{plain[:100]}' names no playlist: correct `playlist`; {_CHOICES}.")
    return wish


def _of_user(plain: str) -> Wish | None:
    name, has_user, user = (part.strip() for part in plain.partition("@"))
    kind, _, period = name.lower().partition(":")
    period = _SAME_PERIOD.get(period, period)
    if has_user and not user:
        return None
    if kind == "top" and period in PERIODS:
        title = f"Top tracks of {{user}}, {PERIODS[period]}"
        return Wish("user.getTopTracks", title, (("period", period),), user)
    if period:
        return None
    if kind == "loved":
        return Wish("user.getLovedTracks", "Loved tracks of {user}", (), user, is_complete=True)
    if kind == "recent":
        return Wish("user.getRecentTracks", "Recent listens of {user}", (), user)
    return Wish("chart.getTopTracks", "Last.fm chart") if kind == "chart" and not has_user else None


def _of_tag(tag: str) -> Wish | None:
    return Wish("tag.getTopTracks", f"Last.fm chart: {tag}", (("tag", tag),)) if tag else None


def _of_country(country: str) -> Wish | None:
    return Wish("geo.getTopTracks", f"Last.fm chart: {country}", (("country", country),)) if country else None


def _of_seed(seed: str) -> Wish | None:
    artist, _, title = (part.strip() for part in seed.partition(" - "))
    if not artist or not title:
        return None
    params = (("artist", artist), ("track", title), ("autocorrect", "1"))
    return Wish(SIMILAR_TRACKS, f"Similar to {artist} - {title}", params)


_OF_NAME: dict[str, Callable[[str], Wish | None]] = {
    "tag": _of_tag,
    "country": _of_country,
    "similar": _of_seed,
}
