"""Who an artist is: asked at MusicBrainz, which abstains where it is not sure."""

from collections.abc import Callable
from dataclasses import replace

from cmdarr.library.artist_ports import ArtistIdentities
from cmdarr.library.discovery.candidates import Candidate
from cmdarr.library.discovery.lookups import LookUpFailure, Lookups
from cmdarr.models.artist import ArtistRef, IdentifiedArtist
from cmdarr.models.cancel import CancelToken

UNVERIFIED = "not verified"
"""The reason of an MBID that is taken as a service gave it."""


class Identifier:
    """Asks the service of identities, and notes what failed; without such a service only MBIDs are known."""

    def __init__(self, identities: ArtistIdentities | None, lookups: Lookups, cancel: CancelToken) -> None:
        self._identities = identities
        self._lookups = lookups
        self._cancel = cancel

    def identify(self, artist: ArtistRef) -> IdentifiedArtist | LookUpFailure | None:
        """Return the artist meant, None when it is not safe to say.

        Services hand out MBIDs that no longer exist: then the name decides.
        """
        if self._identities is None:
            if artist.mbid is None:
                return None
            return IdentifiedArtist(mbid=artist.mbid, name=artist.name, reason=UNVERIFIED)
        found = self._ask(artist)
        if found is not None or artist.mbid is None or not artist.name.strip():
            return found
        return self._ask(replace(artist, mbid=None))

    def candidate(
        self, on_each: Callable[[], None]
    ) -> Callable[[Candidate], IdentifiedArtist | LookUpFailure | None]:
        """Return `identify` for candidates; `on_each` is called after each."""

        def ask(candidate: Candidate) -> IdentifiedArtist | LookUpFailure | None:
            self._cancel.check()
            found = self.identify(ArtistRef(name=candidate.name, mbid=candidate.mbid))
            on_each()
            return found

        return ask

    def _ask(self, artist: ArtistRef) -> IdentifiedArtist | LookUpFailure | None:
        identities = self._identities
        assert identities is not None  # noqa: S101 - asked by the caller
        subject = artist.name or str(artist.mbid)
        return self._lookups.ask(
            identities.name, subject, lambda: identities.identify_artist(artist, self._cancel)
        )
