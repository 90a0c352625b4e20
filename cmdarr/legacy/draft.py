"""One command file to be, and what several kinds of command have in common."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cmdarr.legacy.options import Options

PLAYLIST_LIST = "discovery_playlistsync"
"""The import list that playlist syncs proposed artists to."""
LASTFM_LIST = "discovery_lastfm"
"""The import list of the Last.fm discovery."""


@dataclass(slots=True)
class Draft:
    """One command file to be: `suffix` tells apart several that one legacy command becomes.

    `keys` may hold what the model of this version does not know yet. `servers` are those that it writes to, `title` is
    the playlist's.
    """

    kind: str
    keys: dict[str, object] = field(default_factory=dict)
    suffix: str = ""
    schedule: str = ""
    title: str = ""
    servers: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    binding: tuple[str, str] | None = None
    """Id and title of the playlist that it wrote last."""
    problem: str = ""
    """What it cannot work without, and lacks."""


def present(**keys: object) -> dict[str, object]:
    """Return the keys that have a value."""
    return {key: value for key, value in keys.items() if value is not None}


def days_text(number: float | None) -> str | None:
    """Return a number of days as a duration."""
    return None if number is None else f"{int(number)}d"


def target(server: str | None, title: str, users: Sequence[str] | None) -> dict[str, object]:
    """Return one entry of `targets`."""
    return present(server=server or "plex", title=title or None, users=list(users) if users else None)


def discover(options: Options) -> dict[str, object] | None:
    """Return `discover_artists`, None where it was off."""
    is_on = options.flag("enable_artist_discovery")
    most = options.whole("artist_discovery_max_per_run")
    if not is_on:
        return None
    return present(import_list=PLAYLIST_LIST, max_per_run=most or None)


def last_playlist(options: Options) -> tuple[str, str] | None:
    """Return id and title of the playlist that was written last."""
    identifier, title = options.text("last_playlist_id"), options.text("last_playlist_title")
    return (identifier, title or "") if identifier else None
