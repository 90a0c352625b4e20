"""The API as an ASGI application that is built at its first request: a daemon starts without it."""

from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from cmdarr.app.control import Control
from cmdarr.web.workers import Workers


class LazyApi:
    """Imports the table of endpoints, and makes its routes, when somebody asks for the first time."""

    def __init__(self, control: Control, workers: Workers) -> None:
        self._control = control
        self._workers = workers
        self._router: Router | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request below `/api`."""
        if self._router is None:
            self._router = await self._workers.run(self._build)
        await self._router(scope, receive, send)

    def _build(self) -> Router:
        from cmdarr.web.api.serve import api_routes
        from cmdarr.web.api.table import ENDPOINTS

        return Router(api_routes(ENDPOINTS, self._control, self._workers), redirect_slashes=False)
