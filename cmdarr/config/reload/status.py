"""The state of the configuration as one value: for `GET /api/config/status`, metrics and the web page."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cmdarr.config.reload.doubt import DoubtKind
from cmdarr.config.reload.effective import GoodFile
from cmdarr.config.reload.hold import HeldChange
from cmdarr.config.tree import is_command_file
from cmdarr.config.watch.git import GitProbe, GitStatus
from cmdarr.config.watch.status import WatchStatus

_HELD: Mapping[DoubtKind, str] = {
    "folder": "the config folder is gone or cannot be read",
    "commands": "the commands folder is missing or cannot be read",
    "device": "the config folder is suddenly on another file system",
    "settings": "settings.yaml is gone",
    "removal": "more than half of the command files are gone at once",
}


class FileState(StrEnum):
    """Whether a file on disk is in force."""

    OK = "ok"
    BROKEN = "broken"
    LAST_GOOD = "last_good"
    """The file is broken or gone; its last good version is in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStatus:
    """One file: `good_since` is when the version in force was loaded, `broken_since` when that was first seen."""

    file: str
    state: FileState
    good_since: datetime | None = None
    broken_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigStatus:
    """What is in force, since when, and what stands in the way of the files on disk."""

    generation: str
    content_hash: str
    """SHA-256 (hex) over the files on disk as they were last judged."""
    loaded_at: datetime
    last_attempt: datetime
    last_success: datetime
    files: Mapping[str, FileStatus]
    pending_restart: tuple[str, ...]
    watch: WatchStatus
    held: HeldChange | None
    warnings: tuple[str, ...]
    git_probe: GitProbe = field(repr=False, compare=False)

    @property
    def git(self) -> GitStatus | None:
        """What git says about the work tree; asks it when the last answer is older than a few seconds."""
        return self.git_probe.status()

    @property
    def problems(self) -> tuple[str, ...]:
        """Why the configuration is not healthy, as sentences without a path; empty when it is."""
        found = [f"The configuration on disk is not applied: {_HELD[self.held.kind]}."] if self.held else []
        if self.watch.mode != "off" and not self.watch.is_running:
            found.append("The watcher of the config folder is not running; it is started again.")
        return tuple(found)

    @property
    def is_healthy(self) -> bool:
        """Whether the files on disk are followed and believed."""
        return not self.problems


def describe_files(
    on_disk: Collection[str], good: Mapping[str, GoodFile], broken_since: Mapping[str, datetime]
) -> dict[str, FileStatus]:
    """Return the state of every file that is on disk or in force, by name."""
    return {
        file: FileStatus(
            file=file,
            state=_state_of(file, on_disk, good, broken_since),
            good_since=good[file].since if file in good else None,
            broken_since=broken_since.get(file),
        )
        for file in sorted({*on_disk, *good, *broken_since})
    }


def _state_of(
    file: str, on_disk: Collection[str], good: Mapping[str, GoodFile], broken_since: Mapping[str, datetime]
) -> FileState:
    if file not in broken_since and (file in on_disk or not is_command_file(file)):
        return FileState.OK
    return FileState.LAST_GOOD if file in good else FileState.BROKEN
