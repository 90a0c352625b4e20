"""`/health`: whether the daemon does its work. No authentication, no secret, no path."""

import logging
from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

logger = logging.getLogger(__name__)
ALIVE = 200
NOT_WORKING = 503


def health_route(find_problems: Callable[[], Sequence[str]]) -> Route:
    """Return the route: 200 when nothing is wrong, 503 with the reasons otherwise."""

    def health(request: Request) -> Response:
        del request
        problems = _ask(find_problems)
        status = NOT_WORKING if problems else ALIVE
        body = {"status": "failing" if problems else "ok", "reasons": problems}
        return JSONResponse(body, status_code=status, headers={"Cache-Control": "no-store"})

    return Route("/health", health)


def _ask(find_problems: Callable[[], Sequence[str]]) -> list[str]:
    """Return the problems; a check that fails itself is one."""
    try:
        return list(find_problems())
    except Exception as error:  # health must answer, whatever is wrong
        logger.debug("traceback of /health:", exc_info=True)
        return [f"the health check met an unexpected {type(error).__name__}."]
