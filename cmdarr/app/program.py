"""The program over two folders: each part is built when it is first asked for, and all are closed together."""

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from cmdarr.app.services import Services, scan_service_kinds
from cmdarr.config.catalog import Catalog
from cmdarr.config.load import Loader
from cmdarr.config.load.settings_file import SETTINGS_FILE
from cmdarr.config.references.secret_file import SECRETS_FILE
from cmdarr.config.settings import Settings
from cmdarr.config.snapshot import Snapshot
from cmdarr.config.tree import SourceFile, Tree, read_tree
from cmdarr.engine.command import Command, CommandDependencies
from cmdarr.engine.registry import Registry, scan_commands
from cmdarr.errors import ConfigError, NothingFound, UsageError
from cmdarr.library.decision_memo import DecisionMemo
from cmdarr.library.ports import ClientContext, ServiceKind
from cmdarr.models.clock import Clock, SystemClock
from cmdarr.models.redaction import Redactor
from cmdarr.transport.retry import RetryPolicy
from cmdarr.transport.surroundings import Surroundings
from cmdarr.transport.throttle import Throttles

if TYPE_CHECKING:
    from cmdarr.engine.executor import Executor
    from cmdarr.engine.lock import CommandLocks
    from cmdarr.engine.ports import Listener
    from cmdarr.storage.cache_store import CacheStore
    from cmdarr.storage.config_store import ConfigStore

CONFIG_DB = "config.db"
CACHE_DB = "cache.db"


