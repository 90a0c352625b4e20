"""Former names of commands in config.db: the history of a command is found by each of them."""

from collections.abc import Mapping

from peewee import Model, TextField

from cmdarr.storage.config_file import ConfigFile


class FormerNameRow(Model):
    """One name that a command had before."""

    former = TextField(primary_key=True)
    command = TextField()

    class Meta:
        """Its place in config.db."""

        table_name = "former_name"


class FormerNames:
    """Former name -> the command of today."""

    def __init__(self, file: ConfigFile) -> None:
        self._file = file

    def load(self) -> Mapping[str, str]:
        """Return all of them."""
        with self._file.reading() as connection:
            return dict(connection.execute("SELECT former, command FROM former_name").fetchall())

    def save(self, names: Mapping[str, str]) -> None:
        """Store former names, each in place of what it meant before."""
        with self._file.writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO former_name VALUES (?, ?)", list(names.items()))
