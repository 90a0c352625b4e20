"""Gathering the seeds of one run: read from services or named in the file, and completed by name and MBID."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from cmdarr.errors import NothingFound
from cmdarr.library.artist_ports import ArtistCatalog, CatalogArtist
from cmdarr.library.discovery.definition import DiscoveryContext, DiscoveryDefinition, SeedSource
from cmdarr.library.discovery.identify import Identifier
from cmdarr.library.discovery.lookups import LookUpFailure, Lookups
from cmdarr.library.discovery.seeds import join_seeds, pick_seeds
from cmdarr.models.artist import ArtistRef, IdentifiedArtist
from cmdarr.models.decision import DecisionKind


class SeedReader:
    """Reads the seeds; a source that fails is noted and stops no other."""

    def __init__(self, definition: DiscoveryDefinition, context: DiscoveryContext, lookups: Lookups) -> None:
        self._definition = definition
        self._context = context
        self._lookups = lookups

    def read(self, catalog: ArtistCatalog, artists: Sequence[CatalogArtist]) -> list[ArtistRef]:
        """Return every seed once."""
        return join_seeds(self._all(catalog, artists))

    def pick(self, seeds: Sequence[ArtistRef], now: datetime) -> list[ArtistRef]:
        """Return the seeds of today: those first that the command has not asked about within its cool-down."""
        definition = self._definition
        asked = {
            decision.subject: decision.until
            for decision in self._context.decisions.list(DecisionKind.ARTIST_ASKED)
            if decision.item in {"", definition.command} and decision.until and decision.until > now
        }
        day = self._context.day_start(now).date()
        return pick_seeds(seeds, asked, count=definition.artists_per_run, day=day, command=definition.command)

    def _all(self, catalog: ArtistCatalog, artists: Sequence[CatalogArtist]) -> Iterator[ArtistRef]:
        for source in self._definition.seeds:
            yield from source.artists
            if source.service == catalog.name:
                yield from map(_ref_of, artists)
            elif source.service:
                yield from self._read_service(source)

    def _read_service(self, source: SeedSource) -> Iterator[ArtistRef]:
        self._context.progress.step(f"Reading the artists of {source.service}")
        found = self._lookups.ask(source.service, "the seeds", lambda: self._fetch(source))
        yield from () if found is None or isinstance(found, LookUpFailure) else found

    def _fetch(self, source: SeedSource) -> list[ArtistRef]:
        """Return what a user listened to, or the artists of another catalogue."""
        cancel, services = self._context.cancel, self._context.services
        try:
            other = services.catalog(source.service)
        except NothingFound:
            listened = services.listened(source.service)
            return [each.artist for each in listened.fetch_listened(source.period, source.limit, cancel)]
        return list(map(_ref_of, other.list_artists(cancel)))


def complete_seed(seed: ArtistRef, identifier: Identifier) -> ArtistRef:
    """Return a seed with name and MBID, as far as that is safe: some services know the one, some only the other."""
    if seed.mbid is not None and seed.name:
        return seed
    found = identifier.identify(seed)
    return ArtistRef(name=found.name, mbid=found.mbid) if isinstance(found, IdentifiedArtist) else seed


def _ref_of(artist: CatalogArtist) -> ArtistRef:
    return ArtistRef(name=artist.name, mbid=artist.mbid)
