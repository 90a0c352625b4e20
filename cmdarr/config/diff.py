"""What a reload would change: commands, settings, keys that wait for a restart, next runs. Secrets are masked."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from cmdarr.config.command import CommandOptions
from cmdarr.config.cron import next_due
from cmdarr.config.effective import next_run, value_of
from cmdarr.config.load.file_names import command_name
from cmdarr.config.load.settings_file import SETTINGS_FILE
from cmdarr.config.references.secret_text import is_telling
from cmdarr.config.settings import RESTART_ONLY
from cmdarr.config.snapshot import Snapshot
from cmdarr.config.tree import is_command_file
from cmdarr.config.zone import find_zone
from cmdarr.models.clock import iso_utc
from cmdarr.models.generation import GoodDocument
from cmdarr.models.redaction import MASK


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One settings key that differs, with what is written (secrets masked); None where nothing is."""

    key: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class NextRunChange:
    """When a command is due next, before and after; None where it is not."""

    command: str
    before: datetime | None
    after: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigDiff:
    """The difference of two configurations."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    settings: tuple[SettingChange, ...] = ()
    restart_only: tuple[str, ...] = ()
    next_runs: tuple[NextRunChange, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether a reload would change nothing."""
        return not (self.added or self.changed or self.removed or self.settings)


