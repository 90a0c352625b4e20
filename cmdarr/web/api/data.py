"""The two databases over the API: looked at, emptied, saved and put back."""

import os
import tempfile
from datetime import UTC
from pathlib import Path
from typing import Literal, TypedDict

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from cmdarr.app.shapes import CacheShape, cache_shape
from cmdarr.app.upkeep import backup, reset
from cmdarr.errors import StoreUnavailable
from cmdarr.web.api.endpoint import Body, Call, Endpoint
from cmdarr.web.restoring import restore_archive

MOST_UPLOAD_BYTES = 1024 * 1024 * 1024
ARCHIVE = "application/octet-stream"


class CacheResetBody(Body):
    """What to forget."""

    source: str | None = None
    """Only the answers and the library index of this service; everything when it is left out."""


class ResetBody(Body):
    """A typed confirmation."""

    confirm: Literal["reset all"]
    """The words `reset all`."""


class RestoreQuery(Body):
    """A typed confirmation."""

    confirm: Literal["restore"]
    """The word `restore`."""


class KeptShape(TypedDict):
    """Where what was replaced or emptied is kept: a file in `data/backups`, null when there was nothing to keep."""

    kept: str | None


def cache_stats(call: Call) -> CacheShape:
    """Return what the cache holds."""
    return cache_shape(call.control.app.cache.stats())


def reset_cache(call: Call) -> CacheShape:
    """Empty the cache, also while runs go on, and return what is left."""
    call.control.reset_cache(call.body_as(CacheResetBody).source)
    return cache_shape(call.control.app.cache.stats())


def reset_all(call: Call) -> KeptShape:
    """Empty both databases; everybody is logged out."""
    app = call.control.app
    return _kept(call.control.alone(lambda: reset(app)))


def download_backup(call: Call) -> Response:
    """Return an archive of the configuration and config.db, without secrets.yaml."""
    app = call.control.app
    file = _scratch_file(app.data_dir, ".download")
    try:
        backup(app, file, with_secrets=False)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    name = f"cmdarr-{call.control.now().astimezone(UTC):%Y%m%d-%H%M%S}.tar.gz"
    return FileResponse(
        file, media_type=ARCHIVE, filename=name, headers={"Cache-Control": "no-store"},
        background=BackgroundTask(file.unlink, missing_ok=True),
    )  # fmt: skip


def upload_restore(call: Call) -> KeptShape:
    """Put an archive back: the daemon stops for a moment and goes on with what was in it."""
    return _kept(restore_archive(call.control, call.uploaded(), "the upload"))


def _kept(path: Path | None) -> KeptShape:
    return {"kept": path.name if path else None}


def _scratch_file(folder: Path, suffix: str) -> Path:
    """Return a new empty file that only its owner can read.

    Raises:
        StoreUnavailable: the data folder cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=".cmdarr-", suffix=suffix, dir=folder)
    except OSError as error:
        raise StoreUnavailable(
            f"the data folder cannot be written ({error.strerror}): check its permissions."
        ) from error
    os.close(handle)
    return Path(name)


ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/cache", tag="data", summary="Show what the cache holds",
        run=cache_stats, answer=CacheShape,
    ),
    Endpoint(
        method="POST", path="/api/cache/reset", tag="data", summary="Empty the cache",
        description="At any time, also while runs go on: it is rebuilt as it is needed.",
        run=reset_cache, body=CacheResetBody, answer=CacheShape, errors=(404, 503), is_slow=True,
    ),
    Endpoint(
        method="POST", path="/api/reset", tag="data", summary="Empty both databases",
        description="After a backup of config.db. The YAML files stay, and playlists stay on their servers.",
        run=reset_all, body=ResetBody, answer=KeptShape, errors=(409, 503), is_slow=True, is_alone=True,
    ),
    Endpoint(
        method="GET", path="/api/backup", tag="data", summary="Download a backup",
        description="The config folder without secrets.yaml, and config.db.",
        run=download_backup, content_type=ARCHIVE, errors=(503,), is_slow=True,
    ),
    Endpoint(
        method="POST", path="/api/restore", tag="data", summary="Put a backup back",
        description="The body is an archive as `/api/backup` or `cmdarr backup` makes it. What it replaces is kept.",
        run=upload_restore, query=RestoreQuery, answer=KeptShape, upload_bytes=MOST_UPLOAD_BYTES,
        errors=(409, 503), is_slow=True, is_alone=True,
    ),
)  # fmt: skip
