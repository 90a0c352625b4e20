"""The walk over a music folder: every audio file once, in a stable order, completely or not at all."""

import errno
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cmdarr.clients.files.kept_tags import KeptFolder, KeptTags, Stamp
from cmdarr.clients.files.tags import BrokenAudio, read_track
from cmdarr.errors import ServiceUnavailable
from cmdarr.library.formats.guess import has_audio_extension
from cmdarr.models.cancel import CancelToken
from cmdarr.models.track import LibraryTrack

BATCH = 500
_SYSTEM_FOLDERS = frozenset({"lost+found", "@eadir", "#recycle", "$recycle.bin", "system volume information"})
_SHOWN = 3

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Scan:
    """One scan of a music folder for the service of that name."""

    service: str
    root: Path
    kept: KeptTags = field(default_factory=KeptTags)
    broken: list[str] = field(default_factory=list)
    """Files that are no readable audio, with the reason."""
    unnameable: list[str] = field(default_factory=list)
    """Files whose name cannot stand in a playlist: not UTF-8, or with a line break."""

    def fetch_tracks(self, cancel: CancelToken) -> Iterator[Sequence[LibraryTrack]]:
        """Yield the tracks in batches of 500.

        Raises:
            ServiceUnavailable: a folder cannot be read, the root is missing or went away, or no audio is there.
        """
        identity, count = self._identity(), 0
        batch: list[LibraryTrack] = []
        for track in self._tracks(cancel):
            batch.append(track)
            if len(batch) == BATCH:
                count += len(batch)
                yield batch
                batch = []
                cancel.check()
        if self._identity() != identity:
            raise self._error(
                "the folder was replaced during the scan", "it is scanned again at the next run"
            )
        if not batch and not count:
            raise self._error("the folder holds no audio file", "check that it is mounted, or correct `path`")
        if batch:
            yield batch
        self._report()

    def _tracks(self, cancel: CancelToken) -> Iterator[LibraryTrack]:
        """Yield every track; only files that are new or changed are opened."""
        for folder, prefix, names in self._walk(cancel):
            kept = self.kept.open(prefix)
            for name in names:
                track = self._track(folder / name, prefix + name, kept)
                if track is not None:
                    yield track
            self.kept.close(prefix, kept)

    def _track(self, path: Path, server_id: str, kept: KeptFolder) -> LibraryTrack | None:
        try:
            status = path.stat()
            stamp = Stamp(status.st_size, status.st_mtime_ns)
            track = kept.track(path.name, stamp)
            if track is None:
                track = read_track(path, server_id)
                kept.add(path.name, stamp, track)
        except FileNotFoundError as error:
            if not path.parent.is_dir():
                raise self._unreadable(path, error) from error
            self.broken.append(f"{server_id} (it vanished during the scan)")
            return None
        except BrokenAudio as error:
            self.broken.append(f"{server_id} ({error})")
            return None
        except OSError as error:
            raise self._unreadable(path, error) from error
        return track

    def _walk(self, cancel: CancelToken) -> Iterator[tuple[Path, str, Sequence[str]]]:
        """Yield each folder once, with its prefix and its audio files by name; links to folders after the real ones."""
        seen: set[tuple[int, int]] = set()
        pending = [(self.root, "")]
        while pending:
            cancel.check()
            folder, prefix = pending.pop()
            try:
                status = folder.stat()
                if (status.st_dev, status.st_ino) in seen:
                    continue
                seen.add((status.st_dev, status.st_ino))
                files, folders = self._list(folder, prefix)
            except OSError as error:
                raise self._unreadable(folder, error) from error
            if files:
                yield folder, prefix, files
            pending.extend((folder / name, f"{prefix}{name}/") for name in folders)

    def _list(self, folder: Path, prefix: str) -> tuple[list[str], list[str]]:
        """Return the names of audio files in order, and of folders in reverse (the stack turns them round)."""
        files, folders = [], []
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name
                if name.startswith(".") or name.lower() in _SYSTEM_FOLDERS:
                    continue
                kind = self._kind(entry, prefix + name)
                if kind == "folder":
                    folders.append((entry.is_symlink(), name))
                elif kind == "file" and has_audio_extension(name) and self._can_be_named(prefix + name):
                    files.append(name)
        return sorted(files), [name for _, name in sorted(folders, reverse=True)]

    def _kind(self, entry: os.DirEntry[str], server_id: str) -> str:
        """Return `folder`, `file`, or nothing for a pipe, a device, or a link that leads nowhere."""
        try:
            if entry.is_dir():
                return "folder"
            if entry.is_file():
                return "file"
            leads_nowhere = entry.is_symlink() and not os.path.exists(entry.path)  # noqa: PTH110 - a scandir path
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
            leads_nowhere = True
        if leads_nowhere:
            self.broken.append(f"{server_id!a} (a link that leads nowhere)")
        return ""

    def _can_be_named(self, server_id: str) -> bool:
        try:
            server_id.encode()
        except UnicodeEncodeError:
            is_fine = False
        else:
            is_fine = "\n" not in server_id and "\r" not in server_id
        if not is_fine:
            self.unnameable.append(ascii(server_id))
        return is_fine

    def _identity(self) -> tuple[int, int]:
        try:
            status = self.root.stat()
        except OSError as error:
            raise self._unreadable(self.root, error) from error
        return status.st_dev, status.st_ino

    def _unreadable(self, place: Path, error: OSError) -> ServiceUnavailable:
        shown = str(place).encode("utf-8", "replace").decode()
        return self._error(
            f"{shown} cannot be read ({error.strerror or error})",
            "check the mount and its permissions, or `path`",
        )

    def _error(self, problem: str, cure: str) -> ServiceUnavailable:
        return ServiceUnavailable(self.service, f"{problem} ({self.root}): {cure}.")

    def _report(self) -> None:
        for names, what in (
            (self.broken, "could not be read as audio"),
            (self.unnameable, "left out, to be renamed: not UTF-8, or a line break in the name"),
        ):
            if names:
                shown = "; ".join(names[:_SHOWN]) + ("; …" if len(names) > _SHOWN else "")
                count = f"{len(names)} file{'' if len(names) == 1 else 's'}"
                log.warning("%s: %s %s: %s", self.service, count, what, shown)
