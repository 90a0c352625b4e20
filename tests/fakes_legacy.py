"""Databases and folders as the legacy program left them, in every shape that it ever had."""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

Row = Mapping[str, object]

SETTING_COLUMNS = (
    "id INTEGER NOT NULL PRIMARY KEY, key VARCHAR(255) NOT NULL UNIQUE, value TEXT, default_value TEXT NOT NULL, "
    "data_type VARCHAR(50) NOT NULL, category VARCHAR(100) NOT NULL, description TEXT, is_sensitive BOOLEAN, "
    "is_required BOOLEAN, {hidden}validation_regex VARCHAR(500), min_value FLOAT, max_value FLOAT, options TEXT, "
    "created_at DATETIME DEFAULT CURRENT_TIMESTAMP, updated_at DATETIME DEFAULT CURRENT_TIMESTAMP"
)
COMMAND_COLUMNS = (
    "id INTEGER NOT NULL PRIMARY KEY, command_name VARCHAR(100) NOT NULL UNIQUE, display_name VARCHAR(200) NOT NULL, "
    "description TEXT, enabled BOOLEAN NOT NULL, {columns}timeout_minutes INTEGER, config_json JSON, "
    "last_run DATETIME, last_success BOOLEAN, last_duration FLOAT, last_error TEXT, "
    "created_at DATETIME DEFAULT CURRENT_TIMESTAMP, updated_at DATETIME DEFAULT CURRENT_TIMESTAMP"
)
EXECUTION_COLUMNS = (
    "id INTEGER NOT NULL PRIMARY KEY, command_name VARCHAR(100) NOT NULL, started_at DATETIME NOT NULL, "
    "completed_at DATETIME, success BOOLEAN, status VARCHAR(20) NOT NULL, duration FLOAT, error_message TEXT, "
    "result_data JSON, output_summary TEXT, triggered_by VARCHAR(50) NOT NULL"
)
CACHES = (
    "CREATE TABLE api_cache (id INTEGER PRIMARY KEY, cache_key VARCHAR(500), source VARCHAR(100), data JSON)",
    "CREATE TABLE failed_lookups (id INTEGER PRIMARY KEY, cache_key VARCHAR(500), source VARCHAR(100))",
    "CREATE TABLE library_cache (id INTEGER PRIMARY KEY, cache_key VARCHAR(500), cache_data JSON)",
)
RELEASES = (
    (
        "CREATE TABLE new_release_pending (id INTEGER PRIMARY KEY, artist_mbid VARCHAR(100) NOT NULL, "
        "artist_name VARCHAR(500) NOT NULL, spotify_artist_id VARCHAR(100), album_title VARCHAR(500) NOT NULL, "
        "album_type VARCHAR(50), release_date VARCHAR(50), total_tracks INTEGER, spotify_url VARCHAR(500), "
        "harmony_url VARCHAR(500), lidarr_artist_id INTEGER, lidarr_artist_url VARCHAR(500), added_at DATETIME, "
        "source VARCHAR(50) NOT NULL, status VARCHAR(50) NOT NULL, resolved_at DATETIME, resolved_reason VARCHAR(100))"
    ),
    (
        "CREATE TABLE dismissed_artist_album (id INTEGER PRIMARY KEY, artist_mbid VARCHAR(100) NOT NULL, "
        "artist_name VARCHAR(500), album_title VARCHAR(500) NOT NULL, release_date VARCHAR(50), dismissed_at DATETIME, "
        "UNIQUE (artist_mbid, album_title, release_date))"
    ),
    "CREATE TABLE lidarr_artist (id INTEGER PRIMARY KEY, artist_mbid VARCHAR(100), artist_name VARCHAR(500))",
)
EVENTS = (
    (
        "CREATE TABLE concert_event (id INTEGER PRIMARY KEY, artist_mbid VARCHAR(100) NOT NULL, "
        "artist_name VARCHAR(500) NOT NULL, venue_name VARCHAR(500), venue_city VARCHAR(200), "
        "venue_region VARCHAR(200), venue_country VARCHAR(100), venue_lat FLOAT, venue_lon FLOAT, "
        "starts_at_utc DATETIME NOT NULL, "
        "local_date VARCHAR(20) NOT NULL, dedupe_key VARCHAR(64) NOT NULL, user_interested BOOLEAN NOT NULL, "
        "tm_event_name VARCHAR(500), event_kind VARCHAR(32) NOT NULL, festival_key VARCHAR(256), created_at DATETIME, "
        "updated_at DATETIME)"
    ),
    (
        "CREATE TABLE concert_event_source (id INTEGER PRIMARY KEY, concert_event_id INTEGER, provider VARCHAR(32), "
        "external_id VARCHAR(256), source_url VARCHAR(1024))"
    ),
    (
        "CREATE TABLE artist_concert_hidden (artist_mbid VARCHAR(100) PRIMARY KEY, artist_name VARCHAR(500), "
        "hidden_at DATETIME)"
    ),
    "CREATE TABLE artist_concert_hidden_event (event_id INTEGER PRIMARY KEY, hidden_at DATETIME)",
)
IGNORED = (
    (
        "CREATE TABLE new_release_ignored_artist (artist_mbid VARCHAR(100) PRIMARY KEY, artist_name VARCHAR(500), "
        "ignored_at DATETIME)"
    ),
    "CREATE TABLE schema_migration (name TEXT PRIMARY KEY, version TEXT NOT NULL, applied_at TIMESTAMP)",
)


