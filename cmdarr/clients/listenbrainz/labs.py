"""Similar artists from the experimental host of ListenBrainz."""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from cmdarr.clients.listenbrainz.answers import SimilarRow
from cmdarr.clients.listenbrainz.parse import similar_artists
from cmdarr.clients.listenbrainz.settings import ListenBrainzSettings
from cmdarr.errors import ServiceUnavailable, UnexpectedResponse
from cmdarr.library.ports import ClientContext
from cmdarr.models.artist import ArtistMbid, SimilarArtist
from cmdarr.models.cancel import CancelToken
from cmdarr.transport.cache import Keep
from cmdarr.transport.request import Reply, Request
from cmdarr.transport.session import Session

_RATE_PER_S = 2.0
_BURST = 4
_REFUSED = frozenset({400, 404})


class Labs:
    """The data sets of similar artists. The user's token is never sent there."""

    def __init__(self, settings: ListenBrainzSettings, context: ClientContext, ttl: timedelta) -> None:
        self._algorithm = settings.algorithm
        self._keep = Keep(ttl=ttl)
        self._session = Session(
            context.name,
            settings.model_copy(update={"url": settings.labs_url}),
            throttle=context.throttle(urlsplit(settings.labs_url).netloc, _RATE_PER_S, burst=_BURST),
            surroundings=context.surroundings,
        )

    def fetch_similar(self, mbid: ArtistMbid, cancel: CancelToken) -> Sequence[SimilarArtist]:
        """Return every similar artist that the data set has, best first.

        Raises:
            ServiceError: the host failed, or knows no such data set.
        """
        request = Request(
            path="/similar-artists/json",
            params=(("artist_mbids", mbid), ("algorithm", self._algorithm)),
            is_answer=lambda reply: reply.status in _REFUSED,
            check=self._check,
        )
        try:
            rows = self._session.fetch_json(request, cancel, list[SimilarRow], self._keep)
        except ServiceUnavailable as error:
            url = f"services.{error.service}.url"  # the session knows of one address only
            error.args = (str(error).replace(url, f"services.{error.service}.labs_url"),)
            raise
        return similar_artists(rows, mbid)

    def _check(self, reply: Reply) -> None:
        if reply.status in _REFUSED:
            service = self._session.service
            raise UnexpectedResponse(
                service,
                f"similar artists were refused (HTTP {reply.status}): correct `services.{service}.algorithm` or "
                f"`services.{service}.labs_url`.",
            )
