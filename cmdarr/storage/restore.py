"""Restores: an archive verified, unpacked beside what it replaces, and put in place whole or not at all.

The moment of decision is one rename: from then on `data/restore` holds everything that is still to be done, and
doing it again does no harm. `finish_restore` completes what a crash has interrupted, or removes what had not been
decided.
"""

import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from cmdarr.errors import StorageError, StoreUnavailable
from cmdarr.models.clock import Clock
from cmdarr.storage.archive import CONFIG, DATABASE, Manifest, unpack
from cmdarr.storage.database import single_value
from cmdarr.storage.database_file import remove_database
from cmdarr.storage.kept_backup import keep_replaced
from cmdarr.storage.lock import FolderLock
from cmdarr.storage.migrations import SCHEMA_NUMBER, schema_number
from cmdarr.storage.pending import DECIDED, is_restore_pending

_DONE = "restore.done"
_PREPARED = "restore.new"
_BACKUPS = "backups"
_REMOVALS = "remove.json"
_SECRETS = ("secrets.yaml", "secrets.yml")
_DIRECT = ("settings.yaml", "settings.yml", "pins.yaml", "pins.yml")


def restore_backup(archive: Path, *, config_dir: Path, data_dir: Path, clock: Clock) -> Path | None:
    """Put an archive back and return where what it replaced is kept, None when there was nothing.

    Command files, settings and pins that the archive does not know are removed, so that the configuration is the
    one of then; other files stay, as do secrets that are not in the archive.

    Raises:
        FolderInUse: a daemon holds the data folder; nothing was changed.
        StorageError: the archive is damaged, or newer than this version; nothing was changed.
        StoreUnavailable: a folder cannot be written.
    """
    with FolderLock(data_dir):
        finish_restore(data_dir=data_dir, config_dir=config_dir)
        prepared = data_dir / _PREPARED
        try:
            prepared.mkdir(mode=0o700)
            manifest = unpack(archive, prepared)
            _check_database(prepared / DATABASE, archive)
            _check_writable(config_dir, manifest)
            kept = keep_replaced(data_dir, _replaced(config_dir, manifest), clock.now())
            _write_removals(prepared, config_dir, manifest)
            _decide(prepared)
        except OSError as error:
            raise StoreUnavailable(
                f"the restore was given up ({error.strerror}): check the free space and the permissions of config and "
                "data; nothing was changed."
            ) from error
        finally:
            shutil.rmtree(prepared, ignore_errors=True)
        finish_restore(data_dir=data_dir, config_dir=config_dir)
    return kept


def finish_restore(*, data_dir: Path, config_dir: Path) -> bool:
    """Complete a restore that was decided, remove what is left of others, and return whether there was one.

    Raises:
        StoreUnavailable: a folder cannot be written; the restore is completed at the next start.
    """
    decided = data_dir / DECIDED
    shutil.rmtree(data_dir / _PREPARED, ignore_errors=True)
    shutil.rmtree(data_dir / _DONE, ignore_errors=True)
    if not is_restore_pending(data_dir):
        return False
    try:
        _place_config(decided, config_dir)
        _place_files(decided / _BACKUPS, data_dir / _BACKUPS)
        if (decided / DATABASE).exists():
            remove_database(data_dir / DATABASE)  # with `-wal`: SQLite would replay it into the restored file
            (decided / DATABASE).replace(data_dir / DATABASE)
        _sync_folder(data_dir)
        decided.rename(data_dir / _DONE)
    except OSError as error:
        raise StoreUnavailable(
            f"the restore or import is not complete ({error.strerror}): make config and data writable, and it goes on "
            "at the next start."
        ) from error
    shutil.rmtree(data_dir / _DONE, ignore_errors=True)
    return True


