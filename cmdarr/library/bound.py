"""The binding of a target: which playlist it writes, found again also when titles in the file changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cmdarr.library.definition import NO_PLAYLIST, SyncTarget
from cmdarr.library.ports import Bindings
from cmdarr.models.playlist import Binding, PlaylistId


@dataclass(frozen=True, slots=True)
class BoundTarget:
    """One target of a command with its binding; `targets` are all of that command."""

    bindings: Bindings
    command: str
    target: SyncTarget
    targets: Sequence[SyncTarget]

    def find(self) -> Binding | None:
        """Return the binding: the target's own, or the only one left over when the only new target has none."""
        target = self.target
        own = self.bindings.find(self.command, target.server, target.user, target.slot)
        return own or self._find_left_over()

    def save(
        self,
        playlist_id: PlaylistId,
        *,
        is_made: bool | None = None,
        description: str | None = None,
        edition: str | None = None,
    ) -> None:
        """Store the binding with the target's title; what is not given stays as it was."""
        former = self.find()
        target = self.target
        before = former or Binding(
            command=self.command,
            server=target.server,
            user=target.user,
            slot=target.slot,
            playlist_id=NO_PLAYLIST,
            title=target.title,
        )
        binding = replace(
            before,
            slot=target.slot,
            playlist_id=playlist_id,
            title=target.title,
            is_made=before.is_made if is_made is None else is_made,
            description=before.description if description is None else description,
            edition=before.edition if edition is None else edition,
        )
        self.bindings.save(binding)
        if former is not None and former.slot != binding.slot:
            self.bindings.remove(former)

    def _find_left_over(self) -> Binding | None:
        """Find the binding of a target whose title, by which several on one server are told apart, was changed."""
        target = self.target
        if target.edition:
            return None
        slots = {
            each.slot for each in self.targets if (each.server, each.user) == (target.server, target.user)
        }
        bound = [
            binding
            for binding in self.bindings.list(self.command)
            if (binding.server, binding.user) == (target.server, target.user)
        ]
        left = [binding for binding in bound if binding.slot not in slots]
        named = [binding for binding in left if binding.title.strip() == target.title.strip()]
        if named:
            return named[0]
        new = slots - {binding.slot for binding in bound}
        return left[0] if len(left) == 1 and new == {target.slot} else None
