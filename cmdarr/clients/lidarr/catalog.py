"""A Lidarr server as the catalogue that artists are added to, always by MBID."""

from collections.abc import Sequence

from cmdarr.clients.lidarr.answers import Artist, Exclusion, Named, RootFolder, Status
from cmdarr.clients.lidarr.api import LidarrApi, Refused
from cmdarr.clients.lidarr.choice import choose_folder, choose_id, choose_tags
from cmdarr.clients.lidarr.settings import LidarrSettings
from cmdarr.errors import NotFound, UnexpectedResponse
from cmdarr.library.artist_ports import AddOutcome, CatalogArtist, NewArtist
from cmdarr.library.ports import ClientContext
from cmdarr.models.artist import ArtistMbid
from cmdarr.models.cancel import CancelToken

_ALREADY_THERE = ("already been added", "already exists")


class LidarrCatalog:
    """The artists of one Lidarr. Made for one run: folders, profiles and exclusions are asked for once."""

    def __init__(self, settings: LidarrSettings, context: ClientContext) -> None:
        self.name = context.name
        self._api = LidarrApi(settings, context)
        self._lists: dict[str, list[Named]] = {}
        self._folders: list[RootFolder] | None = None
        self._excluded: frozenset[str] | None = None

    def check(self, cancel: CancelToken) -> str:
        """Ask who answers and whether the key holds.

        Raises:
            UnexpectedResponse: it is another program.
            ServiceError: it does not answer, or not to this key.
        """
        status = self._api.read("system/status", cancel, Status)
        if status.app_name and status.app_name.casefold() != "lidarr":
            raise UnexpectedResponse(
                self.name,
                f"this is {status.app_name[:40]}, not Lidarr: correct `services.{self.name}.url`.",
            )
        folders = ", ".join(folder.path for folder in self._all_folders(cancel)) or "none"
        return f"Lidarr {status.version or ''}, root folders: {folders}"

    def list_artists(self, cancel: CancelToken) -> Sequence[CatalogArtist]:
        """Return every artist; this may take minutes.

        Raises:
            ServiceError: it failed, or did not answer within `library_timeout`.
        """
        return tuple(
            CatalogArtist(
                mbid=ArtistMbid(artist.foreign_artist_id.lower()),
                name=artist.artist_name or "",
                is_monitored=artist.monitored,
            )
            for artist in self._api.read_patiently("artist", cancel, Artist)
            if artist.foreign_artist_id
        )

    def list_excluded(self, cancel: CancelToken) -> frozenset[str]:
        """Return the MBIDs of the artists and albums on the list of exclusions."""
        if self._excluded is None:
            found = self._api.read("importlistexclusion", cancel, list[Exclusion])
            self._excluded = frozenset(each.foreign_id.lower() for each in found if each.foreign_id)
        return self._excluded

    def add_artist(self, artist: NewArtist, cancel: CancelToken) -> AddOutcome:
        """Add an artist, unless it is there or excluded.

        Raises:
            CommandError: a folder, profile or tag of that name does not exist; it names the choices.
            NotFound: Lidarr's metadata has no artist of that MBID.
            ServiceError: it failed.
        """
        how = self._how(artist, cancel)
        if artist.mbid in self.list_excluded(cancel):
            return "excluded"
        if self._api.read("artist", cancel, list[Artist], ("mbId", artist.mbid)):
            return "known"
        found = self._look_up(artist.mbid, cancel)
        who = {"foreignArtistId": artist.mbid, "artistName": found.artist_name or artist.name}
        try:
            self._api.write("artist", {**who, **how}, cancel)
        except Refused as refused:
            if any(words in reason for reason in refused.reasons for words in _ALREADY_THERE):
                return "known"
            raise
        return "added"

    def _look_up(self, mbid: ArtistMbid, cancel: CancelToken) -> Artist:
        """Find an artist by id, which works while the search by text does not."""
        found = self._api.read("artist/lookup", cancel, list[Artist], ("term", f"lidarr:{mbid}"))
        for artist in found:
            if (artist.foreign_artist_id or "").lower() == mbid:
                return artist
        raise NotFound(self.name, f"Lidarr's metadata knows no artist with the MBID {mbid}.")

    def _how(self, artist: NewArtist, cancel: CancelToken) -> dict[str, object]:
        """Return the part of an artist that says where it goes and what is done with it."""
        folder = choose_folder(self._all_folders(cancel), artist.root_folder, self.name)
        quality = choose_id(
            self._named("qualityprofile", cancel),
            artist.quality_profile,
            folder.default_quality_profile_id,
            "quality profile",
            self.name,
        )
        metadata = choose_id(
            self._named("metadataprofile", cancel),
            artist.metadata_profile,
            folder.default_metadata_profile_id,
            "metadata profile",
            self.name,
        )
        tags = self._named("tag", cancel) if artist.tags else []
        return {
            "rootFolderPath": folder.path,
            "qualityProfileId": quality,
            "metadataProfileId": metadata,
            "tags": choose_tags(tags, artist.tags, self.name),
            "monitored": True,
            "monitorNewItems": "none" if artist.monitor == "none" else "all",
            "addOptions": {"monitor": artist.monitor, "searchForMissingAlbums": artist.search},
        }

    def _all_folders(self, cancel: CancelToken) -> list[RootFolder]:
        if self._folders is None:
            self._folders = self._api.read("rootfolder", cancel, list[RootFolder])
        return self._folders

    def _named(self, path: str, cancel: CancelToken) -> list[Named]:
        if path not in self._lists:
            self._lists[path] = self._api.read(path, cancel, list[Named])
        return self._lists[path]