@dataclass(frozen=True)
class Shape:
    """What the configuration database of one version looks like."""

    version: str
    is_split: bool = True
    has_hidden: bool = True
    command_columns: tuple[str, ...] = ("schedule_cron VARCHAR(100)",)
    more: tuple[str, ...] = ()

    @property
    def has_cron(self) -> bool:
        return any("cron" in column for column in self.command_columns)

    @property
    def file(self) -> str:
        return "cmdarr_config.db" if self.is_split else "cmdarr.db"


TYPE, HOURS, CRON = "command_type VARCHAR(50)", "schedule_hours INTEGER", "schedule_cron VARCHAR(100)"
COUNTS = tuple(
    f"total_{name}_count INTEGER NOT NULL DEFAULT 0" for name in ("execution", "success", "failure")
)
DELETED = "deleted_at DATETIME"
SHAPES = (
    Shape("0.1.1", is_split=False, has_hidden=False, command_columns=(HOURS,), more=CACHES),
    Shape("0.2.0", is_split=False, has_hidden=False, command_columns=(HOURS, TYPE), more=CACHES),
    Shape("after 0.2.2", is_split=False, command_columns=(HOURS, TYPE), more=CACHES),
    Shape("0.2.3", command_columns=(HOURS, TYPE)),
    Shape("0.3.0", command_columns=(HOURS, TYPE), more=RELEASES),
    Shape("0.3.2", command_columns=(CRON, TYPE), more=RELEASES),
    Shape("0.3.6", command_columns=(CRON, TYPE, *COUNTS), more=RELEASES),
    Shape("0.3.7", command_columns=(CRON, TYPE, *COUNTS, DELETED), more=RELEASES),
    Shape("0.3.14", command_columns=(CRON, TYPE, *COUNTS, DELETED), more=(*RELEASES, *EVENTS)),
    Shape("0.3.17", command_columns=(CRON, TYPE, *COUNTS, DELETED), more=(*RELEASES, *EVENTS, *IGNORED)),
    Shape("half-migrated", command_columns=(HOURS, CRON, DELETED), more=RELEASES[:1]),
)
OLD, SPLIT_HOURS, NEW = SHAPES[2], SHAPES[3], SHAPES[9]
START = datetime.fromisoformat("2026-06-01T03:07:00.123456")


def setting(key: str, value: object, default: str = "", data_type: str = "string", **more: object) -> Row:
    return {
        "key": key,
        "value": value,
        "default_value": default,
        "data_type": data_type,
        "category": "x",
        **more,
    }


def secret(key: str, value: str) -> Row:
    return setting(key, value, is_sensitive=1)


def command(name: str, config: object = None, **more: object) -> Row:
    row: dict[str, object] = {"command_name": name, "display_name": name, "enabled": 1, "timeout_minutes": 30}
    return {**row, "config_json": None if config is None else json.dumps(config), **more}


def sync(
    name: str = "playlist_sync_00001", title: str = "Hits", config: Row | None = None, **more: Any
) -> Row:
    """A playlist command as its wizard made it."""
    stated = {
        "source": "deezer", "playlist_url": "https://www.deezer.com/en/playlist/1", "playlist_name": title,
        "target": "plex", "sync_mode": "full", "unique_id": name[-5:], **(config or {}),
    }  # fmt: skip
    return command(name, stated, **{"display_name": f"[Deezer] {title} → Plex", **more})


