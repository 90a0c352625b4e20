"""`/import_lists/NAME`: an import list as Lidarr's Custom List reads it. Public unless the settings say otherwise."""

import hmac
from collections.abc import Sequence
from typing import Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cmdarr.config.settings import WebSettings
from cmdarr.errors import StorageError
from cmdarr.models.import_list import ImportListEntry

_NO_STORE = {"Cache-Control": "no-store"}
_BEARER = "bearer "
UNAUTHORIZED, NOT_FOUND, UNAVAILABLE = 401, 404, 503


class ImportListSource(Protocol):
    """Where the lists come from."""

    def web_settings(self) -> WebSettings:
        """Return the settings that are in force."""

    def import_list(self, name: str) -> Sequence[ImportListEntry] | None:
        """Return the artists of a list, None for a name that no list ever had."""


def import_list_route(source: ImportListSource) -> Route:
    """Return the route."""

    def import_list(request: Request) -> Response:
        if not _may_read(request, source.web_settings()):
            return _refuse(UNAUTHORIZED, "this list needs the API key, as X-API-Key or as a bearer token.")
        try:
            entries = source.import_list(request.path_params["name"])
        except StorageError:
            return _refuse(UNAVAILABLE, "config.db does not answer; /health says why.")
        if entries is None:
            return _refuse(NOT_FOUND, "there is no import list of that name.")
        listed = [{"MusicBrainzId": entry.mbid, "ArtistName": entry.name} for entry in entries]
        return JSONResponse(listed, headers=_NO_STORE)

    return Route("/import_lists/{name}", import_list)


def _may_read(request: Request, settings: WebSettings) -> bool:
    if settings.public_import_lists:
        return True
    stated = request.headers.get("x-api-key", "")
    authorization = request.headers.get("authorization", "")
    if not stated and authorization.lower().startswith(_BEARER):
        stated = authorization[len(_BEARER) :].strip()
    key = settings.api_key.get_secret_value() if settings.api_key else ""
    return bool(key) and hmac.compare_digest(stated.encode(), key.encode())


def _refuse(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": message}, status_code=status, headers=_NO_STORE)
