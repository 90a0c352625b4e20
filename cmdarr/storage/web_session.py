"""The sessions of the web pages in config.db: who is logged in, by the digest of what the browser holds."""

from datetime import datetime

from peewee import BlobField, IntegerField, Model

from cmdarr.storage.config_file import ConfigFile
from cmdarr.storage.moment import to_us

MOST_SESSIONS = 1000


class WebSessionRow(Model):
    """One login; `digest` cannot be turned back into what the browser sends."""

    digest = BlobField(primary_key=True)
    created_at = IntegerField()
    expires_at = IntegerField()

    class Meta:
        """Its place in config.db."""

        table_name = "web_session"


class WebSessions:
    """Sessions, unique by digest. Safe to share by threads."""

    def __init__(self, file: ConfigFile) -> None:
        self._file = file

    def add(self, digest: bytes, created_at: datetime, expires_at: datetime) -> None:
        """Store a session; those that are over, and the oldest beyond a bound, go."""
        now = to_us(created_at)
        with self._file.writing() as connection:
            connection.execute("DELETE FROM web_session WHERE expires_at <= ?", (now,))
            connection.execute(
                "DELETE FROM web_session WHERE digest IN"
                " (SELECT digest FROM web_session ORDER BY created_at DESC LIMIT -1 OFFSET ?)",
                (MOST_SESSIONS - 1,),
            )
            connection.execute(
                "INSERT OR REPLACE INTO web_session (digest, created_at, expires_at) VALUES (?, ?, ?)",
                (digest, now, to_us(expires_at)),
            )

    def is_valid(self, digest: bytes, now: datetime) -> bool:
        """Whether there is a session of that digest that is not over."""
        with self._file.reading() as connection:
            row = connection.execute(
                "SELECT 1 FROM web_session WHERE digest = ? AND expires_at > ?", (digest, to_us(now))
            ).fetchone()
        return row is not None

    def remove(self, digest: bytes) -> None:
        """End a session; absent is fine."""
        with self._file.writing() as connection:
            connection.execute("DELETE FROM web_session WHERE digest = ?", (digest,))
