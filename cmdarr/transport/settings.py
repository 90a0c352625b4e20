"""The settings that every service reached over HTTP has."""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from cmdarr.config.base import Model
from cmdarr.config.fields import Duration, UrlText


class HttpSettings(Model):
    """How a service is reached."""

    url: UrlText
    """The base address, for example `http://plex:32400`."""
    timeout: Duration = timedelta(seconds=30)
    """How long one answer may take."""
    verify: bool | str = True
    """Whether TLS certificates are checked: `true`, `false`, or the path of a CA file."""


def find_problems(settings: Model, root: Path) -> Mapping[str, str]:
    """Return setting key -> sentence for what this machine lacks: the CA file."""
    assert isinstance(settings, HttpSettings)  # noqa: S101 - the catalogue hands over its own model
    if isinstance(settings.verify, bool) or not settings.url.lower().startswith("https:"):
        return {}
    place = resolve_ca(settings.verify, root)
    if os.access(place, os.R_OK):
        return {}
    return {"verify": f"the CA file {place} cannot be read: correct the path, or mount the file."}


def resolve_ca(text: str, root: Path) -> Path:
    """Return the CA file or folder that `verify` names; relative to the folder that holds the config folder."""
    try:
        return root / Path(text).expanduser()
    except RuntimeError:  # a `~` whose home is not known stays as written
        return root / text
