"""Reloading: from a settled change to the swap, from a save to the swap, and what watching costs meanwhile."""

import statistics
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks import Figure
from cmdarr.config.catalog import Catalog
from cmdarr.config.command import CommandOptions
from cmdarr.config.load import Loader
from cmdarr.config.reload import Reloader
from cmdarr.config.tree import TreeScanner
from cmdarr.config.watch.loop import SCAN_INTERVAL_S
from cmdarr.config.watch.watcher import Watcher
from cmdarr.models.clock import SystemClock
from cmdarr.models.generation import GoodDocument

CATALOG = Catalog(kinds={"refresh": CommandOptions}, services={})
ROUNDS = 9
SAVES = 20
GOAL_MS = {200: 5.0, 2000: 15.0}
GOAL_SAVE_S = 0.5
GOAL_IDLE_PERCENT = 0.2


class LaterClock(SystemClock):
    """The real clock, an hour ahead, so that files that were just made count as old."""

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(hours=1)


class NoStore:
    """Keeps no good documents: the database is measured elsewhere."""

    def load_good(self) -> Mapping[str, GoodDocument]:
        return {}

    def replace_good(self, generation: str, documents: Sequence[GoodDocument]) -> None:
        del generation, documents


def write_folder(root: Path, count: int) -> Path:
    folder = root / "config"
    (folder / "commands").mkdir(parents=True)
    (folder / "settings.yaml").write_text("log: {level: info}\n", encoding="utf-8")
    for index in range(count):
        save(folder, index, "first")
    return folder


def save(folder: Path, index: int, text: str) -> None:
    content = f"kind: refresh\ndescription: {text} {index}\nschedule: '0 */6 * * *'\ntime_limit: 30m\nenabled: true\n"
    (folder / f"commands/c{index}.yaml").write_text(content, encoding="utf-8")


def started_reloader(folder: Path) -> Reloader:
    clock = LaterClock()
    reloader = Reloader(folder, Loader(CATALOG, environ={}, clock=clock), NoStore(), clock)
    reloader.start()
    return reloader


def reload_ms(folder: Path, count: int) -> float:
    """Return the median time of one scan and the reload that it leads to, one file changed."""
    reloader, scanner, times = started_reloader(folder), TreeScanner(folder, clock=LaterClock()), []
    scanner.scan()
    for round_ in range(ROUNDS):
        save(folder, round_ % count, f"round {round_}")
        started = time.perf_counter()
        tree = scanner.scan()
        scanned_ms = (time.perf_counter() - started) * 1000
        times.append(scanned_ms + reloader.apply(tree, "files changed").duration_ms)  # up to the swap
    return statistics.median(times)


def idle_percent(folder: Path) -> float:
    """Return the share of one processor that the scans of an unchanged folder take."""
    scanner, times = TreeScanner(folder, clock=LaterClock()), []
    scanner.scan()
    for _ in range(ROUNDS):
        started = time.thread_time()
        scanner.scan()
        times.append(time.thread_time() - started)
    return statistics.median(times) / SCAN_INTERVAL_S * 100


def save_to_swap_s(folder: Path) -> float:
    """Return the 95th percentile of the time from the end of a save to the swap, with the system's events."""
    reloader, applied = started_reloader(folder), threading.Event()
    reloader.add_listener(lambda *_: applied.set())
    watcher, times = Watcher(folder, reloader), []
    watcher.start()
    time.sleep(1)
    try:
        for index in range(SAVES):
            applied.clear()
            save(folder, index, "saved")
            started = time.perf_counter()
            if not applied.wait(10):
                raise TimeoutError("A save was not applied.")
            times.append(time.perf_counter() - started)
    finally:
        watcher.stop()
    return sorted(times)[int(0.95 * len(times)) - 1]


def figures() -> list[Figure]:
    found = []
    for count, goal in GOAL_MS.items():
        with tempfile.TemporaryDirectory() as root:
            folder = write_folder(Path(root), count)
            name = f"scan, load and swap: 1 of {count:,} files changed"
            found.append(Figure(name, reload_ms(folder, count), goal, "ms"))
            if count == 2000:
                name = "scanning 2,000 unchanged files every 5 s"
                found.append(Figure(name, idle_percent(folder), GOAL_IDLE_PERCENT, "% CPU"))
    with tempfile.TemporaryDirectory() as root:
        folder = write_folder(Path(root), 200)
        found.append(Figure("save to swap, p95 of 20", save_to_swap_s(folder), GOAL_SAVE_S, "s"))
    return found
