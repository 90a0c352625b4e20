"""The table of all endpoints: the modules of this folder, each with its `ENDPOINTS`."""

from typing import Any

from cmdarr.web.api import commands, config, data, files, music, notifications, pins, playlists, runs, system
from cmdarr.web.api.endpoint import Call, Endpoint
from cmdarr.web.api.openapi import openapi_document


def show_openapi(call: Call) -> dict[str, Any]:
    """Return the document that describes the API."""
    return openapi_document(ENDPOINTS, call.control.web_settings.base_path)


ENDPOINTS: tuple[Endpoint, ...] = (
    *commands.ENDPOINTS,
    *runs.ENDPOINTS,
    *config.ENDPOINTS,
    *files.ENDPOINTS,
    *data.ENDPOINTS,
    *playlists.ENDPOINTS,
    *pins.ENDPOINTS,
    *music.ENDPOINTS,
    *system.ENDPOINTS,
    *notifications.ENDPOINTS,
    Endpoint(
        method="GET",
        path="/api/openapi.json",
        tag="system",
        summary="This description of the API",
        run=show_openapi,
        answer=dict[str, Any],
    ),
)
