"""The daemon: the order in which its parts start, follow a reload, and stop."""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from typing import TypeVar

from cmdarr.app.apprise_door import send_by_apprise
from cmdarr.app.first_start import refuse_second_life
from cmdarr.app.import_lists import show_list
from cmdarr.app.notices import Notices
from cmdarr.app.orphans import OrphanPlaylists, removed_commands, removed_while_off
from cmdarr.app.outbox import Outbox, Send
from cmdarr.app.program import App
from cmdarr.app.run_figures import RunFigures
from cmdarr.app.runlog import RunLog
from cmdarr.config.command import CommandOptions
from cmdarr.config.reload import Reloader, ReloadResult
from cmdarr.config.settings import WebSettings
from cmdarr.config.snapshot import Snapshot
from cmdarr.config.watch.watcher import Watcher
from cmdarr.engine.executor import Executor
from cmdarr.engine.loop import EngineLoop
from cmdarr.engine.ports import Listener
from cmdarr.engine.scheduler import Scheduler
from cmdarr.errors import CmdarrError, NothingFound
from cmdarr.models.import_list import ImportListEntry
from cmdarr.storage.backup import finish_restore
from cmdarr.storage.lock import FolderLock

logger = logging.getLogger(__name__)
FollowReload = Callable[[Snapshot, Snapshot, ReloadResult], None]
"""Is told the snapshots before and after a reload, and what came of it."""
_RESTART_GRACE = timedelta(seconds=10)
T = TypeVar("T")