def execution(number: int = 1, name: str = "playlist_sync_00001", **more: object) -> Row:
    started = START + timedelta(hours=number)
    row: dict[str, object] = {
        "id": number, "command_name": name, "started_at": str(started), "status": "completed", "success": 1,
        "completed_at": str(started + timedelta(seconds=12, microseconds=5)), "duration": 12.000005,
        "output_summary": f"Run {number}: 87/100 tracks • done", "triggered_by": "scheduler",
    }  # fmt: skip
    return {**row, **more}


@dataclass
class Legacy:
    """What a database holds."""

    settings: Sequence[Row] = ()
    commands: Sequence[Row] = ()
    executions: Sequence[Row] = ()
    others: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    def write(self, folder: Path, shape: Shape = NEW, file: str = "") -> Path:
        """Write the database of a shape; columns that it does not have are left out, as are their values."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / (file or shape.file)
        with closing(sqlite3.connect(path)) as connection, connection:
            hidden = "is_hidden BOOLEAN, " if shape.has_hidden else ""
            columns = "".join(f"{column}, " for column in shape.command_columns)
            connection.execute(f"CREATE TABLE config_settings ({SETTING_COLUMNS.format(hidden=hidden)})")
            connection.execute(f"CREATE TABLE command_configs ({COMMAND_COLUMNS.format(columns=columns)})")
            connection.execute(f"CREATE TABLE command_executions ({EXECUTION_COLUMNS})")
            for statement in shape.more:
                connection.execute(statement)
            insert(connection, "config_settings", self.settings)
            insert(connection, "command_configs", self.commands)
            insert(connection, "command_executions", self.executions)
            for table, rows in self.others.items():
                insert(connection, table, rows)
        return path


def insert(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
    for row in rows:
        present = {name: value for name, value in row.items() if name in columns}
        names, marks = ", ".join(present), ", ".join("?" * len(present))
        connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(present.values()))


def a_whole_life() -> Legacy:
    """Settings, secrets, commands and a history as a user of years has them."""
    return Legacy(
        settings=[
            setting("LIDARR_URL", "http://lidarr:8686", "http://localhost:8686"),
            secret("LIDARR_API_KEY", "canary-lidarr-0123456789"),
            setting("PLEX_URL", "https://plex:32400", "http://localhost:32400"),
            secret("PLEX_TOKEN", 'canary-plex #: "quoted" ${x}'),
            setting("PLEX_CLIENT_ENABLED", "true", "false", "bool"),
            setting("LOG_LEVEL", "DEBUG", "INFO", "dropdown"),
            setting("MUSICBRAINZ_CONTACT", "your-email@example.com", "your-email@example.com"),
            setting("COMMAND_CLEANUP_RETENTION", "77", "50", "int"),
            setting("LASTFM_RATE_LIMIT", None, "8.0", "float"),
            setting("MY_TOKEN", "canary-custom", "canary-custom", category="custom"),
        ],
        commands=[
            sync(title="Friday: hits"),
            command("discovery_lastfm", {"limit": 7, "similar_count": 2}, enabled=1),
            command("library_cache_builder", {"plex_enabled": False, "jellyfin_enabled": False}, enabled=0),
        ],
        executions=[
            execution(1),
            execution(2, status="failed", success=0, error_message="boom canary-lidarr-0123456789"),
            execution(3, status="running", completed_at=None, duration=None, success=None),
            execution(4, "gone_00001", triggered_by="a script", result_data='{"synced": 3}'),
        ],
    )


def many_executions(path: Path, count: int, commands: int = 40) -> None:
    """Add a long history."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "INSERT INTO command_executions (command_name, started_at, completed_at, success, status, duration, "
            "output_summary, triggered_by) SELECT printf('playlist_sync_%05d', i % ?), "
            "strftime('%Y-%m-%d %H:%M:%S', 1600000000 + i * 60, 'unixepoch') || '.000000', "
            "strftime('%Y-%m-%d %H:%M:%S', 1600000030 + i * 60, 'unixepoch') || '.500000', 1, 'completed', 30.5, "
            "'Playlist Sync completed in 30.5s • 87/100 tracks matched (87% success rate)', 'scheduler' FROM n",
            (count, commands),
        )


def fingerprint(folder: Path) -> dict[str, tuple[str, int, int]]:
    """Content, size and time of everything below a folder: equal when nobody wrote."""
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_size,
            path.stat().st_mtime_ns,
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def files_below(folder: Path) -> Iterator[Path]:
    return (Path(root) / name for root, _, names in os.walk(folder) for name in names)


def with_setting(legacy: Legacy, *rows: Row) -> Legacy:
    return replace(legacy, settings=[*legacy.settings, *rows])


def decoded(value: Any) -> Any:
    return json.loads(json.dumps(value))
