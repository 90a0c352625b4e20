"""The JSON documents that `--json` prints and the API answers with, as types and as functions that fill them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from cmdarr.models.clock import iso_utc
from cmdarr.models.execution import Execution

if TYPE_CHECKING:
    from cmdarr.app.runs import CommandOverview
    from cmdarr.errors import Finding
    from cmdarr.models.cache import CacheStats


class LastRunShape(TypedDict):
    """How a command ended last."""

    id: int
    status: str
    finished_at: str | None


class CommandShape(TypedDict):
    """One command of `list --json`."""

    name: str
    kind: str
    description: str
    enabled: bool
    schedule: str
    next_run: str | None
    state: Literal["ok", "broken", "last_good", "unavailable", "expired"]
    last: LastRunShape | None


class RunShape(TypedDict):
    """One execution in short."""

    id: int
    command: str
    kind: str
    status: str
    dry_run: bool
    trigger: str
    queued_at: str
    started_at: str | None
    finished_at: str | None
    duration_s: float | None
    summary: str
    error: str | None
    changes: int


class ExecutionShape(TypedDict):
    """One execution with everything that is known of it, as `run --json` and `history --json` print it."""

    id: int
    command: str
    kind: str
    status: str
    dry_run: bool
    started_at: str | None
    finished_at: str | None
    duration_s: float | None
    summary: str
    result: Mapping[str, Any]
    error: str | None
    error_class: str | None
    trigger: str
    queued_at: str
    due_at: str | None
    changes: int
    generation: str
    document: str
    retry_of: int | None


class CacheSourceShape(TypedDict):
    """The kept answers of one service."""

    name: str
    entries: int
    bytes: int
    hits: int
    misses: int
    oldest: str | None
    newest: str | None


class CacheLibraryShape(TypedDict):
    """The index of one section of a music server."""

    server: str
    section: str
    tracks: int
    refreshed_at: str


class CacheShape(TypedDict):
    """What cache.db holds, as `cache stats --json` prints it."""

    size_bytes: int
    sources: list[CacheSourceShape]
    libraries: list[CacheLibraryShape]


class FindingShape(TypedDict):
    """One problem of the configuration, as `config check --format json` prints it."""

    file: str
    line: int
    column: int
    key: str
    code: str
    severity: Literal["error", "warning"]
    message: str
    hint: str


def moment(value: datetime | None) -> str | None:
    """Write a time, null for none."""
    return iso_utc(value) if value else None


def command_shape(row: "CommandOverview") -> CommandShape:
    """Return one command of `list --json`."""
    last = row.last
    return {
        "name": row.name,
        "kind": row.kind,
        "description": row.description,
        "enabled": row.enabled,
        "schedule": row.schedule,
        "next_run": moment(row.next_run),
        "state": row.state,  # type: ignore[typeddict-item]  # the values of CommandState
        "last": {"id": last.id, "status": last.status.value, "finished_at": moment(last.finished_at)}
        if last
        else None,
    }


def run_shape(execution: Execution, redact: Callable[[str], str] = str) -> RunShape:
    """Return an execution in short."""
    return {
        "id": execution.id,
        "command": execution.command,
        "kind": execution.kind,
        "status": execution.status.value,
        "dry_run": execution.dry_run,
        "trigger": execution.trigger.value,
        "queued_at": iso_utc(execution.queued_at),
        "started_at": moment(execution.started_at),
        "finished_at": moment(execution.finished_at),
        "duration_s": execution.duration_s,
        "summary": redact(execution.summary),
        "error": redact(execution.error) if execution.error else None,
        "changes": execution.changes,
    }


def execution_shape(execution: Execution) -> ExecutionShape:
    """Return an execution with the fields that `run --json` promises, and those added since."""
    return {
        "id": execution.id,
        "command": execution.command,
        "kind": execution.kind,
        "status": execution.status.value,
        "dry_run": execution.dry_run,
        "started_at": moment(execution.started_at),
        "finished_at": moment(execution.finished_at),
        "duration_s": execution.duration_s,
        "summary": execution.summary,
        "result": execution.result,
        "error": execution.error,
        "error_class": execution.error_class,
        "trigger": execution.trigger.value,
        "queued_at": iso_utc(execution.queued_at),
        "due_at": moment(execution.due_at),
        "changes": execution.changes,
        "generation": execution.generation,
        "document": execution.document,
        "retry_of": execution.retry_of,
    }


def cache_shape(figures: "CacheStats") -> CacheShape:
    """Return what `cache stats --json` prints."""
    return {
        "size_bytes": figures.size_bytes,
        "sources": [
            {
                "name": source.name,
                "entries": source.entries,
                "bytes": source.bytes,
                "hits": source.hits,
                "misses": source.misses,
                "oldest": moment(source.oldest),
                "newest": moment(source.newest),
            }
            for source in figures.sources
        ],
        "libraries": [
            {
                "server": library.server,
                "section": library.section,
                "tracks": library.tracks,
                "refreshed_at": iso_utc(library.refreshed_at),
            }
            for library in figures.libraries
        ],
    }


def finding_shape(finding: "Finding") -> FindingShape:
    """Return one finding as `config check --format json` prints it."""
    from cmdarr.config.report import as_record

    return as_record(finding)  # type: ignore[return-value]  # the same keys; the report names no types
