"""The history for tables and plots: executions without results and documents, paged by id, and their figures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cmdarr.models.execution import Execution, Status, Trigger
from cmdarr.storage.config_file import ConfigFile
from cmdarr.storage.moment import from_us, from_us_or_none

_COLUMNS = 'id, command, kind, status, "trigger", dry_run, queued_at, started_at, finished_at, summary, error, changes'
_OF_COMMAND = "command = coalesce((SELECT command FROM former_name WHERE former = ?), ?)"
_TARGETS = "json_each(result, '$.targets') AS target WHERE target.type = 'object'"
_COUNTS = (
    f"(SELECT sum(json_extract(result, target.fullkey || '.matched')) FROM {_TARGETS}), "  # noqa: S608 - constants
    f"(SELECT sum(json_array_length(result, target.fullkey || '.unmatched')) FROM {_TARGETS})"
)
"""Counted by SQLite: a result may be large, and nothing else of it is wanted. It parses the same text only once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """One execution as a table shows it; times are aware UTC."""

    id: int
    command: str
    kind: str
    status: Status
    trigger: Trigger
    dry_run: bool
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    summary: str
    error: str | None
    changes: int

    @property
    def duration_s(self) -> float | None:
        """Seconds from start to finish; None before the end or when it never started."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigure:
    """What is plotted of one run that was carried out; `matched` and `tracks` are None where nothing was matched."""

    id: int
    command: str
    status: Status
    at: datetime
    duration_s: float
    matched: int | None
    tracks: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """Executions, newest first, and whether there are newer and older ones of the same choice."""

    lines: tuple[RunLine, ...]
    has_newer: bool
    has_older: bool


class RunLines:
    """Reads the history in short. Safe to share by threads."""

    def __init__(self, file: ConfigFile, waiting: Callable[[], Mapping[int, Execution]] = dict) -> None:
        """`waiting` returns what the disk has not taken yet, by id."""
        self._file = file
        self._waiting = waiting

    def page(
        self,
        command: str | None = None,
        status: Status | None = None,
        *,
        limit: int = 50,
        before: int | None = None,
        after: int | None = None,
    ) -> RunPage:
        """Return the newest executions, or those next to an id: older ones `before` it, newer ones `after` it."""
        terms, values = _choice(command, status)
        if after is not None:
            found = self._lines([*terms, "id > ?"], [*values, after], "ASC", limit + 1)
            more, found = len(found) > limit, found[:limit][::-1]
            return RunPage(lines=tuple(found), has_newer=more, has_older=True)
        if before is not None:
            terms, values = [*terms, "id < ?"], [*values, before]
        found = self._lines(terms, values, "DESC", limit + 1)
        return RunPage(lines=tuple(found[:limit]), has_newer=before is not None, has_older=len(found) > limit)

    def figures(self, command: str | None = None, *, limit: int) -> list[RunFigure]:
        """Return the figures of the last runs that ended by themselves, newest first; dry runs are left out.

        Of the last `4 * limit` executions at most `limit` are taken: a history of skipped runs is not walked through.
        """
        terms, values = _choice(command, None)
        chosen = (
            f"SELECT id FROM (SELECT id, status, dry_run, started_at, finished_at FROM execution{_where(terms)}"  # noqa: S608 - constants
            " ORDER BY id DESC LIMIT ?) WHERE status IN ('succeeded', 'failed', 'held') AND NOT dry_run"
            " AND started_at IS NOT NULL AND finished_at IS NOT NULL ORDER BY id DESC LIMIT ?"
        )
        sql = (
            f"SELECT id, command, status, started_at, finished_at, {_COUNTS} FROM execution"  # noqa: S608 - constants
            f" WHERE id IN ({chosen}) ORDER BY id DESC"
        )
        with self._file.reading() as connection:
            rows = connection.execute(sql, (*values, 4 * limit, limit)).fetchall()
        return [_figure(row) for row in rows]

    def last_id(self, command: str, *, dry_run: bool, among: int = 200) -> int | None:
        """Return the newest finished dry run, or real run, that left a result, of the last executions of a command."""
        sql = (
            "SELECT id FROM (SELECT id, status, dry_run, result FROM execution WHERE command = ?"
            " ORDER BY id DESC LIMIT ?) WHERE dry_run = ? AND result != '{}'"
            " AND status NOT IN ('queued', 'running') ORDER BY id DESC LIMIT 1"
        )
        with self._file.reading() as connection:
            row = connection.execute(sql, (command, among, dry_run)).fetchone()
        return int(row[0]) if row else None

    def _lines(self, terms: list[str], values: list[object], order: str, limit: int) -> list[RunLine]:
        sql = f"SELECT {_COLUMNS} FROM execution{_where(terms)} ORDER BY id {order} LIMIT ?"  # noqa: S608 - constants
        with self._file.reading() as connection:
            rows = connection.execute(sql, (*values, limit)).fetchall()
        waiting = self._waiting()
        return [
            _line_of(waiting[row[0]]) if row[0] in waiting else _line(row)  # what the disk does not know yet
            for row in rows
        ]


def _choice(command: str | None, status: Status | None) -> tuple[list[str], list[object]]:
    terms: list[str] = []
    values: list[object] = []
    if command is not None:
        terms.append(_OF_COMMAND)
        values += [command, command]
    if status is not None:
        terms.append("status = ?")
        values.append(status.value)
    return terms, values


def _where(terms: list[str]) -> str:
    return f" WHERE {' AND '.join(terms)}" if terms else ""


def _line(row: tuple[Any, ...]) -> RunLine:
    (
        number, command, kind, status, trigger, dry_run, queued_at, started_at, finished_at, summary, error, changes,
    ) = row  # fmt: skip
    return RunLine(
        id=number,
        command=command,
        kind=kind,
        status=Status(status),
        trigger=Trigger(trigger),
        dry_run=bool(dry_run),
        queued_at=from_us(queued_at),
        started_at=from_us_or_none(started_at),
        finished_at=from_us_or_none(finished_at),
        summary=summary,
        error=error,
        changes=changes,
    )


def _line_of(execution: Execution) -> RunLine:
    return RunLine(
        id=execution.id,
        command=execution.command,
        kind=execution.kind,
        status=execution.status,
        trigger=execution.trigger,
        dry_run=execution.dry_run,
        queued_at=execution.queued_at,
        started_at=execution.started_at,
        finished_at=execution.finished_at,
        summary=execution.summary,
        error=execution.error,
        changes=execution.changes,
    )


def _figure(row: tuple[Any, ...]) -> RunFigure:
    number, command, status, started_at, finished_at, matched, unmatched = row
    tracks = int(matched or 0) + (unmatched or 0)
    return RunFigure(
        id=number,
        command=command,
        status=Status(status),
        at=from_us(started_at),
        duration_s=max(finished_at - started_at, 0) / 1e6,
        matched=int(matched or 0) if tracks else None,
        tracks=tracks or None,
    )
