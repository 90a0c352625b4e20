"""One wanted track beside one library track: everything the stages of the matcher look at, worked out once. Pure.

Every relation is symmetric: it does not matter which side is wanted.
"""

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from cmdarr.matching.album import Album, parse_album
from cmdarr.matching.credit import Credit, parse_credit
from cmdarr.matching.keys import plain_isrc
from cmdarr.matching.version import Title, Version, parse_title
from cmdarr.models.track import LibraryTrack, WantedTrack

VETO_MS = 10_000
VETO_SHARE = 0.05
CLOSE_MS = 3_000
"""Durations this near speak for the same recording."""


_LOOSE_KINDS = frozenset({"live", "acoustic", "rerecorded"})
"""Kinds whose place or owner may be left out on one side; a remix without its remixer could be any."""


_JOINING_SIGNS = frozenset("-‐‑–/.'’·・!")  # noqa: RUF001 - hyphens of every kind


class ArtistRelation(IntEnum):
    """How two artist credits relate, the nearest first."""

    SAME = 0
    """The same names."""
    SAME_WITH_GUESTS = 1
    """The same names once the guests of the title count too."""
    ALBUM_ARTIST = 2
    """The same only by the album's artist."""
    FIRST = 3
    """The same first name, given in full; the others are named by one side only."""
    PART = 4
    """One names some of the artists that the other names."""
    OTHER = 5


@dataclass(frozen=True, slots=True)
class Profile:
    """A track of either side, parsed."""

    title: Title
    album: Album
    artist: Credit
    album_artist: Credit
    duration_ms: int | None
    recording_mbid: str
    isrc: str
    raw_title: str

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of version, by the title or by the album it stands on."""
        return self.title.version.kinds | self.album.kinds

    @property
    def guests(self) -> frozenset[str]:
        """Everybody who is not a main artist."""
        return self.title.featured.union(self.artist.featured)


def profile(track: WantedTrack | LibraryTrack) -> Profile:
    """Parse a track for comparison."""
    return Profile(
        title=parse_title(track.title),
        album=parse_album(track.album),
        artist=parse_credit(track.artist),
        album_artist=parse_credit(track.album_artist),
        duration_ms=track.duration_ms or None,
        recording_mbid=(track.recording_mbid or "").lower(),
        isrc=plain_isrc(track.isrc or ""),
        raw_title=track.title,
    )


class Comparison:
    """How a wanted track and a library track relate; each answer is computed when it is first asked for."""

    def __init__(self, wanted: Profile, found: Profile, track: LibraryTrack) -> None:
        self.wanted = wanted
        self.found = found
        self.track = track

    @cached_property
    def same_recording_mbid(self) -> bool:
        """Whether both carry the same recording MBID."""
        return bool(self.wanted.recording_mbid) and self.wanted.recording_mbid == self.found.recording_mbid

    @cached_property
    def same_isrc(self) -> bool:
        """Whether both carry the same ISRC."""
        return bool(self.wanted.isrc) and self.wanted.isrc == self.found.isrc

    @cached_property
    def same_title(self) -> bool:
        """Whether the names of the recordings are equal word by word."""
        return self.wanted.title.name == self.found.title.name

    @cached_property
    def same_title_but_for_spaces(self) -> bool:
        """Whether the names differ in spaces only, and a sign that may join words explains it."""
        return self.wanted.title.key == self.found.title.key and (
            _has_joining_sign(self.wanted.raw_title) or _has_joining_sign(self.found.raw_title)
        )

    @cached_property
    def same_version(self) -> bool:
        """Whether both are the same version of the recording."""
        return self.wanted.kinds == self.found.kinds and _details_agree(
            self.wanted.title.version, self.found.title.version
        )

    @cached_property
    def same_album(self) -> bool:
        """Whether both name the same album, editions aside."""
        return bool(self.wanted.album.key) and self.wanted.album.key == self.found.album.key

    @cached_property
    def artist(self) -> ArtistRelation:
        """How the artists relate, by the nearest of the credits that count."""
        wanted, found = self.wanted, self.found
        relation = relate(wanted.artist, wanted.guests, found.artist, found.guests)
        if relation <= ArtistRelation.SAME_WITH_GUESTS:
            return relation
        pairs = ((wanted.artist, found.album_artist), (wanted.album_artist, found.artist))
        if any(
            relate(one, wanted.guests, other, found.guests) <= ArtistRelation.SAME_WITH_GUESTS
            for one, other in pairs
        ):
            return ArtistRelation.ALBUM_ARTIST
        return relation

    @cached_property
    def duration_delta_ms(self) -> int | None:
        """How far the durations are apart, None when one is unknown."""
        if self.wanted.duration_ms is None or self.found.duration_ms is None:
            return None
        return abs(self.wanted.duration_ms - self.found.duration_ms)

    @cached_property
    def is_vetoed(self) -> bool:
        """Whether the durations are too far apart: beyond 10 s or 5 % of the longer, whichever is more."""
        longer = max(self.wanted.duration_ms or 0, self.found.duration_ms or 0)
        return self.duration_delta_ms is not None and self.duration_delta_ms > max(
            VETO_MS, VETO_SHARE * longer
        )

    @property
    def has_close_duration(self) -> bool:
        """Whether both durations are known and all but equal."""
        return self.duration_delta_ms is not None and self.duration_delta_ms <= CLOSE_MS

    @property
    def edition_distance(self) -> int:
        """How many edition words only one side has; fewer is nearer, and the plain one is nearest to a plain wish."""
        return len(self.wanted.title.editions ^ self.found.title.editions)


def relate(
    one: Credit, one_guests: frozenset[str], other: Credit, other_guests: frozenset[str]
) -> ArtistRelation:
    """Say how two credits relate, given the guests that title and artist name."""
    if not one.whole or not other.whole:
        return ArtistRelation.OTHER
    if one.whole == other.whole or set(one.names) == set(other.names):
        return ArtistRelation.SAME
    everyone, others = one_guests.union(one.names), other_guests.union(other.names)
    has_one, has_other = others.issuperset(one.names), everyone.issuperset(other.names)
    if everyone == others or (one.names[0] == other.names[0] and has_one and has_other):
        return ArtistRelation.SAME_WITH_GUESTS
    if not (has_one or has_other):
        return ArtistRelation.OTHER
    is_first = one.names[0] == other.names[0] and one.first_is_full and other.first_is_full
    return ArtistRelation.FIRST if is_first else ArtistRelation.PART


def _details_agree(one: Version, other: Version) -> bool:
    """Whether the other words of two versions may mean the same: "(Live)" may be "(Live at Wembley)"."""
    if one.detail == other.detail:
        return True
    is_loose = not (one.kinds | other.kinds) - _LOOSE_KINDS
    return is_loose and not (one.detail and other.detail)


def _has_joining_sign(text: str) -> bool:
    return any(sign in _JOINING_SIGNS for sign in text)
