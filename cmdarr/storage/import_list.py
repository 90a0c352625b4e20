"""The import lists in config.db: live lists whose entries keep where they came from, also after they left."""

import builtins
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from peewee import CompositeKey, FloatField, IntegerField, Model, TextField

from cmdarr.models.import_list import ImportListEntry, ListedKind, ListedState
from cmdarr.storage.config_file import ConfigFile
from cmdarr.storage.moment import from_us, from_us_or_none, to_us, to_us_or_none

_decode_details = msgspec.json.Decoder(dict[str, object]).decode
_COLUMNS = "list, kind, mbid, name, artist, added_at, source, score, details, state, state_at"
_INSERT = f"INSERT OR IGNORE INTO import_list_entry ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?)"  # noqa: S608 - constants


_UPSERT = f"""INSERT INTO import_list_entry ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?)
    ON CONFLICT (list, kind, mbid) DO UPDATE SET name = excluded.name, artist = excluded.artist,
        added_at = excluded.added_at, source = excluded.source, score = excluded.score, details = excluded.details,
        state = excluded.state, state_at = excluded.state_at
    WHERE state = 'removed' AND state_at < ?"""  # noqa: S608 - constants


class ImportListEntryRow(Model):
    """One entry; `details` is JSON."""

    list = TextField()
    kind = TextField()
    mbid = TextField()
    name = TextField()
    artist = TextField()
    added_at = IntegerField()
    source = TextField()
    score = FloatField(null=True)
    details = TextField()
    state = TextField()
    state_at = IntegerField(null=True)

    class Meta:
        """Its place in config.db."""

        table_name = "import_list_entry"
        primary_key = CompositeKey("list", "kind", "mbid")


class ImportLists:
    """Entries, unique by list, kind and MBID. Safe to share by threads."""

    def __init__(self, file: ConfigFile) -> None:
        self._file = file

    def add(self, entries: Iterable[ImportListEntry], *, again_before: datetime | None = None) -> int:
        """Add the entries that are not there yet, all or none, and return how many.

        One that is there stays as it is, also where it was removed or consumed: nothing is proposed twice. With
        `again_before` one that was removed before that moment is listed anew.
        """
        with self._file.writing() as connection:
            if again_before is None:
                return connection.executemany(_INSERT, map(_row_of, entries)).rowcount
            rows = [(*_row_of(entry), to_us(again_before)) for entry in entries]
            return connection.executemany(_UPSERT, rows).rowcount

    def set_state(
        self,
        name: str,
        mbids: Iterable[str],
        state: ListedState,
        at: datetime,
        *,
        kind: ListedKind = "artist",
    ) -> int:
        """Change the state of entries of a list, all or none, and return how many there were."""
        rows = [(state.value, to_us(at), name, kind, mbid) for mbid in mbids]
        with self._file.writing() as connection:
            return connection.executemany(
                "UPDATE import_list_entry SET state = ?, state_at = ? WHERE list = ? AND kind = ? AND mbid = ?",
                rows,
            ).rowcount

    def age(self, name: str, added_before: datetime, at: datetime) -> int:
        """Take off the listed entries of a list that were added before a moment, and return how many."""
        with self._file.writing() as connection:
            return connection.execute(
                "UPDATE import_list_entry SET state = 'removed', state_at = ?"
                " WHERE list = ? AND state = 'listed' AND added_at < ?",
                (to_us(at), name, to_us(added_before)),
            ).rowcount

    def entries(
        self,
        name: str,
        *,
        kind: ListedKind | None = None,
        state: ListedState | None = ListedState.LISTED,
    ) -> builtins.list[ImportListEntry]:
        """Return the entries of a list, the oldest first; every state for `state=None`."""
        terms: dict[str, str | None] = {
            "list = ?": name,
            "kind = ?": kind,
            "state = ?": state and state.value,
        }
        wanted = {term: value for term, value in terms.items() if value is not None}
        sql = (
            f"SELECT {_COLUMNS} FROM import_list_entry WHERE {' AND '.join(wanted)}"  # noqa: S608 - constants only
            " ORDER BY added_at, name, mbid"
        )
        with self._file.reading() as connection:
            return [_entry_of(row) for row in connection.execute(sql, tuple(wanted.values())).fetchall()]

    def names(self) -> dict[str, int]:
        """Return the names of all lists that ever had an entry, with the number of entries listed now."""
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT list, sum(state = 'listed') FROM import_list_entry GROUP BY list ORDER BY list"
            ).fetchall()
        return dict(rows)


def _row_of(entry: ImportListEntry) -> tuple[object, ...]:
    return (
        entry.list,
        entry.kind,
        entry.mbid,
        entry.name,
        entry.artist,
        to_us(entry.added_at),
        entry.source,
        entry.score,
        msgspec.json.encode(entry.details).decode(),
        entry.state.value,
        to_us_or_none(entry.state_at),
    )


def _entry_of(row: tuple[Any, ...]) -> ImportListEntry:
    name, kind, mbid, title, artist, added_at, source, score, details, state, state_at = row
    return ImportListEntry(
        list=name,
        kind=kind,
        mbid=mbid,
        name=title,
        artist=artist,
        added_at=from_us(added_at),
        source=source,
        score=score,
        details=_decode_details(details),
        state=ListedState(state),
        state_at=from_us_or_none(state_at),
    )
