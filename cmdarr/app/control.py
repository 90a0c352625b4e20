"""What the pages and the API ask of a running daemon: its configuration, runs, stores and events."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from cmdarr.app.daemon import Daemon
from cmdarr.app.editing import Editor
from cmdarr.app.event_board import EventBoard, RunProgress
from cmdarr.app.log_tail import LogTail
from cmdarr.app.program import App
from cmdarr.app.runs import CommandOverview, overview_of
from cmdarr.app.service_checks import ServiceChecks
from cmdarr.config.reload import ConfigStatus, ReloadResult
from cmdarr.config.settings import WebSettings
from cmdarr.config.snapshot import Snapshot
from cmdarr.engine.request import RunRequest
from cmdarr.errors import CommandError
from cmdarr.models.execution import Execution, Trigger

if TYPE_CHECKING:
    from cmdarr.app.online import ServiceAnswer
    from cmdarr.config.diff import ConfigDiff
    from cmdarr.config.explain import Explanation
    from cmdarr.config.tree import Tree
    from cmdarr.storage.config_store import ConfigStore

_DRAIN_S = 20.0
T = TypeVar("T")


class Busy(CommandError):
    """Something goes on that must end first; try again in a moment."""

    exit_code = 75


class NotNow(CommandError):
    """Cmdarr exchanges its databases at the moment; try again in a few seconds."""

    http_status = 503
    exit_code = 75


class Control:
    """The daemon as the web side sees it. Safe to share by threads; each call ends with `App.close_thread`."""

    def __init__(self, app: App, daemon: Daemon, board: EventBoard, log_tail: LogTail | None = None) -> None:
        self.app = app
        self.daemon = daemon
        self.board = board
        self.log_tail = log_tail or LogTail(app.redact)
        self.checks = ServiceChecks(app)
        self.editor = Editor(app, lambda: self.snapshot, self.reload)
        self.started_at = app.clock.now()
        self._door = threading.Condition()
        self._inside = 0
        self._is_closed = False

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Use the databases: they are not exchanged meanwhile; this thread's connections are closed at the end.

        Raises:
            NotNow: they are being exchanged.
        """
        with self._door:
            if self._is_closed:
                raise NotNow
            self._inside += 1
        try:
            yield
        finally:
            self.app.close_thread()
            with self._door:
                self._inside -= 1
                self._door.notify_all()

    def alone(self, work: Callable[[], T]) -> T:
        """Stop the daemon, do some work that needs the two folders alone, and start the daemon again.

        Call it outside of `inside`.

        Raises:
            Busy: a run goes on, or others do not leave the databases in time.
            CmdarrError: the work failed, and everything goes on as before.
        """
        self._close_door()
        try:
            if active := self.active():
                names = ", ".join(execution.command for execution in active)
                raise Busy(f"{names} is running: wait for its end, or cancel it first.")
            return self.daemon.restart(work)
        finally:
            self.app.close_thread()
            with self._door:
                self._is_closed = False
            self.board.publish(
                "config_reloaded", {"reason": "restart", "generation": self.snapshot.generation}
            )

    @property
    def snapshot(self) -> Snapshot:
        """The configuration in force."""
        return self.daemon.reloader.current

    @property
    def web_settings(self) -> WebSettings:
        """The settings of the web side that are in force."""
        return self.snapshot.settings.web

    @property
    def store(self) -> "ConfigStore":
        """config.db."""
        return self.app.store

    def now(self) -> datetime:
        """Return the present time."""
        return self.app.clock.now()

    def redact(self, text: str) -> str:
        """Mask every secret of the configurations so far."""
        return self.app.redact(text)

    def commands(self) -> list[CommandOverview]:
        """Return every command in force with its next run and its last one, by name."""
        return overview_of(self.snapshot, self.store.history.last_of_each(), self.now())

    def run(self, name: str, *, dry_run: bool = False, accept_removals: bool = False) -> Execution:
        """Queue a run and return its record.

        Raises:
            Busy: the command waits or runs already.
            NothingFound, ConfigError, CommandError: it cannot run at all.
        """
        executor = self.daemon.executor
        for execution in executor.active():
            if execution.command == name:
                raise Busy(
                    f"{name} is running already (execution {execution.id}): wait for its end, or cancel it."
                )
        request = RunRequest(
            command=name,
            trigger=Trigger.API,
            snapshot=self.snapshot,
            dry_run=dry_run,
            accept_removals=accept_removals,
        )
        return self.store.history.get(executor.submit(request))

    def cancel(self, execution_id: int) -> Execution:
        """Ask a run to stop and return its record.

        Raises:
            NothingFound: there is no execution of that id.
            Busy: it is over already.
        """
        execution = self.store.history.get(execution_id)
        if not self.daemon.executor.cancel(execution_id):
            raise Busy(
                f"execution {execution_id} of {execution.command} is over; there is nothing to cancel."
            )
        return self.store.history.get(execution_id)

    def active(self) -> tuple[Execution, ...]:
        """Return the runs that wait or go on, oldest first."""
        return self.daemon.executor.active()

    def progress_of(self, execution_id: int) -> RunProgress | None:
        """Return the present step of a run that goes on."""
        return self.board.progress_of(execution_id)

    def config_status(self) -> ConfigStatus:
        """Return the state of every configuration file; asks git."""
        return self.daemon.reloader.status()

    def reload(self) -> ReloadResult:
        """Read the configuration now and apply what is in it."""
        return self.daemon.reloader.reload("api")

    def check(self) -> Snapshot:
        """Read and validate what is on disk, and apply nothing."""
        snapshot = self.app.loader.load(self._tree())
        self.app.keep_secret(snapshot)
        return snapshot

    def diff(self) -> "ConfigDiff":
        """Return what a reload would change against what runs.

        Raises:
            ConfigError: what is on disk is invalid.
        """
        from cmdarr.config.diff import diff_configuration
        from cmdarr.errors import ConfigError

        snapshot = self.check()
        if snapshot.errors:
            raise ConfigError("the configuration on disk is invalid: correct it first.", snapshot.findings)
        return diff_configuration(self.snapshot, snapshot, now=self.now())

    def explain(self, key: str) -> "Explanation":
        """Explain one key of what is on disk.

        Raises:
            NothingFound: there is no such key.
        """
        from cmdarr.config.explain import explain

        tree = self._tree()
        return explain(key, snapshot=self.snapshot, tree=tree, catalog=self.app.catalog)

    def explain_settings(self) -> "list[Explanation]":
        """Explain every setting that has a value."""
        from cmdarr.config.explain import explain_settings

        return explain_settings(snapshot=self.snapshot, tree=self._tree(), catalog=self.app.catalog)

    def reset_cache(self, source: str | None = None) -> None:
        """Empty the cache, or forget what it holds of one service.

        Raises:
            NothingFound: the cache has never heard of the service.
            StoreUnavailable: the data folder does not allow it.
        """
        from cmdarr.app.upkeep import reset_cache_source

        if source is None:
            self.app.cache.reset()
        else:
            reset_cache_source(self.app, source)
        self.board.publish("cache_reset", {"source": source})

    def check_services(self, name: str | None = None) -> "list[ServiceAnswer]":
        """Ask every enabled service whether it answers, or one; the answers are remembered in `checks`.

        Raises:
            NothingFound: there is no enabled service of that name.
        """
        answers = self.checks.ask(self.snapshot, name)
        self.board.publish("services_checked", {"services": [answer.name for answer in answers]})
        return answers

    def _tree(self) -> "Tree":
        from cmdarr.config.tree import read_tree

        return read_tree(self.app.config_dir)

    def _close_door(self) -> None:
        with self._door:
            if self._is_closed:
                raise NotNow
            self._is_closed = True
            if not self._door.wait_for(lambda: not self._inside, _DRAIN_S):
                self._is_closed = False
                raise Busy("other requests still work with the databases: try again in a moment.")
