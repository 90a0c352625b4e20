"""Importing a legacy install with a history of a million executions: seconds, and the most memory that it took."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import Figure

ONLY_BY_NAME = True
"""It takes a minute, and half a gigabyte of disk."""
ROWS = 1_000_000
_PEAK = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"


def figures() -> Iterator[Figure]:
    """Yield seconds and peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        seconds, megabytes = measure(ROWS, Path(folder))
    yield Figure(f"import of {ROWS:,} executions", seconds, "s", 60)
    yield Figure("memory that it took at most", megabytes, "MB", 100)


def measure(rows: int, folder: Path) -> tuple[float, float]:
    """Import a history of so many rows in a process of its own; return seconds and peak megabytes."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from fakes_legacy import a_whole_life, many_executions

    path = a_whole_life().write(folder / "legacy")
    many_executions(path, rows)
    call = ["--config-dir", str(folder / "config"), "--data-dir", str(folder / "data"), "import", str(path)]
    code = f"import sys; from cmdarr.cli.main import run_verb; code = run_verb({call!r}); {_PEAK}; sys.exit(code)"
    begin = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    seconds = time.monotonic() - begin
    assert done.returncode == 0, done.stderr
    return seconds, int(done.stderr.split()[-1]) / 1024
