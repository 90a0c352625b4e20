"""The web application: every route behind one gate."""

import importlib
import pkgutil
from collections.abc import Iterable, Sequence
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

import cmdarr.web.pages
from cmdarr.app.control import Control
from cmdarr.config.settings import WebSettings
from cmdarr.errors import CmdarrError
from cmdarr.models.import_list import ImportListEntry
from cmdarr.web.api.lazy import LazyApi
from cmdarr.web.event_stream import event_route
from cmdarr.web.health import health_route
from cmdarr.web.import_lists import import_list_route
from cmdarr.web.metrics import metrics_route
from cmdarr.web.pages.frame import TYPES, Frame
from cmdarr.web.pages.page import Nav, PageRoute
from cmdarr.web.pages.serve import Pages
from cmdarr.web.security.gate import Gate, is_machine_path, problem_response
from cmdarr.web.security.login import Login
from cmdarr.web.security.login_page import LoginPage
from cmdarr.web.workers import Workers

_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_FOR_NOW = {"Cache-Control": "no-cache"}


def make_application(control: Control) -> ASGIApp:
    """Return the application over a daemon that was prepared."""
    workers, login = Workers(), Login(control)
    navs, page_routes = scan_pages()
    frame = Frame(control, navs, [page.path for page in page_routes])
    pages = Pages(control, frame, workers)

    async def refuse(request: Request, error: Exception) -> Response:
        if is_machine_path(request.url.path) or request.method not in {"GET", "HEAD"}:
            return problem_response(error, control.redact)
        return await pages.not_found(request, error)

    routes = [
        health_route(control.daemon.find_problems),
        import_list_route(_Lists(control)),
        event_route(control.board),
        metrics_route(control, workers),
        *LoginPage(control, frame, login, workers).routes(),
        *static_routes(frame),
        *map(pages.route, page_routes),
        Mount("/api", LazyApi(control, workers)),
    ]
    inner = Starlette(routes=routes, exception_handlers={HTTPException: refuse, CmdarrError: refuse})
    inner.router.redirect_slashes = False
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


def scan_pages() -> tuple[list[Nav], list[PageRoute]]:
    """Import every module of `cmdarr.web.pages` that defines `ROUTES`, and return navigation and routes."""
    navs: list[Nav] = []
    routes: list[PageRoute] = []
    for found in pkgutil.iter_modules(cmdarr.web.pages.__path__):
        module = importlib.import_module(f"{cmdarr.web.pages.__name__}.{found.name}")
        routes += getattr(module, "ROUTES", ())
        nav = getattr(module, "NAV", None)
        navs += [nav] if nav else []
    return navs, routes


def static_routes(frame: Frame) -> Iterable[Route]:
    """Return the routes of the static files; only names that exist are ever looked up, never a path."""

    def serve(request: Request) -> Response:
        name, version = request.path_params["name"], request.path_params["version"]
        data = frame.files.get(name)
        if data is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        kind = TYPES[name[name.rindex(".") :]]
        return Response(data, 200, _FOR_EVER if version == frame.version else _FOR_NOW, kind)

    def icon(request: Request) -> Response:
        del request
        return RedirectResponse(frame.asset("favicon.svg"), 301)

    return [Route("/static/{version}/{name}", serve), Route("/favicon.ico", icon)]
