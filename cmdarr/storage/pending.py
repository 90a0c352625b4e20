"""Whether a restore was cut off; apart from the rest, so that a verb can ask without loading a database."""

from pathlib import Path

DECIDED = "restore"
"""The folder in data/ that holds a restore from the moment of decision until all of it is in place."""


def is_restore_pending(data_dir: Path) -> bool:
    """Whether a restore was decided and is not complete: the config folder and config.db may not fit each other."""
    return (data_dir / DECIDED).is_dir()
