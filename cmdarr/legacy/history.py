"""The legacy executions as records of today, a row at a time: a million of them pass through without being kept."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from cmdarr.legacy.database import LegacyDatabase
from cmdarr.legacy.values import read_json, read_text, read_time
from cmdarr.models.execution import Execution, Status, Trigger

TABLE = "command_executions"
_COLUMNS = (
    "id", "command_name", "started_at", "completed_at", "success", "status", "duration", "error_message",
    "result_data", "output_summary", "triggered_by",
)  # fmt: skip
_STATUSES = {
    "completed": Status.SUCCEEDED,
    "failed": Status.FAILED,
    "cancelled": Status.CANCELLED,
    "running": Status.INTERRUPTED,
}
_TRIGGERS = {
    "scheduler": Trigger.SCHEDULE,
    "manual": Trigger.MANUAL,
    "restart_retry": Trigger.RETRY,
}
_CUT_OFF = "The process ended under the run."
_SAME_S = 1.0
_KINDS = {
    "playlist_sync_discovery_maintenance": "import_list_upkeep",
    "playlist_sync_": "playlist_sync",
    "discovery_lastfm": "artist_discovery",
    "discovery_listenbrainz": "artist_discovery",
    "library_cache_builder": "library_refresh",
    "new_releases_discovery": "new_releases",
    "daylist_": "daylist",
    "top_tracks_": "artist_essentials",
    "mood_playlist_": "mood",
    "local_discovery_": "local_discovery",
    "xmplaylist_": "radio_station",
    "lfm_similar_": "similar_artists",
    "artist_events_refresh": "artist_events",
    "concert_events_refresh": "artist_events",
    "setlistfm_": "setlist",
}


def kind_of(legacy_name: str) -> str:
    """Return the kind that a legacy command has today, `legacy` for one that nobody knows."""
    return next((kind for prefix, kind in _KINDS.items() if legacy_name.startswith(prefix)), "legacy")


def read_executions(
    database: LegacyDatabase, names: Mapping[str, str], redact: Callable[[str], str]
) -> Iterator[Execution]:
    """Yield every execution, the oldest first, with id 0; `names` maps legacy commands to those of today.

    What has no place of its own stands in `result["legacy"]`. A row without a start has the time of its end, or
    that of the row before.
    """
    last = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    known: dict[object, _Command] = {}
    order = "id" if database.is_ascending(TABLE, "started_at") else "started_at id"
    for row in database.rows(TABLE, _COLUMNS, order):
        number, name, started, completed, success, status, duration, error, data, summary, trigger = row
        started_at, finished_at = read_time(started), read_time(completed)
        last = started_at or finished_at or last
        command = known.get(name) or known.setdefault(name, _command_of(name, names, redact))
        outcome = _status(read_text(status) or "", success)
        trigger_text = read_text(trigger) or ""
        finished_at = _finish(outcome, last, finished_at, duration)
        legacy = {"id": number, "command": command.legacy_name, "triggered_by": redact(trigger_text)}
        yield Execution(
            id=0,
            command=command.name,
            kind=command.kind,
            status=outcome,
            trigger=_TRIGGERS.get(trigger_text, Trigger.API),
            dry_run=False,
            queued_at=last,
            started_at=last,
            finished_at=finished_at,
            summary=redact(read_text(summary) or ""),
            error=_error(outcome, read_text(error), redact),
            error_class="Interrupted" if outcome is Status.INTERRUPTED else None,
            result=_result(legacy, data, redact) | _odd_duration(last, finished_at, duration),
            generation="legacy",
            document=command.document,
        )


@dataclass(frozen=True, slots=True)
class _Command:
    """What all executions of one command have in common."""

    name: str
    legacy_name: str
    kind: str
    document: str


def _command_of(value: object, names: Mapping[str, str], redact: Callable[[str], str]) -> _Command:
    legacy_name = read_text(value) or ""
    shown, kind = redact(legacy_name), kind_of(legacy_name)
    return _Command(
        name=names.get(legacy_name) or shown or "unknown",
        legacy_name=shown,
        kind=kind,
        document=msgspec.json.encode({"kind": kind, "legacy": shown}).decode(),
    )


def last_starts(database: LegacyDatabase) -> dict[str, datetime]:
    """Return when each command really ran last: what the commands' own rows say of it was often made up."""
    newest = database.newest_of_each(TABLE, "command_name", "started_at")
    starts = {name: read_time(text) for name, text in newest.items()}
    return {name: moment for name, moment in starts.items() if moment is not None}


def _status(text: str, success: object) -> Status:
    if text in _STATUSES:
        return _STATUSES[text]
    return Status.SUCCEEDED if success else Status.FAILED


def _finish(
    status: Status, started_at: datetime, finished_at: datetime | None, duration: object
) -> datetime | None:
    """Return the end of a run; where only its duration is known, the end that this gives."""
    if finished_at is not None or status is Status.INTERRUPTED or not isinstance(duration, int | float):
        return finished_at
    try:
        return started_at + timedelta(seconds=duration)
    except (OverflowError, ValueError):
        return None


def _error(status: Status, text: str | None, redact: Callable[[str], str]) -> str | None:
    if text:
        return redact(text)
    return _CUT_OFF if status is Status.INTERRUPTED else None


def _result(legacy: dict[str, object], data: object, redact: Callable[[str], str]) -> dict[str, object]:
    if data is None:
        return {"legacy": legacy}
    found = _encodable(read_json(redact(read_text(data) or "")))
    if isinstance(found, dict):
        return {**found, "legacy": legacy}
    return {"legacy": legacy} if found is None else {"data": found, "legacy": legacy}


def _odd_duration(started_at: datetime, finished_at: datetime | None, duration: object) -> dict[str, object]:
    """Return the stored duration where it says something else than start and end."""
    if not isinstance(duration, int | float) or finished_at is None:
        return {}
    if abs((finished_at - started_at).total_seconds() - duration) < _SAME_S:
        return {}
    return {"legacy_duration_s": _encodable(duration)}


def _encodable(value: object) -> object:
    """Return a JSON value as it can be stored: half characters and endless numbers become something near."""
    try:
        msgspec.json.encode(value)
    except (UnicodeEncodeError, OverflowError, ValueError, TypeError, RecursionError):
        text = json.dumps(value, ensure_ascii=True)[:10_000]
        return {"text": text}
    return value
