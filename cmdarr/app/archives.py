"""The archives in `data/backups`: what they hold, one made with secrets, and whether one can be put back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cmdarr.app.program import App
from cmdarr.app.upkeep import backup
from cmdarr.config.load.settings_file import SETTINGS_FILE
from cmdarr.config.references.secret_file import SECRETS_FILE
from cmdarr.config.reload.effective import make_effective
from cmdarr.config.reload.store import restore_good
from cmdarr.config.tree import Tree, read_tree
from cmdarr.errors import ConfigError, Finding, NothingFound, StorageError, StoreUnavailable
from cmdarr.storage.archive import CONFIG, DATABASE, Manifest, read_manifest, unpack
from cmdarr.storage.scratch import scratch_folder

_SUFFIX = ".tar.gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptArchive:
    """One archive; `manifest` is None when it cannot be read."""

    name: str
    size_bytes: int
    made_at: datetime
    manifest: Manifest | None

    @property
    def content(self) -> str:
        """What is in it, in words."""
        if self.manifest is None:
            return "cannot be read"
        parts = ["the configuration"] if self.manifest.has_config else []
        parts += ["config.db"] if DATABASE in self.manifest.members else []
        return " and ".join(parts) or "nothing"


def kept_archives(app: App, most: int) -> tuple[list[KeptArchive], int]:
    """Return the newest archives in `data/backups`, and how many there are."""
    stated = []
    for path in app.backups_dir.glob(f"*{_SUFFIX}"):
        try:
            stated.append((path.stat().st_mtime, path.name, path))
        except OSError:  # it is gone again
            continue
    stated.sort(reverse=True)
    return [_read(path) for _, _, path in stated[:most]], len(stated)


def find_archive(app: App, name: str) -> Path:
    """Return an archive in `data/backups` by its name.

    Raises:
        NothingFound: there is none of that name.
    """
    for path in app.backups_dir.glob(f"*{_SUFFIX}"):
        if path.name == name:
            return path
    raise NothingFound(f"data/backups holds no archive '{name}'.")


def keep_with_secrets(app: App) -> Path:
    """Write an archive with every secret into `data/backups`, readable by its owner only, and return its path.

    Raises:
        StoreUnavailable: the folder cannot be written.
    """
    try:
        app.backups_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(
            f"data/backups cannot be made ({error.strerror}): check the permissions of the data folder."
        ) from error
    stem = f"{app.clock.now().astimezone(UTC):%Y%m%dT%H%M%SZ}-with-secrets"
    target, number = app.backups_dir / f"{stem}{_SUFFIX}", 2
    while target.exists():
        target, number = app.backups_dir / f"{stem}-{number}{_SUFFIX}", number + 1
    backup(app, target, with_secrets=True)
    return target


def check_archive(app: App, file: Path) -> None:
    """Refuse an archive with which the daemon could not go on, before anything is stopped.

    Raises:
        StorageError: it is damaged, or no archive of Cmdarr.
        ConfigError: its settings do not work here; secrets that it does not hold are taken from the present files.
    """
    if not read_manifest(file).has_config:
        return
    try:
        app.make_data_dir()
        with scratch_folder(app.data_dir) as folder:
            unpack(file, Path(folder))
            files = dict(read_tree(Path(folder) / CONFIG).files)
    except OSError as error:
        raise StoreUnavailable(f"the data folder cannot be written ({error.strerror}).") from error
    present = read_tree(app.config_dir).files
    if SECRETS_FILE not in files and SECRETS_FILE in present:
        files[SECRETS_FILE] = present[SECRETS_FILE]
    effective = make_effective(app.loader, Tree(app.config_dir, files), restore_good({}), None)
    if SETTINGS_FILE in effective.broken:
        errors = effective.snapshot.errors_in(SETTINGS_FILE) or effective.snapshot.errors
        raise ConfigError(
            f"the settings in this archive do not work here, so nothing was changed: {_first(errors)} Add what is "
            "missing (a backup may be without secrets), or stop Cmdarr and use `cmdarr restore`.",
            errors,
        )


def _first(errors: Sequence[Finding]) -> str:
    return f"{errors[0].file}:{errors[0].line}: {errors[0].message}" if errors else ""


def _read(path: Path) -> KeptArchive:
    try:
        manifest = read_manifest(path)
    except StorageError:
        manifest = None
    try:
        found = path.stat()
        size, made = found.st_size, found.st_mtime
    except OSError:
        size, made = 0, 0.0
    made_at = manifest.created_at if manifest else datetime.fromtimestamp(made, UTC)
    return KeptArchive(name=path.name, size_bytes=size, made_at=made_at, manifest=manifest)
