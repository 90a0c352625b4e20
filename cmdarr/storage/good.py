"""The last good configuration documents in config.db: secrets are masked before they come here."""

from collections.abc import Mapping, Sequence

from peewee import AutoField, IntegerField, Model, TextField

from cmdarr.models.clock import Clock
from cmdarr.models.generation import GoodDocument
from cmdarr.storage.config_file import ConfigFile
from cmdarr.storage.moment import from_us, to_us

_GENERATIONS_KEPT = 100


class GoodDocumentRow(Model):
    """The meaning of one file as it was last applied."""

    file = TextField(primary_key=True)
    document = TextField()
    digest = TextField()
    good_since = IntegerField()

    class Meta:
        """Its place in config.db."""

        table_name = "good_document"


class ConfigGenerationRow(Model):
    """One configuration that was applied."""

    id = AutoField()
    generation = TextField()
    applied_at = IntegerField()

    class Meta:
        """Its place in config.db."""

        table_name = "config_generation"


class GoodDocuments:
    """What the configuration was when it was last applied."""

    def __init__(self, file: ConfigFile, clock: Clock) -> None:
        self._file = file
        self._clock = clock

    def load_good(self) -> Mapping[str, GoodDocument]:
        """Return the documents by file."""
        with self._file.reading():
            rows = list(GoodDocumentRow.select().execute(self._file.database))
        return {
            row.file: GoodDocument(
                file=row.file, document=row.document, digest=row.digest, good_since=from_us(row.good_since)
            )
            for row in rows
        }

    def replace_good(self, generation: str, documents: Sequence[GoodDocument]) -> None:
        """Store the documents in place of all before them, and the generation they make, in one transaction."""
        database = self._file.database
        rows = [(found.file, found.document, found.digest, to_us(found.good_since)) for found in documents]
        with self._file.writing() as connection:
            GoodDocumentRow.delete().execute(database)
            connection.executemany(
                "INSERT INTO good_document (file, document, digest, good_since) VALUES (?, ?, ?, ?)", rows
            )
            ConfigGenerationRow.insert(generation=generation, applied_at=to_us(self._clock.now())).execute(
                database
            )
            connection.execute(
                "DELETE FROM config_generation WHERE id <= (SELECT max(id) FROM config_generation) - ?",
                (_GENERATIONS_KEPT,),
            )

    def generation(self) -> str | None:
        """Return the generation that was applied last, None before the first."""
        newest = ConfigGenerationRow.select().order_by(ConfigGenerationRow.id.desc()).limit(1)
        with self._file.reading():
            rows = list(newest.execute(self._file.database))
        return rows[0].generation if rows else None
