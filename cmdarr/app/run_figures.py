"""Figures of runs and reloads since the start of the daemon: plain numbers, counted as things happen."""

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cmdarr.app.run_verdict import Verdict, verdict_of
from cmdarr.config.reload import ReloadResult
from cmdarr.models.execution import Execution, Status

DURATION_BOUNDS_S = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0)
DELAY_BOUNDS_S = (0.1, 0.5, 1.0, 5.0, 30.0, 60.0, 300.0, 3600.0)


@dataclass
class Distribution:
    """How many values fell below each bound; the last count is of those above all."""

    bounds: tuple[float, ...]
    counts: list[int] = field(default_factory=list)
    total: float = 0.0

    def __post_init__(self) -> None:
        self.counts = self.counts or [0] * (len(self.bounds) + 1)

    def add(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def copy(self) -> "Distribution":
        """Return what was counted so far."""
        return Distribution(self.bounds, list(self.counts), self.total)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaylistFigures:
    """How well one playlist of a command matched when it was last computed; `user` is empty for the usual one."""

    server: str
    user: str
    title: str
    matched: int
    wanted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandFigures:
    """How a command ran last, as far as it really worked or failed."""

    kind: str
    verdict: Verdict
    is_held: bool
    finished_at: datetime | None
    playlists: tuple[PlaylistFigures, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All figures at one moment."""

    runs: Mapping[tuple[str, str, str], int]
    """By command, kind and status; dry runs are not counted."""
    durations: Mapping[str, Distribution]
    """Seconds from start to end, by kind."""
    delays: Distribution
    """Seconds from the due time of a scheduled run until it was queued."""
    commands: Mapping[str, CommandFigures]
    reloads: Mapping[str, int]
    """By outcome."""
    reload_s: Distribution


class RunFigures:
    """Listens to runs and reloads. Safe to share by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: Counter[tuple[str, str, str]] = Counter()
        self._durations: dict[str, Distribution] = {}
        self._delays = Distribution(DELAY_BOUNDS_S)
        self._commands: dict[str, CommandFigures] = {}
        self._asked: set[str] = set()
        """The commands whose runs before the start were looked up."""
        self._reloads: Counter[str] = Counter()
        self._reload_s = Distribution(())

    def run_queued(self, execution: Execution) -> None:
        """Count how late the schedule was."""
        if execution.due_at is not None:
            with self._lock:
                self._delays.add(max(0.0, (execution.queued_at - execution.due_at).total_seconds()))

    def run_started(self, execution: Execution) -> None:
        """Count nothing: a run counts when it ends."""

    def progress(self, execution: Execution, step: str, done: int, total: int | None) -> None:
        """Count nothing."""

    def run_finished(self, execution: Execution) -> None:
        """Count the run and keep how it ended."""
        if execution.dry_run:
            return
        found = figures_of(execution)
        with self._lock:
            self._runs[execution.command, execution.kind, execution.status.value] += 1
            if execution.duration_s is not None:
                known = self._durations.setdefault(execution.kind, Distribution(DURATION_BOUNDS_S))
                known.add(max(0.0, execution.duration_s))
            if found is not None:
                self._commands[execution.command] = found

    def reload_followed(self, result: ReloadResult) -> None:
        """Count a reload."""
        with self._lock:
            self._reloads[result.outcome.value] += 1
            self._reload_s.add(result.duration_ms / 1000)

    def unknown(self, commands: Iterable[str]) -> list[str]:
        """Return the commands that have not run since the start and were not looked up yet."""
        with self._lock:
            return [name for name in commands if name not in self._commands and name not in self._asked]

    def remember(self, commands: Iterable[str], ended: Iterable[Execution]) -> None:
        """Take over how commands ended before the start, as it was looked up; what ran since counts more."""
        with self._lock:
            self._asked.update(commands)
            for execution in ended:
                found = figures_of(execution)
                if found is not None:
                    self._commands.setdefault(execution.command, found)

    def read(self, commands: Iterable[str]) -> Figures:
        """Return all figures; what is of no command in force any more is dropped."""
        present = set(commands)
        with self._lock:
            for key in [key for key in self._runs if key[0] not in present]:
                del self._runs[key]
            for name in self._commands.keys() - present:
                del self._commands[name]
            return Figures(
                runs=dict(self._runs),
                durations={kind: known.copy() for kind, known in self._durations.items()},
                delays=self._delays.copy(),
                commands=dict(self._commands),
                reloads=dict(self._reloads),
                reload_s=self._reload_s.copy(),
            )


def figures_of(execution: Execution) -> CommandFigures | None:
    """Return what a run says about its command, None for one that neither worked nor failed."""
    verdict = verdict_of(execution)
    if verdict is None or execution.dry_run:
        return None
    return CommandFigures(
        kind=execution.kind,
        verdict=verdict,
        is_held=execution.status is Status.HELD,
        finished_at=execution.finished_at,
        playlists=tuple(_playlists(execution)),
    )


def _playlists(execution: Execution) -> Iterable[PlaylistFigures]:
    targets = execution.result.get("targets")
    for target in targets if isinstance(targets, list | tuple) else ():
        matched, unmatched = target.get("matched"), target.get("unmatched")
        if isinstance(matched, int) and isinstance(unmatched, list | tuple) and (matched or unmatched):
            yield PlaylistFigures(
                server=str(target.get("server") or ""),
                user=str(target.get("user") or ""),
                title=str(target.get("title") or ""),
                matched=matched,
                wanted=matched + len(unmatched),
            )
