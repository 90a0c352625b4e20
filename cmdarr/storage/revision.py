"""The revisions in config.db: stored states of server playlists, the newest 20 of each."""

import builtins

import msgspec
from peewee import AutoField, IntegerField, Model, TextField

from cmdarr.errors import NothingFound
from cmdarr.models.playlist import PlaylistEntry, PlaylistId, Revision
from cmdarr.storage.config_file import ConfigFile
from cmdarr.storage.moment import from_us, to_us

KEPT_PER_PLAYLIST = 20

_decode_entries = msgspec.json.Decoder(tuple[PlaylistEntry, ...]).decode


class RevisionRow(Model):
    """One stored state; `entries` is JSON."""

    id = AutoField()
    command = TextField()
    server = TextField()
    user = TextField()
    playlist_id = TextField()
    title = TextField()
    taken_at = IntegerField()
    reason = TextField()
    execution_id = IntegerField(null=True)
    entries = TextField()

    class Meta:
        """Its place in config.db."""

        table_name = "revision"


class Revisions:
    """Stored states of playlists, newest first."""

    def __init__(self, file: ConfigFile) -> None:
        self._file = file

    def add(self, revision: Revision) -> int:
        """Store a revision, drop the oldest beyond 20 of its playlist, and return its id."""
        row = RevisionRow.insert(
            command=revision.command,
            server=revision.server,
            user=revision.user,
            playlist_id=revision.playlist_id,
            title=revision.title,
            taken_at=to_us(revision.taken_at),
            reason=revision.reason,
            execution_id=revision.execution_id,
            entries=msgspec.json.encode(revision.entries).decode(),
        )
        playlist = (revision.server, revision.user, revision.playlist_id)
        with self._file.writing() as connection:
            number = int(row.execute(self._file.database))
            connection.execute(
                "DELETE FROM revision WHERE id IN (SELECT id FROM revision"
                " WHERE server = ? AND user = ? AND playlist_id = ? ORDER BY id DESC LIMIT -1 OFFSET ?)",
                (*playlist, KEPT_PER_PLAYLIST),
            )
        return number

    def list(
        self,
        command: str | None = None,
        server: str | None = None,
        playlist_id: PlaylistId | None = None,
        limit: int = 100,
    ) -> builtins.list[Revision]:
        """Return at most `limit` revisions, newest first [of one command] [on one server] [of one playlist]."""
        query = RevisionRow.select().order_by(RevisionRow.id.desc()).limit(limit)
        if command is not None:
            query = query.where(RevisionRow.command == command)
        if server is not None:
            query = query.where(RevisionRow.server == server)
        if playlist_id is not None:
            query = query.where(RevisionRow.playlist_id == playlist_id)
        with self._file.reading():
            return [_revision_of(row) for row in query.execute(self._file.database)]

    def newest(self, server: str, user: str, playlist_id: PlaylistId) -> Revision | None:
        """Return the newest revision of a playlist, None when there is none."""
        query = (
            RevisionRow.select()
            .where(
                (RevisionRow.server == server)
                & (RevisionRow.user == user)
                & (RevisionRow.playlist_id == playlist_id)
            )
            .order_by(RevisionRow.id.desc())
            .limit(1)
        )
        with self._file.reading():
            rows = list(query.execute(self._file.database))
        return _revision_of(rows[0]) if rows else None

    def get(self, revision_id: int) -> Revision:
        """Return one revision.

        Raises:
            NothingFound: there is none of that id.
        """
        with self._file.reading():
            rows = list(
                RevisionRow.select().where(RevisionRow.id == revision_id).execute(self._file.database)
            )
        if not rows:
            raise NothingFound(
                f"there is no revision {revision_id}: `cmdarr playlists revisions` lists them."
            )
        return _revision_of(rows[0])


def _revision_of(row: RevisionRow) -> Revision:
    return Revision(
        id=row.id,
        command=row.command,
        server=row.server,
        user=row.user,
        playlist_id=PlaylistId(row.playlist_id),
        title=row.title,
        entries=_decode_entries(row.entries),
        taken_at=from_us(row.taken_at),
        reason=row.reason,
        execution_id=row.execution_id,
    )
