"""`/metrics`: the state of the daemon for Prometheus, in the text form that the scraper asks for."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cmdarr.app.control import Control
from cmdarr.web.workers import Workers

_NO_STORE = {"Cache-Control": "no-store"}


def metrics_route(control: Control, workers: Workers) -> Route:
    """Return the route; the gate decides who may read it."""
    exposition = _Exposition(control)

    async def metrics(request: Request) -> Response:
        return await workers.run(partial(exposition.write, request.headers.get("accept", "")))

    return Route("/metrics", metrics)


class _Exposition:
    """Writes the metrics; the library is imported at the first scrape, so that a start costs nothing more."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def write(self, accept: str) -> Response:
        """Read everything and write it, in a thread."""
        from prometheus_client.exposition import choose_encoder

        from cmdarr.app.metrics import make_registry

        encode, content_type = choose_encoder(accept)
        with self._control.inside():
            text = encode(make_registry(self._control))
        return Response(text, 200, {**_NO_STORE, "Content-Type": content_type})
