"""Reset all: both databases empty, after a backup of the one that cannot be made again. YAML is never touched."""

from pathlib import Path

from cmdarr.models.clock import Clock
from cmdarr.storage.archive import DATABASE
from cmdarr.storage.cache_store import CacheStore
from cmdarr.storage.config_store import ConfigStore

_CACHE = "cache.db"
_ANY_SIZE = 2**40


def reset_all(data_dir: Path, *, clock: Clock) -> Path | None:
    """Back config.db up, empty it, then empty the cache; return the backup, None when there was no config.db.

    After a crash at any point it may be called again: the backup stands before anything is lost, and each database
    is emptied in one step.

    Raises:
        StorageError: config.db could not be backed up or emptied; then nothing of it was lost.
    """
    saved = None
    if (data_dir / DATABASE).exists():
        with ConfigStore.open(data_dir / DATABASE, backups=data_dir / "backups", clock=clock) as store:
            saved = store.keep_backup("reset")
            store.empty()
    if (data_dir / _CACHE).exists():
        with CacheStore.open(data_dir / _CACHE, clock=clock, max_bytes=_ANY_SIZE) as cache:
            cache.reset()
    return saved
