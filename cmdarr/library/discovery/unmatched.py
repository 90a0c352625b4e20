"""The artists of tracks that no server has, proposed on an import list: the artist meant, never a collaborator."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from cmdarr.library.artist_ports import ArtistCatalog, ArtistIdentities, CatalogArtist
from cmdarr.library.discovery.choose import MOST_IDENTIFIED, counted
from cmdarr.library.discovery.import_list import DEFAULT_KEEP, Departures, settle_lists
from cmdarr.library.discovery.lookups import LookUpFailure, Lookups
from cmdarr.library.discovery.ports import Decisions, ImportLists
from cmdarr.library.discovery.report import DiscoveryReport
from cmdarr.library.discovery.standing import Reason, Standing, make_standing
from cmdarr.matching.fold import fold
from cmdarr.models.artist import IdentifiedAlbum, IdentifiedArtist
from cmdarr.models.cancel import CancelToken
from cmdarr.models.clock import Clock
from cmdarr.models.import_list import ImportListEntry
from cmdarr.models.progress import Progress
from cmdarr.models.track import WantedTrack

_MOST_TITLES = 3
"""How many tracks of one artist are asked about until one tells who it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedOptions:
    """Where the artists go; `max_per_run` None lists all of them, `albums` lists as many albums of the tracks too."""

    import_list: str
    max_per_run: int | None = None
    albums: bool = False
    keep: timedelta = DEFAULT_KEEP
    """How long an entry stays on the list."""
    again_after: timedelta = timedelta(days=180)
    """When an artist that was taken off is proposed again."""


def discover_unmatched(
    tracks: Sequence[WantedTrack],
    *,
    identities: ArtistIdentities,
    catalog: ArtistCatalog | None,
    decisions: Decisions,
    import_lists: ImportLists,
    options: UnmatchedOptions,
    clock: Clock,
    cancel: CancelToken,
    progress: Progress,
    command: str,
    dry_run: bool = False,
) -> DiscoveryReport:
    """Identify the first credited artist of each track and put the new ones on the import list.

    A failing look-up leaves out its track only; when the catalogue fails nothing is proposed, and the report names it.

    Raises:
        RunCancelled: the run is to stop; nothing was written.
        StorageError: config.db failed.
    """
    work = _Unmatched(
        lookups=Lookups(),
        identities=identities,
        decisions=decisions,
        import_lists=import_lists,
        options=options,
        now=clock.now(),
        cancel=cancel,
        command=command,
    )
    standing = work.standing(catalog, dry_run=dry_run)
    if standing is None:
        return work.report(len(tracks), 0)
    groups = group_by_artist(tracks)
    progress.step("Identifying the artists of unmatched tracks", len(groups))
    for group in groups:
        if not work.take(group, standing):
            break
        progress.advance()
    if not dry_run:
        import_lists.add(work.entries, again_before=work.now - options.again_after)
    return work.report(len(tracks), len(groups))


def group_by_artist(tracks: Sequence[WantedTrack]) -> list[list[WantedTrack]]:
    """Return the tracks by the artist that they name: those with the most tracks first, then as they come."""
    groups: dict[str, list[WantedTrack]] = {}
    for track in tracks:
        groups.setdefault(fold(track.artist), []).append(track)
    return sorted(groups.values(), key=len, reverse=True)


