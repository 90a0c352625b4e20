"""Reloading: the next snapshot is built completely, then one reference is swapped."""

from cmdarr.config.reload.changes import Changes
from cmdarr.config.reload.effective import SnapshotLoader
from cmdarr.config.reload.hold import HeldChange
from cmdarr.config.reload.reloader import Reloader
from cmdarr.config.reload.result import ReloadOutcome, ReloadResult
from cmdarr.config.reload.status import ConfigStatus, FileState, FileStatus
from cmdarr.config.reload.store import GoodStore

__all__ = [
    "Changes",
    "ConfigStatus",
    "FileState",
    "FileStatus",
    "GoodStore",
    "HeldChange",
    "ReloadOutcome",
    "ReloadResult",
    "Reloader",
    "SnapshotLoader",
]
