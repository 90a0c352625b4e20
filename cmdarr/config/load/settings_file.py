"""settings.yaml: from its document to `Settings`, each service validated against the model of its type."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field, create_model

from cmdarr.config.base import Model
from cmdarr.config.catalog import Catalog
from cmdarr.config.document import Document
from cmdarr.config.load.checked import Checked, FileCheck
from cmdarr.config.references import Resolver
from cmdarr.config.services import ServiceEntry, default_entries, entry_model, type_of
from cmdarr.config.settings import Settings
from cmdarr.config.suggest import did_you_mean

SETTINGS_FILE = "settings.yaml"
_SERVICE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class CheckedSettings:
    """What came of settings.yaml; `settings` is None when it is invalid."""

    settings: Settings | None
    checked: Checked


class _WithServices(Model):
    """The top of settings.yaml as far as services go; `services` gets its model when their names are known."""

    services: Any


class SettingsReader:
    """Validates settings documents against one catalog."""

    def __init__(self, catalog: Catalog, local_zone: str) -> None:
        self._catalog = catalog
        self._local_zone = local_zone
        self._entry_models: dict[str, type[Model]] = {}

    def defaults(self) -> Settings:
        """Return the settings of an empty file."""
        return Settings().completed(default_entries(self._catalog), self._local_zone)

    def read(self, document: Document, resolver: Resolver) -> CheckedSettings:
        """Validate a document; every problem becomes a finding."""
        check = FileCheck(document, resolver)
        if document.is_empty:
            return CheckedSettings(None if check.has_errors else self.defaults(), check.finish())
        settings = None
        if isinstance(check.value, dict):
            settings = self._validate(check, check.with_new_keys("", self._catalog.old_keys))
        elif not check.has_errors:
            check.report((), "not_a_mapping", "settings.yaml must be a mapping of keys to values at the top.")
        is_valid = settings is not None and not check.has_errors
        return CheckedSettings(settings if is_valid else None, check.finish())

    def _validate(self, check: FileCheck, value: Mapping[str, object]) -> Settings | None:
        """Validate the services with a model made for their names, and everything else with the static one."""
        stated = value.get("services")
        rest = dict(value)
        if stated is None or isinstance(stated, dict):
            rest.pop("services", None)
        settings = check.validate(Settings, rest)
        entries = self._validate_services(check, stated) if isinstance(stated, dict) else {}
        return settings and settings.completed(default_entries(self._catalog) | entries, self._local_zone)

    def _validate_services(self, check: FileCheck, stated: Mapping[str, object]) -> dict[str, ServiceEntry]:
        types = _types_of(stated, self._catalog, check)
        services = {name: {} if stated[name] is None else stated[name] for name in types}
        model = check.validate(self._model_for(types), {"services": services})
        return {} if model is None else _entries_of(model.services, types)

    def _model_for(self, types: Mapping[str, str]) -> type[_WithServices]:
        """Return a model whose `services` has exactly these names, each with the model of its type."""
        for type_name in set(types.values()) - self._entry_models.keys():
            self._entry_models[type_name] = entry_model(self._catalog, type_name)
        fields: dict[str, Any] = {
            f"service_{index}": (self._entry_models[type_name], Field(alias=name))
            for index, (name, type_name) in enumerate(types.items())
        }
        services = create_model("Services", __base__=Model, **fields)
        return create_model("Above", __base__=_WithServices, services=(services, ...))


def _types_of(stated: Mapping[str, object], catalog: Catalog, check: FileCheck) -> dict[str, str]:
    """Return name -> type of the entries whose type exists, and report the others."""
    types: dict[str, str] = {}
    for name, entry in stated.items():
        type_name = type_of(name, entry)
        if not _SERVICE_NAME.fullmatch(name):
            message = f"the service name {name!r} may have letters, digits, '-' and '_' only."
            check.report(("services", name), "bad_service_name", message, at="key")
        elif isinstance(type_name, str) and type_name in catalog.services:
            types[name] = type_name
        else:
            _report_unknown_type(name, entry, catalog, check)
    return types


def _report_unknown_type(name: str, entry: object, catalog: Catalog, check: FileCheck) -> None:
    known = sorted(catalog.services)
    listed = f"types are {', '.join(known)}"
    if isinstance(entry, dict) and entry.get("type") is not None:
        stated = str(entry["type"])
        message = f"there is no type of service named {stated!r}; {listed}."
        check.report(
            ("services", name, "type"), "unknown_service_type", message, hint=did_you_mean(stated, known)
        )
        return
    message = f"{name!r} is no type of service, and the entry names no `type`; {listed}."
    hint = did_you_mean(name, known) or "add `type: …`"
    check.report(("services", name), "unknown_service_type", message, hint=hint, at="key")


def _entries_of(services: object, types: Mapping[str, str]) -> dict[str, ServiceEntry]:
    entries = {}
    for index, (name, type_name) in enumerate(types.items()):
        model = getattr(services, f"service_{index}")
        entries[name] = ServiceEntry(name, type_name, model, enabled=model.enabled)
    return entries
