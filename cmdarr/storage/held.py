"""The held changes in config.db: computed, but waiting for the user."""

import builtins

import msgspec
from peewee import CompositeKey, IntegerField, Model, TextField

from cmdarr.models.playlist import HeldChange
from cmdarr.storage.config_file import ConfigFile
from cmdarr.storage.moment import to_us

_decode_change = msgspec.json.Decoder(HeldChange).decode


class HeldChangeRow(Model):
    """The held change of one target; `change` is JSON."""

    command = TextField()
    server = TextField()
    user = TextField()
    slot = TextField()
    held_at = IntegerField()
    change = TextField()

    class Meta:
        """Its place in config.db."""

        table_name = "held_change"
        primary_key = CompositeKey("command", "server", "user", "slot")


class HeldChanges:
    """Held changes, unique by command, server, user and slot."""

    def __init__(self, file: ConfigFile) -> None:
        self._file = file

    def save(self, change: HeldChange) -> None:
        """Store a held change in place of the one of the same target."""
        row = HeldChangeRow.insert(
            command=change.command,
            server=change.server,
            user=change.user,
            slot=change.slot,
            held_at=to_us(change.held_at),
            change=msgspec.json.encode(change).decode(),
        ).on_conflict_replace()
        with self._file.writing():
            row.execute(self._file.database)

    def find(self, command: str, server: str, user: str = "", slot: str = "") -> HeldChange | None:
        """Return the held change of a target, or None."""
        with self._file.reading() as connection:
            row = connection.execute(
                "SELECT change FROM held_change WHERE command = ? AND server = ? AND user = ? AND slot = ?",
                (command, server, user, slot),
            ).fetchone()
        return None if row is None else _decode_change(row[0])

    def remove(self, command: str, server: str, user: str = "", slot: str = "") -> None:
        """Forget the held change of a target; absent is fine."""
        with self._file.writing() as connection:
            connection.execute(
                "DELETE FROM held_change WHERE command = ? AND server = ? AND user = ? AND slot = ?",
                (command, server, user, slot),
            )

    def count_by_command(self) -> dict[str, int]:
        """Return how many changes of each command are held; commands without any are left out."""
        with self._file.reading() as connection:
            return dict(connection.execute("SELECT command, count(*) FROM held_change GROUP BY command"))

    def list(self, command: str | None = None) -> builtins.list[HeldChange]:
        """Return the held changes [of one command], the oldest first."""
        query = HeldChangeRow.select(HeldChangeRow.change).order_by(HeldChangeRow.held_at)
        if command is not None:
            query = query.where(HeldChangeRow.command == command)
        with self._file.reading():
            return [_decode_change(row.change) for row in query.execute(self._file.database)]
