"""Commands that went away: whose playlists are deleted, because their last file said `on_delete: delete`."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace

from cmdarr.app.program import App
from cmdarr.commands.playlist_sync import delete_orphans
from cmdarr.config.command import CommandOptions
from cmdarr.config.reload.store import restore_good
from cmdarr.config.snapshot import Snapshot
from cmdarr.config.tree import read_tree
from cmdarr.engine.lock import AlreadyRunning
from cmdarr.errors import CmdarrError, RunCancelled
from cmdarr.models.cancel import CancelToken
from cmdarr.models.generation import GoodDocument

logger = logging.getLogger(__name__)
_LOOK_AGAIN_S = 1.0
_JOIN_S = 5.0


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


class OrphanPlaylists:
    """Deletes the playlists of removed commands where their last options say so, and logs each.

    It works in threads of its own: a server may be slow, and a run of the command may still go on.
    """

    def __init__(self, app: App, current: Callable[[], Snapshot]) -> None:
        """`current` returns the snapshot in force: a command that is back by then keeps its playlists."""
        self._app = app
        self._current = current
        self._stopping = CancelToken()
        self._threads: list[threading.Thread] = []

    def delete(self, removed: Mapping[str, CommandOptions]) -> None:
        """Begin to delete and return at once."""
        if not removed:
            return
        thread = threading.Thread(target=self._work, args=(dict(removed),), name="orphans", daemon=True)
        self._threads = [*(each for each in self._threads if each.is_alive()), thread]
        thread.start()

    def stop(self) -> None:
        """Delete nothing more; what is left stays on its server."""
        self._stopping.cancel()
        for thread in self._threads:
            thread.join(_JOIN_S)

    def _work(self, removed: Mapping[str, CommandOptions]) -> None:
        try:
            for name, options in removed.items():
                self._delete(name, options)
        except RunCancelled:
            logger.info(
                "Cmdarr stops: the playlists of removed commands that are left stay on their servers."
            )
        finally:
            self._app.close_thread()

    def _delete(self, name: str, options: CommandOptions) -> None:
        """Delete the playlists of one command as soon as no run of it goes on."""
        while True:
            try:
                with self._app.locks.hold(name):
                    if name not in self._current().commands:
                        self._delete_now(name, options)
                    return
            except AlreadyRunning:
                self._stopping.wait(_LOOK_AGAIN_S)
            except RunCancelled:
                raise
            except CmdarrError as error:
                logger.warning("the playlists of %s were not deleted: %s", name, error)
                return

    def _delete_now(self, name: str, options: CommandOptions) -> None:
        dependencies = self._app.dependencies(self._current())
        for sentence in delete_orphans({name: options}, dependencies, self._stopping):
            logger.warning("%s", sentence, extra={"command": name, "action": "orphan"})
