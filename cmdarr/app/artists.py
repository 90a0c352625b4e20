"""Decisions on proposed artists: dismissed for good, restored, and who was proposed at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cmdarr.errors import NothingFound, UsageError
from cmdarr.library.discovery.import_list import all_entries
from cmdarr.matching.fold import fold
from cmdarr.models.artist import read_artist_mbid
from cmdarr.models.decision import DecisionKind, UserDecision
from cmdarr.models.import_list import ImportListEntry
from cmdarr.storage.config_store import ConfigStore


@dataclass(frozen=True, slots=True)
class NamedArtist:
    """An artist that a user means; `name` is empty where only the MBID is known."""

    mbid: str
    name: str

    def __str__(self) -> str:
        return f"{self.name} ({self.mbid})" if self.name else self.mbid


def proposed_artists(store: ConfigStore) -> list[ImportListEntry]:
    """Return every artist that was ever proposed, in every state, by list and then the oldest first."""
    return [entry for entry in all_entries(store.import_lists) if entry.kind == "artist"]


def dismissed_artists(store: ConfigStore) -> list[UserDecision]:
    """Return the artists that were dismissed, by name."""
    return store.decisions.list(DecisionKind.ARTIST_DISMISSED)


def dismiss(
    store: ConfigStore, texts: Sequence[str], now: datetime, *, reason: str = "", source: str = "cli"
) -> list[NamedArtist]:
    """Never propose these artists again, all or none: each is an MBID, or the name of one that was proposed.

    Raises:
        NothingFound: no artist of a name was proposed.
        UsageError: several artists of a name were.
    """
    proposed = [NamedArtist(entry.mbid, entry.name) for entry in proposed_artists(store)]
    artists = [_find(text, [*proposed, *_dismissed(store)], "was proposed") for text in texts]
    store.decisions.add_missing(
        UserDecision(
            kind=DecisionKind.ARTIST_DISMISSED,
            subject=artist.mbid,
            name=artist.name,
            decided_at=now,
            source=source,
            reason=reason,
        )
        for artist in artists
    )
    return artists


def restore(store: ConfigStore, texts: Sequence[str]) -> list[NamedArtist]:
    """Take dismissals back, all or none: the artists may be proposed again.

    Raises:
        NothingFound: an artist is not dismissed.
        UsageError: several artists of a name are.
    """
    dismissed = _dismissed(store)
    artists = [_find(text, dismissed, "is dismissed") for text in texts]
    known = {artist.mbid for artist in dismissed}
    for artist in artists:
        if artist.mbid not in known:
            raise NothingFound(f"{artist} is not dismissed: `cmdarr artists list` shows who is.")
    for artist in artists:
        store.decisions.remove(DecisionKind.ARTIST_DISMISSED, artist.mbid)
    return artists


def _dismissed(store: ConfigStore) -> list[NamedArtist]:
    return [NamedArtist(decision.subject, decision.name) for decision in dismissed_artists(store)]


def _find(text: str, known: Sequence[NamedArtist], what: str) -> NamedArtist:
    """Return the artist that a text means: by MBID, else by a name that only one of the known artists has."""
    mbid = read_artist_mbid(text)
    if mbid is not None:
        return next((artist for artist in known if artist.mbid == mbid), NamedArtist(mbid, ""))
    found = {artist.mbid: artist for artist in known if fold(artist.name) == fold(text)}
    if len(found) > 1:
        choices = ", ".join(sorted(found))
        raise UsageError(f"several artists are called '{text}': name one by its MBID: {choices}.")
    if not found:
        raise NothingFound(f"no artist called '{text}' {what}: name one by its MBID, from musicbrainz.org.")
    return next(iter(found.values()))
