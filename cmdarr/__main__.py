"""Entry point of `python -m cmdarr` and of the `cmdarr` script."""

import gc
import sys

GARBAGE_THRESHOLD = 200_000
"""So many new objects are looked through for garbage at once. What a start makes are functions and classes, which
stay: looking at every 700, as Python does by itself, finds nothing and takes a tenth of the start."""


def main() -> None:
    """Run the command line and leave with its exit code."""
    gc.set_threshold(GARBAGE_THRESHOLD)
    from cmdarr.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
