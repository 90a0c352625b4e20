"""The reloader: the one place where the configuration in force is exchanged.

Everything is read, validated and built before the swap, and the swap is one assignment: whatever fails before it
leaves all as it was, and is tried again at the next scan.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cmdarr.config.reload import sentences
from cmdarr.config.reload.changes import NO_CHANGES, Changes, find_changes
from cmdarr.config.reload.doubt import Doubt, doubt_lost_folder, find_doubt
from cmdarr.config.reload.effective import Effective, GoodFile, SnapshotLoader, make_effective
from cmdarr.config.reload.hold import HeldChange, Hold
from cmdarr.config.reload.reading import read_stable_tree
from cmdarr.config.reload.result import ReloadOutcome, ReloadResult
from cmdarr.config.reload.status import ConfigStatus, describe_files
from cmdarr.config.reload.store import SETTINGS_FILE, GoodStore, good_documents, keep_times, restore_good
from cmdarr.config.settings import Settings, restart_only_changes
from cmdarr.config.snapshot import Snapshot
from cmdarr.config.tree import Tree, read_tree
from cmdarr.config.watch.git import GitProbe, is_git_locked
from cmdarr.config.watch.status import WatchStatus
from cmdarr.errors import CmdarrError, ConfigError, NothingFound, StorageError
from cmdarr.models.clock import Clock
from cmdarr.models.generation import GoodDocument

logger = logging.getLogger(__name__)

Listener = Callable[[Snapshot, Snapshot, ReloadResult], None]

_FAILED = "The last reload could not be finished; it is tried again at the next scan."


@dataclass(frozen=True, slots=True, kw_only=True)
class _InForce:
    """Everything that a swap exchanges."""

    snapshot: Snapshot
    good: Mapping[str, GoodFile]
    broken_since: Mapping[str, datetime]
    tree_digest: str
    devices: tuple[int, ...]
    started_with: Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """What is known about the attempts to exchange it."""

    last_attempt: datetime
    last_success: datetime
    warnings: tuple[str, ...] = ()


class Reloader:
    """Keeps the snapshot in force and exchanges it when the files say so. Safe to call from any thread.

    A broken settings.yaml keeps all settings in force, and the command files are still applied against those.
    """

    def __init__(
        self,
        folder: Path,
        loader: SnapshotLoader,
        good: GoodStore,
        clock: Clock,
        *,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._folder = folder
        self._loader = loader
        self._store = good
        self._clock = clock
        self._wait = wait
        self._lock = threading.Lock()
        self._hold = Hold(clock)
        self._git = GitProbe(folder, clock)
        self._listeners: list[Listener] = []
        self._watch = WatchStatus()
        self._in_force: _InForce | None = None
        self._record = _Record(last_attempt=clock.now(), last_success=clock.now())

    @property
    def current(self) -> Snapshot:
        """The snapshot in force; only after `start`."""
        return self._running.snapshot

    @property
    def held(self) -> HeldChange | None:
        """The change that waits, None when there is none."""
        return self._hold.change

    def is_current(self, tree: Tree) -> bool:
        """Whether there is nothing to do about a tree."""
        running = self._running
        return (tree.digest, tree.devices) == (running.tree_digest, running.devices) and self.held is None

    def add_listener(self, listener: Listener) -> None:
        """Call `listener(before, after, result)` after each reload but an unchanged one, in its thread."""
        self._listeners.append(listener)

    def report_watch(self, status: WatchStatus) -> None:
        """Take over what the watcher says about itself."""
        self._watch = status

    def start(self, *, no_last_good: bool = False) -> Snapshot:
        """Load the configuration for the first time; a broken command file gets its last good version of before.

        Raises:
            NothingFound: the config folder does not exist.
            ConfigError: settings.yaml is invalid.
        """
        with self._lock:
            tree = read_tree(self._folder)
            documents, warnings = ({}, ()) if no_last_good else self._load_good()
            effective = make_effective(self._loader, tree, restore_good(documents), None)
            snapshot = effective.snapshot
            if SETTINGS_FILE in effective.broken:
                raise ConfigError(sentences.describe_errors(snapshot.errors), snapshot.findings)
            good = keep_times(effective.good, snapshot, documents)
            doubt = find_doubt(tree, good, tree.devices, is_git_locked=False)
            self._in_force = self._next(replace(effective, good=good), snapshot.settings)
            warnings += () if self._hold.weigh(doubt) else self._store_good(self._in_force)
            now = self._clock.now()
            self._record = _Record(last_attempt=now, last_success=now, warnings=warnings)
            sentences.log_start(snapshot, doubt)
            return snapshot

    def reload(self, reason: str) -> ReloadResult:
        """Read the config folder now and apply what is in it; waits for a half-written file and for git."""
        with self._lock:
            running = self._running
            try:
                tree, warnings = read_stable_tree(
                    self._folder,
                    running.snapshot.referenced_files,
                    clock=self._clock,
                    wait=self._wait,
                    in_force=running.tree_digest,
                )
            except NothingFound as error:
                return self._lose(running, error, reason)
            return self._apply(running, tree, reason, warnings)

    def apply(self, tree: Tree, reason: str, warnings: tuple[str, ...] = ()) -> ReloadResult:
        """Apply a tree that is known to be complete."""
        with self._lock:
            return self._apply(self._running, tree, reason, warnings)

    def report_lost(self, error: NothingFound, reason: str) -> ReloadResult:
        """Keep everything in force because the config folder is gone or cannot be listed."""
        with self._lock:
            return self._lose(self._running, error, reason)

    def status(self) -> ConfigStatus:
        """Return the state of the configuration; asks git, at most every few seconds."""
        running, record, watch = self._running, self._record, self._watch
        return ConfigStatus(
            generation=running.snapshot.generation,
            content_hash=running.tree_digest,
            loaded_at=running.snapshot.loaded_at,
            last_attempt=record.last_attempt,
            last_success=record.last_success,
            files=describe_files(running.snapshot.file_digests, running.good, running.broken_since),
            pending_restart=_pending_restart(running),
            watch=watch,
            held=self.held,
            warnings=(*record.warnings, *watch.warnings),
            git_probe=self._git,
        )

    @property
    def _running(self) -> _InForce:
        if self._in_force is None:
            raise CmdarrError("The configuration was not loaded yet.")
        return self._in_force

    def _apply(self, running: _InForce, tree: Tree, reason: str, warnings: tuple[str, ...]) -> ReloadResult:
        is_known, before = tree.digest == running.tree_digest, self.held
        if self._hold.weigh(self._find_doubt(running, tree, is_known=is_known)):
            return self._keep(running, before, reason)
        if is_known:
            return self._settle(running, tree, before, reason)
        return self._exchange(running, tree, reason, warnings)

    def _lose(self, running: _InForce, error: NothingFound, reason: str) -> ReloadResult:
        before = self.held
        self._hold.weigh(doubt_lost_folder(str(error)))
        return self._keep(running, before, reason)

    def _find_doubt(self, running: _InForce, tree: Tree, *, is_known: bool) -> Doubt | None:
        is_locked = is_git_locked(self._folder)
        doubt = find_doubt(tree, running.good, running.devices, is_git_locked=is_locked)
        return None if doubt and doubt.kind == "device" and is_known else doubt

    def _keep(self, running: _InForce, before: HeldChange | None, reason: str) -> ReloadResult:
        """Keep what is in force, and announce why unless that was done already."""
        held = self.held
        self._record = replace(self._record, last_attempt=self._clock.now())
        result = _result(running, ReloadOutcome.HELD, reason, held=held)
        if held and (before is None or (before.kind, before.reason) != (held.kind, held.reason)):
            self._tell(running.snapshot, running.snapshot, result)
        return result

    def _settle(self, running: _InForce, tree: Tree, before: HeldChange | None, reason: str) -> ReloadResult:
        """Take note that the files are those in force."""
        if before is not None:
            logger.info("The files are back; the configuration stays as it was.")
        self._in_force = replace(running, devices=tree.devices)
        now, is_valid = self._clock.now(), not running.snapshot.errors
        success = now if is_valid else self._record.last_success
        self._record = replace(self._record, last_attempt=now, last_success=success)
        return _result(running, ReloadOutcome.UNCHANGED, reason)

    def _exchange(
        self, running: _InForce, tree: Tree, reason: str, warnings: tuple[str, ...]
    ) -> ReloadResult:
        started, now = self._clock.monotonic(), self._clock.now()
        self._record = replace(self._record, last_attempt=now, warnings=(_FAILED,))
        effective = make_effective(self._loader, tree, running.good, running.snapshot)
        after = self._next(effective, running.started_with, running.broken_since)
        changes = find_changes(running.snapshot, after.snapshot)
        outcome = _outcome(running.snapshot, after.snapshot, changes)
        result = _result(after, outcome, reason, changes=changes, warnings=warnings)
        self._in_force = after
        result = replace(result, duration_ms=(self._clock.monotonic() - started) * 1000)
        success = self._record.last_success if result.errors else now
        self._record = _Record(last_attempt=now, last_success=success, warnings=warnings)
        self._tell(running.snapshot, after.snapshot, result)
        return self._keep_for_next_start(after, result) if outcome is ReloadOutcome.APPLIED else result

    def _keep_for_next_start(self, after: _InForce, result: ReloadResult) -> ReloadResult:
        """Store what is in force, after everyone was told: a store that fails must not keep them from knowing."""
        warnings = (*result.warnings, *self._store_good(after))
        self._record = replace(self._record, warnings=warnings)
        return replace(result, warnings=warnings)

    def _next(
        self,
        effective: Effective,
        started_with: Settings,
        broken_since: Mapping[str, datetime] | None = None,
    ) -> _InForce:
        now = self._clock.now()
        return _InForce(
            snapshot=effective.snapshot,
            good=effective.good,
            broken_since={file: (broken_since or {}).get(file, now) for file in sorted(effective.broken)},
            tree_digest=effective.tree.digest,
            devices=effective.tree.devices,
            started_with=started_with,
        )

    def _load_good(self) -> tuple[Mapping[str, GoodDocument], tuple[str, ...]]:
        try:
            return self._store.load_good(), ()
        except (StorageError, OSError) as error:
            warning = f"The last good configuration could not be read: {error}"
            logger.warning("%s", warning)
            return {}, (warning,)

    def _store_good(self, in_force: _InForce) -> tuple[str, ...]:
        """Keep what is in force for the next start; a failure is a warning, since nothing that runs depends on it."""
        snapshot = in_force.snapshot
        try:
            self._store.replace_good(snapshot.generation, good_documents(snapshot, in_force.good))
        except (StorageError, OSError) as error:
            warning = f"The last good configuration could not be kept for the next start: {error}"
            logger.warning("%s", warning)
            return (warning,)
        return ()

    def _tell(self, before: Snapshot, after: Snapshot, result: ReloadResult) -> None:
        sentences.log_result(before, after, result)
        for listener in tuple(self._listeners):
            try:
                listener(before, after, result)
            except Exception:  # the swap is done, and one listener must not keep it from the others
                logger.exception("A listener failed after a reload; the new configuration is in force.")


def _result(
    in_force: _InForce,
    outcome: ReloadOutcome,
    reason: str,
    *,
    changes: Changes = NO_CHANGES,
    held: HeldChange | None = None,
    warnings: tuple[str, ...] = (),
) -> ReloadResult:
    return ReloadResult(
        outcome=outcome,
        reason=reason,
        generation=in_force.snapshot.generation,
        changes=changes,
        findings=in_force.snapshot.findings,
        pending_restart=_pending_restart(in_force),
        held=held,
        warnings=warnings,
    )


def _pending_restart(in_force: _InForce) -> tuple[str, ...]:
    return restart_only_changes(in_force.started_with, in_force.snapshot.settings)


def _outcome(before: Snapshot, after: Snapshot, changes: Changes) -> ReloadOutcome:
    """Whether something else is in force, or the files on disk are valid again; else they were rejected."""
    is_same = after.generation == before.generation and changes == NO_CHANGES
    return ReloadOutcome.REJECTED if is_same and after.errors else ReloadOutcome.APPLIED
