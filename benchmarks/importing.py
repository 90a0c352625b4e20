"""Importing a legacy install with a history of a million executions: CPU seconds, and the most memory that it took."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import Figure

ONLY_BY_NAME = True
"""It takes a minute, and half a gigabyte of disk."""
ROWS = 1_000_000
_USED = (
    "import resource; used = resource.getrusage(resource.RUSAGE_SELF); "
    "print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=sys.stderr)"
)


def figures() -> Iterator[Figure]:
    """Yield seconds and peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        seconds, megabytes = measure(ROWS, Path(folder))
    yield Figure(f"CPU time of an import of {ROWS:,} executions", seconds, 60, "s")
    yield Figure("memory that it took at most", megabytes, 100, "MB")


def measure(rows: int, folder: Path) -> tuple[float, float]:
    """Import a history of so many rows in a process of its own; return CPU seconds and peak megabytes."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from fakes_legacy import a_whole_life, many_executions

    path = a_whole_life().write(folder / "legacy")
    many_executions(path, rows)
    call = ["--config-dir", str(folder / "config"), "--data-dir", str(folder / "data"), "import", str(path)]
    code = f"import sys; from cmdarr.cli.main import run_verb; code = run_verb({call!r}); {_USED}; sys.exit(code)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    *_, seconds, kilobytes = done.stderr.split()
    return float(seconds), int(kilobytes) / 1024
