"""The configuration page: every file and its state, what the last reload did, and the settings in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cmdarr.app.control import Control
from cmdarr.app.editing import NotWritable, is_editable
from cmdarr.config.diff import ConfigDiff, diff_configuration
from cmdarr.config.explain import Explanation
from cmdarr.config.load.file_names import command_name
from cmdarr.config.load.settings_file import SETTINGS_FILE
from cmdarr.config.reload import ConfigStatus
from cmdarr.config.report import summary
from cmdarr.config.snapshot import CommandState, Snapshot
from cmdarr.config.tree import is_command_file
from cmdarr.errors import Finding, NothingFound, UsageError
from cmdarr.web.pages.editor import commit_instead
from cmdarr.web.pages.page import Done, Nav, PageResult, PageRoute, View, Visit
from cmdarr.web.pages.reload_words import said_of, said_of_saved

PATH = "/configuration"
MOST_ROWS = 100
"""So many files are shown at once, those that are broken first."""
_DEFAULT = "default"
_WATCHING = {
    "inotify": "the system announces each change (inotify), and a scan looks every few seconds",
    "polling": "a scan looks every few seconds",
    "off": "off",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """One file as the page shows it; `enabled` is None where there is nothing to switch."""

    file: str
    state: str
    good_since: datetime | None
    broken_since: datetime | None
    findings: Sequence[Finding]
    command: str
    enabled: bool | None
    is_expired: bool
    is_dirty: bool
    is_editable: bool
    pending_restart: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What is on disk, as somebody asked to check it; `difference` is None where it is invalid."""

    sentence: str
    is_valid: bool
    findings: Sequence[Finding]
    difference: ConfigDiff | None


def show_configuration(visit: Visit) -> View:
    """Show the state of the configuration; `?check=1` validates what is on disk too."""
    control = visit.control
    status, snapshot = control.config_status(), control.snapshot
    settings, find = _settings(control), visit.query.get("find", "").strip()
    rows = _rows(status, snapshot)
    return View(
        template="configuration.html",
        title="Configuration",
        context={
            "status": status,
            "watching": _WATCHING[status.watch.mode],
            "rows": [row for row in rows if find.casefold() in row.file.casefold()][:MOST_ROWS],
            "total": len(rows),
            "find": find,
            "broken": sum(1 for row in rows if row.state != "ok"),
            "other_findings": [one for one in snapshot.findings if one.file not in status.files],
            "refusal": control.editor.refusal(),
            "folder": str(control.app.config_dir),
            "last": control.board.last_reload,
            "checked": _check(control) if visit.query.get("check") else None,
            "written": [one for one in settings if not one.source.startswith(_DEFAULT)],
            "defaults": [one for one in settings if one.source.startswith(_DEFAULT)],
        },
    )


def reload_now(visit: Visit) -> Done:
    """Read the configuration now."""
    return Done(to=PATH, **said_of(visit.control.reload()))


def switch_command(visit: Visit) -> PageResult:
    """Switch a command on or off in its file; where that cannot be written, show what to commit."""
    name, enabled = visit.parts["name"], visit.form.get("enabled")
    if enabled not in {"true", "false"}:
        raise UsageError("say whether the command is to be enabled.")
    editor = visit.control.editor
    try:
        saved = editor.switch(name, enabled=enabled == "true")
    except NotWritable as error:
        before, text = editor.preview_switch(name, enabled=enabled == "true")
        return commit_instead(before, text, str(error))
    word = "enabled" if enabled == "true" else "disabled"
    return Done(to=_back(visit), **said_of_saved(saved, f"{name} is {word} in {saved.file}"))


def _back(visit: Visit) -> str:
    """Return where the form asks to go on: a page of ours, this one where it asks for nothing or something else."""
    back = visit.form.get("back", "")
    return (
        back if back.startswith("/") and not back.startswith(("//", "/\\")) and back.isprintable() else PATH
    )


def _rows(status: ConfigStatus, snapshot: Snapshot) -> list[FileRow]:
    findings: dict[str, list[Finding]] = {}
    for finding in snapshot.findings:
        findings.setdefault(finding.file, []).append(finding)
    dirty = frozenset(status.git.dirty) if status.git else frozenset[str]()
    rows = []
    for file in status.files.values():
        name = command_name(file.file) if is_command_file(file.file) else ""
        entry = snapshot.commands.get(name)
        rows.append(
            FileRow(
                file=file.file,
                state=file.state.value,
                good_since=file.good_since,
                broken_since=file.broken_since,
                findings=findings.get(file.file, ()),
                command=name if entry is not None else "",
                enabled=entry.options.enabled if entry is not None and entry.options is not None else None,
                is_expired=entry is not None and entry.state is CommandState.EXPIRED,
                is_dirty=file.file in dirty,
                is_editable=is_editable(file.file),
                pending_restart=status.pending_restart if file.file == SETTINGS_FILE else (),
            )
        )
    rows.sort(
        key=lambda row: (is_command_file(row.file), row.file != SETTINGS_FILE, row.state == "ok", row.file)
    )
    return rows


def _settings(control: Control) -> list[Explanation]:
    try:
        return control.explain_settings()
    except NothingFound:  # the folder is gone for the moment; the state above says so
        return []


def _check(control: Control) -> Checked:
    snapshot = control.check()
    is_valid = not snapshot.errors
    return Checked(
        sentence=summary(snapshot.findings),
        is_valid=is_valid,
        findings=snapshot.findings,
        difference=diff_configuration(control.snapshot, snapshot, now=control.now()) if is_valid else None,
    )


NAV = Nav("Configuration", PATH, 50)
ROUTES = (
    PageRoute(path=PATH, show=show_configuration),
    PageRoute(path=f"{PATH}/reload", show=reload_now, method="POST", back=PATH, is_slow=True),
    PageRoute(path=f"{PATH}/enabled/{{name}}", show=switch_command, method="POST", back=PATH, is_slow=True),
)
