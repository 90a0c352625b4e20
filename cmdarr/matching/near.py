"""The stages behind the exact ones: other readings, other scripts, misspellings. Pure; asked when no exact one accepts.

Whatever is not equal is a doubt, and every doubt needs a witness: the same album counts for two, durations that agree
count for two. So a title with a typing error by the same artist is accepted on the same album or at the same length,
and nowhere else; and where both durations are known, they must agree.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cmdarr.matching.comparison import Comparison, Profile, profile
from cmdarr.matching.likeness import Likeness, compare_artists, compare_titles
from cmdarr.matching.readings import Reading, readings
from cmdarr.matching.spelling import distance, is_misspelling
from cmdarr.models.match import Versions
from cmdarr.models.track import LibraryTrack, WantedTrack

BEST_SCORE = 0.88
DOUBT_COST = 0.03
_MOST_ERRORS = 5
REASONS = {
    "reading": "artist and title are the same once the title is freed of track number, artist and album",
    "spelling": "artist and title are the same but for spelling",
    "script": "artist and title are the same in another script",
    "cut": "the title is the beginning of the other one, cut off",
    "unknown_artist": "title and album are the same, and no other artist is named",
}
"""What each of these stages says."""


@dataclass(frozen=True, slots=True)
class Near:
    """A candidate that one of these stages accepts, and by which reading of the texts."""

    pair: Comparison
    stage: str
    score: float
    errors: int
    """How many typing errors part the titles."""

    @property
    def merit(self) -> tuple[float, int]:
        """How good it is; of two that have as much for them the title with fewer errors."""
        return self.score, -self.errors


def near_matches(
    wanted: WantedTrack, pairs: Sequence[Comparison], versions: Versions = "strict"
) -> list[Near]:
    """Return those of the pairs that one of these stages accepts, each by its best reading."""
    asked = [(one, profile(wanted, one)) for one in readings_of(wanted)]
    found = []
    for pair in pairs:
        if pair.is_vetoed and versions != "any":  # the lengths part them, however their texts are read
            continue
        accepted = list(_judge_all(asked, pair, versions))
        if accepted:
            found.append(max(accepted, key=lambda near: (*near.merit, near.stage)))
    return found


def readings_of(track: WantedTrack | LibraryTrack) -> tuple[Reading, ...]:
    """Return every reading of a track's texts."""
    return readings(track.artist, track.title, track.album)


def _judge_all(
    asked: Sequence[tuple[Reading, Profile]], written: Comparison, versions: Versions
) -> Iterator[Near]:
    """Yield what is accepted by any two readings; `written` pairs the texts as they stand."""
    track = written.track
    for reading in readings_of(track):
        for asked_reading, wanted in asked:
            title = compare_titles(asked_reading, reading)
            if title is None:
                continue
            if reading.is_written and asked_reading.is_written:
                pair = written
            else:
                pair = Comparison(wanted, profile(track, reading), track, versions)
            near = _judge(pair, title, (asked_reading, reading))
            if near:
                yield near


def _judge(pair: Comparison, title: Likeness, by: tuple[Reading, Reading]) -> Near | None:
    """Weigh one pair: accept it when the witnesses outweigh the doubts."""
    if pair.is_vetoed or not pair.same_version or not pair.wanted.title.name:
        return None
    artist = compare_artists(pair)
    album = _has_album_witness(pair)
    if artist is None or (not album and any(reading.needs_album for reading in by)):
        return None
    doubt = title.doubt + artist.doubt + max(reading.doubt for reading in by)
    if doubt and (doubt > 2 * album + 2 * pair.has_close_duration or _has_other_duration(pair)):
        return None
    is_written = all(reading.is_written for reading in by)
    stage = title.stage or artist.stage or ("spelling" if is_written else "reading")
    return Near(pair, stage, round(BEST_SCORE - DOUBT_COST * doubt, 2), _errors(pair, title))


def _errors(pair: Comparison, title: Likeness) -> int:
    if title.stage not in {"spelling", "cut"}:
        return 0
    return max(distance(pair.wanted.title.key, pair.found.title.key, _MOST_ERRORS), 1)


def _has_other_duration(pair: Comparison) -> bool:
    return pair.duration_delta_ms is not None and not pair.has_close_duration


def _has_album_witness(pair: Comparison) -> bool:
    one, other = pair.wanted.album.key, pair.found.album.key
    return pair.same_album or (bool(one and other) and is_misspelling(one, other))
