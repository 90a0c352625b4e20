"""Reading a library of 100,000 into the index: the first time, unchanged, with a few changes; time and memory."""

from collections.abc import Iterator

from benchmarks import Figure
from benchmarks.matching import Bench, bench

TRACKS = 100_000


def figures() -> Iterator[Figure]:
    """Measure and yield every figure of this module."""
    with bench(TRACKS) as library:
        yield from refresh_figures(library)


def refresh_figures(library: Bench) -> Iterator[Figure]:
    """Yield what reading the library costs; the goals of time grow with its size."""
    what, times, size = f"{library.count:,} tracks", library.count / TRACKS, library.run("refresh")
    yield Figure(f"read, key and store {what}", size["first_s"], 1.5 * times, "s")
    yield Figure(f"memory added by that, {what}", size["first_mb"], 40, "MB")
    yield Figure(f"read {what} again, unchanged", size["same_s"], 0.4 * times, "s")
    yield Figure(f"read {what} again, 3 in 1,000 changed", size["little_s"], 0.4 * times, "s")
    yield Figure(f"memory added by all of that, {what}", size["all_mb"], 60, "MB")
