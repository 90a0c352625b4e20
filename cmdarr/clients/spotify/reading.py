"""Lists page by page, to their announced end or an error."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from cmdarr.clients.spotify.answers import Track
from cmdarr.clients.spotify.tracks import name_entry, wanted_of
from cmdarr.errors import SourceIncomplete
from cmdarr.models.playlist import SourcePlaylist
from cmdarr.models.track import WantedTrack

T = TypeVar("T")


class Page(Protocol[T]):
    """A part of a list; `total` counts the entries of the whole list."""

    @property
    def items(self) -> list[T]:
        """The entries."""

    @property
    def total(self) -> int:
        """How many the whole list has."""


def read_pages(service: str, what: str, announced: int | None, fetch: Callable[[int], Page[T]]) -> list[T]:
    """Read every page; `fetch` asks for the entries from an offset on, `announced` is their number, if known.

    Raises:
        SourceIncomplete: entries are missing, or the list changed meanwhile.
    """
    page = fetch(0)
    total = page.total
    if announced is not None and announced != total:
        raise SourceIncomplete(
            f"{service}: {what} has {announced} entries by one answer and {total} by another: run again."
        )
    found = list(page.items)
    while len(found) < total:
        page = fetch(len(found)) if page.items else page
        if not page.items:
            raise SourceIncomplete(
                f"{service}: {what} announces {total} entries, and only {len(found)} came: run again."
            )
        if page.total != total:
            raise SourceIncomplete(f"{service}: {what} changed while it was read: run again.")
        found += page.items
    if len(found) > total:
        raise SourceIncomplete(
            f"{service}: {what} has more than the {total} entries that it announces: run again."
        )
    return found


def make_playlist(
    service: str,
    title: str,
    entries: list[tuple[Track | None, WantedTrack | None]],
    description: str = "",
) -> SourcePlaylist:
    """Put together what was read; what cannot be wanted is named.

    Raises:
        SourceIncomplete: there is no track at all.
    """
    tracks = tuple(wanted for _, wanted in entries if wanted is not None)
    if not tracks:
        raise SourceIncomplete(f"{service}: '{title}' is empty: name another list in `playlist`.")
    return SourcePlaylist(
        title=title.strip() or "Spotify",
        description=description.strip(),
        tracks=tracks,
        unavailable=tuple(
            name_entry(place, track)
            for place, (track, wanted) in enumerate(entries, start=1)
            if wanted is None
        ),
    )


def pair(track: Track | None) -> tuple[Track | None, WantedTrack | None]:
    """Return an entry beside what is wanted of it."""
    return track, wanted_of(track) if track else None
