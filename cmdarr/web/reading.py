"""Request bodies: read with a bound, into memory or into a file."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.requests import ClientDisconnect, Request

from cmdarr.web.problem import Refused

_UPLOADS = frozenset({"application/octet-stream", "application/gzip", "application/x-gzip"})


@asynccontextmanager
async def receive_upload(
    request: Request, folder: Path, most: int, kinds: Collection[str] = _UPLOADS
) -> AsyncIterator[Path | None]:
    """Write the body into a file of its own, which is removed at the end; None where `most` is 0.

    Raises:
        Refused: it is larger than `most` bytes, is of another type, or the disk does not take it.
    """
    if not most:
        yield None
        return
    if request.headers.get("content-type", "").partition(";")[0] not in kinds:
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
