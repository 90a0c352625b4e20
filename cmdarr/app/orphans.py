"""Commands that went away: whose playlists are deleted, because their last file said `on_delete: delete`."""

import logging
from collections.abc import Mapping
from dataclasses import replace

from cmdarr.app.program import App
from cmdarr.commands.playlist_sync import delete_orphans
from cmdarr.config.command import CommandOptions
from cmdarr.config.reload.store import restore_good
from cmdarr.config.snapshot import Snapshot
from cmdarr.config.tree import read_tree
from cmdarr.errors import CmdarrError
from cmdarr.models.cancel import CancelToken
from cmdarr.models.generation import GoodDocument

logger = logging.getLogger(__name__)


def removed_commands(before: Snapshot, after: Snapshot) -> dict[str, CommandOptions]:
    """Return the commands that a reload removed, with their last options."""
    return {
        name: entry.options
        for name, entry in before.commands.items()
        if name not in after.commands and entry.options is not None
    }


def removed_while_off(
    app: App, applied: Mapping[str, GoodDocument], now: Snapshot
) -> dict[str, CommandOptions]:
    """Return the commands whose files went away since the configuration was applied last, with their last options."""
    tree = read_tree(app.config_dir)
    gone = {file: good.source for file, good in restore_good(applied).items() if file not in tree.files}
    if not gone:
        return {}
    before = app.loader.load(replace(tree, files={**tree.files, **gone}))
    return removed_commands(before, now)


def delete_playlists(app: App, removed: Mapping[str, CommandOptions], snapshot: Snapshot) -> None:
    """Delete the playlists of removed commands where their last options say so; log each."""
    if not removed:
        return
    try:
        for sentence in delete_orphans(removed, app.dependencies(snapshot), CancelToken()):
            logger.warning("%s", sentence, extra={"action": "orphan"})
    except CmdarrError as error:
        logger.warning("the playlists of %s were not deleted: %s", ", ".join(removed), error)
