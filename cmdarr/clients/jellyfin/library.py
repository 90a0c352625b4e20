"""The music libraries of a Jellyfin server, and every track of one, completely or not at all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cmdarr.clients.jellyfin.accounts import Account, Accounts
from cmdarr.clients.jellyfin.answers import Page, dashed, short
from cmdarr.clients.jellyfin.api import IDS_AT_ONCE, no_api
from cmdarr.clients.jellyfin.parse import track_of
from cmdarr.errors import NotFound, UnexpectedResponse
from cmdarr.models.cancel import CancelToken
from cmdarr.models.track import LibraryTrack, ServerId

PLAIN = (("enableImages", "false"), ("enableUserData", "false"), ("enableTotalRecordCount", "true"))
"""What makes answers small, and countable."""
_AUDIO = (("recursive", "true"), ("includeItemTypes", "Audio"))


@dataclass(slots=True)
class JellyfinLibrary:
    """Reads the libraries that the configured user sees; `wanted` is the one to use, None for every music library."""

    service: str
    accounts: Accounts
    wanted: str | None
    _ids: dict[str, str] | None = None

    def list_sections(self, cancel: CancelToken) -> list[str]:
        """Return the names of the music libraries; two of one name are told apart by their ids.

        Raises:
            NotFound: there is no music library, or not the one of `library`.
        """
        account = self.accounts.of("", cancel)
        found = self._views(account, cancel)
        names = [name for _, name in found]
        sections = {
            name if names.count(name) == 1 else f"{name} ({library_id[:8]})": library_id
            for library_id, name in found
        }
        if not sections:
            raise NotFound(
                self.service,
                f"the user {account.name!r} sees no music library: give that user access to one on the server.",
            )
        if self.wanted is not None:
            if self.wanted not in sections:
                raise NotFound(
                    self.service,
                    f"there is no music library '{self.wanted}': set `services.{self.service}.library` to one of "
                    f"{', '.join(sections)}.",
                )
            sections = {self.wanted: sections[self.wanted]}
        self._ids = sections
        return list(sections)

    def count_tracks(self, section: str, cancel: CancelToken) -> int:
        """Return how many tracks the server announces for a library."""
        account = self.accounts.of("", cancel)
        params = [*self._params(account, section, cancel), ("limit", "0")]
        return account.api.read("/Items", cancel, Page, params).total_record_count

    def fetch_tracks(self, section: str, cancel: CancelToken) -> Iterator[Sequence[LibraryTrack]]:
        """Yield every track of a library once.

        Raises:
            UnexpectedResponse: pages repeat themselves, or fewer tracks came than the server announces.
        """
        cancel.check()
        account = self.accounts.of("", cancel)
        params = [*self._params(account, section, cancel), ("fields", "ProviderIds"), ("sortBy", "SortName")]
        seen: set[str] = set()
        repeated = 0
        for items in account.api.read_pages("/Items", cancel, params):
            tracks = [track_of(item) for item in items]
            new = [track for track in tracks if track.server_id not in seen]
            seen.update(track.server_id for track in new)
            repeated += len(tracks) - len(new)
            if not new:
                break
            yield new
        if repeated:
            self._check_complete(section, len(seen), cancel)

    def fetch_titles(self, server_ids: Sequence[ServerId], cancel: CancelToken) -> dict[ServerId, str]:
        """Return the titles of those of the ids that the configured user's server still knows."""
        asked = [server_id for server_id in dict.fromkeys(server_ids) if dashed(server_id) != server_id]
        titles: dict[str, str] = {}
        for start in range(0, len(asked), IDS_AT_ONCE):
            cancel.check()
            titles |= self._known(asked[start : start + IDS_AT_ONCE], cancel)
        return {server_id: titles[server_id] for server_id in asked if server_id in titles}

    def _known(self, server_ids: Sequence[ServerId], cancel: CancelToken) -> dict[str, str]:
        account = self.accounts.of("", cancel)
        params = [("userId", account.user_id), *PLAIN, *(("ids", dashed(each)) for each in server_ids)]
        pages = account.api.read_pages("/Items", cancel, params)
        return {short(item.id): item.name or "" for items in pages for item in items}

    def _views(self, account: Account, cancel: CancelToken) -> list[tuple[str, str]]:
        """Return id and name of every music library that the user sees."""
        try:
            page = account.api.read("/UserViews", cancel, Page, [("userId", account.user_id)])
        except NotFound as error:
            raise no_api(self.service) from error
        if len(page.items) < page.total_record_count:
            raise UnexpectedResponse(
                self.service, f"{len(page.items)} of {page.total_record_count} libraries came; run again."
            )
        music = [item for item in page.items if item.collection_type == "music"]
        return [(dashed(item.id), item.name or short(item.id)) for item in music]

    def _check_complete(self, section: str, came: int, cancel: CancelToken) -> None:
        """Accept what came when the server itself announces no more by now."""
        announced = self.count_tracks(section, cancel)
        if came < announced:
            raise UnexpectedResponse(
                self.service,
                f"{came} of {announced} tracks of '{section}' came, others twice: run again when the server is not "
                "scanning.",
            )

    def _params(self, account: Account, section: str, cancel: CancelToken) -> list[tuple[str, str]]:
        if self._ids is None or section not in self._ids:
            self.list_sections(cancel)
        if self._ids is None or section not in self._ids:
            raise NotFound(self.service, f"there is no music library '{section}'.")
        return [("userId", account.user_id), ("parentId", self._ids[section]), *_AUDIO, *PLAIN]