@dataclass(frozen=True, slots=True)
class _Command:
    """What is compared of a command; `options` None where only its document is known."""

    written: Mapping[str, Any]
    options: CommandOptions | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One of the two configurations, reduced to what is compared; commands by name."""

    commands: Mapping[str, _Command]
    settings: Mapping[str, object]
    due: Callable[[str, datetime], datetime | None]
    snapshot: Snapshot | None = None
    secret_keys: frozenset[str] = field(default_factory=frozenset)


def diff_configuration(
    before: Snapshot | Mapping[str, GoodDocument], after: Snapshot, *, now: datetime
) -> ConfigDiff:
    """Compare what runs (or was last applied) with a snapshot that is to be applied."""
    old = _side_of_snapshot(before) if isinstance(before, Snapshot) else _side_of_documents(before, after)
    new = _side_of_snapshot(after)
    both = old.commands.keys() & new.commands.keys()
    settings = tuple(_setting_changes(old, new))
    return ConfigDiff(
        added=tuple(sorted(new.commands.keys() - old.commands.keys())),
        changed=tuple(sorted(name for name in both if _differs(old.commands[name], new.commands[name]))),
        removed=tuple(sorted(old.commands.keys() - new.commands.keys())),
        settings=settings,
        restart_only=tuple(sorted(change.key for change in settings if change.key in RESTART_ONLY)),
        next_runs=tuple(_next_run_changes(old, new, now)),
    )


def diff_as_json(difference: ConfigDiff) -> dict[str, Any]:
    """Return the JSON document of `config diff --json`."""
    return {
        "commands": {
            "added": list(difference.added),
            "changed": list(difference.changed),
            "removed": list(difference.removed),
        },
        "settings": [
            {"key": change.key, "before": change.before, "after": change.after}
            for change in difference.settings
        ],
        "restart_only": list(difference.restart_only),
        "next_runs": [
            {"command": run.command, "before": _moment(run.before), "after": _moment(run.after)}
            for run in difference.next_runs
        ],
    }


def diff_as_text(difference: ConfigDiff) -> str:
    """Return the difference for people."""
    if difference.is_empty and not difference.next_runs:
        return "no changes."
    lines = [f"+ command {name}" for name in difference.added]
    lines += [f"~ command {name}" for name in difference.changed]
    lines += [f"- command {name}" for name in difference.removed]
    for change in difference.settings:
        note = "  (waits for a restart)" if change.key in difference.restart_only else ""
        lines.append(f"~ {change.key}: {_shown(change.before)} → {_shown(change.after)}{note}")
    for run in difference.next_runs:
        lines.append(
            f"  next run of {run.command}: {_moment(run.before) or '-'} → {_moment(run.after) or '-'}"
        )
    return "\n".join(lines)


def _side_of_snapshot(snapshot: Snapshot) -> _Side:
    entries = {name: entry for name, entry in snapshot.commands.items() if entry.document}

    def due(name: str, now: datetime) -> datetime | None:
        return next_run(entries[name], snapshot.settings, now) if name in entries else None

    return _Side(
        commands={name: _Command(_read(entry.document), entry.options) for name, entry in entries.items()},
        settings=_leaves(_read(snapshot.settings_document)),
        due=due,
        snapshot=snapshot,
        secret_keys=snapshot.secret_keys,
    )


def _side_of_documents(documents: Mapping[str, GoodDocument], after: Snapshot) -> _Side:
    settings = _read(documents[SETTINGS_FILE].document if SETTINGS_FILE in documents else "{}")
    commands = {
        command_name(file): _Command(_read(good.document))
        for file, good in documents.items()
        if is_command_file(file)
    }

    written_after = _read(after.settings_document)
    has_same_times = all(settings.get(key) == written_after.get(key) for key in ("schedule", "timezone"))

    def due(name: str, now: datetime) -> datetime | None:
        if name not in commands:
            return None
        entry = after.commands.get(name)
        if entry and has_same_times and _read(entry.document) == commands[name].written:
            return next_run(entry, after.settings, now)  # the same, also where it is written as a reference
        return _due_of_document(commands[name].written, settings, after, now)

    return _Side(commands=commands, settings=_leaves(settings), due=due)


def _differs(before: _Command, after: _Command) -> bool:
    """Whether two commands differ: by their options too where both sides have them."""
    has_both = before.options is not None and after.options is not None
    return before.written != after.written or (has_both and before.options != after.options)


def _due_of_document(
    command: Mapping[str, Any], settings: Mapping[str, Any], after: Snapshot, now: datetime
) -> datetime | None:
    """Return the next run of a stored command; None where its schedule is a reference and so not known."""
    if command.get("enabled") is False:
        return None
    schedule = command.get("schedule") or settings.get("schedule") or "0 3 * * *"
    zone = find_zone(str(settings.get("timezone") or "")) or after.settings.zone
    try:
        due = next_due(str(schedule), zone, now)
        expires = date.fromisoformat(str(command["expires"])) if "expires" in command else None
    except ValueError:
        return None
    return None if due and expires and due.astimezone(zone).date() >= expires else due


def _setting_changes(old: _Side, new: _Side) -> Iterator[SettingChange]:
    secret_keys = old.secret_keys | new.secret_keys
    for key in sorted(old.settings.keys() | new.settings.keys()):
        before, after = old.settings.get(key), new.settings.get(key)
        if before == after and not _differs_in_effect(key, old.snapshot, new.snapshot):
            continue
        is_secret = is_telling(key) or any(f"{secret}.".startswith(f"{key}.") for secret in secret_keys)
        yield SettingChange(key, _masked(before, is_secret), _masked(after, is_secret))


def _differs_in_effect(key: str, before: Snapshot | None, after: Snapshot | None) -> bool:
    """Whether the effective values differ where the same reference, or a masked secret, is written."""
    if before is None or after is None:
        return False
    try:
        return bool(value_of(before.settings, key) != value_of(after.settings, key))
    except LookupError:
        return False


def _next_run_changes(old: _Side, new: _Side, now: datetime) -> Iterator[NextRunChange]:
    for name in sorted(old.commands.keys() | new.commands.keys()):
        before, after = old.due(name, now), new.due(name, now)
        if before != after:
            yield NextRunChange(name, before, after)


def _masked(value: object, is_secret: bool) -> object:  # noqa: FBT001 - internal
    return MASK if is_secret and value is not None else value


def _leaves(value: object, key: str = "") -> dict[str, object]:
    """Flatten nested mappings to dotted keys; lists stay whole."""
    if not isinstance(value, Mapping) or (key and not value):
        return {key: value}
    leaves: dict[str, object] = {}
    for name, each in value.items():
        leaves |= _leaves(each, f"{key}.{name}" if key else str(name))
    return leaves


def _read(document: str) -> dict[str, Any]:
    value = json.loads(document) if document else {}
    return value if isinstance(value, dict) else {}


def _moment(moment: datetime | None) -> str | None:
    return iso_utc(moment) if moment else None


def _shown(value: object) -> str:
    return "(not set)" if value is None else json.dumps(value, ensure_ascii=False)
