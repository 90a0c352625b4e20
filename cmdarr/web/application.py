"""The web application: every route behind one gate."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from cmdarr.app.control import Control
from cmdarr.config.settings import WebSettings
from cmdarr.errors import CmdarrError
from cmdarr.models.import_list import ImportListEntry
from cmdarr.web.api.lazy import LazyApi
from cmdarr.web.event_stream import event_route
from cmdarr.web.health import health_route
from cmdarr.web.import_lists import import_list_route
from cmdarr.web.metrics import metrics_route
from cmdarr.web.security.gate import Gate, is_machine_path, problem_response
from cmdarr.web.security.login import Login
from cmdarr.web.site import Site
from cmdarr.web.workers import Workers


def make_application(control: Control) -> ASGIApp:
    """Return the application over a daemon that was prepared."""
    workers, login = Workers(), Login(control)
    site = Site(control, login, workers)

    async def refuse(request: Request, error: Exception) -> Response:
        if is_machine_path(request.url.path) or request.method not in {"GET", "HEAD"}:
            return problem_response(error, control.redact)
        return await site.show_error(request, error)

    routes = [
        health_route(control.daemon.find_problems),
        import_list_route(_Lists(control)),
        event_route(control.board),
        metrics_route(control, workers),
        Route("/api/docs", site),
        Mount("/api", LazyApi(control, workers)),
    ]
    inner = Starlette(routes=routes, exception_handlers={HTTPException: refuse, CmdarrError: refuse})
    inner.router.redirect_slashes = False
    inner.router.default = site
    return Gate(inner, control, login, workers)


class _Lists:
    """The import lists of the daemon, as long as its databases are not being exchanged."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def web_settings(self) -> WebSettings:
        """Return the settings that are in force."""
        return self._control.web_settings

    def import_list(self, name: str) -> Sequence[ImportListEntry] | None:
        """Return the artists of a list, None for a name that no list ever had."""
        with self._control.inside():
            return self._control.daemon.import_list(name)
