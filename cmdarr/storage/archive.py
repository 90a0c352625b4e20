"""Archives: gzipped tar files that begin with `manifest.json`, which holds the SHA-256 of every other member."""

import gzip
import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO

import msgspec

from cmdarr.errors import StorageError, StoreUnavailable

MANIFEST = "manifest.json"
DATABASE = "config.db"
CONFIG = "config/"

_FORMAT = 1
_MANIFEST_BYTES = 4 * 1024 * 1024
_MEMBERS = 20_000
_TOTAL_BYTES = 4 * 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an archive holds: member -> SHA-256 (hex). `schema` is the schema number of config.db in it."""

    format: int
    version: str
    schema: int
    created_at: datetime
    members: Mapping[str, str]

    @property
    def has_config(self) -> bool:
        """Whether the archive holds the config folder."""
        return any(name.startswith(CONFIG) for name in self.members)


def pack(
    target: Path,
    members: Mapping[str, Path | bytes],
    *,
    scratch: Path,
    version: str,
    schema: int,
    created_at: datetime,
) -> Manifest:
    """Write an archive of the members (name -> file or content), whole or not at all, readable by its owner only.

    It is made in the folder `scratch`, which lies on the same disk.

    Raises:
        StoreUnavailable: it cannot be written there.
    """
    digests = {name: _digest(content) for name, content in members.items()}
    manifest = Manifest(
        format=_FORMAT, version=version, schema=schema, created_at=created_at, members=digests
    )
    temporary = scratch / "archive"
    try:
        with (
            _private_file(temporary) as file,
            gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
        ):
            _add(tar, MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)), created_at)
            for name, content in members.items():
                _add(tar, name, content, created_at)
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StoreUnavailable(
            f"the archive {target} cannot be written ({error.strerror}): check the free space and the permissions "
            "there."
        ) from error
    return manifest


def read_manifest(archive: Path) -> Manifest:
    """Return the manifest of an archive.

    Raises:
        StorageError: it is no archive of Cmdarr.
    """
    with _opened(archive) as tar:
        return _manifest_of(tar, archive)


def unpack(archive: Path, folder: Path) -> Manifest:
    """Write every member below `folder`, verified: names, kinds, sizes and SHA-256, nothing more and nothing less.

    Raises:
        StorageError: the archive is damaged or is not one of Cmdarr; `folder` may hold a part.
    """
    with _opened(archive) as tar:
        manifest = _manifest_of(tar, archive)
        missing = dict(manifest.members)
        room = _TOTAL_BYTES
        for member in islice(tar, 1, None):  # the manifest is the first
            if not member.isreg() or member.name not in missing:
                raise StorageError(
                    f"{archive.name}: '{member.name}' does not belong in it; the archive was changed."
                )
            room -= member.size
            if room < 0:
                raise StorageError(
                    f"{archive.name}: it unpacks to more than 4 GiB; it is no backup of Cmdarr."
                )
            if _extract(tar, member, folder / member.name) != missing.pop(member.name):
                raise StorageError(f"{archive.name}: '{member.name}' is damaged (its SHA-256 differs).")
    if missing:
        raise StorageError(f"{archive.name}: '{min(missing)}' is missing; the archive is damaged.")
    return manifest


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> str:
    """Write one member durably and return its SHA-256; the mode is its owner's alone until it is in its place."""
    source = tar.extractfile(member)
    assert source is not None  # noqa: S101 - it is a regular file
    digest = hashlib.sha256()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _private_file(target) as file:
            while block := _read(source):
                digest.update(block)
                file.write(block)
    except OSError as error:
        raise StoreUnavailable(
            f"{target.parent} cannot be written ({error.strerror}): free some space; nothing was changed."
        ) from error
    return digest.hexdigest()


def _read(source: IO[bytes]) -> bytes:
    """Read a block; a damaged archive is told apart from a disk that takes no more."""
    try:
        return source.read(1 << 20)
    except OSError as error:
        raise EOFError from error


def _manifest_of(tar: tarfile.TarFile, archive: Path) -> Manifest:
    member = tar.next()
    if member is None or member.name != MANIFEST or not member.isreg() or member.size > _MANIFEST_BYTES:
        raise StorageError(f"{archive.name}: it is no backup of Cmdarr (it does not begin with {MANIFEST}).")
    content = tar.extractfile(member)
    assert content is not None  # noqa: S101 - it is a regular file
    try:
        manifest = msgspec.json.decode(content.read(), type=Manifest)
    except msgspec.MsgspecError as error:
        raise StorageError(
            f"{archive.name}: its {MANIFEST} cannot be read; the archive is damaged."
        ) from error
    if manifest.format != _FORMAT:
        raise StorageError(
            f"{archive.name}: it was made by a newer Cmdarr ({manifest.version}); use that one."
        )
    if len(manifest.members) > _MEMBERS or not all(map(_is_safe, manifest.members)):
        raise StorageError(
            f"{archive.name}: it names files outside of its folders; it is no backup of Cmdarr."
        )
    return manifest


def _is_safe(name: str) -> bool:
    """Whether a member may exist: config.db itself, or a plain relative path below `config/`."""
    if name == DATABASE:
        return True
    path = PurePosixPath(name)
    plain = str(path) == name and "\\" not in name and "\0" not in name
    return plain and name.startswith(CONFIG) and len(path.parts) > 1 and ".." not in path.parts


@contextmanager
def _opened(archive: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(archive, mode="r:gz") as tar:
            yield tar
    except FileNotFoundError as error:
        raise StorageError(f"{archive}: there is no such file.") from error
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise StorageError(
            f"{archive.name}: it cannot be read; it is damaged or no backup of Cmdarr."
        ) from error


@contextmanager
def _private_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a new file of mode 0600 for writing, and leave only when it is on the disk."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with open(handle, "wb") as file:  # noqa: PTH123 - a descriptor
        os.fchmod(handle, 0o600)
        yield file
        file.flush()
        os.fsync(handle)


def _add(tar: tarfile.TarFile, name: str, content: Path | bytes, created_at: datetime) -> None:
    info = tarfile.TarInfo(name)
    info.mode = 0o600
    info.mtime = int(created_at.timestamp())
    if isinstance(content, bytes):
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
        return
    info.size = content.stat().st_size
    with content.open("rb") as file:
        tar.addfile(info, file)


def _digest(content: Path | bytes) -> str:
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
