"""One or two generations of databases: which one's settings and commands count, decided by what is in them."""

from dataclasses import dataclass

from cmdarr.errors import NothingFound
from cmdarr.legacy.commands import is_unchanged_seed
from cmdarr.legacy.database import LegacyDatabase
from cmdarr.legacy.history import TABLE
from cmdarr.legacy.report import Report
from cmdarr.legacy.rows import read_commands, read_settings

_TABLES = ("config_settings", "command_configs", TABLE)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a database holds that a user made."""

    settings: int
    commands: int
    newest: str
    """The start of the newest execution as text."""
    changed: str
    """When a setting or a command was changed last, as text."""

    @property
    def is_used(self) -> bool:
        """Whether anybody ever used it."""
        return bool(self.settings or self.commands or self.newest)


def evidence_of(database: LegacyDatabase) -> Evidence:
    """Look at what a database holds."""
    changed = (database.newest(table, "updated_at") for table in ("config_settings", "command_configs"))
    return Evidence(
        settings=sum(row.is_chosen for row in read_settings(database)),
        commands=sum(not row.is_deleted and not is_unchanged_seed(row) for row in read_commands(database)),
        newest=database.newest(TABLE, "started_at"),
        changed=max(changed),
    )


def is_legacy(database: LegacyDatabase) -> bool:
    """Whether the tables are those of the legacy program."""
    return any(database.has(table) for table in _TABLES)


def order_databases(databases: list[LegacyDatabase], report: Report) -> list[LegacyDatabase]:
    """Return the databases whose content counts: the first one's settings and commands, all ones' history.

    Raises:
        NothingFound: none is of the legacy program.
    """
    known = [database for database in databases if is_legacy(database)]
    for database in databases:
        if database not in known:
            report.left_out(database.path.name, "it holds no table of the legacy program")
    if not known:
        names = ", ".join(str(database.path) for database in databases)
        raise NothingFound(f"{names} holds no tables of the legacy Cmdarr: name its data folder.")
    evidence = {database.path: evidence_of(database) for database in known}
    used = [database for database in known if evidence[database.path].is_used] or known[-1:]
    used.sort(key=lambda each: (evidence[each.path].newest, evidence[each.path].changed), reverse=True)
    for database in known:
        if database not in used:
            report.left_out(database.path.name, "it holds defaults only: nobody ever used it")
    for database in used[1:]:
        report.changed(
            database.path.name,
            used[0].path.name,
            "it is the older one: its history is merged, its settings and commands do not count",
        )
        _tell_differences(database, used[0], report)
    return used


def _tell_differences(older: LegacyDatabase, newer: LegacyDatabase, report: Report) -> None:
    """Name every setting and command of the older database that is not the same in the newer one."""
    newer_settings = {row.key: row.value for row in read_settings(newer) if row.is_chosen}
    for setting in read_settings(older):
        if setting.is_chosen and newer_settings.get(setting.key) != setting.value:
            report.needs_you(
                f"setting {setting.key} of {older.path.name}",
                f"{newer.path.name} has another value, which counts",
            )
    newer_names = {row.name for row in read_commands(newer)}
    for command in read_commands(older):
        if not command.is_deleted and not is_unchanged_seed(command) and command.name not in newer_names:
            report.needs_you(
                f"command {command.name} of {older.path.name} ({command.display_name})",
                f"{newer.path.name} does not have it; import {older.path.name} alone to get it",
            )
