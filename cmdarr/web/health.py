"""`/health`: whether the daemon does its work. No authentication, no secret, no path."""

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ALIVE = 200
NOT_WORKING = 503


def health_route(find_problems: Callable[[], Sequence[str]]) -> Route:
    """Return the route: 200 when nothing is wrong, 503 with the reasons otherwise."""

    def health(request: Request) -> Response:
        del request
        problems = list(find_problems())
        status = NOT_WORKING if problems else ALIVE
        body = {"status": "failing" if problems else "ok", "reasons": problems}
        return JSONResponse(body, status_code=status, headers={"Cache-Control": "no-store"})

    return Route("/health", health)
