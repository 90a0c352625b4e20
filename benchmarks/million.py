"""The figures of matching and refresh with 1,000,000 tracks: some minutes, only when asked for by name."""

from collections.abc import Iterator

from benchmarks import Figure
from benchmarks.matching import bench, match_figures
from benchmarks.refresh import refresh_figures

ONLY_BY_NAME = True
TRACKS = 1_000_000


def figures() -> Iterator[Figure]:
    """Measure and yield every figure of this module."""
    with bench(TRACKS) as library:
        yield from refresh_figures(library)
        yield from match_figures(library)
