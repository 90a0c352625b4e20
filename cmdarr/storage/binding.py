"""The bindings in config.db: which server playlist each target of a command writes to."""

import builtins

from peewee import BooleanField, CompositeKey, Model, TextField

from cmdarr.models.playlist import Binding, PlaylistId
from cmdarr.storage.config_file import ConfigFile


class BindingRow(Model):
    """The playlist of one target."""

    command = TextField()
    server = TextField()
    user = TextField()
    slot = TextField()
    playlist_id = TextField()
    title = TextField()
    is_made = BooleanField()
    description = TextField()
    edition = TextField()

    class Meta:
        """Its place in config.db."""

        table_name = "binding"
        primary_key = CompositeKey("command", "server", "user", "slot")


class Bindings:
    """Bindings, unique by command, server, user and slot."""

    def __init__(self, file: ConfigFile) -> None:
        self._file = file

    def find(self, command: str, server: str, user: str = "", slot: str = "") -> Binding | None:
        """Return the binding of one target, or None."""
        query = BindingRow.select().where(_is_target(command, server, user, slot))
        with self._file.reading():
            rows = list(query.execute(self._file.database))
        return _binding_of(rows[0]) if rows else None

    def save(self, binding: Binding) -> None:
        """Store a binding in place of the one of the same target."""
        row = BindingRow.insert(
            command=binding.command,
            server=binding.server,
            user=binding.user,
            slot=binding.slot,
            playlist_id=binding.playlist_id,
            title=binding.title,
            is_made=binding.is_made,
            description=binding.description,
            edition=binding.edition,
        ).on_conflict_replace()
        with self._file.writing():
            row.execute(self._file.database)

    def remove(self, binding: Binding) -> None:
        """Forget the binding of a target; absent is fine."""
        target = _is_target(binding.command, binding.server, binding.user, binding.slot)
        with self._file.writing():
            BindingRow.delete().where(target).execute(self._file.database)

    def list(self, command: str | None = None, server: str | None = None) -> builtins.list[Binding]:
        """Return the bindings [of one command] [on one server], in order."""
        query = BindingRow.select().order_by(
            BindingRow.command, BindingRow.server, BindingRow.user, BindingRow.slot
        )
        if command is not None:
            query = query.where(BindingRow.command == command)
        if server is not None:
            query = query.where(BindingRow.server == server)
        with self._file.reading():
            return [_binding_of(row) for row in query.execute(self._file.database)]


def _is_target(command: str, server: str, user: str, slot: str) -> object:
    return (
        (BindingRow.command == command)
        & (BindingRow.server == server)
        & (BindingRow.user == user)
        & (BindingRow.slot == slot)
    )


def _binding_of(row: BindingRow) -> Binding:
    return Binding(
        command=row.command,
        server=row.server,
        user=row.user,
        slot=row.slot,
        playlist_id=PlaylistId(row.playlist_id),
        title=row.title,
        is_made=row.is_made,
        description=row.description,
        edition=row.edition,
    )
