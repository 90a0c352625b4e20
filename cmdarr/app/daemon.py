"""The daemon: the order in which its parts start, follow a reload, and stop."""

import logging
from collections.abc import Callable

from cmdarr.app.orphans import delete_playlists, removed_commands, removed_while_off
from cmdarr.app.program import App
from cmdarr.app.runlog import RunLog
from cmdarr.config.command import CommandOptions
from cmdarr.config.reload import Reloader, ReloadResult
from cmdarr.config.snapshot import Snapshot
from cmdarr.config.watch.watcher import Watcher
from cmdarr.engine.loop import EngineLoop
from cmdarr.engine.scheduler import Scheduler
from cmdarr.storage.backup import finish_restore
from cmdarr.storage.lock import FolderLock

logger = logging.getLogger(__name__)


class Daemon:
    """One `cmdarr serve`: `prepare` may refuse, `start` begins to work, `stop` ends with grace."""

    def __init__(self, app: App, *, follow_settings: Callable[[Snapshot], None]) -> None:
        """`follow_settings` is told every snapshot that comes into force: the log follows it."""
        self._app = app
        self._follow_settings = follow_settings
        self._lock = FolderLock(app.data_dir)
        self._orphans: dict[str, CommandOptions] = {}

    def prepare(self, *, no_last_good: bool = False) -> Snapshot:
        """Take the data folder, open both databases and load the configuration.

        Raises:
            FolderInUse: another `serve` has the data folder.
            StoreDamaged: config.db cannot be read.
            ConfigError: settings.yaml is broken.
            NothingFound: there is no configuration.
        """
        app = self._app
        app.make_data_dir()
        self._lock.acquire()
        finish_restore(data_dir=app.data_dir, config_dir=app.config_dir)
        self._reloader = Reloader(app.config_dir, app.loader, app.store.good, app.clock)
        applied = app.store.good.load_good()
        snapshot = self._reloader.start(no_last_good=no_last_good)
        if self._reloader.held is None:
            self._orphans = removed_while_off(app, applied, snapshot)
        app.cache.set_max_bytes(snapshot.settings.cache.max_size)
        self._follow_settings(snapshot)
        self._engine = self._build_engine(snapshot)
        self._watcher = Watcher(app.config_dir, self._reloader, clock=app.clock)
        return snapshot

    def start(self) -> None:
        """Begin to work."""
        self._reloader.add_listener(self._follow)
        self._engine.start()
        self._watcher.start()
        delete_playlists(self._app, self._orphans, self._reloader.current)

    def reload(self) -> None:
        """Read the configuration now, as SIGHUP asks."""
        self._reloader.reload("signal")

    def stop(self) -> None:
        """End the schedule, wait `executor.shutdown_grace` for runs, cancel the rest, and close everything."""
        grace = self._reloader.current.settings.executor.shutdown_grace
        logger.info(
            "stopping; running commands get %.0f s.", grace.total_seconds(), extra={"action": "stopping"}
        )
        self._watcher.stop()
        self._engine.stop(grace)
        self._app.close()
        self._lock.release()
        logger.info("stopped.", extra={"action": "stopped"})

    def stop_now(self) -> None:
        """Make a stop that goes on wait for nothing more."""
        self._engine.stop_now()

    def find_problems(self) -> list[str]:
        """Return why the daemon does not do its work, as sentences without a path or a secret; empty when it does."""
        problems = [
            self._engine.problem(),
            self._executor.problem(),
            self._app.store.problem(),
            *self._reloader.status().problems,
        ]
        return [problem for problem in problems if problem]

    def redact(self, text: str) -> str:
        """Mask every secret of the configuration in force."""
        return self._reloader.current.redactor(text)

    def _build_engine(self, snapshot: Snapshot) -> EngineLoop:
        app = self._app
        executor = self._executor = app.executor(
            [RunLog()], max_parallel=snapshot.settings.executor.max_parallel
        )
        scheduler = Scheduler(
            marks=app.store.marks, submit=executor.submit, snapshot=snapshot, clock=app.clock
        )
        return EngineLoop(
            executor=executor,
            scheduler=scheduler,
            history=app.store.history,
            snapshot=snapshot,
            clock=app.clock,
            thread_ends=app.close_thread,
            sweep_cache=app.cache.sweep,
        )

    def _follow(self, before: Snapshot, after: Snapshot, result: ReloadResult) -> None:
        """Hand a new snapshot to everyone who works by it."""
        del result
        self._app.cache.set_max_bytes(after.settings.cache.max_size)
        self._follow_settings(after)
        self._engine.reload(after)
        delete_playlists(self._app, removed_commands(before, after), after)
