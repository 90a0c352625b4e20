"""Whether an id still names what it named: server ids are used again when a server is set up anew. Pure."""

from collections.abc import Collection

from cmdarr.matching.fold import fold
from cmdarr.models.playlist import PlaylistEntry


def is_same_name(one: str, other: str) -> bool:
    """Whether two titles of an id are those of one track; a title that is not told contradicts nothing."""
    return not one or not other or one == other or fold(one) == fold(other)


def have_nothing_in_common(some: Collection[PlaylistEntry], others: Collection[PlaylistEntry]) -> bool:
    """Whether two states of a playlist share no track, by id or by name: then they may be two playlists."""
    if not some or not others:
        return False
    names = {_name(entry) for entry in some}
    ids = {entry.server_id for entry in some}
    return not any(entry.server_id in ids or _name(entry) in names for entry in others)


def _name(entry: PlaylistEntry) -> tuple[str, str]:
    return fold(entry.artist), fold(entry.title)
