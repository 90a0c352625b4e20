"""Who asks: address, scheme and host of a request, through reverse proxies only where those are trusted."""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from starlette.types import Scope

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a request comes from; `host` is the name and port that the browser called."""

    address: str
    scheme: str
    host: str

    @property
    def is_secure(self) -> bool:
        """Whether the browser speaks https."""
        return self.scheme == "https"


def header(scope: Scope, name: str) -> str:
    """Return the last header of a name, empty for none."""
    found = ""
    for key, value in scope["headers"]:
        if key == name.encode():
            found = value.decode("latin-1")
    return found


def trusted_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read the proxies of the settings, which are valid."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def visitor_of(scope: Scope, trusted: Sequence[Network]) -> Visitor:
    """Return who asks; forwarded headers count only when the peer is a trusted proxy."""
    peer = (scope.get("client") or ("", 0))[0]
    host, scheme = header(scope, "host"), scope.get("scheme", "http")
    if not _is_trusted(peer, trusted):
        return Visitor(peer, scheme, host)
    forwarded = [part.strip() for part in _all(scope, "x-forwarded-for").split(",") if part.strip()]
    while forwarded and _is_trusted(peer, trusted):
        peer = forwarded.pop()
    proto = _last(header(scope, "x-forwarded-proto")).lower()
    return Visitor(
        peer,
        proto if proto in {"http", "https"} else scheme,
        _last(header(scope, "x-forwarded-host")) or host,
    )


def _all(scope: Scope, name: str) -> str:
    return ",".join(value.decode("latin-1") for key, value in scope["headers"] if key == name.encode())


def _last(text: str) -> str:
    return text.rpartition(",")[2].strip()


def _is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    found = parse_address(address)
    return found is not None and any(found in network for network in trusted)


def parse_address(text: str) -> Address | None:
    """Return an IP address, also one with a port or as IPv4 inside IPv6; None for anything else."""
    try:
        found = ipaddress.ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return mapped or found
