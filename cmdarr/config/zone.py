"""Time zones: which one the machine is in, and whether a name is one."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from cmdarr.config.suggest import suggest

_LOCALTIME = Path("/etc/localtime")


def find_zone(name: str) -> ZoneInfo | None:
    """Return the zone of an IANA name, None when there is none."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):  # a folder of the database, a path out of it, an unknown name
        return None


def local_zone_name(environ: Mapping[str, str], localtime: Path = _LOCALTIME) -> str:
    """Return the IANA name of the machine's zone: `TZ`, else what `/etc/localtime` points at, else `UTC`."""
    candidates = (
        environ.get("TZ", "").removeprefix(":"),
        os.path.realpath(localtime).partition("zoneinfo/")[2],
    )
    return next((name for name in candidates if name and find_zone(name)), "UTC")


def _check_zone(name: str) -> str:
    if name and find_zone(name) is None:
        nearest = suggest(name, available_timezones())
        cure = f"did you mean {nearest!r}?" if nearest else "write it like 'Europe/Berlin'."
        raise PydanticCustomError(
            "unknown_timezone", "no time zone of the name {name}; {cure}", {"name": repr(name), "cure": cure}
        )
    return name


ZoneName = Annotated[str, AfterValidator(_check_zone)]
"""An IANA name such as `Europe/Berlin`."""
