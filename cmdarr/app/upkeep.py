"""Upkeep of the two folders: backup, restore, reset."""

from pathlib import Path

from cmdarr import __version__
from cmdarr.app.program import App
from cmdarr.errors import NothingFound
from cmdarr.storage.backup import Manifest, restore_backup, write_backup
from cmdarr.storage.lock import FolderLock
from cmdarr.storage.reset import reset_all


def backup(app: App, file: Path, *, with_secrets: bool) -> Manifest:
    """Write the config folder and config.db into one archive, while runs go on.

    Without secrets, secrets.yaml and every file that a reference names are left out.
    """
    return write_backup(
        file,
        config_dir=app.config_dir,
        data_dir=app.data_dir,
        with_secrets=with_secrets,
        version=__version__,
        clock=app.clock,
        secret_files=_secret_files(app),
    )


def _secret_files(app: App) -> frozenset[Path]:
    """Return the files that `${file:…}` references name: each holds a secret."""
    try:
        named = app.read_configuration().referenced_files
    except NothingFound:
        return frozenset()
    return frozenset(path.resolve() for path in named)


def restore(app: App, file: Path) -> Path | None:
    """Put an archive back; return where what it replaced is kept."""
    app.make_data_dir()
    app.close()
    return restore_backup(file, config_dir=app.config_dir, data_dir=app.data_dir, clock=app.clock)


def reset(app: App) -> Path | None:
    """Empty both databases; return the backup of config.db that was made first.

    Raises:
        FolderInUse: a daemon runs here; nothing was changed.
    """
    app.make_data_dir()
    app.close()
    with FolderLock(app.data_dir):
        return reset_all(app.data_dir, clock=app.clock)


def reset_cache_source(app: App, source: str) -> None:
    """Forget the answers and the library index of one service, whether or not it is still configured.

    Raises:
        NothingFound: the cache has never heard of it and settings.yaml neither.
    """
    known = {entry.name for entry in app.cache.stats().sources}
    known |= {library.server for library in app.cache.stats().libraries}
    if source not in known and source not in app.read_configuration().settings.services:
        listed = ", ".join(sorted(known)) or "nothing"
        raise NothingFound(f"the cache holds nothing of '{source}': it holds {listed}.")
    app.cache.answers.purge(source)
    app.cache.library.drop_server(source)
