"""`/api/version`, `/api/schema`: what runs here, and the schemas of the YAML files."""

import platform
from typing import Any, TypedDict

from cmdarr import __version__
from cmdarr.config.schema import command_schema, settings_schema
from cmdarr.storage.engine_version import sqlite_version
from cmdarr.web.api.endpoint import Call, Endpoint


class VersionShape(TypedDict):
    """What `cmdarr version` prints."""

    version: str
    python: str
    sqlite: str
    config_dir: str
    data_dir: str


def show_version(call: Call) -> VersionShape:
    """Return versions and paths."""
    app = call.control.app
    return {
        "version": __version__,
        "python": platform.python_version(),
        "sqlite": sqlite_version(),
        "config_dir": str(app.config_dir.resolve()),
        "data_dir": str(app.data_dir.resolve()),
    }


def show_settings_schema(call: Call) -> dict[str, Any]:
    """Return the JSON Schema of settings.yaml."""
    return settings_schema(call.control.app.catalog)


def show_command_schema(call: Call) -> dict[str, Any]:
    """Return the JSON Schema of command files."""
    return command_schema(call.control.app.catalog)


ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/version", tag="system", summary="Show versions and paths",
        run=show_version, answer=VersionShape,
    ),
    Endpoint(
        method="GET", path="/api/schema/settings.json", tag="system", summary="The JSON Schema of settings.yaml",
        run=show_settings_schema, answer=dict[str, Any],
    ),
    Endpoint(
        method="GET", path="/api/schema/command.json", tag="system", summary="The JSON Schema of command files",
        run=show_command_schema, answer=dict[str, Any],
    ),
)  # fmt: skip
