"""The web side for tests: a bare application, and the real one over a real daemon on a real socket."""

from collections.abc import Callable, Sequence

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from cmdarr.web.health import health_route


def plain(
    find_problems: Callable[[], Sequence[str]] = list, *, routes: Sequence[BaseRoute] = ()
) -> Starlette:
    """Return an application with `/health` and the routes given, without the gate."""
    return Starlette(routes=[health_route(find_problems), *routes])
