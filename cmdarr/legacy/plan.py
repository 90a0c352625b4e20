"""A legacy install as a whole: opened, read, and laid out as what there is to be written."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from cmdarr.config.catalog import Catalog
from cmdarr.legacy.choose import order_databases
from cmdarr.legacy.commands import CommandDraft, CommandReader, zone_of
from cmdarr.legacy.database import LegacyDatabase, holders_of, open_legacy
from cmdarr.legacy.decisions import DecisionReader
from cmdarr.legacy.files import ConfigFiles
from cmdarr.legacy.history import TABLE, last_starts, read_executions
from cmdarr.legacy.lists import ListReader
from cmdarr.legacy.masking import Mask
from cmdarr.legacy.report import Report
from cmdarr.legacy.rows import CommandRow, SettingRow, read_commands, read_settings
from cmdarr.legacy.settings import SettingsDraft, SettingsReader
from cmdarr.legacy.settings_table import holds_secret
from cmdarr.legacy.shapes import Install
from cmdarr.models.decision import UserDecision
from cmdarr.models.execution import Execution
from cmdarr.models.import_list import ImportListEntry
from cmdarr.models.playlist import Binding, PlaylistId

_COOLDOWN_DAYS = 30
_KEEP_DAYS = 3650
_LEGACY_ZONE = "UTC"
_CACHES = {
    "api_cache": "a cache: it fills itself again",
    "failed_lookups": "a cache: it fills itself again",
    "library_cache": "a cache: it fills itself again",
    "lidarr_artist": "a copy of what Lidarr has",
    "artist_scan_log": "it tells when artists were looked at; they are looked at anew",
    "artist_concert_refresh": "it tells when artists were looked at; they are looked at anew",
    "venue_geocode_cache": "a cache: it fills itself again",
    "system_status": "no version wrote it",
    "app_version": "the version of the legacy program",
    "schema_migration": "the record of the legacy program's own changes",
    "migrations": "the record of the legacy program's own changes",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyPlan:
    """Everything that is to be written. `executions` is read while it is walked through, before the install closes."""

    files: ConfigFiles
    former_names: Mapping[str, str]
    bindings: tuple[Binding, ...]
    decisions: tuple[UserDecision, ...]
    import_lists: tuple[ImportListEntry, ...]
    report: Report
    redactor: Mask
    sources: tuple[LegacyDatabase, ...]

    def count_executions(self) -> int:
        """Return how many executions there are in all sources."""
        return sum(source.count(TABLE) for source in self.sources)

    def check_unchanged(self) -> None:
        """Look once more whether anybody wrote to a source since it was opened.

        Raises:
            LegacyBusy: somebody did.
        """
        for source in self.sources:
            source.check_unchanged()

    def executions(self) -> Iterator[Iterator[Execution]]:
        """Yield the executions of each source, the older source first."""
        for source in reversed(self.sources):
            yield read_executions(source, self.former_names, self.redactor)


@contextmanager
def open_legacy_install(
    install: Install,
    *,
    environment: Mapping[str, str],
    catalog: Catalog,
    local_zone: str,
    now: datetime,
) -> Iterator[LegacyPlan]:
    """Open a legacy install and lay out what it becomes.

    Raises:
        LegacyUnreadable: a database is damaged or cannot be read.
        LegacyBusy: it is written to.
        NothingFound: its databases are not of the legacy program.
    """
    report = Report()
    with ExitStack() as opened:
        databases = [opened.enter_context(open_legacy(path)) for path in install.databases]
        for database in databases:
            database.check()
        sources = order_databases(databases, report) if databases else []
        yield _Planner(
            install=install,
            sources=sources,
            environment=environment,
            catalog=catalog,
            local_zone=local_zone,
            now=now,
            report=report,
        ).plan()


class _Planner:
    """Reads each part in the order in which they need each other."""

    def __init__(
        self,
        *,
        install: Install,
        sources: list[LegacyDatabase],
        environment: Mapping[str, str],
        catalog: Catalog,
        local_zone: str,
        now: datetime,
        report: Report,
    ) -> None:
        self._install = install
        self._sources = sources
        self._environment = environment
        self._catalog = catalog
        self._local_zone = local_zone
        self._now = now
        self._report = report

    def plan(self) -> LegacyPlan:
        rows = list(read_settings(self._sources[0])) if self._sources else []
        settings = SettingsReader(rows, self._environment, self._catalog, self._report)
        secrets = self._secrets(rows)
        drafts, names = self._commands(settings, Mask(secrets))
        content = settings.read({server for draft in drafts for server in draft.draft.servers})
        content.secret_values |= secrets
        redactor = Mask(content.secret_values)
        self._keep_old_history(content)
        self._tell_zone(settings)
        bindings = tuple(self._bindings(drafts))
        lists = ListReader(self._list_folders(settings), self._report)
        decisions = self._decisions(settings, lists)
        self._tell_history(names)
        self._tell_rest()
        return LegacyPlan(
            files=ConfigFiles(content, drafts, self._catalog, self._report),
            former_names=names,
            bindings=bindings,
            decisions=decisions,
            import_lists=tuple(lists.read_entries()),
            report=self._report,
            redactor=redactor,
            sources=tuple(self._sources),
        )

    def _commands(self, settings: SettingsReader, redact: Mask) -> tuple[list[CommandDraft], dict[str, str]]:
        if not self._sources:
            return [], {}
        newest = self._sources[0]
        starts: dict[str, datetime] = {}
        for source in reversed(self._sources):
            starts |= last_starts(source)
        reader = CommandReader(
            zone=zone_of(
                settings.value_of("TZ") or settings.value_of("SCHEDULER_TIMEZONE"), self._local_zone
            ),
            setting=settings.value_of,
            last_starts=starts,
            report=self._report,
        )
        made = reader.read(
            [_masked(row, redact) for row in read_commands(newest)],
            has_cron=newest.has("command_configs", "schedule_cron"),
        )
        return made.drafts, made.names

    def _secrets(self, rows: list[SettingRow]) -> set[str]:
        """Return every secret of the settings and the environment, carried over or not: a text may hold one of them."""
        for source in self._sources[1:]:
            rows = [*rows, *read_settings(source)]
        stated = [(row.key, row.value or "", row.is_sensitive) for row in rows if row.is_chosen]
        stated += [(key, text.strip(), False) for key, text in self._environment.items()]
        return {text for key, text, marked in stated if text and holds_secret(key, is_sensitive=marked)}

    def _decisions(self, settings: SettingsReader, lists: ListReader) -> tuple[UserDecision, ...]:
        found: dict[tuple[str, str, str], UserDecision] = {}
        festivals = settings.value_of("ARTIST_EVENTS_HIDDEN_FESTIVAL_KEYS")
        for source in self._sources:
            for decision in DecisionReader(source, self._now, self._report).read(festivals):
                found.setdefault((decision.kind, decision.subject, decision.item), decision)
            festivals = ""
        for decision in lists.read_cooldowns(timedelta(days=self._cooldown_days())):
            found.setdefault((decision.kind, decision.subject, decision.item), decision)
        return tuple(found.values())

    def _cooldown_days(self) -> int:
        for source in self._sources:
            for row in read_commands(source):
                days = row.config.get("artist_cooldown_days")
                if row.name == "discovery_lastfm" and isinstance(days, int) and 0 < days < 100_000:
                    return days
        return _COOLDOWN_DAYS

    def _bindings(self, drafts: list[CommandDraft]) -> Iterator[Binding]:
        """Yield the playlists that commands wrote last, so that they are found by their ids."""
        for command in drafts:
            draft = command.draft
            if draft.binding is None:
                continue
            identifier, title = draft.binding
            what = f"command {command.legacy_name}, its playlist"
            if len(draft.users) > 1:
                self._report.left_out(what, "one id was kept for several users; it is found by its title")
                continue
            self._report.carried(what, f"config.db: binding of {command.name}")
            yield Binding(
                command=command.name,
                server=draft.servers[0],
                user=draft.users[0] if draft.users else "",
                playlist_id=PlaylistId(identifier),
                title=title or draft.title,
            )

    def _list_folders(self, settings: SettingsReader) -> tuple[Path, ...]:
        """Return where the lists may lie; the user could choose the path of one of them."""
        folders = list(self._install.list_folders)
        if chosen := settings.value_of("OUTPUT_FILE"):
            parent = Path(os.path.normpath(chosen)).parent
            folders += [self._install.folder.parent / parent, self._install.folder / parent]
        return tuple(folders)

    def _keep_old_history(self, content: SettingsDraft) -> None:
        """Let executions of any age stay, as the legacy program did: it counted them only."""
        if not any(source.count(TABLE) for source in self._sources):
            return
        history = content.settings.setdefault("history", {})
        assert isinstance(history, dict)  # noqa: S101 - the reader of settings made it
        history["keep_days"] = _KEEP_DAYS
        self._report.changed(
            "age of the history",
            "settings.yaml: history.keep_days",
            f"executions of any age were kept; now they are kept for {_KEEP_DAYS} days",
        )

    def _tell_zone(self, settings: SettingsReader) -> None:
        """Say so where schedules may mean another time than before."""
        is_known = settings.value_of("SCHEDULER_TIMEZONE") or settings.value_of("TZ")
        if not is_known and self._local_zone != _LEGACY_ZONE and self._sources:
            self._report.needs_you(
                "time zone",
                f"the legacy program used its variable TZ, else UTC; schedules now follow {self._local_zone}: write "
                "`timezone` where that is wrong",
                "settings.yaml",
            )

    def _tell_history(self, names: Mapping[str, str]) -> None:
        for source in self._sources:
            for name, count in source.count_of_each(TABLE, "command_name").items():
                where = names.get(name, name)
                self._report.carried(
                    f"{source.path.name}: history of {name}, {count} runs", f"config.db: {where}"
                )

    def _tell_rest(self) -> None:
        for source in self._sources:
            for table, why in _CACHES.items():
                if count := source.count(table):
                    self._report.left_out(f"{source.path.name}: table {table}, {count} rows", why)
            if holders := holders_of(source.path):
                self._report.needs_you(
                    source.path.name,
                    f"process {holders[0]} has it open: stop the legacy Cmdarr before you start this one",
                )
        for cache in self._install.caches:
            self._report.left_out(cache.name, "caches fill themselves again")


def _masked(row: CommandRow, redact: Mask) -> CommandRow:
    """Mask secrets in what a user wrote freely: file names are made of it."""
    return replace(row, display_name=redact(row.display_name), description=redact(row.description))
