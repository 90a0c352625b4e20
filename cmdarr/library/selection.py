"""Which tracks of the sources are wanted, and in which order. Pure: the same day gives the same order."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, zip_longest
from typing import Literal

from cmdarr.matching.credit import parse_credit
from cmdarr.matching.fold import fold
from cmdarr.models.playlist import SourcePlaylist
from cmdarr.models.track import WantedTrack

Merge = Literal["concat", "interleave", "unique"]
"""`concat`: one source after the other; `interleave`: the first of each, then the second of each; `unique`: as
`concat`, each track only once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is taken of the merged sources; None and empty values restrict nothing."""

    merge: Merge = "concat"
    exclude_artists: tuple[str, ...] = ()
    min_year: int | None = None
    max_year: int | None = None
    min_duration: timedelta | None = None
    max_duration: timedelta | None = None
    max_per_artist: int | None = None
    shuffle: bool = False
    limit: int | None = None

    def allows_year(self, year: int | None) -> bool:
        """Whether a release year is within the bounds; one that nobody knows is."""
        if year is None:
            return True
        return (self.min_year is None or year >= self.min_year) and (
            self.max_year is None or year <= self.max_year
        )


def merge_playlists(playlists: Sequence[SourcePlaylist], merge: Merge) -> tuple[WantedTrack, ...]:
    """Return the tracks of all sources in one order."""
    rows = [playlist.tracks for playlist in playlists]
    if merge == "interleave":
        return tuple(track for row in zip_longest(*rows) for track in row if track is not None)
    tracks = chain.from_iterable(rows)
    return tuple(_once(tracks) if merge == "unique" else tracks)


def select_tracks(
    tracks: Sequence[WantedTrack], selection: Selection, *, seed: str, day: date
) -> tuple[WantedTrack, ...]:
    """Return the tracks that the selection leaves, in its order.

    `shuffle` gives every day (and every `seed`, the command's name) an order of its own.
    """
    excluded = {name for artist in selection.exclude_artists for name in parse_credit(artist).everyone}
    left = [track for track in tracks if _is_allowed(track, selection, excluded)]
    if selection.shuffle:
        random.Random(f"{seed}\n{day.isoformat()}").shuffle(left)  # noqa: S311 - an order, not a secret
    if selection.max_per_artist is not None:
        left = list(_at_most(left, selection.max_per_artist))
    return tuple(left[: selection.limit])


def _is_allowed(track: WantedTrack, selection: Selection, excluded: set[str]) -> bool:
    if excluded and not excluded.isdisjoint(parse_credit(track.artist).everyone):
        return False
    return selection.allows_year(track.year) and _fits(track, selection)


def _fits(track: WantedTrack, selection: Selection) -> bool:
    """Whether a duration is within the bounds; one that the source does not tell is."""
    if track.duration_ms is None:
        return True
    duration = timedelta(milliseconds=track.duration_ms)
    return (selection.min_duration is None or duration >= selection.min_duration) and (
        selection.max_duration is None or duration <= selection.max_duration
    )


def _at_most(tracks: Iterable[WantedTrack], most: int) -> Iterator[WantedTrack]:
    """Yield the tracks, of each first-named artist at most so many."""
    counts: Counter[str] = Counter()
    for track in tracks:
        credit = parse_credit(track.artist)
        artist = credit.names[0] if credit.names else fold(track.artist)
        counts[artist] += 1
        if counts[artist] <= most:
            yield track


def _once(tracks: Iterable[WantedTrack]) -> Iterator[WantedTrack]:
    """Yield each track the first time that it comes, known again by an id or by artist and title."""
    seen: set[tuple[str, str]] = set()
    for track in tracks:
        names = set(_names_of(track))
        if seen.isdisjoint(names):
            yield track
        seen |= names


def _names_of(track: WantedTrack) -> Iterator[tuple[str, str]]:
    yield "name", f"{parse_credit(track.artist).whole or fold(track.artist)}\n{fold(track.title)}"
    if track.recording_mbid:
        yield "recording", track.recording_mbid.lower()
    if track.isrc:
        yield "isrc", track.isrc.upper()
