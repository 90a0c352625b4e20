"""The ports of discovery: what a command asks of the services that know artists. No command asks which one it has."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from cmdarr.models.artist import (
    ArtistMbid,
    ArtistRef,
    IdentifiedAlbum,
    IdentifiedArtist,
    ListenedArtist,
    SimilarArtist,
)
from cmdarr.models.cancel import CancelToken
from cmdarr.models.track import WantedTrack

ListenRange = Literal["week", "month", "quarter", "half_year", "year", "all_time"]
MonitorOption = Literal["all", "future", "missing", "existing", "latest", "first", "none"]


@runtime_checkable
class SimilarArtists(Protocol):
    """A service that knows which artists resemble each other (Last.fm, ListenBrainz)."""

    name: str

    def fetch_similar(self, artist: ArtistRef, limit: int, cancel: CancelToken) -> Sequence[SimilarArtist]:
        """Return the most similar artists, best first, without the artist itself; empty when it knows none.

        Raises:
            NotFound: the service does not know the artist.
            ServiceError: the service failed; never to be taken for "none".
        """


@runtime_checkable
class ListenedArtists(Protocol):
    """A service that knows what a user listened to (Last.fm, ListenBrainz)."""

    name: str

    def fetch_listened(
        self, period: ListenRange, limit: int, cancel: CancelToken
    ) -> Sequence[ListenedArtist]:
        """Return the artists most listened to by the configured user, most first.

        Raises:
            ServiceError: the service failed, or it names no user.
        """


@runtime_checkable
class ArtistIdentities(Protocol):
    """A service that says which artist a name means (MusicBrainz). It abstains rather than guess."""

    name: str

    def identify_artist(self, artist: ArtistRef, cancel: CancelToken) -> IdentifiedArtist | None:
        """Return the artist of an MBID (merged ones by their new id) or of a name, None when that is not safe.

        Raises:
            ServiceError: the service failed; never to be taken for "unknown".
        """

    def identify_track_artist(self, track: WantedTrack, cancel: CancelToken) -> IdentifiedArtist | None:
        """Return the first credited artist of a wanted track: by recording MBID, ISRC, else by title and name."""

    def identify_album(self, track: WantedTrack, cancel: CancelToken) -> IdentifiedAlbum | None:
        """Return the release group of a wanted track's album, None when that is not safe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogArtist:
    """An artist that the catalogue (Lidarr) has."""

    mbid: ArtistMbid
    name: str
    is_monitored: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArtist:
    """How an artist is added: folder, profiles and tags by name, None takes the catalogue's default."""

    mbid: ArtistMbid
    name: str
    root_folder: str | None = None
    quality_profile: str | None = None
    metadata_profile: str | None = None
    tags: tuple[str, ...] = field(default=())
    monitor: MonitorOption = "all"
    search: bool = False


AddOutcome = Literal["added", "known", "excluded"]


@runtime_checkable
class ArtistCatalog(Protocol):
    """The collection that discovered artists go to (Lidarr)."""

    name: str

    def list_artists(self, cancel: CancelToken) -> Sequence[CatalogArtist]:
        """Return every artist that it has; complete or failed.

        Raises:
            ServiceError: it failed; never to be taken for "has none".
        """

    def list_excluded(self, cancel: CancelToken) -> frozenset[str]:
        """Return the MBIDs (artists and release groups) that the user excluded there."""

    def add_artist(self, artist: NewArtist, cancel: CancelToken) -> AddOutcome:
        """Add an artist by MBID.

        Raises:
            CommandError: a folder, profile or tag of that name does not exist; it names the choices.
            ServiceError: it failed.
        """


class ArtistServices(Protocol):
    """The services of one snapshot that know artists, by their names in settings.yaml."""

    def similar(self, name: str) -> SimilarArtists:
        """Return the service of that name.

        Raises:
            NothingFound: there is none, or it knows no similar artists.
        """

    def listened(self, name: str) -> ListenedArtists:
        """Return the service of that name.

        Raises:
            NothingFound: there is none, or it knows no listens.
        """

    def identities(self) -> ArtistIdentities:
        """Return the service that says which artist a name means.

        Raises:
            NothingFound: settings.yaml has none.
        """

    def catalog(self, name: str) -> ArtistCatalog:
        """Return the catalogue of that name.

        Raises:
            NothingFound: there is none, or artists cannot be added to it.
        """
