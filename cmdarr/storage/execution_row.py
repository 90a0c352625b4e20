"""The table of executions, and the way from a row to an `Execution` and back."""

from collections.abc import Mapping
from typing import Any

import msgspec
from peewee import AutoField, BlobField, ForeignKeyField, IntegerField, Model, TextField

from cmdarr.models.execution import Execution, Status, Trigger
from cmdarr.storage.moment import from_us, from_us_or_none, to_us, to_us_or_none


class DocumentRow(Model):
    """An effective command document, stored once however many executions had it."""

    digest = BlobField(unique=True)
    text = TextField()

    class Meta:
        """Its place in config.db."""

        table_name = "document"


class ExecutionRow(Model):
    """One run. `process` names the process that carries it out."""

    id = AutoField()
    command = TextField()
    kind = TextField()
    status = TextField()
    trigger = TextField()
    dry_run = IntegerField()
    queued_at = IntegerField()
    started_at = IntegerField(null=True)
    finished_at = IntegerField(null=True)
    due_at = IntegerField(null=True)
    summary = TextField()
    error = TextField(null=True)
    error_class = TextField(null=True)
    changes = IntegerField()
    generation = TextField()
    document = ForeignKeyField(DocumentRow)
    retry_of = IntegerField(null=True)
    process = TextField()
    result = TextField()

    class Meta:
        """Its place in config.db."""

        table_name = "execution"


COLUMNS = (
    'e.id, e.command, e.kind, e.status, e."trigger", e.dry_run, e.queued_at, e.started_at, e.finished_at, e.due_at, '
    "e.summary, e.error, e.error_class, e.changes, e.generation, e.retry_of, e.result, d.text"
)
"""What `execution_of` takes, of `execution AS e JOIN document AS d ON d.id = e.document_id`."""

_STATUSES = {status.value: status for status in Status}
_TRIGGERS = {trigger.value: trigger for trigger in Trigger}
_decode_result = msgspec.json.Decoder(dict[str, object]).decode


def execution_of(row: tuple[Any, ...]) -> Execution:
    """Return the execution of a row of `COLUMNS`."""
    (
        number, command, kind, status, trigger, dry_run, queued_at, started_at, finished_at, due_at,
        summary, error, error_class, changes, generation, retry_of, result, document,
    ) = row  # fmt: skip
    return Execution(
        id=number,
        command=command,
        kind=kind,
        status=_STATUSES[status],
        trigger=_TRIGGERS[trigger],
        dry_run=bool(dry_run),
        queued_at=from_us(queued_at),
        started_at=from_us_or_none(started_at),
        finished_at=from_us_or_none(finished_at),
        due_at=from_us_or_none(due_at),
        summary=summary,
        error=error,
        error_class=error_class,
        changes=changes,
        generation=generation,
        retry_of=retry_of,
        result=_decode_result(result) if result != "{}" else {},
        document=document,
    )


def result_text(result: Mapping[str, object]) -> str:
    """Return a run's result as JSON text; what JSON does not know becomes its text."""
    return msgspec.json.encode(result, enc_hook=str).decode()


INSERT = """INSERT OR REPLACE INTO execution (
    id, command, kind, status, "trigger", dry_run, queued_at, started_at, finished_at, due_at, summary, error,
    error_class, changes, generation, retry_of, process, result, document_id)
    VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?, (SELECT id FROM document WHERE digest = ?))"""
"""Stores a whole execution; takes `insert_values`."""


def insert_values(execution: Execution, process: str, digest: bytes) -> tuple[Any, ...]:
    """Return the values of `INSERT`; `digest` names the document, which stands in its table already."""
    return (
        execution.id,
        execution.command,
        execution.kind,
        execution.status.value,
        execution.trigger.value,
        execution.dry_run,
        to_us(execution.queued_at),
        to_us_or_none(execution.started_at),
        to_us_or_none(execution.finished_at),
        to_us_or_none(execution.due_at),
        execution.summary,
        execution.error,
        execution.error_class,
        execution.changes,
        execution.generation,
        execution.retry_of,
        process,
        result_text(execution.result),
        digest,
    )