class App:
    """Everything that a verb may need. Close it when done."""

    def __init__(
        self,
        *,
        config_dir: Path,
        data_dir: Path,
        environ: Mapping[str, str] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.config_dir = config_dir
        self.data_dir = data_dir
        self.environ = os.environ if environ is None else environ
        self.clock = clock or SystemClock()
        self._redactor = Redactor()
        self._settings = Settings()

    @property
    def root(self) -> Path:
        """The folder that holds the config folder: relative paths in YAML start here."""
        return self.config_dir.resolve().parent

    @property
    def backups_dir(self) -> Path:
        """Where backups made by the program itself lie."""
        return self.data_dir / "backups"

    @cached_property
    def registry(self) -> Registry:
        """The kinds of command."""
        return scan_commands()

    @cached_property
    def service_kinds(self) -> Mapping[str, ServiceKind]:
        """The types of service."""
        return scan_service_kinds()

    @cached_property
    def catalog(self) -> Catalog:
        """Kinds and types as the configuration sees them."""
        return Catalog(
            kinds=self.registry.catalog_kinds(),
            services={name: kind.type for name, kind in self.service_kinds.items()},
            later_kinds=self.registry.later_kinds(),
        )

    @cached_property
    def loader(self) -> Loader:
        """The one validator behind check, diff, run and reload."""
        return Loader(self.catalog, environ=self.environ, clock=self.clock)

    @cached_property
    def store(self) -> "ConfigStore":
        """config.db, made when it is missing.

        Raises:
            StoreDamaged: it cannot be read; a restore is needed.
            UsageError: the data folder cannot be made or written.
            FolderInUse: a restore goes on.
        """
        from cmdarr.storage.config_store import ConfigStore

        self.make_data_dir()
        self._finish_restore()
        return ConfigStore.open(self.data_dir / CONFIG_DB, backups=self.backups_dir, clock=self.clock)

    @cached_property
    def cache(self) -> "CacheStore":
        """cache.db, made when it is missing; it never fails."""
        from cmdarr.storage.cache_store import CacheStore

        self.make_data_dir()
        max_bytes = self._settings.cache.max_size  # whoever read no configuration does not fill the cache
        return CacheStore.open(self.data_dir / CACHE_DB, clock=self.clock, max_bytes=max_bytes)

    @cached_property
    def memo(self) -> DecisionMemo:
        """What the runs of this process decided, so that an unchanged playlist costs next to nothing."""
        return DecisionMemo()

    @cached_property
    def throttles(self) -> Throttles:
        """The rate budgets of the services, shared by every run of this process."""
        return Throttles(self.clock.monotonic)

    @cached_property
    def install_id(self) -> str:
        """What tells this install from others; it lasts as long as config.db does."""
        store = self.store_if_present()
        return f"cmdarr-{store.origin if store else token_hex(8)}"

    @cached_property
    def locks(self) -> "CommandLocks":
        """The locks that keep two processes from running one command at once."""
        from cmdarr.engine.lock import CommandLocks

        return CommandLocks(self.data_dir / "locks")

    def store_if_present(self) -> "ConfigStore | None":
        """Return config.db when it exists: looking never makes one."""
        self._finish_restore()
        return self.store if (self.data_dir / CONFIG_DB).exists() else None

    def read_configuration(self) -> Snapshot:
        """Read and validate the whole configuration as it is on disk.

        Raises:
            NothingFound: there is no configuration folder, or nothing in it.
            FolderInUse: a restore goes on.
        """
        return self._load(self._read_tree())

    def redact(self, text: str) -> str:
        """Mask every secret of the configurations that were read so far."""
        return self._redactor(text)

    def keep_secret(self, snapshot: Snapshot) -> None:
        """Mask the secrets of a snapshot too, from now on."""
        self._redactor |= snapshot.redactor

    def effective_configuration(self) -> Snapshot:
        """Read the configuration as the daemon sees it: broken files by their last good version. For looking only."""
        from cmdarr.config.reload.effective import GoodFile, make_effective
        from cmdarr.config.reload.store import restore_good

        tree = self._read_tree()
        read = self._load(tree)
        store = self.store_if_present()
        stored = store.good.load_good() if store else {}
        good = restore_good(stored)
        before = None
        if read.errors_in(SETTINGS_FILE) and SETTINGS_FILE in stored:
            # Secrets are masked in what is stored, which does not matter to those who only look.
            settings = SourceFile.of(SETTINGS_FILE, stored[SETTINGS_FILE].document.encode())
            good[SETTINGS_FILE] = GoodFile(settings, stored[SETTINGS_FILE].good_since)
            kept = {name: source for name, source in tree.files.items() if name == SECRETS_FILE}
            before = self.loader.load(Tree(self.config_dir, {SETTINGS_FILE: settings, **kept}))
        return make_effective(self.loader, tree, good, before).snapshot

    def valid_settings(self) -> Snapshot:
        """Read the configuration; broken command files are allowed, a broken settings.yaml is not.

        Raises:
            ConfigError: settings.yaml (or a file it needs) is broken.
        """
        snapshot = self.read_configuration()
        if errors := snapshot.errors_in("settings.yaml"):
            raise ConfigError("settings.yaml is broken: correct it first.", errors)
        return snapshot

    def services(self, snapshot: Snapshot) -> Services:
        """Return the services of a snapshot, for one run."""
        around = Surroundings(clock=self.clock, answers=self.cache.answers, root=self.root)
        return self._services(snapshot, around)

    def services_for_check(self, snapshot: Snapshot) -> Services:
        """Return the services of a snapshot for one question each: nothing is kept, and nothing asked twice."""
        once = RetryPolicy(attempts=1)
        return self._services(snapshot, Surroundings(clock=self.clock, root=self.root, retry=once))

    def dependencies(self, snapshot: Snapshot) -> CommandDependencies:
        """Return what a command is built with for one run."""
        services = self.services(snapshot)
        return CommandDependencies(
            services=services,
            index=self.cache.library,
            bindings=self.store.bindings,
            revisions=self.store.revisions,
            held=self.store.held,
            clock=self.clock,
            artists=services,
            decisions=self.store.decisions,
            import_lists=self.store.import_lists,
            memo=self.memo,
        )

    def build_command(self, kind: str, snapshot: Snapshot) -> Command[Any]:
        """Build the command of a kind for one run."""
        return self.registry.build(kind, self.dependencies(snapshot))

    def executor(self, listeners: "Sequence[Listener]" = (), *, max_parallel: int = 2) -> "Executor":
        """Return an executor over the stores of this program."""
        from cmdarr.engine.executor import Executor
        from cmdarr.engine.launch import Launcher

        launcher = Launcher(
            history=self.store.history,
            locks=self.locks,
            build=self.build_command,
            clock=self.clock,
            listeners=listeners,
        )
        return Executor(launcher, clock=self.clock, max_parallel=max_parallel, thread_ends=self.close_thread)

    def make_data_dir(self) -> None:
        """Make the data folder when it is missing.

        Raises:
            UsageError: it cannot be made.
        """
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"the data folder {self.data_dir} cannot be made ({error.strerror}): "
                "make it yourself, or choose another with --data-dir."
            ) from error

    def close_thread(self) -> None:
        """Close what belongs to the calling thread: each thread has its own connections."""
        for name in ("store", "cache"):
            if name in self.__dict__:
                self.__dict__[name].release()

    def close(self) -> None:
        """Close whatever was opened."""
        for name in ("cache", "store"):
            if name in self.__dict__:
                self.__dict__.pop(name).close()

    def _services(self, snapshot: Snapshot, surroundings: Surroundings) -> Services:
        """Return the services of a snapshot; what they share is the process's."""

        def context(name: str) -> ClientContext:
            return ClientContext(
                name=name,
                root=self.root,
                data=self.data_dir,
                surroundings=surroundings,
                throttles=self.throttles,
                ttl_of=snapshot.settings.cache.ttl_of,
                install_id=self.install_id,
            )

        return Services(snapshot.settings, self.service_kinds, context)

    def _read_tree(self) -> Tree:
        self._finish_restore()
        tree = read_tree(self.config_dir)
        if not tree.files and not tree.problems:
            raise NothingFound(
                f"{self.config_dir} holds no configuration: run `cmdarr config init` to begin one."
            )
        return tree

    def _load(self, tree: Tree) -> Snapshot:
        snapshot = self.loader.load(tree)
        self._redactor |= snapshot.redactor
        self._settings = snapshot.settings
        return snapshot

    def _finish_restore(self) -> None:
        """Complete a restore that was cut off: until then the two folders may not fit each other."""
        from cmdarr.storage.pending import is_restore_pending

        if not is_restore_pending(self.data_dir):
            return
        from cmdarr.storage.backup import finish_restore
        from cmdarr.storage.lock import FolderLock

        with FolderLock(self.data_dir):
            finish_restore(data_dir=self.data_dir, config_dir=self.config_dir)
