"""What runs here: versions and paths, as `cmdarr version`, the API and the pages show them."""

import platform
from typing import TypedDict

from cmdarr import __version__
from cmdarr.app.program import App


class VersionShape(TypedDict):
    """What `cmdarr version` prints."""

    version: str
    python: str
    sqlite: str
    config_dir: str
    data_dir: str


def version_shape(app: App) -> VersionShape:
    """Return versions and paths."""
    from cmdarr.storage.engine_version import sqlite_version

    return {
        "version": __version__,
        "python": platform.python_version(),
        "sqlite": sqlite_version(),
        "config_dir": str(app.config_dir.resolve()),
        "data_dir": str(app.data_dir.resolve()),
    }
