"""From endpoints to routes: the request is read and checked, the work is done in a thread, the answer is redacted."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from cmdarr.app.control import Control
from cmdarr.web.api.endpoint import Body, Call, Endpoint, validated
from cmdarr.web.problem import Refused
from cmdarr.web.security.gate import problem_response
from cmdarr.web.workers import Workers

MOST_BODY_BYTES = 1_000_000
_JSON = "application/json"
_UPLOADS = frozenset({"application/octet-stream", "application/gzip", "application/x-gzip"})
_NO_STORE = {"Cache-Control": "no-store"}


def api_routes(endpoints: Sequence[Endpoint], control: Control, workers: Workers) -> list[Route]:
    """Return one route for each path and method."""
    return [
        Route(
            endpoint.path,
            _handler(endpoint, control, workers),
            methods=[endpoint.method],
            name=endpoint.operation_id,
        )
        for endpoint in endpoints
    ]


def _handler(endpoint: Endpoint, control: Control, workers: Workers) -> Callable[[Request], Any]:
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


def redacted(value: Any, redact: Callable[[str], str]) -> Any:
    """Return JSON-ready data with every secret in its texts masked."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {redact(str(key)): redacted(each, redact) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(each, redact) for each in value]
    return value


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
    return validated(model, value, "the body")


@asynccontextmanager
async def receive_upload(request: Request, folder: Path, most: int) -> AsyncIterator[Path | None]:
    """Write the body into a file of its own, which is removed at the end; None where `most` is 0.

    Raises:
        Refused: it is larger than `most` bytes, is no archive by its type, or the disk does not take it.
    """
    if not most:
        yield None
        return
    if request.headers.get("content-type", "").partition(";")[0] not in _UPLOADS:
        raise Refused(
            415, "send the archive itself as the body, with `Content-Type: application/octet-stream`."
        )
    if int(request.headers.get("content-length") or 0) > most:
        raise Refused(413, f"the file is larger than {most:,} bytes.")
    try:
        handle, name = await asyncio.to_thread(tempfile.mkstemp, dir=folder, prefix=".upload-")
        try:
            await _write_body(request, handle, most)
            yield Path(name)
        finally:
            os.close(handle)
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise Refused(507, f"the data folder does not take the file ({error.strerror}).") from error


async def _write_body(request: Request, handle: int, most: int) -> None:
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > most:
                raise Refused(413, f"the file is larger than {most:,} bytes.")
            await asyncio.to_thread(os.write, handle, chunk)
    except ClientDisconnect:
        raise Refused(400, "the client went away.") from None


async def read_limited(request: Request, most: int) -> bytes:
    """Return the body.

    Raises:
        Refused: it is larger than `most` bytes, or the client went away.
    """
    data = bytearray()
    try:
        async for chunk in request.stream():
            data += chunk
            if len(data) > most:
                raise Refused(413, f"the body is larger than {most:,} bytes.")
    except ClientDisconnect:
        raise Refused(400, "the client went away.") from None
    return bytes(data)
