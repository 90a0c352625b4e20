"""The decisions in config.db: made by users, by commands for a while, or brought by an import."""

import builtins
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from peewee import CompositeKey, IntegerField, Model, TextField

from cmdarr.models.decision import DecisionKind, UserDecision
from cmdarr.storage.config_file import ConfigFile
from cmdarr.storage.moment import from_us, from_us_or_none, to_us, to_us_or_none

_decode_details = msgspec.json.Decoder(dict[str, object]).decode
_COLUMNS = "kind, subject, item, name, decided_at, until, source, reason, details"
_INSERT = f"INSERT OR {{}} INTO decision ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?)"  # noqa: S608 - constants


class DecisionRow(Model):
    """One decision; `details` is JSON."""

    kind = TextField()
    subject = TextField()
    item = TextField()
    name = TextField()
    decided_at = IntegerField()
    until = IntegerField(null=True)
    source = TextField()
    reason = TextField()
    details = TextField()

    class Meta:
        """Its place in config.db."""

        table_name = "decision"
        primary_key = CompositeKey("kind", "subject", "item")


class Decisions:
    """Decisions, unique by kind, subject and item. Safe to share by threads."""

    def __init__(self, file: ConfigFile) -> None:
        self._file = file

    def save(self, decisions: Iterable[UserDecision]) -> None:
        """Store decisions, all or none, each in place of the one of the same kind, subject and item."""
        with self._file.writing() as connection:
            connection.executemany(_INSERT.format("REPLACE"), map(_row_of, decisions))

    def add_missing(self, decisions: Iterable[UserDecision]) -> int:
        """Store the decisions that are not there yet, all or none, and return how many; the others stay as they are."""
        with self._file.writing() as connection:
            return connection.executemany(_INSERT.format("IGNORE"), map(_row_of, decisions)).rowcount

    def remove(self, kind: DecisionKind, subject: str, item: str = "") -> bool:
        """Forget a decision and return whether there was one."""
        with self._file.writing() as connection:
            removed = connection.execute(
                "DELETE FROM decision WHERE kind = ? AND subject = ? AND item = ?", (kind, subject, item)
            ).rowcount
        return removed > 0

    def remove_expired(self, now: datetime) -> int:
        """Remove the decisions whose `until` has passed and return how many."""
        with self._file.writing() as connection:
            return connection.execute("DELETE FROM decision WHERE until <= ?", (to_us(now),)).rowcount

    def find(self, kind: DecisionKind, subject: str, item: str = "") -> UserDecision | None:
        """Return one decision, or None; one whose `until` has passed is returned until it is removed."""
        sql = f"SELECT {_COLUMNS} FROM decision WHERE kind = ? AND subject = ? AND item = ?"  # noqa: S608 - constants
        with self._file.reading() as connection:
            row = connection.execute(sql, (kind, subject, item)).fetchone()
        return None if row is None else _decision_of(row)

    def subjects(self, kind: DecisionKind, now: datetime | None = None) -> frozenset[str]:
        """Return the subjects with a decision of a kind, for filtering; with `now` only those that still hold."""
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT DISTINCT subject FROM decision WHERE kind = ? AND (until IS NULL OR ? IS NULL OR until > ?)",
                (kind, to_us_or_none(now), to_us_or_none(now)),
            ).fetchall()
        return frozenset(row[0] for row in rows)

    def list(self, kind: DecisionKind | None = None) -> builtins.list[UserDecision]:
        """Return the decisions [of one kind], by kind, name and subject."""
        where = "" if kind is None else "WHERE kind = ?"
        sql = f"SELECT {_COLUMNS} FROM decision {where} ORDER BY kind, name, subject, item"  # noqa: S608 - constants
        with self._file.reading() as connection:
            rows = connection.execute(sql, () if kind is None else (kind,)).fetchall()
        return [_decision_of(row) for row in rows]


def _row_of(decision: UserDecision) -> tuple[object, ...]:
    return (
        decision.kind.value,
        decision.subject,
        decision.item,
        decision.name,
        to_us(decision.decided_at),
        to_us_or_none(decision.until),
        decision.source,
        decision.reason,
        msgspec.json.encode(decision.details).decode(),
    )


def _decision_of(row: tuple[Any, ...]) -> UserDecision:
    kind, subject, item, name, decided_at, until, source, reason, details = row
    return UserDecision(
        kind=DecisionKind(kind),
        subject=subject,
        item=item,
        name=name,
        decided_at=from_us(decided_at),
        until=from_us_or_none(until),
        source=source,
        reason=reason,
        details=_decode_details(details),
    )
