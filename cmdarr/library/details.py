"""Title and description of a playlist: what the command file says now against what Cmdarr wrote there before. Pure.

A title that the user changed on the server stays until the one in the file changes; a description is only ever
written where Cmdarr made the playlist, and never over one that the user wrote.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from cmdarr.models.playlist import Binding, PlaylistInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailChange:
    """What is to be written beside the entries; an empty text means that nothing is."""

    title: str = ""
    description: str = ""
    note: str = ""
    """Why the title stays although another one is asked for."""
    is_outdated: bool = False
    """Whether the binding remembers another title or description than the file has by now."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing has to be written to the server."""
        return not (self.title or self.description)

    def __str__(self) -> str:
        """Say what changes."""
        parts = (f"renamed to “{self.title}”" if self.title else "", "described" if self.description else "")
        return ", ".join(filter(None, parts))


def mark_of(description: str) -> str:
    """Return what tells a description from others without holding it, empty for none."""
    text = description.strip()
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest() if text else ""


def is_same_title(one: str, other: str) -> bool:
    """Whether two titles name one playlist."""
    return one.strip() == other.strip()


def may_differ(binding: Binding, title: str, description: str) -> bool:
    """Whether the file asks for other details than those that were written last, so that the server must be asked."""
    is_described = not description or not binding.is_made or binding.description == mark_of(description)
    return not (is_same_title(binding.title, title) and is_described)


def plan_details(
    binding: Binding, title: str, description: str, playlists: Sequence[PlaylistInfo]
) -> DetailChange:
    """Return what has to be written so that the bound playlist has the details of the file.

    `playlists` are all of the user's on that server.
    """
    held = next((each for each in playlists if each.playlist_id == binding.playlist_id), None)
    if held is None:
        return DetailChange()
    note = ""
    wants_title = not is_same_title(binding.title, title) and not is_same_title(held.title, title)
    if wants_title and any(is_same_title(each.title, title) for each in playlists):
        wants_title = False
        note = (
            f"the playlist keeps its title “{held.title}”, because another one is named “{title}”: "
            "rename or remove that one."
        )
    return DetailChange(
        title=title.strip() if wants_title else "",
        description=_plan_description(binding, description, held),
        note=note,
        is_outdated=not note,
    )


def _plan_description(binding: Binding, description: str, held: PlaylistInfo) -> str:
    if not description or not binding.is_made or binding.description == mark_of(description):
        return ""
    if held.description is None:
        return description
    on_server = mark_of(held.description)
    return description if on_server in {"", binding.description} and on_server != mark_of(description) else ""
