"""Importing a legacy install: read it, lay out the new files, check them, and put everything in place at once."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cmdarr.app.import_files import ImportFiles
from cmdarr.app.program import CONFIG_DB, App
from cmdarr.config.zone import local_zone_name
from cmdarr.errors import Finding
from cmdarr.legacy.environment import read_environment
from cmdarr.legacy.plan import LegacyPlan, open_legacy_install
from cmdarr.legacy.report import ReportLine, markdown
from cmdarr.legacy.shapes import find_install
from cmdarr.models.progress import Progress
from cmdarr.storage.config_store import ConfigStore
from cmdarr.storage.kept_backup import copy_closed_database
from cmdarr.storage.lock import FolderLock
from cmdarr.storage.pending import is_restore_pending
from cmdarr.storage.restore import PreparedChange, finish_restore, prepared_change

_TOLD = "kind_unavailable"
"""The finding that the files of later kinds have; the report tells of each already."""
GENERATION = "legacy"
"""What executions of a legacy install have in place of the generation that they ran under."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What an import did, or would do.

    `files` maps each path below the config folder to what became of it: `created`, `replaced`, `unchanged` or
    `extended`.
    """

    sources: tuple[Path, ...]
    files: Mapping[str, str]
    executions: int
    executions_found: int
    decisions: int
    import_list_entries: int
    bindings: int
    lines: tuple[ReportLine, ...]
    findings: tuple[Finding, ...] = ()
    """What `config check` says of the result: warnings only."""
    report: Path | None = None
    backup: Path | None = None

    @property
    def is_change(self) -> bool:
        """Whether anything is different afterwards."""
        is_written = any(state != "unchanged" for state in self.files.values())
        return is_written or bool(
            self.executions or self.decisions or self.import_list_entries or self.bindings
        )


def import_legacy(
    app: App,
    path: Path,
    *,
    dry_run: bool,
    force: bool,
    env_file: Path | None,
    progress: Progress,
) -> ImportResult:
    """Import the legacy install at a path; a dry run, and one that finds nothing new, write nothing.

    Raises:
        NothingFound: there is nothing to import.
        LegacyUnreadable: it cannot be read.
        FilesExist: files would be overwritten, and `force` is false.
        ConfigError: the result would not pass `config check`.
        FolderInUse: a daemon holds the data folder.
        StoreUnavailable: a folder cannot be written.
    """
    if is_restore_pending(app.data_dir) and not dry_run:
        with FolderLock(app.data_dir):
            finish_restore(data_dir=app.data_dir, config_dir=app.config_dir)
    environment = read_environment(env_file) if env_file is not None else {}
    install = find_install(path)
    now = app.clock.now()
    progress.step(f"Reading {path}")
    with ExitStack() as opened:
        plan = opened.enter_context(
            open_legacy_install(
                install,
                environment=environment,
                catalog=app.catalog,
                local_zone=local_zone_name(app.environ),
                now=now,
            )
        )
        files = ImportFiles(app, plan, environment)
        findings = files.check()
        if dry_run:
            files.refuse_conflicts(force=True)
            return _Writing(app, plan, files, findings, progress).foresee()
        files.refuse_conflicts(force=force)
        app.make_data_dir()
        app.close()
        change = opened.enter_context(prepared_change(config_dir=app.config_dir, data_dir=app.data_dir))
        return _Writing(app, plan, files, findings, progress).write(change, now)


class _Writing:
    """Puts a plan into config.db and the config folder."""

    def __init__(
        self,
        app: App,
        plan: LegacyPlan,
        files: ImportFiles,
        findings: tuple[Finding, ...],
        progress: Progress,
    ) -> None:
        self._app = app
        self._plan = plan
        self._files = files
        self._findings = findings
        self._progress = progress
        self._found = plan.count_executions()

    def foresee(self) -> ImportResult:
        """Return what an import into empty folders would bring; nothing is written."""
        plan = self._plan
        plan.check_unchanged()
        return self._result(self._found, len(plan.decisions), len(plan.import_lists), len(plan.bindings))

    def write(self, change: PreparedChange, now: datetime) -> ImportResult:
        """Prepare everything beside what is there, then put it in its place."""
        for name, text in self._files.changed():
            change.add_config(name, text)
        with self._copied_store(change) as store:
            result = self._result(*self._fill(store))
        self._plan.check_unchanged()
        if not result.is_change:
            return result
        name = f"{now:%Y%m%dT%H%M%SZ}-import.md"
        change.add_to_backups(name, self._markdown(result, now))
        kept = change.decide(why="import", now=now)
        return replace(result, report=self._app.backups_dir / name, backup=kept)

    @contextmanager
    def _copied_store(self, change: PreparedChange) -> Iterator[ConfigStore]:
        """Lend a store over a copy of config.db, or over a new one; closed, it is one file."""
        there = self._app.data_dir / CONFIG_DB
        if there.exists():
            copy_closed_database(there, change.database)
        with ConfigStore.open(
            change.database, backups=change.folder / "scratch", clock=self._app.clock
        ) as store:
            yield store

    def _fill(self, store: ConfigStore) -> tuple[int, int, int, int]:
        """Store everything but the files, and return how much of each was new."""
        plan = self._plan
        added = 0
        self._progress.step("Importing the history", self._found)
        for executions in plan.executions():
            added += store.import_executions(
                executions, generation=GENERATION, room=self._found, advance=self._progress.advance
            )
        self._progress.step("Importing decisions and lists")
        decisions = store.decisions.add_missing(plan.decisions)
        entries = store.import_lists.add(plan.import_lists)
        fresh = [
            each
            for each in plan.bindings
            if store.bindings.find(each.command, each.server, each.user) is None
        ]
        for binding in fresh:
            store.bindings.save(binding)
        store.former_names.save(
            {former: name for former, name in plan.former_names.items() if former != name}
        )
        return added, decisions, entries, len(fresh)

    def _result(self, executions: int, decisions: int, entries: int, bindings: int) -> ImportResult:
        return ImportResult(
            sources=tuple(source.path for source in self._plan.sources),
            files=self._files.states(),
            executions=executions,
            executions_found=self._found,
            decisions=decisions,
            import_list_entries=entries,
            bindings=bindings,
            lines=self._lines(),
            findings=tuple(self._findings),
        )

    def _lines(self) -> tuple[ReportLine, ...]:
        for command in self._plan.files.commands:
            self._plan.report.carried(f"command {command.command.legacy_name}", command.name)
        for finding in self._findings:
            if finding.file in self._files.texts and finding.code != _TOLD:
                place = f"{finding.file}:{finding.line}"
                self._plan.report.needs_you(f"`cmdarr config check` of {place}", _sentence(finding))
        return self._plan.report.finish(self._plan.redactor)

    def _markdown(self, result: ImportResult, now: datetime) -> str:
        facts = {
            "time": f"{now:%Y-%m-%d %H:%M} UTC",
            "read": ", ".join(f"`{path}`" for path in result.sources) or "import lists only",
            "executions": f"{result.executions} of {result.executions_found}",
            "decisions": str(result.decisions),
            "entries of import lists": str(result.import_list_entries),
            "playlists bound": str(result.bindings),
            "files": ", ".join(f"`{name}` ({state})" for name, state in result.files.items()),
        }
        return markdown("Import of a legacy Cmdarr", facts, result.lines)


def _sentence(finding: Finding) -> str:
    return f"{finding.message} ({finding.hint})" if finding.hint else finding.message
