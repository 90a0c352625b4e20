"""Backups: config.db and the config folder in one archive, made while runs go on."""

import logging
from collections.abc import Collection, Iterator
from pathlib import Path

from cmdarr.errors import StoreUnavailable
from cmdarr.models.clock import Clock
from cmdarr.storage.archive import CONFIG, DATABASE, Manifest, pack, read_manifest
from cmdarr.storage.kept_backup import copy_closed_database
from cmdarr.storage.restore import finish_restore, restore_backup
from cmdarr.storage.scratch import scratch_folder

__all__ = ["Manifest", "config_members", "finish_restore", "read_manifest", "restore_backup", "write_backup"]

logger = logging.getLogger(__name__)

_SECRETS = "secrets."  # secrets.yaml, and what editors leave beside it
_LARGEST_FILE_BYTES = 64 * 1024 * 1024


def write_backup(
    target: Path,
    *,
    config_dir: Path,
    data_dir: Path,
    with_secrets: bool,
    version: str,
    clock: Clock,
    secret_files: Collection[Path] = (),
) -> Manifest:
    """Write the archive, whole or not at all, readable by its owner only, and return its manifest.

    Without secrets, secrets.yaml and the `secret_files` (resolved paths) are left out.

    Raises:
        StoreUnavailable: the archive cannot be written, or something that belongs in it cannot be read.
        StoreDamaged: config.db cannot be read.
    """
    members: dict[str, Path | bytes] = {}
    schema = 0
    try:
        with scratch_folder(target.parent) as folder:
            copy = Path(folder) / DATABASE
            if (data_dir / DATABASE).exists():
                schema = copy_closed_database(data_dir / DATABASE, copy)
                members[DATABASE] = copy
            members.update(config_members(config_dir, with_secrets=with_secrets, secret_files=secret_files))
            return pack(
                target, members, scratch=Path(folder), version=version, schema=schema, created_at=clock.now()
            )
    except OSError as error:
        raise StoreUnavailable(
            f"the backup {target} cannot be written ({error.strerror}): check the free space and the permissions "
            "there."
        ) from error


def config_members(
    config_dir: Path, *, with_secrets: bool, secret_files: Collection[Path] = ()
) -> dict[str, Path | bytes]:
    """Return the files of the config folder by their names in an archive, read at one moment.

    Hidden files (also `.git`) stay out. A link is followed while it stays inside of the folder; one that leads
    out of it is left out and named in the log.
    """
    members: dict[str, Path | bytes] = {}
    if config_dir.is_dir():
        for name, path in sorted(_files(config_dir, config_dir.resolve(), "")):
            is_secret = name.startswith(_SECRETS) or path.resolve() in secret_files
            if with_secrets or not is_secret:
                members[f"{CONFIG}{name}"] = path.read_bytes()
    return members


def _files(folder: Path, root: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        name = f"{prefix}{path.name}"
        if path.is_symlink() and not path.resolve().is_relative_to(root):
            logger.warning("%s is not in the backup: it leads out of the config folder.", name)
        elif path.is_dir():
            if not path.is_symlink() or not folder.resolve().is_relative_to(path.resolve()):  # no circles
                yield from _files(path, root, f"{name}/")
        elif path.is_file() and path.stat().st_size <= _LARGEST_FILE_BYTES:
            yield name, path
        else:
            logger.warning("%s is not in the backup: it is no ordinary file, or too large.", name)
