"""The command line: one verb a file, imported only when it is called."""

from collections.abc import Sequence


def run(arguments: Sequence[str]) -> int:
    """Run one verb and return the process exit code; every error ends here as one sentence on stderr."""
    from cmdarr.cli.main import run_verb

    return run_verb(arguments)
