"""One change of a playlist under way: written step by step, and looked at before what builds on it is written.

Servers answer a write that they ignored with success too (a track that is there already, one of another media type):
so nothing is removed for the sake of what did not arrive.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from cmdarr.clients.jellyfin.accounts import Account
from cmdarr.clients.jellyfin.answers import dashed
from cmdarr.clients.jellyfin.api import IDS_AT_ONCE
from cmdarr.clients.jellyfin.steps import (
    Move,
    Row,
    carry_out,
    have_own_ids,
    ids_of,
    next_row,
    plan_moves,
    without,
)
from cmdarr.errors import NotFound, PlaylistConflict, ServiceUnavailable, UnexpectedResponse
from cmdarr.library.plan import plan_change
from cmdarr.library.ports import PlaylistChange
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import PlaylistEntry, PlaylistId
from cmdarr.models.track import ServerId
from cmdarr.transport.request import Method, Reply

MOST_MOVES = 10
"""From here on rows are appended anew: a call for each track would be many."""

_State = list[PlaylistEntry]


class _Ignored(Exception):
    """The server answered a write with success and did not carry it out."""


@dataclass(slots=True)
class ChangeRun:
    """Carries out one change; `read` gives the entries as they are, None when the playlist is gone."""

    account: Account
    playlist_id: PlaylistId
    change: PlaylistChange
    read: Callable[[], Sequence[PlaylistEntry] | None]
    cancel: CancelToken
    writes: int = 0
    _expected: frozenset[ServerId] = field(init=False)

    def __post_init__(self) -> None:
        self._expected = frozenset(ids_of(self.change.current)) | frozenset(ids_of(self.change.wanted))

    def run(self) -> int:
        """Bring the playlist to what is wanted, as far as the server takes it; return the number of writes.

        Raises:
            NotFound: the playlist does not exist any more.
            ServiceUnavailable: somebody edited it meanwhile.
            PlaylistConflict: the user must not write it.
            AuthenticationFailed: the API key cannot remove or move; nothing was written.
        """
        state = self._look()
        if ids_of(state) != ids_of(self.change.current):
            raise self._edited()
        with suppress(_Ignored):  # whoever reads the playlist back says by name what is not as planned
            self._write(state)
        return self.writes

    def _write(self, state: _State) -> None:
        wanted = list(self.change.wanted)
        first = plan_change(state, wanted)
        is_appending = [*ids_of(state), *ids_of(first.added)] == ids_of(wanted)
        if not is_appending:
            self.account.check_can_edit(self.cancel)
        if first.added:
            self._add(ids_of(first.added))
            if is_appending:
                return
            state = self._look()
            wanted = self._taken(state, wanted, tried=len(first.added))
        state = self._remove_surplus(state, wanted)
        missing = plan_change(state, wanted).added
        if missing:  # a server that is told to remove one of two equal entries removes both
            self._add(ids_of(missing))
            state = self._look()
            wanted = self._taken(state, wanted, tried=len(missing))
        self._order(state, wanted)

    def _taken(self, state: _State, wanted: _State, *, tried: int) -> _State:
        """Return what is wanted without what the server did not take; nothing at all taken is the end."""
        refused = plan_change(state, wanted).added
        if len(refused) >= tried:
            raise _Ignored
        return without(wanted, ids_of(refused))

    def _remove_surplus(self, state: _State, wanted: _State) -> _State:
        """Remove what is not wanted; ids are looked up anew after each call."""
        while surplus := plan_change(state, wanted).removed:
            state = self._remove(state, surplus[:IDS_AT_ONCE])
        return state

    def _order(self, state: _State, wanted: _State) -> None:
        if ids_of(state) == ids_of(wanted):
            return
        moves = plan_moves(state, wanted, most=MOST_MOVES) if have_own_ids(state) else None
        if moves:
            state = self._move(state, moves)
        most = min(IDS_AT_ONCE, max(1, len(wanted) // 2))
        for _ in range(len(wanted) + 1):
            row = next_row(state, ids_of(wanted), most=most)
            if row is None:
                return
            state = self._append_anew(state, row)

    def _append_anew(self, state: _State, row: Row) -> _State:
        if row.removed:
            state = self._remove(state, row.removed)
        if row.added:
            before = Counter(ids_of(state))
            self._add(row.added)
            state = self._look()
            if Counter(row.added) - (Counter(ids_of(state)) - before):
                raise _Ignored
        return state

    def _move(self, state: _State, moves: Sequence[Move]) -> _State:
        """Move tracks one by one; entry ids that are not the track's may be new after every write."""
        is_stable = all(entry.entry_id == entry.server_id for entry in state)
        for number, move in enumerate(moves):
            if number and not is_stable:
                seen = self._look()
                if ids_of(seen) != ids_of(state):
                    return seen
                state = seen
            place = f"{state[move.origin].entry_id}/Move/{move.place}"
            reply = self._send("POST", f"/Items/{place}", (), is_repeatable=True)
            if reply.status == 400:
                break
            self._check(reply)
            state = carry_out(state, move)
        return self._look()

    def _add(self, server_ids: Sequence[ServerId]) -> None:
        for start in range(0, len(server_ids), IDS_AT_ONCE):
            ids = [("ids", dashed(each)) for each in server_ids[start : start + IDS_AT_ONCE]]
            self._check(self._send("POST", "/Items", [("userId", self.account.user_id), *ids]))

    def _remove(self, state: _State, entries: Sequence[PlaylistEntry]) -> _State:
        """Remove entries by one call and return what is left."""
        params = [("entryIds", each) for each in dict.fromkeys(entry.entry_id for entry in entries)]
        self._check(self._send("DELETE", "/Items", params))
        left = self._look()
        if Counter(ids_of(left)) - (Counter(ids_of(state)) - Counter(ids_of(entries))):
            raise _Ignored
        return left

    def _send(
        self,
        method: Method,
        path: str,
        params: Sequence[tuple[str, str]],
        *,
        is_repeatable: bool | None = None,
    ) -> Reply:
        self.cancel.check()
        self.writes += 1
        place = f"/Playlists/{dashed(self.playlist_id)}{path}"
        return self.account.api.write(method, place, self.cancel, params, is_repeatable=is_repeatable)

    def _look(self) -> _State:
        """Read the playlist; tracks that belong neither to before nor to after were put there by somebody else."""
        entries = self.read()
        if entries is None:
            raise NotFound(
                self.account.api.service, f"the playlist {self.playlist_id} does not exist any more."
            )
        if set(ids_of(entries)) - self._expected:
            raise self._edited()
        return list(entries)

    def _check(self, reply: Reply) -> None:
        check_playlist_write(self.account, self.playlist_id, reply)

    def _edited(self) -> ServiceUnavailable:
        return ServiceUnavailable(
            self.account.api.service,
            f"the playlist {self.playlist_id} was edited during the run: it was left as it is, run again.",
        )


def check_playlist_write(account: Account, playlist_id: PlaylistId, reply: Reply) -> None:
    """Accept the answer to a write of a playlist unless it is a refusal.

    Raises:
        NotFound: the playlist does not exist any more.
        PlaylistConflict: the user neither owns it nor may edit it.
        AuthenticationFailed, UnexpectedResponse: as their names say.
    """
    service = account.api.service
    if reply.status == 403:
        raise PlaylistConflict(
            f"{service}: {account.name!r} must not write the playlist {playlist_id}: it belongs to another user; "
            "choose another `title`, or name its owner in `users`."
        )
    if reply.status == 404:
        raise NotFound(service, f"the playlist {playlist_id} does not exist any more.")
    if reply.status == 400:
        raise UnexpectedResponse(
            service,
            "a change of the playlist was refused (HTTP 400 Bad Request): look into the server's log.",
        )
    if reply.status >= 300:
        raise account.api.refusal("a change of the playlist", reply)