@dataclass(kw_only=True)
class _Unmatched:
    """The state of one call."""

    lookups: Lookups
    identities: ArtistIdentities
    decisions: Decisions
    import_lists: ImportLists
    options: UnmatchedOptions
    now: datetime
    cancel: CancelToken
    command: str
    left_out: Counter[Reason] = field(default_factory=Counter)
    departures: Departures = field(default_factory=Departures)
    asked: int = 0
    has_answers: bool = False
    _artists: dict[str, ImportListEntry] = field(default_factory=dict)
    _albums: dict[str, ImportListEntry] = field(default_factory=dict)

    @property
    def entries(self) -> list[ImportListEntry]:
        """What is proposed: artists, then albums."""
        return [*self._artists.values(), *self._albums.values()]

    def standing(self, catalog: ArtistCatalog | None, *, dry_run: bool) -> Standing | None:
        """Return what speaks against artists, None when the catalogue could not tell what it has."""
        artists: Sequence[CatalogArtist] = ()
        excluded: frozenset[str] = frozenset()
        if catalog is not None:
            found = self.lookups.ask(catalog.name, "its artists", lambda: catalog.list_artists(self.cancel))
            refused = self.lookups.ask(
                catalog.name, "its exclusions", lambda: catalog.list_excluded(self.cancel)
            )
            if found is None or refused is None or isinstance(found, LookUpFailure):
                return None
            if isinstance(refused, LookUpFailure):
                return None
            artists, excluded = found, refused
            if not dry_run:
                self._settle(artists, excluded)
        return make_standing(
            artists,
            excluded,
            decisions=self.decisions,
            import_lists=self.import_lists,
            own_list=self.options.import_list,
            again_after=self.options.again_after,
            now=self.now,
        )

    def take(self, tracks: Sequence[WantedTrack], standing: Standing) -> bool:
        """Propose the artist of some tracks and their albums; return whether there is room for more."""
        limit = self.options.max_per_run
        is_full = limit is not None and len(self._artists) >= limit
        if (is_full and not self.options.albums) or self.asked >= MOST_IDENTIFIED:
            return False
        self.cancel.check()
        reason = standing.why_not(None, tracks[0].artist)
        if reason == "no_artist" or (reason is not None and not self.options.albums):
            self.left_out[reason] += 1
            return True
        artist = self._identify(tracks)
        if artist is None:
            return True
        reason = standing.why_not(artist.mbid, artist.name)
        if reason is not None:
            self.left_out[reason] += 1
        elif not is_full and artist.mbid not in self._artists:
            self._artists[artist.mbid] = self._artist_entry(artist, tracks)
        if self.options.albums and reason not in {"excluded", "dismissed", "no_artist"}:
            self._take_albums(tracks, standing)
        return True

    def report(self, tracks: int, groups: int) -> DiscoveryReport:
        """Return what came of it."""
        return DiscoveryReport(
            import_list=self.options.import_list,
            proposed=tuple(self.entries),
            seeds=tracks,
            asked=self.asked,
            candidates=groups,
            left_out=counted(self.left_out),
            consumed=self.departures.consumed,
            removed=self.departures.removed,
            failures=tuple(self.lookups.failures),
            skipped=dict(self.lookups.skipped),
            has_answers=self.has_answers or not self.lookups.failures,
        )

    def _settle(self, artists: Sequence[CatalogArtist], excluded: frozenset[str]) -> None:
        self.departures = settle_lists(
            self.import_lists,
            artists=artists,
            excluded=excluded,
            own_list=self.options.import_list,
            keep=self.options.keep,
            now=self.now,
        )

    def _identify(self, tracks: Sequence[WantedTrack]) -> IdentifiedArtist | None:
        """Return the first credited artist of the tracks; where one title does not tell, the next may."""
        found: IdentifiedArtist | LookUpFailure | None = None
        for track in tracks[:_MOST_TITLES]:
            self.cancel.check()
            self.asked += 1
            found = self.lookups.ask(
                self.identities.name,
                f"{track.artist} – {track.title}",
                partial(self.identities.identify_track_artist, track, self.cancel),
            )
            self.has_answers |= not isinstance(found, LookUpFailure)
            if isinstance(found, IdentifiedArtist):
                return found
        if found is None:
            self.left_out["unidentified"] += 1
        return None

    def _take_albums(self, tracks: Sequence[WantedTrack], standing: Standing) -> None:
        limit = self.options.max_per_run
        for track in {fold(track.album): track for track in reversed(tracks) if track.album}.values():
            if limit is not None and len(self._albums) >= limit:
                return
            self.cancel.check()
            album = self._album(track)
            if album is not None and standing.may_list(album.mbid, album.artist.mbid):
                self._albums.setdefault(album.mbid, self._album_entry(album, track))

    def _album(self, track: WantedTrack) -> IdentifiedAlbum | None:
        subject = f"{track.artist} – {track.album}"
        found = self.lookups.ask(
            self.identities.name, subject, lambda: self.identities.identify_album(track, self.cancel)
        )
        return found if isinstance(found, IdentifiedAlbum) else None

    def _artist_entry(self, artist: IdentifiedArtist, tracks: Sequence[WantedTrack]) -> ImportListEntry:
        return ImportListEntry(
            list=self.options.import_list,
            mbid=artist.mbid,
            name=artist.name,
            added_at=self.now,
            source=self.command,
            details={"track": tracks[0].title, "tracks": len(tracks), "identified": artist.reason},
        )

    def _album_entry(self, album: IdentifiedAlbum, track: WantedTrack) -> ImportListEntry:
        return ImportListEntry(
            list=self.options.import_list,
            mbid=album.mbid,
            name=album.title,
            artist=album.artist.name,
            kind="album",
            added_at=self.now,
            source=self.command,
            details={"track": track.title, "artist_mbid": album.artist.mbid},
        )
