"""Forms with one file, which comes last: `multipart/form-data` as browsers send it (RFC 7578), with bounds."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from starlette.requests import Request

from cmdarr.web.problem import Refused
from cmdarr.web.reading import receive_upload

_KIND = "multipart/form-data"
_MOST_HEAD_BYTES = 64 * 1024
_MOST_FIELDS = 20
_NAME = re.compile(rb'; ?name="([^"]*)"')
_FILE_NAME = re.compile(rb'; ?filename="([^"]*)"')
_MALFORMED = "the form cannot be read: choose the file again."
_NO_FILE = "choose a file first."


@asynccontextmanager
async def receive_file_form(
    request: Request, folder: Path, most: int
) -> AsyncIterator[tuple[Mapping[str, str], Path]]:
    """Return the fields of a form and the file that came with it, which is removed at the end.

    Raises:
        Refused: it is larger than `most` bytes, is no such form, or holds no file.
    """
    async with receive_upload(request, folder, most + _MOST_HEAD_BYTES, {_KIND}) as body:
        assert body is not None  # noqa: S101 - a bound was given
        boundary = _boundary_of(request.headers.get("content-type", ""))
        file = body.with_name(f"{body.name}.file")
        try:
            yield await asyncio.to_thread(partial(split_form, body, boundary, file)), file
        finally:
            file.unlink(missing_ok=True)


def split_form(body: Path, boundary: bytes, target: Path) -> Mapping[str, str]:
    """Write the file of a form to `target` and return its fields.

    Raises:
        Refused: it is malformed, or holds no file.
    """
    with body.open("rb") as source:
        head = source.read(_MOST_HEAD_BYTES)
        fields, begin = _read_head(head, boundary)
        tail = b"\r\n--" + boundary + b"--"
        source.seek(max(begin, body.stat().st_size - len(tail) - 2))
        end = source.tell() + source.read().rfind(tail)
        if end < begin:
            raise Refused(400, _MALFORMED)
        target.touch(mode=0o600)
        with target.open("wb") as file:
            source.seek(begin)
            shutil.copyfileobj(source, file)
            file.truncate(end - begin)
    return fields


def _read_head(head: bytes, boundary: bytes) -> tuple[Mapping[str, str], int]:
    """Return the fields that come before the file, and where the file begins."""
    fields: dict[str, str] = {}
    delimiter = b"--" + boundary + b"\r\n"
    place = 0
    for _ in range(_MOST_FIELDS):
        if not head.startswith(delimiter, place):
            break
        headers, found, _ = head[place + len(delimiter) :].partition(b"\r\n\r\n")
        name = _NAME.search(headers)
        if not found or not name:
            break
        begin = place + len(delimiter) + len(headers) + 4
        if file_name := _FILE_NAME.search(headers):
            if not file_name.group(1):
                raise Refused(422, _NO_FILE)
            return fields, begin
        end = head.find(b"\r\n--" + boundary, begin)
        if end < 0:
            break
        fields[name.group(1).decode("utf-8", "replace")] = head[begin:end].decode("utf-8", "replace")
        place = end + 2
    raise Refused(400, _MALFORMED)


def _boundary_of(content_type: str) -> bytes:
    found = re.search(r'boundary="?([!-~]{1,70}?)"?(?:;|$)', content_type)
    if found is None:
        raise Refused(400, _MALFORMED)
    return found.group(1).encode("ascii")
