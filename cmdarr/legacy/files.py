"""The files of the new configuration as text: keys in the models' order, a schema line, where they came from.

What this version cannot take is not lost: a key that its model does not know becomes a comment, a command that
cannot work becomes disabled, and one that lacks what it needs is written under a name that nothing reads.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from pydantic import BaseModel

from cmdarr.config.catalog import Catalog
from cmdarr.config.command import CommandOptions
from cmdarr.config.fields import format_duration
from cmdarr.config.services import entry_model
from cmdarr.config.settings import Settings
from cmdarr.errors import Finding
from cmdarr.legacy.commands import CommandDraft
from cmdarr.legacy.masking import Mask
from cmdarr.legacy.report import Report, one_line
from cmdarr.legacy.settings import SettingsDraft
from cmdarr.legacy.yaml_text import commented, yaml_text

SETTINGS = "settings.yaml"
SECRETS = "secrets.yaml"
_SERVICE_CODES = frozenset({"unknown_service", "service_disabled", "wrong_service"})
_MISSING = "missing_key"
_LATER = "This version does not have these keys; when it does, remove the '# ' in front of them:"
_WHAT = "Imported from the legacy Cmdarr"


@dataclass(slots=True)
class CommandFile:
    """A command on its way to a file. `later` holds the keys that this version does not take."""

    command: CommandDraft
    keys: dict[str, object]
    later: dict[str, object] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    is_readable: bool = True
    """False for a file that is kept, but that nothing reads."""

    @property
    def name(self) -> str:
        """The path below the config folder."""
        return self.command.file if self.is_readable else f"{self.command.file}.disabled"


class ConfigFiles:
    """The files to be written, mended until the configuration takes them."""

    def __init__(
        self, settings: SettingsDraft, commands: Iterable[CommandDraft], catalog: Catalog, report: Report
    ) -> None:
        self._settings = settings
        self._catalog = catalog
        self._report = report
        self._later_settings: dict[str, object] = {}
        if settings.unknown_services:
            self._later_settings["services"] = dict(settings.unknown_services)
            for name in settings.unknown_services:
                report.needs_you(
                    f"service {name}", "this version has no such service; it stands as a comment", SETTINGS
                )
        redact = Mask(settings.secret_values)
        self.commands = [self._command_file(command, redact) for command in commands]
        self._redact = redact

    def texts(self) -> dict[str, str]:
        """Return the text of every file by its path below the config folder."""
        texts = {SETTINGS: self._settings_text()}
        for file in self.commands:
            texts[file.name] = self._command_text(file)
        return texts

    def secrets(self) -> dict[str, str]:
        """Return the secrets that the files refer to, by name."""
        return dict(sorted(self._settings.secrets.items()))

    def mend(self, findings: Iterable[Finding]) -> bool:
        """Take back what the configuration refused, and return whether anything was."""
        by_file = {file.name: file for file in self.commands if file.is_readable}
        is_mended = False
        for finding in findings:
            if finding.file == SETTINGS:
                is_mended |= self._mend_settings(finding)
            elif finding.file in by_file:
                is_mended |= self._mend_command(by_file[finding.file], finding)
        return is_mended

    def _command_file(self, command: CommandDraft, redact: Mask) -> CommandFile:
        keys = {key: _masked(value, redact) for key, value in command.keys.items()}
        file = CommandFile(command, keys, notes=list(command.notes))
        if command.draft.kind not in self._catalog.kinds:
            self._put_off(file)
        if command.draft.problem:
            file.is_readable = False
            self._report.needs_you(
                _what(file), f"{command.draft.problem}; it is kept, but nothing reads it", file.name
            )
        return file

    def _put_off(self, file: CommandFile) -> None:
        """Disable a command of a kind that this version does not have."""
        kind = file.command.draft.kind
        was_enabled = file.keys.get("enabled") is not False
        again = " Write `enabled: true` when it has: the command was enabled." if was_enabled else ""
        file.keys = {**file.keys, "enabled": False}
        file.notes.append(f"This version has no kind '{kind}': the command is disabled.{again}")
        self._report.needs_you(_what(file), f"it is disabled: this version has no kind '{kind}'", file.name)

    def _mend_command(self, file: CommandFile, finding: Finding) -> bool:
        what = _what(file)
        steps = finding.key.split(".") if finding.key else []
        if finding.code in _SERVICE_CODES:
            if file.keys.get("enabled") is False:
                return False
            file.keys = {**file.keys, "enabled": False}
            file.notes.append(
                f"It was enabled, but {_lower(finding.message)} Write `enabled: true` when that is different."
            )
            self._report.needs_you(what, f"it is disabled: {finding.message}", file.name)
            return True
        if (
            finding.code == _MISSING
            or not steps
            or steps[0] == "kind"
            or not _move(file.keys, file.later, steps)
        ):
            file.is_readable = False
            file.notes.append(f"It cannot be read by this version: {finding.message}")
            self._report.needs_you(what, f"it is kept, but nothing reads it: {finding.message}", file.name)
            return True
        self._report.needs_you(
            f"{what}, key {finding.key}", f"it stands as a comment: {finding.message}", file.name
        )
        return True

    def _mend_settings(self, finding: Finding) -> bool:
        steps = finding.key.split(".")
        if finding.code in {_MISSING, "unknown_service_type"}:
            steps = steps[:2]  # without what it needs, a whole service cannot be used
        if not _move(self._settings.settings, self._later_settings, steps):
            return False
        services = self._settings.settings.get("services")
        if isinstance(services, dict) and len(steps) > 1 and services.get(steps[1]) == {}:
            del services[steps[1]]
        key = ".".join(steps)
        self._report.needs_you(f"key {key}", f"it stands as a comment: {finding.message}", SETTINGS)
        return True

    def _settings_text(self) -> str:
        ordered = _ordered(self._settings.settings, Settings)
        services = self._settings.settings.get("services")
        if isinstance(services, Mapping):
            ordered["services"] = {
                name: self._ordered_service(name, services[name]) for name in sorted(services)
            }
        ordered = {key: value for key, value in ordered.items() if value != {}}
        head = (
            "# yaml-language-server: $schema=schema/settings.json\n"
            f"# {_WHAT}. Only what differs from the defaults.\n"
        )
        body = yaml_text(ordered) if ordered else ""
        return head + body + _later_text(self._later_settings)

    def _ordered_service(self, name: str, entry: object) -> object:
        if not isinstance(entry, Mapping) or name not in self._catalog.services:
            return entry
        return _ordered(entry, entry_model(self._catalog, name))

    def _command_text(self, file: CommandFile) -> str:
        command = file.command
        shown = f" ({one_line(self._redact(command.display_name))})" if command.display_name else ""
        head = "# yaml-language-server: $schema=../schema/command.json\n"
        head += f"# {_WHAT}: {one_line(self._redact(command.legacy_name))}{shown}.\n"
        head += "".join(f"# {_sentence(one_line(self._redact(note)))}\n" for note in file.notes)
        model = self._catalog.kinds.get(command.draft.kind, CommandOptions)
        keys = {key: value for key, value in file.keys.items() if not _is_default(model, key, value)}
        body = yaml_text(_ordered(keys, model))  # a later kind has at least the common keys in their order
        if not file.is_readable:
            body = commented(body)
        return head + body + _later_text(file.later)


def _ordered(document: Mapping[str, object], model: type[BaseModel]) -> dict[str, object]:
    """Return a document with its keys in the order of a model, and those that it does not know behind."""
    ordered: dict[str, object] = {}
    for key, field_info in model.model_fields.items():
        if key in document:
            value, kind = document[key], field_info.annotation
            if isinstance(value, Mapping) and isinstance(kind, type) and issubclass(kind, BaseModel):
                value = _ordered(value, kind)
            ordered[key] = value
    return ordered | {key: value for key, value in document.items() if key not in ordered}


def _is_default(model: type[BaseModel], key: str, value: object) -> bool:
    """Whether a key of a command has this value anyway."""
    default = model.model_fields[key].get_default() if key in model.model_fields else None
    if isinstance(default, timedelta):
        return value == format_duration(default)
    return default is not None and type(value) is type(default) and value == default


def _later_text(later: Mapping[str, object]) -> str:
    return f"#\n# {_LATER}\n{commented(yaml_text(later))}" if later else ""


def _masked(value: object, redact: Mask) -> object:
    """Mask secrets of the settings in a text that a user wrote."""
    if type(value) is str:
        return redact(value)
    if isinstance(value, Mapping):
        return {key: _masked(each, redact) for key, each in value.items()}
    return [_masked(each, redact) for each in value] if isinstance(value, list) else value


def _move(source: dict[str, object], target: dict[str, object], steps: list[str]) -> bool:
    """Move what stands at a place to the same place of another document; below a list, the whole list moves."""
    depth = next((place for place, step in enumerate(steps) if step.isdecimal()), len(steps))
    steps = steps[:depth]
    above: object = source
    for step in steps[:-1]:
        above = above.get(step) if isinstance(above, Mapping) else None
    if not steps or not isinstance(above, dict) or steps[-1] not in above:
        return False
    for step in steps[:-1]:
        below = target.setdefault(step, {})
        if not isinstance(below, dict):
            return False
        target = below
    target[steps[-1]] = above.pop(steps[-1])
    return True


def _what(file: CommandFile) -> str:
    return f"command {file.command.legacy_name}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
