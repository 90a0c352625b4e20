"""The pages as an ASGI application that is built at its first request: a daemon starts without templates and pages."""

import asyncio
import importlib
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from cmdarr.app.control import Control
from cmdarr.web.security.login import Login
from cmdarr.web.workers import Workers

if TYPE_CHECKING:
    from cmdarr.web.pages.frame import Frame
    from cmdarr.web.pages.page import Nav, PageRoute
    from cmdarr.web.pages.serve import Pages

_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_FOR_NOW = {"Cache-Control": "no-cache"}
_PAGES = "cmdarr.web.pages"


@dataclass(frozen=True, slots=True)
class _Built:
    router: Router
    pages: "Pages"


class Site:
    """Login page, static files and all pages. Belongs to the event loop."""

    def __init__(self, control: Control, login: Login, workers: Workers) -> None:
        self._control = control
        self._login = login
        self._workers = workers
        self._building = asyncio.Lock()
        self._built: _Built | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a page or a static file."""
        built = await self._get()
        await built.router(scope, receive, send)

    async def show_error(self, request: Request, error: Exception) -> Response:
        """Answer with an error as a page."""
        built = await self._get()
        return await built.pages.not_found(request, error)

    async def _get(self) -> _Built:
        if self._built is None:
            async with self._building:
                if self._built is None:
                    self._built = await self._workers.run(self._build, is_slow=True)
        return self._built

    def _build(self) -> _Built:
        from cmdarr.web.pages.frame import Frame
        from cmdarr.web.pages.serve import Pages
        from cmdarr.web.security.login_page import LoginPage

        navs, page_routes = scan_pages()
        frame = Frame(self._control, navs, [page.path for page in page_routes])
        pages = Pages(self._control, frame, self._workers)
        routes = [
            *LoginPage(self._control, frame, self._login, self._workers).routes(),
            *static_routes(frame),
            *map(pages.route, page_routes),
        ]
        return _Built(Router(routes, redirect_slashes=False), pages)


def scan_pages() -> "tuple[list[Nav], list[PageRoute]]":
    """Import every module of `cmdarr.web.pages` that defines `ROUTES`, and return navigation and routes."""
    navs: list[Nav] = []
    routes: list[PageRoute] = []
    for found in pkgutil.iter_modules(importlib.import_module(_PAGES).__path__):
        module = importlib.import_module(f"{_PAGES}.{found.name}")
        routes += getattr(module, "ROUTES", ())
        nav = getattr(module, "NAV", None)
        navs += [nav] if nav else []
    return navs, routes


def static_routes(frame: "Frame") -> Iterable[Route]:
    """Return the routes of the static files; only names that exist are ever looked up, never a path."""
    from cmdarr.web.pages.frame import TYPES

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
