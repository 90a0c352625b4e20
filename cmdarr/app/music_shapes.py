"""The JSON documents about music: playlists, revisions, held changes, matches, import lists, services."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from cmdarr.app.shapes import moment
from cmdarr.models.clock import iso_utc

if TYPE_CHECKING:
    from cmdarr.app.online import ServiceAnswer
    from cmdarr.models.import_list import ImportListEntry
    from cmdarr.models.match import Decision
    from cmdarr.models.playlist import Binding, HeldChange, PlaylistEntry, Revision


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
