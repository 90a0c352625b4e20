"""Where a redirect leads. Pure."""

from typing import NamedTuple
from urllib.parse import urljoin, urlsplit


class Target(NamedTuple):
    """The address that a redirect leads to; `place` is its scheme, host and port, empty for no address at all."""

    url: str
    place: str
    is_same_server: bool


def find_redirect(url: str, location: str) -> Target:
    """Return where the `Location` header of an answer leads; one without a meaning leads nowhere."""
    try:
        target = urljoin(url, location)
        parts = urlsplit(target)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return Target("", "", is_same_server=False)
    place = f"{parts.scheme}://{parts.hostname}{port}"
    return Target(target, place, is_same_server=bool(location) and urlsplit(url)[:2] == parts[:2])
