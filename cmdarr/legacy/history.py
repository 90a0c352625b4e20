"""The legacy executions as records of today, a row at a time: a million of them pass through without being kept."""

from collections.abc import Callable, Iterator, Mapping
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
_SAME = timedelta(seconds=1)
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
    for row in database.rows(TABLE, _COLUMNS, order="started_at id"):
        number, name, started, completed, success, status, duration, error, data, summary, trigger = row
        started_at, finished_at = read_time(started), read_time(completed)
        last = started_at or finished_at or last
        known = _status(read_text(status) or "", success)
        legacy_name, trigger_text = read_text(name) or "", read_text(trigger) or ""
        finished_at = _finish(known, last, finished_at, duration)
        yield Execution(
            id=0,
            command=names.get(legacy_name) or redact(legacy_name) or "unknown",
            kind=kind_of(legacy_name),
            status=known,
            trigger=_TRIGGERS.get(trigger_text, Trigger.API),
            dry_run=False,
            queued_at=last,
            started_at=last,
            finished_at=finished_at,
            summary=redact(read_text(summary) or ""),
            error=_error(known, read_text(error), redact),
            error_class="Interrupted" if known is Status.INTERRUPTED else None,
            result=_result(number, legacy_name, redact(trigger_text), data, redact)
            | _odd_duration(last, finished_at, duration),
            generation="legacy",
            document=msgspec.json.encode(
                {"kind": kind_of(legacy_name), "legacy": redact(legacy_name)}
            ).decode(),
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


def _result(
    number: object, name: str, trigger: str, data: object, redact: Callable[[str], str]
) -> dict[str, object]:
    legacy: dict[str, object] = {"id": number, "command": redact(name), "triggered_by": trigger}
    value = read_json(redact(read_text(data) or "")) if data is not None else None
    found = _encodable(value)
    if isinstance(found, dict):
        return {**found, "legacy": legacy}
    return {"legacy": legacy} if found is None else {"data": found, "legacy": legacy}


def _odd_duration(started_at: datetime, finished_at: datetime | None, duration: object) -> dict[str, object]:
    """Return the stored duration where it says something else than start and end."""
    if not isinstance(duration, int | float) or finished_at is None:
        return {}
    if abs((finished_at - started_at).total_seconds() - duration) < _SAME.total_seconds():
        return {}
    return {"legacy_duration_s": _encodable(duration)}


def _encodable(value: object) -> object:
    """Return a JSON value as it can be stored: half characters and endless numbers become something near."""
    try:
        msgspec.json.encode(value)
    except (UnicodeEncodeError, OverflowError, ValueError, TypeError, RecursionError):
        import json

        text = json.dumps(value, ensure_ascii=True)[:10_000]
        return {"text": text}
    return value
