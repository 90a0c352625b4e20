"""The playlists of a Jellyfin server: list, read, create, rename, describe, delete."""

import logging
from collections.abc import Sequence
from typing import Any

from cmdarr.clients.jellyfin.accounts import Account, Accounts
from cmdarr.clients.jellyfin.answers import Created, Item, Page, dashed, is_id, short
from cmdarr.clients.jellyfin.api import JellyfinApi
from cmdarr.clients.jellyfin.change import check_playlist_write
from cmdarr.clients.jellyfin.library import PLAIN
from cmdarr.clients.jellyfin.parse import entry_of
from cmdarr.errors import AuthenticationFailed, NotFound, PlaylistConflict, ServiceError, UnexpectedResponse
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import PlaylistEntry, PlaylistId, PlaylistInfo
from cmdarr.transport.decode import decode

_NEEDED = (
    ("includeItemTypes", "Playlist"),
    ("recursive", "true"),
    ("fields", "Overview"),
    ("fields", "CanDelete"),
)
_HOLDS_AUDIO = frozenset({"Audio", "Unknown", ""})

log = logging.getLogger(__name__)


class JellyfinPlaylists:
    """The playlists of a server, each call as one of its users."""

    def __init__(self, service: str, accounts: Accounts) -> None:
        self._service = service
        self._accounts = accounts

    def list_all(self, account: Account, cancel: CancelToken) -> list[PlaylistInfo]:
        """Return the playlists of a user; those that others share are left out, those of videos are read-only."""
        params = [("userId", account.user_id), *_NEEDED, *PLAIN]
        pages = account.api.read_pages("/Items", cancel, params)
        return [_info_of(item) for page in pages for item in page if item.can_delete is not False]

    def fetch_entries(
        self, playlist_id: PlaylistId, account: Account, cancel: CancelToken
    ) -> list[PlaylistEntry] | None:
        """Return the entries in order, None when the server itself says that the playlist does not exist."""
        if not is_id(playlist_id):
            return None
        path = f"/Playlists/{dashed(playlist_id)}/Items"
        params = [("userId", account.user_id), *PLAIN[:2]]
        try:
            return [entry_of(item) for page in account.api.read_pages(path, cancel, params) for item in page]
        except NotFound:
            self._check_gone(playlist_id, account, cancel)
            return None

    def create(
        self,
        title: str,
        entries: Sequence[PlaylistEntry],
        description: str,
        account: Account,
        cancel: CancelToken,
    ) -> PlaylistId:
        """Create a playlist with all its entries by one call; nobody but its user sees it."""
        body = {
            "Name": title,
            "Ids": [dashed(entry.server_id) for entry in entries],
            "UserId": account.user_id,
            "MediaType": "Audio",
            "Users": [],
            "IsPublic": False,
        }
        reply = account.api.write("POST", "/Playlists", cancel, body=body)
        if reply.status >= 300:
            raise account.api.refusal("POST /Playlists", reply)
        created = decode(self._service, "POST /Playlists", reply, Created)
        if not is_id(created.id):
            raise UnexpectedResponse(self._service, "POST /Playlists was answered without the new playlist.")
        playlist_id = PlaylistId(short(created.id))
        if description:
            self._describe_new(playlist_id, description, account, cancel)
        return playlist_id

    def rename(self, playlist_id: PlaylistId, title: str, account: Account, cancel: CancelToken) -> None:
        """Give a playlist another title; an API key does that as an administrator does it with any item."""
        if account.is_key:
            self._edit_item(playlist_id, {"Name": title}, account, account.api, cancel)
            return
        path = f"/Playlists/{dashed(playlist_id)}"
        reply = account.api.write("POST", path, cancel, body={"Name": title}, is_repeatable=True)
        check_playlist_write(account, playlist_id, reply)

    def describe(
        self, playlist_id: PlaylistId, description: str, account: Account, cancel: CancelToken
    ) -> None:
        """Set the description: only administrators and API keys may.

        Raises:
            AuthenticationFailed: neither of them is there.
            NotFound: the playlist does not exist.
        """
        values = {"Overview": description}
        key = None if account.is_key or account.has_own_token else self._accounts.token_api()
        try:
            self._edit_item(playlist_id, values, account, account.api, cancel)
        except AuthenticationFailed as error:
            if key is None:
                raise AuthenticationFailed(
                    self._service,
                    f"{account.name!r} is no administrator and must not set the description of a playlist: add an API "
                    f"key as `services.{self._service}.token`, or remove `description`.",
                    setting=f"services.{self._service}.token",
                ) from error
            self._edit_item(playlist_id, values, account, key, cancel)

    def delete(self, playlist_id: PlaylistId, account: Account, cancel: CancelToken) -> None:
        """Delete a playlist; absent is fine.

        Raises:
            PlaylistConflict: the user must not.
        """
        if not is_id(playlist_id):
            return
        reply = account.api.write("DELETE", f"/Items/{dashed(playlist_id)}", cancel)
        if reply.status in {401, 403}:
            raise PlaylistConflict(
                f"{self._service}: {account.name!r} must not delete the playlist {playlist_id}: do it on the server."
            )
        if reply.status == 404:
            self._check_gone(playlist_id, account, cancel)
        elif reply.status >= 300:
            raise account.api.refusal("DELETE of the playlist", reply)

    def _describe_new(
        self, playlist_id: PlaylistId, description: str, account: Account, cancel: CancelToken
    ) -> None:
        """Set the description where that is allowed: a playlist without one is still the playlist."""
        try:
            self.describe(playlist_id, description, account, cancel)
        except ServiceError as error:
            log.warning("%s: the description of a new playlist was not taken: %s", self._service, error)

    def _edit_item(
        self,
        playlist_id: PlaylistId,
        values: dict[str, str],
        account: Account,
        api: JellyfinApi,
        cancel: CancelToken,
    ) -> None:
        """Change some values of a playlist: the API takes whole items only, so it is read first."""
        if not is_id(playlist_id):
            raise NotFound(self._service, f"the playlist {playlist_id} does not exist.")
        path = f"/Items/{dashed(playlist_id)}"
        item: dict[str, Any] = account.api.read(path, cancel, dict, [("userId", account.user_id)])
        if short(str(item.get("Id"))) != short(playlist_id):
            raise UnexpectedResponse(self._service, f"GET {path} was answered without the playlist.")
        reply = api.write("POST", path, cancel, body=item | values, is_repeatable=True)
        if reply.status >= 300:
            raise api.refusal("a change of the playlist", reply)

    def _check_gone(self, playlist_id: PlaylistId, account: Account, cancel: CancelToken) -> None:
        """Tell a playlist that is gone from an address where nothing of the API answers any more."""
        params = [("userId", account.user_id), ("ids", dashed(playlist_id)), *PLAIN]
        if account.api.read("/Items", cancel, Page, params).total_record_count:
            raise UnexpectedResponse(
                self._service, f"the playlist {playlist_id} is there and not there; run again."
            )


def _info_of(item: Item) -> PlaylistInfo:
    return PlaylistInfo(
        playlist_id=PlaylistId(short(item.id)),
        title=item.name or "",
        read_only=(item.media_type or "") not in _HOLDS_AUDIO,
        description=item.overview or "",
    )
