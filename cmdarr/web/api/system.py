"""`/api/version`, `/api/schema`: what runs here, and the schemas of the YAML files."""

from typing import Any

from cmdarr.app.about import VersionShape, version_shape
from cmdarr.config.schema import command_schema, settings_schema
from cmdarr.web.api.endpoint import Call, Endpoint


def show_version(call: Call) -> VersionShape:
    """Return versions and paths."""
    return version_shape(call.control.app)


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
