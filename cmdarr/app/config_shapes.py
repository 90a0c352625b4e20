"""The JSON documents about the configuration: its state, what a reload made of it, one key explained."""

from typing import TYPE_CHECKING, Any, Literal, TypedDict

from cmdarr.app.shapes import FindingShape, finding_shape, moment
from cmdarr.models.clock import iso_utc

if TYPE_CHECKING:
    from cmdarr.config.explain import Explanation
    from cmdarr.config.reload import ConfigStatus, FileStatus, HeldChange, ReloadResult


class FileShape(TypedDict):
    """One file: since when its version in force is good, and since when the one on disk is broken."""

    file: str
    state: Literal["ok", "broken", "last_good"]
    good_since: str | None
    broken_since: str | None


class WatchShape(TypedDict):
    """How changes of the config folder are noticed, and whether that works."""

    mode: Literal["inotify", "polling", "off"]
    is_running: bool
    reason: str
    events_arrive: bool
    rebuilt: int
    restarts: int


class GitShape(TypedDict):
    """The commit of the work tree, and the files that differ from it."""

    head: str
    dirty: list[str]


class HeldConfigShape(TypedDict):
    """A change of the files that is not believed yet."""

    kind: str
    reason: str
    removed: list[str]
    since: str
    until: str | None


class ConfigStatusShape(TypedDict):
    """What is in force, since when, and what stands in the way of the files on disk."""

    generation: str
    content_hash: str
    loaded_at: str
    last_attempt: str
    last_success: str
    is_healthy: bool
    problems: list[str]
    warnings: list[str]
    pending_restart: list[str]
    files: list[FileShape]
    watch: WatchShape
    held: HeldConfigShape | None
    git: GitShape | None


class ChangesShape(TypedDict):
    """The commands and settings that differ after a reload, by name."""

    added: list[str]
    changed: list[str]
    removed: list[str]
    settings: list[str]


class ReloadShape(TypedDict):
    """What came of a reload; `generation` is the one in force after it."""

    outcome: Literal["applied", "unchanged", "rejected", "held"]
    generation: str
    changes: ChangesShape
    findings: list[FindingShape]
    pending_restart: list[str]
    held: HeldConfigShape | None
    warnings: list[str]
    duration_ms: float


class DiffCommandsShape(TypedDict):
    """The names of commands that differ."""

    added: list[str]
    changed: list[str]
    removed: list[str]


class DiffSettingShape(TypedDict):
    """One setting that differs; secrets are masked, null where nothing is written."""

    key: str
    before: Any
    after: Any


class DiffNextRunShape(TypedDict):
    """A command that is due at another time."""

    command: str
    before: str | None
    after: str | None


class ConfigDiffShape(TypedDict):
    """What a reload would change, as `config diff --json` prints it."""

    commands: DiffCommandsShape
    settings: list[DiffSettingShape]
    restart_only: list[str]
    next_runs: list[DiffNextRunShape]


class ExplanationShape(TypedDict):
    """One key: its effective value (secrets masked), where it comes from, its type and meaning."""

    key: str
    value: str
    source: str
    type: str
    limits: str
    meaning: str
    reload: str


def config_status_shape(status: "ConfigStatus") -> ConfigStatusShape:
    """Return the state of the configuration; asks git."""
    watch, git = status.watch, status.git
    return {
        "generation": status.generation,
        "content_hash": status.content_hash,
        "loaded_at": iso_utc(status.loaded_at),
        "last_attempt": iso_utc(status.last_attempt),
        "last_success": iso_utc(status.last_success),
        "is_healthy": status.is_healthy,
        "problems": list(status.problems),
        "warnings": list(status.warnings),
        "pending_restart": list(status.pending_restart),
        "files": [_file_shape(file) for file in status.files.values()],
        "watch": {
            "mode": watch.mode,
            "is_running": watch.is_running,
            "reason": watch.reason,
            "events_arrive": watch.events_arrive,
            "rebuilt": watch.rebuilt,
            "restarts": watch.restarts,
        },
        "held": _held_shape(status.held),
        "git": {"head": git.head, "dirty": list(git.dirty)} if git else None,
    }


def reload_shape(result: "ReloadResult") -> ReloadShape:
    """Return what came of a reload."""
    changes = result.changes
    return {
        "outcome": result.outcome.value,
        "generation": result.generation,
        "changes": {
            "added": list(changes.added),
            "changed": list(changes.changed),
            "removed": list(changes.removed),
            "settings": list(changes.settings),
        },
        "findings": [finding_shape(finding) for finding in result.findings],
        "pending_restart": list(result.pending_restart),
        "held": _held_shape(result.held),
        "warnings": list(result.warnings),
        "duration_ms": round(result.duration_ms, 3),
    }


def explanation_shape(found: "Explanation") -> ExplanationShape:
    """Return one key explained."""
    return {
        "key": found.key,
        "value": found.value,
        "source": found.source,
        "type": found.type,
        "limits": found.limits,
        "meaning": found.meaning,
        "reload": found.reload,
    }


def _file_shape(file: "FileStatus") -> FileShape:
    return {
        "file": file.file,
        "state": file.state.value,
        "good_since": moment(file.good_since),
        "broken_since": moment(file.broken_since),
    }


def _held_shape(held: "HeldChange | None") -> HeldConfigShape | None:
    if held is None:
        return None
    return {
        "kind": held.kind,
        "reason": held.reason,
        "removed": list(held.removed),
        "since": iso_utc(held.since),
        "until": moment(held.until),
    }
