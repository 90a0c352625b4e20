"""The watcher's loop as single steps: events wake up, the scan decides, what is settled is applied."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cmdarr.config.reload import Reloader
from cmdarr.config.tree import Tree, TreeScanner
from cmdarr.config.watch.git import GIT_LOCK_WAIT_S, GIT_LOCK_WARNING, is_git_locked
from cmdarr.config.watch.mounts import describe_mounts, parse_mountinfo, read_mountinfo
from cmdarr.config.watch.observation import Observation
from cmdarr.config.watch.settling import Settling
from cmdarr.config.watch.status import WatchStatus
from cmdarr.config.watch.wakeup import WakeUp
from cmdarr.errors import NothingFound
from cmdarr.models.clock import Clock

logger = logging.getLogger(__name__)

SCAN_INTERVAL_S = 5.0
"""So often the folder is scanned without an event."""
CHECK_INTERVAL_S = 1.0
"""So often the observer is supervised."""
_LOCK_POLL_S = 0.1
_REASON = "files changed"


class WatchLoop:
    """Does what is due and says when something is due next. For one thread, which never waits in here."""

    def __init__(
        self,
        folder: Path,
        reloader: Reloader,
        observation: Observation,
        wake: WakeUp,
        clock: Clock,
        *,
        mountinfo: Callable[[], str] = read_mountinfo,
        restarts: int = 0,
    ) -> None:
        self._folder = folder
        self._reloader = reloader
        self._observation = observation
        self._wake = wake
        self._clock = clock
        self._mountinfo = mountinfo
        self._scanner = TreeScanner(folder, clock=clock)
        self._settling = Settling()
        self._seen: Tree | None = None
        self._is_announced = True  # what changed between the start and the first scan needed no event
        self._locked_since: float | None = None
        self._next_check = self._next_scan = float("-inf")
        self.status = WatchStatus(restarts=restarts)

    def tick(self) -> float:
        """Do what is due now; return after how many seconds to call again, unless woken before."""
        now = self._clock.monotonic()
        if self._wake.take():
            self._settling.note_event(now, is_open=self._wake.has_open_file)
            self._is_announced = True
        if now >= self._next_check:
            self._supervise(now)
        if self._settling.is_pending:
            self._settle(now)
        elif now >= self._next_scan:
            self._reconcile(now)
        return max(0.0, self._next_due() - self._clock.monotonic())

    def postpone(self) -> None:
        """Begin anew at the next scan, after something failed."""
        self._settling.cancel()
        self._next_scan = self._clock.monotonic() + SCAN_INTERVAL_S

    def stop(self) -> None:
        """End the observation."""
        self._observation.stop()

    def _next_due(self) -> float:
        if not self._settling.is_pending:
            return min(self._next_check, self._next_scan)
        if self._is_waiting_for_git(self._clock.monotonic()):
            return self._clock.monotonic() + _LOCK_POLL_S
        return min(self._next_check, self._settling.next_read_at())

    def _supervise(self, now: float) -> None:
        self._next_check = now + CHECK_INTERVAL_S
        is_anew = self._observation.supervise()
        if is_anew:
            self._look_at_mounts()
        if is_anew and self._seen is not None:
            self._settling.note_event(now)  # what happened in between was announced to nobody
            self._is_announced = True
        self._report(events_arrive=is_anew or self.status.events_arrive)

    def _report(self, *, events_arrive: bool) -> None:
        observation = self._observation
        self.status = replace(
            self.status,
            mode="inotify" if observation.is_observing else "polling",
            is_running=True,
            reason=observation.reason,
            events_arrive=events_arrive or not observation.is_observing,
            rebuilt=observation.rebuilt,
        )
        self._reloader.report_watch(self.status)

    def _look_at_mounts(self) -> None:
        """Look at what the config folder lies on, and warn of what will not work there."""
        folder, names = self._folder.absolute(), self._reloader.current.file_digests
        notes = describe_mounts(folder, parse_mountinfo(self._mountinfo()), names)
        for note in notes:
            if note not in self.status.notes:
                logger.warning("%s", note)
        self.status = replace(self.status, notes=notes)

    def _scan(self) -> Tree | None:
        """Return the folder's tree; None when the folder is gone, which is reported."""
        self._next_scan = self._clock.monotonic() + SCAN_INTERVAL_S
        try:
            return self._scanner.scan(self._reloader.current.referenced_files)
        except NothingFound as error:
            self._settling.cancel()
            self._reloader.report_lost(error, _REASON)
            return None

    def _reconcile(self, now: float) -> None:
        tree = self._scan()
        if tree is None:
            return
        if not self._reloader.is_current(tree):
            self._settling.note_found(now, tree)
        elif self._seen is None:
            self._seen, self._is_announced = tree, False

    def _settle(self, now: float) -> None:
        """Read when a read is due, and apply when two reads agree; not while git is writing."""
        if now < self._settling.next_read_at() or self._must_wait_for_git(now):
            return
        tree = self._scan()
        if tree is None or not self._settling.offer(now, tree):
            return
        self._judge_announcement(tree)
        warnings = (GIT_LOCK_WARNING,) if self._locked_since is not None else ()
        self._locked_since = None
        if not self._reloader.is_current(tree):
            self._reloader.apply(tree, _REASON, warnings)

    def _must_wait_for_git(self, now: float) -> bool:
        if is_git_locked(self._folder):
            self._locked_since = now if self._locked_since is None else self._locked_since
        elif self._locked_since is not None:
            self._locked_since = None
            self._settling.note_event(now)  # the last file was written just before
        return self._is_waiting_for_git(now)

    def _is_waiting_for_git(self, now: float) -> bool:
        return self._locked_since is not None and now - self._locked_since < GIT_LOCK_WAIT_S

    def _judge_announcement(self, tree: Tree) -> None:
        """Find out whether events arrive: one should have announced the change of a file."""
        if self._seen is not None and _changed_files(self._seen, tree):
            if not self._is_announced and self.status.events_arrive and self._observation.is_observing:
                logger.warning("A scan found a change of the config folder that no event had announced.")
            self._report(events_arrive=self._is_announced)
        self._seen, self._is_announced = tree, False


def _changed_files(before: Tree, after: Tree) -> bool:
    """Whether a file came, went or changed; one that could not be read may only have got another mode."""
    unread = {problem.file for problem in (*before.problems, *after.problems)}
    names = (before.files.keys() | after.files.keys()) - unread
    return any(before.files.get(name) != after.files.get(name) for name in names)
