"""What is measured in a process of its own, with memory of its own: `python -m benchmarks.own_process WHAT FOLDER`.

The folder holds `pages.jsonl`, a page of tracks a line, and `wishes.json`; cache.db is made beside them. The figures
come out as JSON. Times are CPU times, with garbage collected as rarely as in the program itself.
"""

import gc
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from cmdarr.__main__ import GARBAGE_THRESHOLD
from cmdarr.library.decision_memo import DecisionMemo
from cmdarr.library.look_up import IndexLookUp, decide_all
from cmdarr.library.refresh import refresh_library
from cmdarr.library.resolve import resolve_tracks
from cmdarr.models.cancel import CancelToken
from cmdarr.models.clock import SystemClock
from cmdarr.models.track import LibraryTrack, WantedTrack
from cmdarr.storage.cache_store import CacheStore

SERVER, SECTION = "bench", "Music"
ROUNDS = 7


class PagedServer:
    """As much of a server as a refresh needs: it answers at once, with pages of JSON."""

    name = SERVER

    def __init__(self, pages: Path) -> None:
        self._pages = pages

    def list_sections(self, cancel: CancelToken) -> Sequence[str]:
        """Return the only section."""
        del cancel
        return (SECTION,)

    def count_tracks(self, section: str, cancel: CancelToken) -> int | None:
        """Announce nothing."""
        del section, cancel
        return None

    def fetch_tracks(self, section: str, cancel: CancelToken) -> Iterator[Sequence[LibraryTrack]]:
        """Yield the pages, read and parsed one by one."""
        del section, cancel
        decode = msgspec.json.Decoder(list[LibraryTrack]).decode
        with self._pages.open("rb") as file:
            for line in file:
                yield decode(line)


class NoProgress:
    """Counts nothing."""

    def step(self, text: str, total: int | None = None) -> None:
        """Ignore the step."""

    def advance(self, count: int = 1) -> None:
        """Ignore the count."""


def refresh(folder: Path) -> dict[str, Any]:
    """Read the library for the first time, again unchanged, and again with a few changes."""
    with open_cache(folder) as cache:
        before = peak_mb()
        figures: dict[str, Any] = {"first_s": timed(lambda: read_library(cache, folder / "pages.jsonl"))}
        figures["first_mb"] = peak_mb() - before
        figures["same_s"] = timed(lambda: read_library(cache, folder / "pages.jsonl"))
        figures["little_s"] = timed(lambda: read_library(cache, folder / "little.jsonl"))
        read_library(cache, folder / "pages.jsonl")
        figures["all_mb"] = peak_mb() - before
    return figures


def match(folder: Path) -> dict[str, Any]:
    """Match the wishes, again and again; say what was decided and what it cost."""
    wanted = load_wishes(folder)
    with open_cache(folder) as cache:
        look_up = IndexLookUp(cache.library, SERVER, [SECTION])
        load_code()
        decide_all(look_up, wanted[:1], ())
        before = peak_mb()
        cold_s = timed(lambda: decide_all(look_up, wanted, ()))
        decisions = decide_all(look_up, wanted, ())
        warm_s = statistics.median(timed(lambda: decide_all(look_up, wanted, ())) for _ in range(ROUNDS))
        added = peak_mb() - before
        memo_s = _timed_memo(cache, folder, wanted)
    return {
        "matches": [one.match.server_id if one.match else "" for one in decisions],
        "cold_s": cold_s,
        "warm_s": warm_s,
        "memo_s": memo_s,
        "added_mb": added,
    }


def load_code() -> None:
    """Import what matching imports when it first needs it: code is no memory that grows with a library."""
    import rapidfuzz.distance  # noqa: F401 - only its import counts
    from anyascii import anyascii

    for letter in "夜愛ночьνשλ사랑":
        anyascii(letter)


def once(folder: Path) -> dict[str, Any]:
    """Match the wishes once, as a process that was started for it."""
    with open_cache(folder) as cache:
        found = decide_all(IndexLookUp(cache.library, SERVER, [SECTION]), load_wishes(folder), ())
    return {"matched": sum(one.match is not None for one in found)}


def _timed_memo(cache: CacheStore, folder: Path, wanted: Sequence[WantedTrack]) -> float:
    memo = DecisionMemo()

    def resolve() -> None:
        resolve_tracks(
            wanted,
            PagedServer(folder / "pages.jsonl"),  # type: ignore[arg-type]  # only what a refresh needs
            cache.library,
            (),
            ttl=timedelta(days=1),
            clock=SystemClock(),
            cancel=CancelToken(),
            progress=NoProgress(),
            memo=memo,
        )

    resolve()
    return statistics.median(timed(resolve) for _ in range(ROUNDS))


def read_library(cache: CacheStore, pages: Path) -> None:
    """Refresh the index from a file of pages."""
    refresh_library(
        PagedServer(pages),  # type: ignore[arg-type]  # only what a refresh needs
        cache.library,
        clock=SystemClock(),
        cancel=CancelToken(),
        progress=NoProgress(),
    )


def open_cache(folder: Path) -> CacheStore:
    """Open cache.db in the folder."""
    return CacheStore.open(folder / "cache.db", clock=SystemClock(), max_bytes=1 << 34)


def load_wishes(folder: Path) -> list[WantedTrack]:
    """Return the wanted tracks in the folder."""
    return msgspec.json.decode((folder / "wishes.json").read_bytes(), type=list[WantedTrack])


def timed(work: Callable[[], object]) -> float:
    """Return the CPU seconds of some work."""
    started = time.process_time()
    work()
    return time.process_time() - started


def peak_mb() -> float:
    """Return the most memory that this process has held so far."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1]) / 1024


if __name__ == "__main__":
    gc.set_threshold(GARBAGE_THRESHOLD)
    said = {"refresh": refresh, "match": match, "once": once}[sys.argv[1]](Path(sys.argv[2]))
    sys.stdout.buffer.write(msgspec.json.encode(said))
