"""Editions that are no longer kept: their playlists go, where Cmdarr made them, and never without a revision."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from cmdarr.library.definition import SyncContext, SyncDefinition
from cmdarr.library.orphans import OrphanDeletion


def retire_editions(
    definition: SyncDefinition, context: SyncContext, kept: AbstractSet[str]
) -> Iterator[str]:
    """Delete the playlists of editions that are older than every kept one, and yield a sentence for each.

    A newer edition than those that were read is none that has aged: it stays.
    """
    deletion = OrphanDeletion(
        services=context.services,
        bindings=context.bindings,
        revisions=context.revisions,
        clock=context.clock,
        cancel=context.cancel,
    )
    servers = {target.server for target in definition.targets}
    for binding in context.bindings.list(definition.command):
        is_edition = bool(binding.edition) and binding.slot.endswith(f"@{binding.edition}")
        if binding.server in servers and is_edition and binding.edition < min(kept):
            yield deletion.delete(binding)
