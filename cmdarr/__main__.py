"""Entry point of `python -m cmdarr` and of the `cmdarr` script."""

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from cmdarr.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