@contextmanager
def prepared_change(*, config_dir: Path, data_dir: Path) -> Iterator["PreparedChange"]:
    """Lend an empty change of both folders: what is put into it takes effect as a whole, or not at all.

    Raises:
        FolderInUse: a daemon holds the data folder; nothing was changed.
        StoreUnavailable: the data folder cannot be written.
    """
    with FolderLock(data_dir):
        finish_restore(data_dir=data_dir, config_dir=config_dir)
        change = PreparedChange(data_dir / _PREPARED, config_dir, data_dir)
        try:
            change.folder.mkdir(mode=0o700)
            yield change
        except OSError as error:
            raise StoreUnavailable(
                f"the change was given up ({error.strerror}): check the free space and the permissions of config and "
                "data; nothing was changed."
            ) from error
        finally:
            shutil.rmtree(change.folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class PreparedChange:
    """A change that is being made ready in `folder`."""

    folder: Path
    config_dir: Path
    data_dir: Path

    @property
    def database(self) -> Path:
        """Where the config.db to be lies; without one, config.db stays as it is."""
        return self.folder / DATABASE

    def add_config(self, name: str, text: str) -> None:
        """Add a file of the config folder."""
        self._add(self.folder / CONFIG / name, text)

    def add_to_backups(self, name: str, text: str) -> None:
        """Add a file of `data/backups`."""
        self._add(self.folder / _BACKUPS / name, text)

    def decide(self, *, why: str, now: datetime) -> Path | None:
        """Make the change, and return where what it replaced is kept, None when there was nothing.

        Raises:
            StoreUnavailable: a folder cannot be written. Before the decision nothing was changed, after it the change
                is completed at the next start.
        """
        names = [path.relative_to(self.folder / CONFIG).as_posix() for path in self._config_files()]
        _check_folders(self.config_dir, names)
        replaced: dict[str, Path | bytes] = {
            f"{CONFIG}{name}": (self.config_dir / name).read_bytes()
            for name in names
            if (self.config_dir / name).is_file()
        }
        kept = keep_replaced(self.data_dir, replaced, now, why=why)
        _decide(self.folder)
        finish_restore(data_dir=self.data_dir, config_dir=self.config_dir)
        return kept

    def _config_files(self) -> list[Path]:
        return sorted(path for path in (self.folder / CONFIG).rglob("*") if path.is_file())

    def _add(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(handle, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123 - a descriptor
            file.write(text)


def _check_database(database: Path, archive: Path) -> None:
    """Refuse a config.db that this version could not open."""
    if not database.exists():
        return
    connection = sqlite3.connect(database, isolation_level=None)
    try:
        number = schema_number(connection)
        is_whole = single_value(connection, "PRAGMA quick_check(1)") == "ok"
    except sqlite3.DatabaseError as error:
        raise StorageError(f"{archive.name}: the config.db in it is damaged; nothing was changed.") from error
    finally:
        connection.close()
    if number < 1 or not is_whole:
        raise StorageError(f"{archive.name}: the config.db in it is damaged; nothing was changed.")
    if number > SCHEMA_NUMBER:
        raise StorageError(f"{archive.name}: it was made by a newer Cmdarr (schema {number}); use that one.")


def _check_writable(config_dir: Path, manifest: Manifest) -> None:
    """Raise before the decision what would keep the files from being placed after it."""
    if not manifest.has_config:
        return
    _check_folders(
        config_dir, [name.removeprefix(CONFIG) for name in manifest.members if name.startswith(CONFIG)]
    )


def _check_folders(config_dir: Path, names: Iterable[str]) -> None:
    """Raise when one of the folders that files are to be placed in cannot be written."""
    config_dir.mkdir(parents=True, exist_ok=True)
    for folder in sorted({config_dir, *((config_dir / name).parent for name in names)}):
        if folder.exists():
            tempfile.TemporaryFile(dir=folder).close()


def _replaced(config_dir: Path, manifest: Manifest) -> Mapping[str, Path | bytes]:
    """Return the files of the config folder that the archive replaces or removes, by their names in an archive."""
    names = {name.removeprefix(CONFIG) for name in manifest.members if name.startswith(CONFIG)}
    names.update(_removals(config_dir, manifest))
    return {
        f"{CONFIG}{name}": (config_dir / name).read_bytes()
        for name in sorted(names)
        if (config_dir / name).is_file()
    }


def _removals(config_dir: Path, manifest: Manifest) -> list[str]:
    """Return the files that give the configuration another meaning than the archive's."""
    if not manifest.has_config:
        return []
    present = [name for name in _DIRECT if (config_dir / name).is_file()]
    for suffix in ("yaml", "yml"):
        present += [f"commands/{path.name}" for path in (config_dir / "commands").glob(f"*.{suffix}")]
    return sorted(name for name in present if f"{CONFIG}{name}" not in manifest.members)


def _write_removals(prepared: Path, config_dir: Path, manifest: Manifest) -> None:
    (prepared / _REMOVALS).write_bytes(msgspec.json.encode(_removals(config_dir, manifest)))


def _decide(prepared: Path) -> None:
    for folder, _, files in os.walk(prepared):
        for name in files:
            _sync(Path(folder) / name)
        _sync_folder(Path(folder))
    prepared.rename(prepared.with_name(DECIDED))
    _sync_folder(prepared.parent)


def _place_config(decided: Path, config_dir: Path) -> None:
    _place_files(decided / CONFIG, config_dir)
    with suppress(FileNotFoundError):
        for name in msgspec.json.decode((decided / _REMOVALS).read_bytes(), type=list[str]):
            (config_dir / name).unlink(missing_ok=True)


def _place_files(source: Path, target: Path) -> None:
    for path in sorted(source.rglob("*")):
        if path.is_file():
            _place_file(path, target / path.relative_to(source))


def _place_file(source: Path, target: Path) -> None:
    """Copy a file into its place in one step; over a mount point, which cannot be replaced, into the file itself."""
    target.parent.mkdir(parents=True, exist_ok=True)
    new = target.with_name(f".{target.name}.restore")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)  # nobody else reads a secret on its way
    shutil.copyfile(source, new)
    new.chmod(0o600 if target.name in _SECRETS else 0o644)
    _sync(new)
    try:
        new.replace(target)
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        shutil.copyfile(new, target)
        new.unlink()


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
