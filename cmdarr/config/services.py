"""Services in settings.yaml: which type an entry has, and the model that it is validated into."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from pydantic import Field, create_model

from cmdarr.config.base import Model
from cmdarr.config.catalog import Catalog


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """One configured service. `settings` is an instance of the model of its type; not shown in a repr."""

    name: str
    type: str
    settings: Model = field(repr=False)
    enabled: bool = True
    is_configured: bool = True
    """False for a service that works without an entry and has none."""


def type_of(name: str, entry: object) -> object:
    """Return the `type` that an entry states, else its name: what the catalog is asked for."""
    stated = entry.get("type") if isinstance(entry, Mapping) else None
    return name if stated is None else stated


def entry_model(catalog: Catalog, type_name: str) -> type[Model]:
    """Return the model of one entry: the type's own settings, and the keys that every service has."""
    return _entry_model(catalog.services[type_name].settings_model, type_name)


@cache
def _entry_model(model: type[Model], type_name: str) -> type[Model]:
    about_type = "The type of service; may be left out when the name is a type."
    fields: dict[str, Any] = {
        "type": (Literal[type_name], Field(default=type_name, description=about_type)),
        "enabled": (bool, Field(default=True, description="Whether commands may use the service.")),
    }
    return create_model(
        f"{model.__name__}Entry",
        __base__=model,
        __doc__=model.__doc__,
        **fields,
    )


def default_entries(catalog: Catalog) -> dict[str, ServiceEntry]:
    """Return the services that work without being configured, by name."""
    return {
        name: ServiceEntry(name, name, service.settings_model(), is_configured=False)
        for name, service in catalog.services.items()
        if service.works_unconfigured
    }
