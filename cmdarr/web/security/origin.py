"""Same-origin checks: a page of another site must not change anything here, nor read by a name made to point here."""

from urllib.parse import urlsplit

from starlette.types import Scope

from cmdarr.web.security.visitor import Visitor, header, parse_address

_SAFE_SITES = frozenset({"same-origin", "none"})
_PORTS = {"http": 80, "https": 443}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def is_same_origin(scope: Scope, visitor: Visitor, *, without_headers: bool) -> bool:
    """Whether a request comes from our own pages; `without_headers` is what holds where the client does not say.

    Browsers say it in Sec-Fetch-Site (only where the connection is secure) and in Origin.
    """
    site, origin = header(scope, "sec-fetch-site"), header(scope, "origin")
    if site and site not in _SAFE_SITES:
        return False
    if origin:
        return _is_origin_of(origin, visitor) or site == "same-origin"
    return bool(site) or without_headers


def is_local_host(host: str, own_host: str) -> bool:
    """Whether a Host header names this machine: a name that a foreign DNS server could answer does not."""
    name, _ = split_host(host)
    if name == "localhost" or name.endswith(".localhost") or name == own_host.strip("[]").lower():
        return bool(name)
    address = parse_address(name)
    return address is not None and address.is_loopback


def split_host(host: str) -> tuple[str, int | None]:
    """Return the name in lower case and the port of a Host header; an empty name for one that is malformed."""
    try:
        parts = urlsplit(f"//{host}")
        if parts.path or parts.query or parts.username is not None:
            return "", None
        return (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return "", None


def _is_origin_of(origin: str, visitor: Visitor) -> bool:
    scheme, _, netloc = origin.partition("://")
    ours, theirs = split_host(visitor.host), split_host(netloc)
    default = _PORTS.get(scheme)
    return (
        bool(ours[0])
        and default is not None
        and (ours[0], ours[1] or _PORTS.get(visitor.scheme)) == (theirs[0], theirs[1] or default)
    )
