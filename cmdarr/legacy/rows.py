"""The rows of a legacy install as values, whatever columns its version had."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cmdarr.legacy.database import LegacyDatabase
from cmdarr.legacy.values import read_json, read_list_text, read_text, read_time

_SETTING = ("key", "value", "default_value", "data_type", "category", "is_sensitive")
_COMMAND = (
    "id", "command_name", "display_name", "description", "enabled", "schedule_hours", "schedule_cron",
    "timeout_minutes", "config_json", "command_type", "deleted_at", "total_execution_count",
    "total_success_count", "total_failure_count",
)  # fmt: skip
NOTHING = "None"
"""What Python wrote for a value that was absent."""


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One row of the settings. `value` is None for NULL, empty and the text `None`, which all meant the default."""

    key: str
    value: str | None
    default: str
    data_type: str
    is_custom: bool
    is_sensitive: bool

    @property
    def is_chosen(self) -> bool:
        """Whether the user chose it: written, and not the default."""
        return self.value is not None and (self.is_custom or self.value != self.default)


@dataclass(frozen=True, slots=True)
class CommandRow:
    """One row of the commands. `config` is empty where the column held no mapping (`has_bad_config`)."""

    number: int
    name: str
    display_name: str
    description: str
    enabled: bool
    hours: object
    cron: str | None
    timeout_minutes: object
    config: Mapping[str, object]
    has_bad_config: bool
    deleted_at: datetime | None
    is_deleted: bool
    counts: tuple[object, ...] = field(default=())


def read_settings(database: LegacyDatabase) -> Iterator[SettingRow]:
    """Yield the settings."""
    for row in database.rows("config_settings", _SETTING):
        key, value, default, data_type, category, is_sensitive = map(read_text, row)
        if not key:
            continue
        yield SettingRow(
            key=key.strip(),
            value=_present(value, data_type or ""),
            default=(default or "").strip(),
            data_type=data_type or "string",
            is_custom=category == "custom",
            is_sensitive=is_sensitive == "1",
        )


def _present(value: str | None, data_type: str) -> str | None:
    text = (value or "").strip()
    if not text or text == NOTHING or (data_type == "json" and text == "null"):
        return None
    if data_type in {"string", "dropdown"} and text.startswith("['") and (listed := read_list_text(text)):
        return ", ".join(map(str, listed))
    return text


def read_commands(database: LegacyDatabase) -> Iterator[CommandRow]:
    """Yield the commands in the order of their creation, deleted ones included."""
    for row in database.rows("command_configs", _COMMAND):
        number, name, display, description, enabled, hours, cron, minutes, config, _, deleted, *counts = row
        name = (read_text(name) or "").strip()
        if not name:
            continue
        stated = read_json(config)
        yield CommandRow(
            number=number if isinstance(number, int) else 0,
            name=name,
            display_name=(read_text(display) or "").strip(),
            description=(read_text(description) or "").strip(),
            enabled=bool(enabled),
            hours=hours,
            cron=(read_text(cron) or "").strip() or None,
            timeout_minutes=minutes,
            config=stated if isinstance(stated, dict) else {},
            has_bad_config=config is not None
            and read_text(config) != "null"
            and not isinstance(stated, dict),
            deleted_at=read_time(deleted),
            is_deleted=deleted is not None,
            counts=tuple(counts),
        )
