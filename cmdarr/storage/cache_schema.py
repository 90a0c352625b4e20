"""The tables of cache.db: one schema number; another one, older or newer, and the file is dropped and created anew.

Two tables hold an answer, so that what is scanned (ages, sizes, last use) stays small beside what is only fetched.
"""

import secrets

from peewee import (
    AutoField,
    BigIntegerField,
    BlobField,
    CompositeKey,
    IntegerField,
    Model,
    SchemaManager,
    TextField,
)

from cmdarr.matching.key_format import KEY_FORMAT
from cmdarr.storage.database import PinnedDatabase

_TABLES = 2
"""Raised by whoever changes a table here, or what a column means."""
CACHE_SCHEMA = _TABLES * 1000 + KEY_FORMAT
"""The schema number: a file with library keys of another form is as useless as one with other tables."""


class MarkRow(Model):
    """What identifies this very file: a random text, and how many library indexes it has had."""

    mark = TextField()
    generations = IntegerField()

    class Meta:
        """Its place in cache.db."""

        table_name = "mark"


class SourceRow(Model):
    """One service. Answers of another generation than the source's are gone, before they are swept."""

    name = TextField(unique=True)
    generation = IntegerField()
    hits = IntegerField()
    misses = IntegerField()

    class Meta:
        """Its place in cache.db."""

        table_name = "source"


class AnswerRow(Model):
    """One answer without its body. `id` is a hash of source and key; `form` says how the body is written.

    Bodies have ids of their own, in the order of their arrival: in the order of a hash, each would dirty a page of
    its own, which makes a bulk write three times as dear.
    """

    id = BigIntegerField(primary_key=True)
    source = IntegerField()
    generation = IntegerField()
    key = TextField()
    stored_at = IntegerField()
    expires_at = IntegerField()
    used_at = IntegerField()
    body = IntegerField()
    size = IntegerField()
    form = IntegerField()
    reason = TextField(null=True)

    class Meta:
        """Its place in cache.db."""

        table_name = "answer"


class BodyRow(Model):
    """The body of one answer."""

    id = AutoField()
    value = BlobField()

    class Meta:
        """Its place in cache.db."""

        table_name = "body"


class LibraryRow(Model):
    """The index of one section that is in force; its tracks have ids from `first_id` to `last_id`, perhaps with gaps.

    `edition` is another number after every change.
    """

    generation = IntegerField(primary_key=True)
    server = TextField()
    section = TextField()
    first_id = IntegerField()
    last_id = IntegerField()
    tracks = IntegerField()
    refreshed_at = IntegerField()
    edition = IntegerField()

    class Meta:
        """Its place in cache.db."""

        table_name = "library"
        indexes = ((("server", "section"), True),)


class DroppedLibraryRow(Model):
    """An index that is no longer in force, but whose rows are not all swept yet."""

    generation = IntegerField(primary_key=True)
    first_id = IntegerField()
    last_id = IntegerField()

    class Meta:
        """Its place in cache.db."""

        table_name = "dropped_library"


class LibraryTrackRow(Model):
    """One track of one index; `hash` is that of all other fields, by which it is known when it comes again."""

    id = IntegerField(primary_key=True)
    hash = BigIntegerField()
    server_id = TextField()
    title = TextField()
    artist = TextField()
    album = TextField()
    album_artist = TextField()
    disc = IntegerField(null=True)
    number = IntegerField(null=True)
    duration_ms = IntegerField(null=True)
    year = IntegerField(null=True)
    recording_mbid = TextField(null=True)
    release_track_mbid = TextField(null=True)
    isrc = TextField(null=True)

    class Meta:
        """Its place in cache.db."""

        table_name = "library_track"


class LibraryKeyRow(Model):
    """One key by which a track is found: a hash, signed 64 bits. The track's id is `first_id` + `place`."""

    generation = IntegerField()
    key = BigIntegerField()
    place = IntegerField()

    class Meta:
        """Its place in cache.db."""

        table_name = "library_key"
        primary_key = CompositeKey("generation", "key", "place")
        without_rowid = True


TABLES: tuple[type[Model], ...] = (
    MarkRow, SourceRow, AnswerRow, BodyRow, LibraryRow, DroppedLibraryRow, LibraryTrackRow, LibraryKeyRow,
)  # fmt: skip


def build_cache(database: PinnedDatabase) -> None:
    """Create the tables in an empty file."""
    connection = database.open()
    for table in TABLES:
        SchemaManager(table, database=database).create_all(safe=False)
    connection.execute("INSERT INTO mark (mark, generations) VALUES (?, 0)", (secrets.token_hex(8),))
    connection.execute(f"PRAGMA user_version = {CACHE_SCHEMA}")