class Daemon:
    """One `cmdarr serve`: `prepare` may refuse, `start` begins to work, `stop` ends with grace."""

    def __init__(
        self,
        app: App,
        *,
        follow_settings: Callable[[Snapshot], None],
        listeners: Sequence[Listener] = (),
        follow_reload: FollowReload | None = None,
        send: Send = send_by_apprise,
    ) -> None:
        """`follow_settings` is told every snapshot that comes into force: the log follows it. `send` sends notices."""
        self._app = app
        self._follow_settings = follow_settings
        self.figures = RunFigures()
        self.outbox = Outbox(send, clock=app.clock)
        notices = Notices(
            history=lambda: app.store.history, current=lambda: self._reloader.current, outbox=self.outbox
        )
        self._listeners: Sequence[Listener] = (RunLog(), self.figures, notices, *listeners)
        self._follow_reload = follow_reload
        self._removed: dict[str, CommandOptions] = {}
        self._undo = ExitStack()
        self._life = threading.Lock()  # a stop waits for a restart, never the other way round
        self._is_started = False
        self._is_stopping = False
        self._is_over = False
        self._failure = ""

    @property
    def reloader(self) -> Reloader:
        """What exchanges the configuration; only after `prepare`."""
        return self._reloader

    @property
    def executor(self) -> Executor:
        """What runs the commands; only after `prepare`."""
        return self._executor

    def schedule_lateness_s(self) -> float:
        """Return for how many seconds the earliest due time has been waiting for the scheduler; 0 when none is."""
        return self._engine.lateness_s()

    def prepare(self, *, no_last_good: bool = False) -> Snapshot:
        """Take the data folder, open both databases and load the configuration; a refusal leaves nothing open.

        Raises:
            FolderInUse: another `serve` has the data folder.
            StoreDamaged: config.db cannot be read.
            ConfigError: settings.yaml is broken.
            NothingFound: there is no configuration folder, or none of it and a legacy install in the data folder.
        """
        app = self._app
        refuse_second_life(app.config_dir, app.data_dir)
        with ExitStack() as undo:
            app.make_data_dir()
            undo.enter_context(FolderLock(app.data_dir))
            undo.callback(app.close)
            finish_restore(data_dir=app.data_dir, config_dir=app.config_dir)
            snapshot = self._load(no_last_good=no_last_good)
            app.keep_secret(snapshot)
            self._follow_settings(snapshot)
            app.cache.set_max_bytes(snapshot.settings.cache.max_size)
            self._engine = self._build_engine(snapshot)
            self._watcher = Watcher(app.config_dir, self._reloader, clock=app.clock)
            self._orphans = OrphanPlaylists(app, lambda: self._reloader.current)
            self._undo = undo.pop_all()
        return snapshot

    def start(self) -> None:
        """Begin to work."""
        self._is_started = True
        self.outbox.open()
        self._reloader.add_listener(self._follow)
        self._engine.start()
        self._watcher.start()
        self._orphans.delete(self._removed)

    def reload(self) -> None:
        """Read the configuration now, as SIGHUP asks."""
        if not self._is_stopping:
            self._reloader.reload("signal")

    def stop(self) -> None:
        """End the schedule, wait `executor.shutdown_grace` for runs, cancel the rest, and close everything.

        Stopped already is fine.
        """
        with self._life:
            if not self._is_over:
                self._is_over = True
                self._halt(self._reloader.current.settings.executor.shutdown_grace)

    def restart(self, work: Callable[[], T]) -> T:
        """Stop, do some work that needs the folders alone, and go on with whatever is there then.

        Raises:
            CmdarrError: the work failed, and everything goes on as before; or what is there then cannot be loaded, and
                the daemon stays stopped.
        """
        with self._life:
            self._halt(_RESTART_GRACE)
            try:
                return work()
            finally:
                self._go_on()

    def _go_on(self) -> None:
        try:
            self.prepare()
        except CmdarrError as error:
            self._failure = f"Cmdarr stopped for good: {error}"
            logger.critical("%s Correct it and start Cmdarr again.", self._failure)
            raise
        self.start()
        self._is_stopping = False

    def stop_now(self) -> None:
        """Make a stop that goes on wait for nothing more."""
        self._engine.stop_now()
        self.outbox.stop_now()

    def find_problems(self) -> list[str]:
        """Return why the daemon does not do its work, as sentences without a path or a secret; empty when it does."""
        if self._is_stopping:  # the databases may be closed already, and asking would open them again
            return [self._failure or "Cmdarr is stopping."]
        problems = [
            self._engine.problem(),
            self._executor.problem(),
            self._app.store.problem(),
            *self._reloader.status().problems,
        ]
        return [self._reloader.current.redactor(problem) for problem in problems if problem]

    def web_settings(self) -> WebSettings:
        """Return the settings of the web side that are in force."""
        return self._reloader.current.settings.web

    def import_list(self, name: str) -> list[ImportListEntry] | None:
        """Return the artists of an import list, None when there never was one of that name.

        Raises:
            StorageError: config.db does not answer.
        """
        app = self._app
        try:
            entries = show_list(app.store, self._reloader.current, name, app.clock.now())
            return [entry for entry in entries if entry.kind == "artist"]
        except NothingFound:
            return None
        finally:
            self._app.close_thread()

    def _halt(self, grace: timedelta) -> None:
        if self._is_stopping:
            return
        self._is_stopping = True
        with self._undo:
            if self._is_started:
                logger.info("stopping; runs get %.0f s.", grace.total_seconds(), extra={"action": "stopping"})
            self._watcher.stop()
            self._orphans.stop()
            self._engine.stop(grace)
            self.outbox.stop()
        if self._is_started:
            logger.info("stopped.", extra={"action": "stopped"})

    def _load(self, *, no_last_good: bool) -> Snapshot:
        app = self._app
        reloader = Reloader(app.config_dir, app.loader, app.store.good, app.clock)
        applied = app.store.good.load_good()
        snapshot = reloader.start(no_last_good=no_last_good)
        self._reloader = reloader  # only now: whoever asks meanwhile gets what was in force before
        if not snapshot.file_digests:
            logger.warning("%s holds no configuration: `cmdarr config init` begins one.", app.config_dir)
        if self._reloader.held is None:
            self._removed = removed_while_off(app, applied, snapshot)
        return snapshot

    def _build_engine(self, snapshot: Snapshot) -> EngineLoop:
        app = self._app
        executor = self._executor = app.executor(
            self._listeners, max_parallel=snapshot.settings.executor.max_parallel
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
        self._app.keep_secret(after)
        self._follow_settings(after)
        self._app.cache.set_max_bytes(after.settings.cache.max_size)
        self._engine.reload(after)
        self._orphans.delete(removed_commands(before, after))
        self.figures.reload_followed(result)
        if self._follow_reload is not None:
            self._follow_reload(before, after, result)
