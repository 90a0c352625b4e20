"""The legacy settings as the content of settings.yaml and secrets.yaml: only what was chosen and differs from today."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from cmdarr.config.catalog import Catalog
from cmdarr.config.fields import format_duration, parse_duration
from cmdarr.config.settings import DEFAULT_TTLS, Settings
from cmdarr.legacy.report import Report
from cmdarr.legacy.rows import SettingRow
from cmdarr.legacy.settings_table import (
    IGNORED_VARIABLES,
    RULES,
    Rule,
    holds_secret,
    is_unseeded,
    modern_name,
    rule_of,
)
from cmdarr.legacy.values import read_setting_bool
from cmdarr.legacy.yaml_text import Reference
from cmdarr.models.redaction import mask_places

_LIBRARY_TTL = "cache.ttl.library"
_REQUIRED_KEY = {
    "plex": ("PLEX_URL",),
    "jellyfin": ("JELLYFIN_URL",),
    "lidarr": ("LIDARR_URL",),
}
_ENABLED = {"plex": "PLEX_CLIENT_ENABLED", "jellyfin": "JELLYFIN_CLIENT_ENABLED"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """A setting that somebody chose; `variable` names the variable of the environment that held it, if any did."""

    key: str
    text: str = field(repr=False)
    rule: Rule
    variable: str = ""


@dataclass(slots=True)
class SettingsDraft:
    """What is to be written. `unknown_services` are those that this version has no type for."""

    settings: dict[str, object] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    unknown_services: dict[str, dict[str, object]] = field(default_factory=dict)
    secret_values: set[str] = field(default_factory=set, repr=False)
    """Every secret that was met, carried over or not, so that none gets into a text."""


class SettingsReader:
    """Turns rows and environment into a draft, and tells of every row."""

    def __init__(
        self, rows: list[SettingRow], environment: Mapping[str, str], catalog: Catalog, report: Report
    ) -> None:
        self._catalog = catalog
        self._report = report
        self._environment = environment
        self._draft = SettingsDraft()
        self._variables: list[str] = []
        self._chosen = {chosen.key: chosen for chosen in self._choose(rows)}

    def value_of(self, key: str) -> str:
        """Return the text of a setting that somebody chose, else an empty one."""
        chosen = self._chosen.get(key)
        return chosen.text if chosen else ""

    def read(self, used_services: set[str]) -> SettingsDraft:
        """Return the draft; `used_services` are the servers that commands write to."""
        for chosen in self._chosen.values():
            self._place(chosen)
        self._complete_services(used_services)
        if self._variables:
            self._report.needs_you(
                f"variables {', '.join(sorted(self._variables))}",
                "settings.yaml refers to them: start Cmdarr with the environment that has them",
            )
        return self._draft

    def _choose(self, rows: list[SettingRow]) -> Iterator[Chosen]:
        """Yield what was chosen: the environment wins, as it did."""
        if zone := self._environment.get("TZ", "").strip():  # it beat the setting
            yield Chosen("TZ", zone, Rule(place="timezone", reference="{}"), "TZ")
        by_key = self._newest_names(rows)
        for key, row in by_key.items():
            variable = self._environment.get(key, "").strip()
            if variable and variable != row.value:
                yield Chosen(key, variable, rule_of(key), key)
                self._tell_overruled(row)
            elif row.is_chosen and row.value is not None:
                yield Chosen(key, row.value, rule_of(key))
            else:
                self._report.left_out(f"setting {row.key}", "it was never changed")
        for key in sorted(self._environment.keys() - by_key.keys()):
            yield from self._choose_variable(key)

    def _newest_names(self, rows: list[SettingRow]) -> dict[str, SettingRow]:
        """Return the row that counts for each setting under the name that it had in the end."""
        by_key: dict[str, SettingRow] = {}
        for row in sorted(rows, key=lambda row: row.key == modern_name(row.key)):
            self._note_secret(row)
            key = modern_name(row.key)
            before = by_key.get(key)
            if before is None or row.is_chosen:
                by_key[key] = row
            if before is not None:
                other = before if row.is_chosen else row
                self._report.left_out(
                    f"setting {other.key}", f"{by_key[key].key} counts, which is the same setting"
                )
        return by_key

    def _choose_variable(self, key: str) -> Iterator[Chosen]:
        text = self._environment[key].strip()
        if not text:
            return
        if key in RULES:
            yield Chosen(key, text, RULES[key], key)
        elif is_unseeded(key):
            self._report.left_out(f"variable {key}", rule_of(key).why)
        elif key in IGNORED_VARIABLES:
            self._report.left_out(f"variable {key}", "it belongs to the container")

    def _tell_overruled(self, row: SettingRow) -> None:
        if row.is_chosen:
            self._report.changed(
                f"setting {row.key}", "", "the environment held another value, which counted, and counts on"
            )

    def _note_secret(self, row: SettingRow) -> None:
        if row.value and row.is_chosen and holds_secret(row.key, is_sensitive=row.is_sensitive):
            self._draft.secret_values.add(row.value)

    def _place(self, chosen: Chosen) -> None:
        what = f"variable {chosen.key}" if chosen.variable else f"setting {chosen.key}"
        rule = chosen.rule
        if rule.is_secret:
            self._draft.secret_values.add(chosen.text)
        if not rule.place or (rule.env_only and not chosen.variable):
            self._report.left_out(what, rule.why)
            return
        try:
            value = rule.read(chosen.text)
        except (ValueError, OverflowError) as error:
            shown = "" if rule.is_secret else f" ({chosen.text!r})"
            self._report.needs_you(what, f"its value{shown} cannot be used: {error}")
            return
        if self._is_default(rule.place, value):
            self._report.left_out(what, f"`{rule.place}` has this value by default")
            return
        self._write(chosen, what, value)

    def _write(self, chosen: Chosen, what: str, value: object) -> None:
        rule, place = chosen.rule, chosen.rule.place
        before = _find(self._draft.settings, place)
        if before is not None and not self._may_replace(place, before, value, what):
            return
        is_secret = rule.is_secret or (isinstance(value, str) and mask_places(value) != value)
        if chosen.variable and (rule.reference or is_secret):
            self._variables.append(chosen.variable)
            variable = Reference(f"${{env:{chosen.variable}}}")
            value = Reference((rule.reference or "{}").format(variable))
            if is_secret:
                self._draft.secret_values.add(chosen.text)
        elif is_secret:
            value = self._keep_secret(chosen)
        _put(self._draft.settings, place, value)
        where = f"settings.yaml: {place}"
        if rule.note:
            self._report.changed(what, where, rule.note)
        else:
            self._report.carried(what, where)

    def _keep_secret(self, chosen: Chosen) -> Reference:
        name = chosen.key.lower()
        self._draft.secrets[name] = chosen.text
        self._draft.secret_values.add(chosen.text)
        return Reference(f"${{secret:{name}}}")

    def _may_replace(self, place: str, before: object, value: object, what: str) -> bool:
        """Two legacy settings have one place: the first counts, of two times the shorter."""
        is_comparable = place == _LIBRARY_TTL and not isinstance(before, Reference)
        if is_comparable and parse_duration(str(value)) < parse_duration(str(before)):
            return True
        if before == value:
            self._report.carried(what, f"settings.yaml: {place}")
        else:
            self._report.left_out(what, f"`{place}` has a value already, of another setting")
        return False

    def _complete_services(self, used: set[str]) -> None:
        """Give each service what its type requires, and put aside those that this version has no type for."""
        services = self._draft.settings.get("services")
        entries: dict[str, dict[str, object]] = services if isinstance(services, dict) else {}
        for name, flag in _ENABLED.items():
            if name in used or _is_true(self.value_of(flag)):
                entries.setdefault(name, {})
        if (
            entries.get("musicbrainz")
            and self.value_of("MUSICBRAINZ_ENABLED")
            and not _is_true(self.value_of("MUSICBRAINZ_ENABLED"))
        ):
            entries["musicbrainz"]["enabled"] = False
        for name in sorted(entries):
            for key in _REQUIRED_KEY.get(name, ()):
                place = key.partition("_")[2].lower()
                if place not in entries[name]:
                    entries[name][place] = RULES[key].default
                    self._report.carried(
                        f"setting {key}", f"settings.yaml: services.{name}.{place}", "its default"
                    )
            if name not in self._catalog.services:
                self._draft.unknown_services[name] = entries.pop(name)
        self._draft.settings["services"] = entries

    def _is_default(self, place: str, value: object) -> bool:
        """Whether a key has this value anyway."""
        if place.startswith("cache.ttl."):
            default = DEFAULT_TTLS.get(place.removeprefix("cache.ttl."))
            return default is not None and format_duration(default) == value
        return _default_text(place) == _as_text(value)


def _default_text(place: str) -> str | None:
    current: object = Settings()
    for step in place.split("."):
        if step == "services" or not hasattr(current, step):
            return {"timeout": "30s", "verify": "true"}.get(place.rpartition(".")[2])
        current = getattr(current, step)
    return _as_text(current)


def _as_text(value: object) -> str | None:
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def _is_true(text: str) -> bool:
    try:
        return read_setting_bool(text)
    except ValueError:
        return False


def _find(document: Mapping[str, object], place: str) -> object:
    value: object = document
    for step in place.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _put(document: dict[str, object], place: str, value: object) -> None:
    *above, last = place.split(".")
    for step in above:
        below = document.setdefault(step, {})
        assert isinstance(below, dict)  # noqa: S101 - no rule has a place below another one's
        document = below
    document[last] = value
