"""One wanted track beside one library track: everything the stages of the matcher look at, worked out once. Pure.

Every relation is symmetric: it does not matter which side is wanted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from cmdarr.matching.album import Album, parse_album
from cmdarr.matching.credit import Credit, parse_credit
from cmdarr.matching.keys import plain_isrc
from cmdarr.matching.readings import Reading
from cmdarr.matching.version import Title, Version, parse_title
from cmdarr.models.match import Versions
from cmdarr.models.track import LibraryTrack, WantedTrack

VETO_MS = 10_000
VETO_SHARE = 0.05
CLOSE_MS = 3_000
"""Durations this near speak for the same recording."""


_LOOSE_KINDS = frozenset({"live", "acoustic", "rerecorded"})
"""Kinds whose place or owner may be left out on one side; a remix without its remixer could be any."""


_BY_OTHERS = frozenset({"karaoke", "cover", "commentary"})
"""Kinds that the artist himself does not perform."""
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


@dataclass(slots=True)
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
    raw_artist: str
    kinds: frozenset[str]
    """The kinds of version, by the title or by the album it stands on."""

    @property
    def has_other_album_artist(self) -> bool:
        """Whether the album's artist is known and another credit than the track's; equal texts are one object."""
        return bool(self.album_artist.whole) and self.album_artist is not self.artist


def profile(track: WantedTrack | LibraryTrack, reading: Reading | None = None) -> Profile:
    """Parse a track for comparison, by its texts as written or by another reading of them."""
    texts = reading or track
    title, album = parse_title(texts.title), parse_album(texts.album)
    return Profile(
        title=title,
        album=album,
        artist=parse_credit(texts.artist),
        album_artist=parse_credit(track.album_artist),
        duration_ms=track.duration_ms or None,
        recording_mbid=track.recording_mbid.lower() if track.recording_mbid else "",
        isrc=plain_isrc(track.isrc) if track.isrc else "",
        raw_title=texts.title,
        raw_artist=texts.artist,
        kinds=title.version.kinds | album.kinds,
    )


class Comparison:
    """How a wanted track and a library track relate."""

    __slots__ = (
        "_artist",
        "duration_delta_ms",
        "edition_distance",
        "found",
        "is_vetoed",
        "is_wanted_version",
        "same_album",
        "same_isrc",
        "same_recording_mbid",
        "same_title",
        "same_title_but_for_spaces",
        "same_version",
        "track",
        "wanted",
    )

    def __init__(
        self, wanted: Profile, found: Profile, track: LibraryTrack, versions: Versions = "strict"
    ) -> None:
        self.wanted = wanted
        self.found = found
        self.track = track
        self.same_recording_mbid = (
            bool(wanted.recording_mbid) and wanted.recording_mbid == found.recording_mbid
        )
        self.same_isrc = bool(wanted.isrc) and wanted.isrc == found.isrc
        self.same_title = bool(wanted.title.name) and wanted.title.name == found.title.name
        """Whether the names of the recordings are equal word by word."""
        self.same_title_but_for_spaces = is_same_but_for_spaces(
            wanted.title, wanted.raw_title, found.title, found.raw_title
        )
        """Whether the names differ in spaces only, and a sign that may join words explains it."""
        self.is_wanted_version = _is_same_version(wanted, found)
        """Whether both are the same version of the recording."""
        self.same_version = self.is_wanted_version or (versions == "any" and _may_stand_in(wanted, found))
        """Whether the version is acceptable."""
        self.same_album = bool(wanted.album.key) and wanted.album.key == found.album.key
        """Whether both name the same album, editions aside."""
        self._artist: ArtistRelation | None = None
        self.duration_delta_ms = _duration_delta(wanted, found)
        """How far the durations are apart, None when one is unknown."""
        self.is_vetoed = _is_too_far(self.duration_delta_ms, wanted, found) and (
            self.is_wanted_version or not self.same_version
        )
        """Whether the durations are too far apart: beyond 10 s or 5 % of the longer, whichever is more."""
        self.edition_distance = len(wanted.title.editions ^ found.title.editions)
        """How many edition words only one side has; the plain one is nearest to a plain wish."""

    @property
    def artist(self) -> ArtistRelation:
        """How the artists relate, by the nearest of the credits that count; worked out when it is asked."""
        if self._artist is None:
            self._artist = _relate_profiles(self.wanted, self.found)
        return self._artist

    @property
    def has_close_duration(self) -> bool:
        """Whether both durations are known and all but equal."""
        return self.duration_delta_ms is not None and self.duration_delta_ms <= CLOSE_MS


def compare(
    wanted: WantedTrack, candidates: Iterable[LibraryTrack], versions: Versions = "strict"
) -> list[Comparison]:
    """Pair the wanted track with each candidate once."""
    unique = {track.server_id: track for track in candidates}
    asked = profile(wanted)
    return [Comparison(asked, profile(track), track, versions) for track in unique.values()]


def is_same_but_for_spaces(one: Title, one_text: str, other: Title, other_text: str) -> bool:
    """Whether two names differ in spaces only, and a sign that may join words explains it."""
    return one.key == other.key and not (
        _JOINING_SIGNS.isdisjoint(one_text) and _JOINING_SIGNS.isdisjoint(other_text)
    )


def _is_same_version(wanted: Profile, found: Profile) -> bool:
    return wanted.kinds == found.kinds and _details_agree(wanted.title.version, found.title.version)


def _may_stand_in(wanted: Profile, found: Profile) -> bool:
    """Whether one version may stand for the other where the user accepts any; what others sang never may."""
    return not (wanted.kinds ^ found.kinds) & _BY_OTHERS


def _duration_delta(wanted: Profile, found: Profile) -> int | None:
    if wanted.duration_ms is None or found.duration_ms is None:
        return None
    return abs(wanted.duration_ms - found.duration_ms)


def _is_too_far(delta_ms: int | None, wanted: Profile, found: Profile) -> bool:
    longer = max(wanted.duration_ms or 0, found.duration_ms or 0)
    return delta_ms is not None and delta_ms > max(VETO_MS, VETO_SHARE * longer)


def _relate_profiles(wanted: Profile, found: Profile) -> ArtistRelation:
    if wanted.artist.whole and wanted.artist.whole == found.artist.whole:
        return ArtistRelation.SAME
    one_guests = wanted.title.featured.union(wanted.artist.featured)
    other_guests = found.title.featured.union(found.artist.featured)
    relation = relate(wanted.artist, one_guests, found.artist, other_guests)
    if relation <= ArtistRelation.SAME_WITH_GUESTS:
        return relation
    pairs = [(wanted.artist, found.album_artist)] if found.has_other_album_artist else []
    if wanted.has_other_album_artist:
        pairs.append((wanted.album_artist, found.artist))
    for one, other in pairs:
        if relate(one, one_guests, other, other_guests) <= ArtistRelation.SAME_WITH_GUESTS:
            return ArtistRelation.ALBUM_ARTIST
    return relation


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
