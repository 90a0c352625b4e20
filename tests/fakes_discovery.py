"""Services that know artists, in memory: what they know is given, and they can be told to fail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from fakes_lidarr import mbid

from cmdarr.errors import CommandError, NotFound, NothingFound, ServiceUnavailable
from cmdarr.library.artist_ports import (
    AddOutcome,
    ArtistCatalog,
    ArtistIdentities,
    CatalogArtist,
    ListenedArtists,
    ListenRange,
    NewArtist,
    SimilarArtists,
)
from cmdarr.models.artist import (
    ArtistMbid,
    ArtistRef,
    IdentifiedAlbum,
    IdentifiedArtist,
    ListenedArtist,
    ReleaseGroupMbid,
    SimilarArtist,
)
from cmdarr.models.cancel import CancelToken
from cmdarr.models.track import WantedTrack

T = TypeVar("T")


def ref(number: int, name: str = "") -> ArtistRef:
    """Return an artist whose MBID and name carry a number."""
    return ArtistRef(name=name or f"Artist {number}", mbid=ArtistMbid(mbid(number)))


def named(name: str) -> ArtistRef:
    """Return an artist without an MBID."""
    return ArtistRef(name=name)


def similar(artist: ArtistRef, score: float) -> SimilarArtist:
    return SimilarArtist(artist=artist, score=score)


def down(name: str) -> ServiceUnavailable:
    return ServiceUnavailable(name, "it does not answer.")


@dataclass
class FakeSimilar:
    """Knows who resembles whom; `failing` names the artists that it fails for."""

    name: str
    known: Mapping[str, Sequence[SimilarArtist]] = field(default_factory=dict)
    """The seed's name -> who resembles it."""
    failing: frozenset[str] = frozenset()
    error: Exception | None = None
    asked: list[ArtistRef] = field(default_factory=list)

    def fetch_similar(self, artist: ArtistRef, limit: int, cancel: CancelToken) -> Sequence[SimilarArtist]:
        cancel.check()
        self.asked.append(artist)
        if self.error is not None:
            raise self.error
        if artist.name in self.failing:
            raise down(self.name)
        if artist.name not in self.known:
            raise NotFound(self.name, "no such artist.")
        return self.known[artist.name][:limit]


@dataclass
class FakeListens:
    """Knows what somebody listened to."""

    name: str
    artists: Sequence[ArtistRef] = ()
    error: Exception | None = None
    asked: list[tuple[ListenRange, int]] = field(default_factory=list)

    def fetch_listened(
        self, period: ListenRange, limit: int, cancel: CancelToken
    ) -> Sequence[ListenedArtist]:
        cancel.check()
        self.asked.append((period, limit))
        if self.error is not None:
            raise self.error
        return [ListenedArtist(artist=artist, listens=9) for artist in self.artists[:limit]]


@dataclass
class FakeIdentities:
    """Knows artists by name; an MBID that it does not know is taken as it is, one of another name is set aside."""

    name: str = "musicbrainz"
    by_name: Mapping[str, ArtistRef] = field(default_factory=dict)
    by_mbid: Mapping[str, ArtistRef] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    """MBIDs that no longer exist."""
    albums: Mapping[str, int] = field(default_factory=dict)
    failing: frozenset[str] = frozenset()
    is_down: bool = False
    asked: list[str] = field(default_factory=list)

    def identify_artist(self, artist: ArtistRef, cancel: CancelToken) -> IdentifiedArtist | None:
        cancel.check()
        self._ask(artist.name or str(artist.mbid))
        if artist.mbid in self.gone:
            return None
        if artist.mbid is not None:
            found = self.by_mbid.get(artist.mbid, artist)
            if found.name and found.name == (artist.name or found.name):
                return _identified(found, "by MBID")
        known = self.by_name.get(artist.name)
        return _identified(known, "by name") if known else None

    def identify_track_artist(self, track: WantedTrack, cancel: CancelToken) -> IdentifiedArtist | None:
        cancel.check()
        self._ask(track.artist)
        known = self.by_name.get(track.artist)
        return _identified(known, "by title and name") if known else None

    def identify_album(self, track: WantedTrack, cancel: CancelToken) -> IdentifiedAlbum | None:
        cancel.check()
        self._ask(track.album)
        if track.album not in self.albums:
            return None
        return IdentifiedAlbum(
            mbid=ReleaseGroupMbid(mbid(self.albums[track.album])),
            title=track.album,
            artist=_identified(self.by_name[track.artist], ""),
        )

    def _ask(self, subject: str) -> None:
        self.asked.append(subject)
        if self.is_down or subject in self.failing:
            raise down(self.name)


def _identified(artist: ArtistRef, reason: str) -> IdentifiedArtist:
    assert artist.mbid is not None
    return IdentifiedArtist(mbid=artist.mbid, name=artist.name, reason=reason)


@dataclass
class FakeCatalog:
    """A collection of artists."""

    name: str = "lidarr"
    artists: list[CatalogArtist] = field(default_factory=list)
    excluded: frozenset[str] = frozenset()
    is_down: bool = False
    exclusions_down: bool = False
    failing: frozenset[str] = frozenset()
    """Names of the artists that cannot be added."""
    unknown: frozenset[str] = frozenset()
    refused: str = ""
    added: list[NewArtist] = field(default_factory=list)

    def list_artists(self, cancel: CancelToken) -> Sequence[CatalogArtist]:
        cancel.check()
        if self.is_down:
            raise down(self.name)
        return tuple(self.artists)

    def list_excluded(self, cancel: CancelToken) -> frozenset[str]:
        if self.is_down or self.exclusions_down:
            raise down(self.name)
        return self.excluded

    def add_artist(self, artist: NewArtist, cancel: CancelToken) -> AddOutcome:
        cancel.check()
        if self.refused:
            raise CommandError(self.refused)
        if artist.name in self.failing:
            raise down(self.name)
        if artist.name in self.unknown:
            raise NotFound(self.name, "its metadata knows no such artist.")
        if artist.mbid in self.excluded:
            return "excluded"
        if artist.mbid in {each.mbid for each in self.artists}:
            return "known"
        self.added.append(artist)
        self.take(artist.mbid, artist.name)
        return "added"

    def take(self, mbid: str, name: str) -> None:
        """Have an artist."""
        self.artists.append(CatalogArtist(mbid=ArtistMbid(mbid), name=name))


@dataclass
class FakeArtistServices:
    """The services by name."""

    catalogs: Sequence[ArtistCatalog] = ()
    similars: Sequence[SimilarArtists] = ()
    listens: Sequence[ListenedArtists] = ()
    who: ArtistIdentities | None = None

    def similar(self, name: str) -> SimilarArtists:
        return _found(name, {each.name: each for each in self.similars})

    def listened(self, name: str) -> ListenedArtists:
        return _found(name, {each.name: each for each in self.listens})

    def identities(self) -> ArtistIdentities:
        if self.who is None:
            raise NothingFound("no service can identify artists.")
        return self.who

    def catalog(self, name: str) -> ArtistCatalog:
        return _found(name, {each.name: each for each in self.catalogs})


def _found(name: str, known: Mapping[str, T]) -> T:
    if name not in known:
        raise NothingFound(f"there is no service '{name}'.")
    return known[name]
