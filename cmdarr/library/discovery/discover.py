"""One discovery from seeds to an import list: what fails on the way is named and stops nothing else."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from cmdarr.errors import CmdarrError, NothingFound
from cmdarr.library.artist_ports import ArtistCatalog, ArtistIdentities, CatalogArtist, SimilarArtists
from cmdarr.library.discovery.adding import Adder
from cmdarr.library.discovery.candidates import Pool, key_of
from cmdarr.library.discovery.choose import Choice, Chooser, counted
from cmdarr.library.discovery.definition import DiscoveryContext, DiscoveryDefinition
from cmdarr.library.discovery.gather import SeedReader, complete_seed
from cmdarr.library.discovery.identify import Identifier
from cmdarr.library.discovery.import_list import (
    Departures,
    current_entries,
    settle_lists,
)
from cmdarr.library.discovery.lookups import LookUpFailure, Lookups
from cmdarr.library.discovery.report import Addition, DiscoveryReport
from cmdarr.library.discovery.standing import make_standing
from cmdarr.models.artist import ArtistRef
from cmdarr.models.decision import DecisionKind, UserDecision
from cmdarr.models.import_list import ImportListEntry

_MOST_SEEDS_TOLD = 5


def discover_artists(definition: DiscoveryDefinition, context: DiscoveryContext) -> DiscoveryReport:
    """Propose artists that resemble the seeds, and add them to the catalogue where that is asked for.

    Raises:
        ServiceError: the catalogue failed: what it has is not known, so nothing is proposed and the list stays.
        NothingFound: settings.yaml has no such catalogue.
        RunCancelled: the run is to stop.
        StorageError: config.db failed.
    """
    return _Discovery(definition, context).run()


class _Discovery:
    """The state of one discovery."""

    def __init__(self, definition: DiscoveryDefinition, context: DiscoveryContext) -> None:
        self._definition = definition
        self._context = context
        self._lookups = Lookups()
        self._identifier = Identifier(_identities(context), self._lookups, context.cancel)
        self._asked: list[ArtistRef] = []
        self._has_answers = False
        self._pool = Pool()
        self._now = context.clock.now()

    def run(self) -> DiscoveryReport:
        definition, context = self._definition, self._context
        catalog = context.services.catalog(definition.catalog)
        context.progress.step(f"Reading the artists of {catalog.name}")
        artists = catalog.list_artists(context.cancel)
        excluded = catalog.list_excluded(context.cancel)
        departures = self._settle(artists, excluded)
        reader = SeedReader(definition, context, self._lookups)
        seeds = reader.read(catalog, artists)
        picked = reader.pick(seeds, self._now)
        self._ask_similar(picked)
        chooser = self._chooser(artists, excluded)
        entries = [self._entry(choice) for choice in self._choose(chooser)]
        if not context.dry_run:
            self._store(entries)
        adder_problem, added = self._add(catalog, entries)
        return DiscoveryReport(
            import_list=definition.import_list,
            proposed=tuple(entries),
            seeds=len(seeds),
            asked=len(picked),
            candidates=len(self._pool),
            left_out=counted(chooser.left_out),
            consumed=departures.consumed,
            removed=departures.removed,
            added=tuple(added),
            failures=tuple(self._lookups.failures),
            skipped=dict(self._lookups.skipped),
            has_answers=self._has_answers or not self._lookups.failures,
            problem=adder_problem,
        )

    def _settle(self, artists: Sequence[CatalogArtist], excluded: frozenset[str]) -> Departures:
        if self._context.dry_run:
            return Departures()
        return settle_lists(
            self._context.import_lists,
            artists=artists,
            excluded=excluded,
            own_list=self._definition.import_list,
            keep=self._definition.keep,
            now=self._now,
        )

    def _ask_similar(self, seeds: Sequence[ArtistRef]) -> None:
        """Ask every service about every seed; what one does not answer is noted."""
        services = list(self._similar_services())
        self._context.progress.step("Asking for similar artists", len(seeds) * len(services))
        for seed in seeds:
            complete = complete_seed(seed, self._identifier)
            outcomes = [self._ask_one(service, complete) for service in services]
            self._has_answers |= any(outcomes)
            if outcomes and all(outcomes):
                self._asked.append(seed)

    def _similar_services(self) -> Iterator[SimilarArtists]:
        for name in self._definition.similar:
            try:
                yield self._context.services.similar(name)
            except CmdarrError as error:
                self._lookups.note(name, "the service", error)

    def _ask_one(self, service: SimilarArtists, seed: ArtistRef) -> bool:
        """Ask one service about one seed; return whether it answered."""
        cancel, limit = self._context.cancel, self._definition.similar_per_artist
        cancel.check()
        found = self._lookups.ask(service.name, seed.name, lambda: service.fetch_similar(seed, limit, cancel))
        self._context.progress.advance()
        if isinstance(found, LookUpFailure):
            return False
        self._pool.add(seed.name or str(seed.mbid), service.name, tuple(found or ())[:limit])
        return True

    def _chooser(self, artists: Sequence[CatalogArtist], excluded: frozenset[str]) -> Chooser:
        definition, context = self._definition, self._context
        standing = make_standing(
            artists,
            excluded,
            decisions=context.decisions,
            import_lists=context.import_lists,
            own_list=definition.import_list,
            again_after=definition.again_after,
            now=self._now,
        )
        return Chooser(
            standing=standing,
            identify=self._identifier.candidate(context.progress.advance),
            limit=definition.max_per_run,
            min_match=definition.min_match,
        )

    def _choose(self, chooser: Chooser) -> list[Choice]:
        self._context.progress.step("Identifying the best candidates")
        return chooser.choose(self._pool.candidates())

    def _entry(self, choice: Choice) -> ImportListEntry:
        candidate = choice.candidate
        return ImportListEntry(
            list=self._definition.import_list,
            mbid=str(candidate.mbid),
            name=candidate.name,
            added_at=self._now,
            source=self._definition.command,
            score=candidate.score,
            details={
                "similar_to": candidate.seeds[:_MOST_SEEDS_TOLD],
                "match": round(candidate.match, 3),
                "services": candidate.services,
                "identified": choice.reason,
            },
        )

    def _store(self, entries: Sequence[ImportListEntry]) -> None:
        """Put the new entries on the list, and remember who was asked about."""
        definition, decisions = self._definition, self._context.decisions
        self._context.import_lists.add(entries, again_before=self._now - definition.again_after)
        decisions.remove_expired(self._now)
        decisions.save(_asked(seed, definition, self._now) for seed in self._asked)

    def _add(
        self, catalog: ArtistCatalog, entries: Sequence[ImportListEntry]
    ) -> tuple[LookUpFailure | None, list[Addition]]:
        definition, context = self._definition, self._context
        if definition.add is None:
            return None, []
        listed = current_entries(
            context.import_lists, context.decisions, definition.import_list, definition.keep, self._now
        )
        planned = entries if context.dry_run else ()
        own = [e for e in (*listed, *planned) if e.kind == "artist" and e.source == definition.command]
        context.progress.step(f"Adding artists to {catalog.name}")
        adder = Adder(definition.command, catalog, definition.add, self._lookups, context)
        added = adder.add(own)
        return adder.problem, added


def _asked(seed: ArtistRef, definition: DiscoveryDefinition, now: datetime) -> UserDecision:
    return UserDecision(
        kind=DecisionKind.ARTIST_ASKED,
        subject=key_of(seed),
        item=definition.command,
        name=seed.name,
        decided_at=now,
        until=now + definition.cooldown,
        source=definition.command,
    )


def _identities(context: DiscoveryContext) -> ArtistIdentities | None:
    """Return the service of identities, None where settings.yaml has none: then only artists with MBID are proposed."""
    try:
        return context.services.identities()
    except NothingFound:
        return None
