"""The JSON documents that `--json` prints and the API answers with, as types and as functions that fill them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from cmdarr.models.clock import iso_utc
from cmdarr.models.execution import Execution

if TYPE_CHECKING:
    from cmdarr.app.online import ServiceAnswer
    from cmdarr.app.runs import CommandOverview
    from cmdarr.errors import Finding
    from cmdarr.models.cache import CacheStats
    from cmdarr.models.import_list import ImportListEntry
    from cmdarr.models.match import Decision
    from cmdarr.models.playlist import Binding, HeldChange, PlaylistEntry, Revision


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


class PlaylistEntryShape(TypedDict):
    """One place of a server's playlist."""

    server_id: str
    entry_id: str
    artist: str
    title: str
    album: str


class BindingShape(TypedDict):
    """A playlist that Cmdarr manages, as `playlists --json` prints it."""

    command: str
    server: str
    user: str
    playlist_id: str
    title: str
    slot: str
    is_made: bool
    description: str
    edition: str


class RevisionShape(TypedDict):
    """A stored state of a playlist, as `playlists revisions --json` prints it."""

    id: int
    command: str
    server: str
    user: str
    playlist_id: str
    title: str
    taken_at: str
    reason: str
    execution_id: int | None
    entries: list[PlaylistEntryShape]


class HeldShape(TypedDict):
    """A change that waits for the user."""

    command: str
    server: str
    user: str
    slot: str
    title: str
    reason: str
    playlist_id: str
    held_at: str
    execution_id: int | None
    wanted: list[PlaylistEntryShape]
    removed: list[PlaylistEntryShape]


class DecisionShape(TypedDict):
    """What the matcher decided for one track, as `match --json` prints it."""

    decision: Literal["matched", "abstained"]
    match: Any
    stage: str
    score: float
    reason: str
    candidates: list[Any]


class ImportListEntryShape(TypedDict):
    """One entry of an import list, with where it came from."""

    list: str
    kind: Literal["artist", "album"]
    mbid: str
    name: str
    artist: str
    added_at: str
    source: str
    score: float | None
    details: Mapping[str, Any]
    state: str
    state_at: str | None


class ServiceShape(TypedDict):
    """How a service answered; `is_ok` is null when it was not asked."""

    name: str
    is_ok: bool | None
    sentence: str


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


def binding_shape(binding: "Binding") -> BindingShape:
    """Return a managed playlist."""
    return {
        "command": binding.command,
        "server": binding.server,
        "user": binding.user,
        "playlist_id": binding.playlist_id,
        "title": binding.title,
        "slot": binding.slot,
        "is_made": binding.is_made,
        "description": binding.description,
        "edition": binding.edition,
    }


def revision_shape(revision: "Revision") -> RevisionShape:
    """Return a stored state of a playlist."""
    return {
        "id": revision.id,
        "command": revision.command,
        "server": revision.server,
        "user": revision.user,
        "playlist_id": revision.playlist_id,
        "title": revision.title,
        "taken_at": iso_utc(revision.taken_at),
        "reason": revision.reason,
        "execution_id": revision.execution_id,
        "entries": entry_shapes(revision.entries),
    }


def entry_shapes(entries: "Sequence[PlaylistEntry]") -> list[PlaylistEntryShape]:
    """Return the places of a playlist."""
    return [
        {
            "server_id": entry.server_id,
            "entry_id": entry.entry_id,
            "artist": entry.artist,
            "title": entry.title,
            "album": entry.album,
        }
        for entry in entries
    ]


def held_shape(change: "HeldChange") -> HeldShape:
    """Return a change that waits."""
    return {
        "command": change.command,
        "server": change.server,
        "user": change.user,
        "slot": change.slot,
        "title": change.title,
        "reason": change.reason,
        "playlist_id": change.playlist_id,
        "held_at": iso_utc(change.held_at),
        "execution_id": change.execution_id,
        "wanted": entry_shapes(change.wanted),
        "removed": entry_shapes(change.removed),
    }


def decision_shape(decision: "Decision") -> DecisionShape:
    """Return a decision of the matcher as `match --json` prints it."""
    return {
        "decision": "matched" if decision.match else "abstained",
        "match": decision.match,
        "stage": decision.stage,
        "score": decision.score,
        "reason": decision.reason,
        "candidates": list(decision.candidates),
    }


def import_list_entry_shape(entry: "ImportListEntry") -> ImportListEntryShape:
    """Return an entry of an import list."""
    return {
        "list": entry.list,
        "kind": entry.kind,
        "mbid": entry.mbid,
        "name": entry.name,
        "artist": entry.artist,
        "added_at": iso_utc(entry.added_at),
        "source": entry.source,
        "score": entry.score,
        "details": entry.details,
        "state": entry.state.value,
        "state_at": moment(entry.state_at),
    }


def service_shape(answer: "ServiceAnswer") -> ServiceShape:
    """Return how a service answered."""
    return {"name": answer.name, "is_ok": answer.is_ok, "sentence": answer.sentence}
