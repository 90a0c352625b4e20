"""From endpoints to routes: the request is read and checked, the work is done in a thread, the answer is redacted."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cmdarr.app.control import Control
from cmdarr.web.api.endpoint import Body, Call, Endpoint, validated
from cmdarr.web.problem import Refused, redacted
from cmdarr.web.reading import read_limited, receive_upload
from cmdarr.web.security.gate import problem_response
from cmdarr.web.workers import Workers

PREFIX = "/api"
MOST_BODY_BYTES = 1_000_000
_JSON = "application/json"
_NO_STORE = {"Cache-Control": "no-store"}
Handler = Callable[[Request], Awaitable[Response]]


def api_routes(endpoints: Sequence[Endpoint], control: Control, workers: Workers) -> list[Route]:
    """Return one route for each path, below `/api`; a method that it does not take is told which ones it does."""
    by_path: dict[str, dict[str, Handler]] = {}
    for endpoint in endpoints:
        handlers = by_path.setdefault(endpoint.path.removeprefix(PREFIX), {})
        handlers[endpoint.method] = _handler(endpoint, control, workers)
    return [Route(path, _by_method(handlers), methods=[*handlers]) for path, handlers in by_path.items()]


def _by_method(handlers: Mapping[str, Handler]) -> Handler:
    async def handle(request: Request) -> Response:
        return await handlers["GET" if request.method == "HEAD" else request.method](request)

    return handle


def _handler(endpoint: Endpoint, control: Control, workers: Workers) -> Handler:
    async def handle(request: Request) -> Response:
        try:
            query = _read_query(endpoint.query, request)
            async with receive_upload(request, control.app.data_dir, endpoint.upload_bytes) as upload:
                call = Call(
                    control=control,
                    path=request.path_params,
                    query=query,
                    body=await _read_body(endpoint.body, request),
                    upload=upload,
                )
                return await workers.run(partial(_answer, endpoint, call), is_slow=endpoint.is_slow)
        except Exception as error:  # noqa: BLE001 - the web side's error handler: nothing unexpected reaches the client
            return problem_response(error, control.redact)

    return handle


def _answer(endpoint: Endpoint, call: Call) -> Response:
    """Do the work and encode its result, in a thread."""
    if endpoint.is_alone:
        return _encode(endpoint, endpoint.run(call), call.control.redact)
    with call.control.inside():
        return _encode(endpoint, endpoint.run(call), call.control.redact)


def _encode(endpoint: Endpoint, result: object, redact: Callable[[str], str]) -> Response:
    if isinstance(result, Response):
        return result
    if result is None:
        return Response(None, 204, _NO_STORE)
    text = msgspec.json.encode(redacted(msgspec.to_builtins(result, enc_hook=str), redact))
    return Response(text, endpoint.status, _NO_STORE, _JSON)


def _read_query(model: type[Body] | None, request: Request) -> Body | None:
    if model is None:
        return None
    pairs = parse_qsl(request.url.query, keep_blank_values=True)
    return validated(model, dict(pairs), "the query")


async def _read_body(model: type[Body] | None, request: Request) -> Body | None:
    if model is None:
        return None
    if not request.headers.get("content-type", _JSON).startswith(_JSON):
        raise Refused(415, "the body must be JSON: send `Content-Type: application/json`.")
    data = await read_limited(request, MOST_BODY_BYTES)
    try:
        value = msgspec.json.decode(data) if data else {}
    except (msgspec.DecodeError, RecursionError):
        raise Refused(400, "the body is no JSON document.") from None
    return validated(model, value, "the body", is_strict=True)
