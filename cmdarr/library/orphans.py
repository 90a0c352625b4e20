"""Playlists whose command file went away: deleted only where the file said so, and never without a revision."""

from collections.abc import Iterator
from dataclasses import dataclass

from cmdarr.errors import CmdarrError, RunCancelled
from cmdarr.library.ports import Bindings, Revisions, Services
from cmdarr.models.cancel import CancelToken
from cmdarr.models.clock import Clock
from cmdarr.models.playlist import Binding, Revision


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanDeletion:
    """Deletes the playlists of commands that are gone."""

    services: Services
    bindings: Bindings
    revisions: Revisions
    clock: Clock
    cancel: CancelToken

    def delete_playlists(self, command: str) -> Iterator[str]:
        """Delete every playlist that the command is bound to, and yield a sentence for each.

        The state of before is stored first; a playlist that cannot be deleted keeps its binding.
        """
        for binding in self.bindings.list(command):
            yield self.delete(binding)

    def delete(self, binding: Binding) -> str:
        """Delete one playlist and return what happened; a failure becomes that sentence.

        Raises:
            RunCancelled: the run is to stop.
        """
        try:
            return self._delete(binding)
        except RunCancelled:
            raise
        except CmdarrError as error:
            return f"{binding.server}: “{binding.title}” was not deleted: {error}"

    def _delete(self, binding: Binding) -> str:
        if binding.playlist_id and not binding.is_made:
            self.bindings.remove(binding)
            return f"{binding.server}: “{binding.title}” stays, because Cmdarr did not make it."
        server = self.services.server(binding.server)
        entries = (
            server.fetch_entries(binding.playlist_id, binding.user, self.cancel)
            if binding.playlist_id
            else None
        )
        if entries is None:
            self.bindings.remove(binding)
            return f"{binding.server}: “{binding.title}” was gone already."
        self.revisions.add(
            Revision(
                command=binding.command,
                server=binding.server,
                user=binding.user,
                playlist_id=binding.playlist_id,
                title=binding.title,
                entries=tuple(entries),
                taken_at=self.clock.now(),
                reason="before",
            )
        )
        server.delete_playlist(binding.playlist_id, binding.user, self.cancel)
        self.bindings.remove(binding)
        return f"{binding.server}: “{binding.title}” was deleted; its {len(entries)} tracks are kept as a revision."
